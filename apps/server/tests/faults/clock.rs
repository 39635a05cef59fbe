//! Clocks that jump: forward while everybody works, and back.

use std::time::{Duration, Instant};

use actix_web::rt::time::sleep;
use chrono::{DateTime, TimeDelta, Utc};
use huike_harness::{
    Brand, Home, MachineClock, Plan, Server, Workload,
    brand::{ten_off, with},
};
use serde_json::{Value, json};

use crate::{each_home, homes};

const MANUAL: &[&str] = &["--manual-clock"];
/// Sessions of staff last twelve hours; everybody stays signed in.
const JUMPS_MINUTES: [i64; 8] = [1, 59, 3, 180, 7, 240, 2, 120];
const STEP_MAX: Duration = Duration::from_secs(60);

/// One for each customer and day, usable for so many days.
fn one_a_day(days: u32) -> Value {
    let cap = json!([{ "metric": "claims", "subject": "customer", "period": "day", "cap": 1 }]);
    let rules = with(ten_off(1_000), "limits", cap);
    with(rules, "validity", json!({ "kind": "relative", "days": days }))
}

/// How many coupons of a template the job has expired. The owner signs in anew: time has passed.
async fn expired(server: &Server, template: &str) -> u64 {
    let seen = server.owner().await.get(&format!("/admin/v1/coupon-templates/{template}/tracking")).await.ok();
    seen["totals"]["expired"].as_u64().unwrap()
}

async fn until_expired(server: &Server, template: &str, count: u64) {
    let deadline = Instant::now() + STEP_MAX;
    while expired(server, template).await < count {
        assert!(Instant::now() < deadline, "the job that expires coupons does not come");
        sleep(Duration::from_millis(100)).await;
    }
}

async fn worked(workload: &Workload, more: usize) {
    let (goal, deadline) = (workload.journal().figures().done + more, Instant::now() + STEP_MAX);
    while workload.journal().figures().done < goal {
        assert!(Instant::now() < deadline, "the work does not go on: {}", workload.journal());
        sleep(Duration::from_millis(5)).await;
    }
}

/// A template of two validities each: the short one shows that the job has come by.
async fn long_and_short(brand: &Brand) -> (String, String) {
    (brand.live(&brand.head, &one_a_day(7)).await, brand.live(&brand.head, &one_a_day(1)).await)
}

each_home! {
    async fn a_clock_that_jumps_while_everybody_works_grants_nothing_twice(home) {
        let server = Server::start(home, MANUAL).await;
        let workload = Workload::prepare(&server, Plan::default()).await;
        let working = workload.start();
        for minutes in JUMPS_MINUTES {
            worked(&workload, 20).await;
            let shown = server.pass(TimeDelta::minutes(minutes)).await;
            // Back is no way to go: an hour ago is ignored.
            assert_eq!(server.set_clock(shown - TimeDelta::hours(1)).await, shown);
        }
        working.stop().await;
        workload.settle(home, &server).await;
        let ended = server.stop();
        ended.ok();
        assert_eq!(ended.faults(&[]), [""; 0]);
    }

    async fn a_jump_expires_nothing_early_and_everything_in_time(home) {
        let server = Server::start(home, MANUAL).await;
        let brand = server.brand().await;
        let (long, short) = long_and_short(&brand).await;
        let shopper = brand.shopper().await;
        let coupon = brand.claim(&shopper, &long).await;
        brand.claim(&shopper, &short).await;
        let seen = shopper.client.get(&format!("/app/v1/coupons/{coupon}")).await.ok();
        let expires: DateTime<Utc> = seen["expires_at"].as_str().unwrap().parse().unwrap();

        server.set_clock(expires - TimeDelta::seconds(1)).await;
        until_expired(&server, &short, 1).await;
        assert_eq!(expired(&server, &long).await, 0, "its last second counts");
        let code = brand.code(&shopper, &coupon).await;
        let preview = json!({ "store_id": brand.a.store, "code": code });
        server.owner().await.post("/admin/v1/redemption-previews", &preview).await.ok();
        // The days that were jumped over are gone; today is one day.
        brand.claim(&shopper, &long).await;
        brand.try_claim(&shopper, &long).await.problem(409, "coupon_limit_reached");

        // The job looks every thirty seconds of the server's clock.
        server.set_clock(expires + TimeDelta::minutes(1)).await;
        until_expired(&server, &long, 1).await;
        server.owner().await.post("/admin/v1/redemption-previews", &preview).await.expect(409);
        assert_eq!(expired(&server, &long).await, 1, "and no other");
        home.verify();
        server.stop().ok();
    }

    /// The way back of a clock that nobody may set back: the next server begins with the machine's, six days earlier.
    async fn a_clock_that_was_days_ahead_and_is_set_right_stops_no_job_and_grants_nothing_twice(home) {
        let server = Server::start(home, MANUAL).await;
        let right = server.now().await;
        let brand = server.brand().await;
        let (long, short) = long_and_short(&brand).await;
        let shopper = brand.shopper().await;
        let ask = json!({ "template_id": short });
        let first = shopper.client.once("first").post("/app/v1/claims", &ask).await.created();
        server.pass(TimeDelta::days(6)).await;
        // The job has come by in the wrong time, and is due again in the wrong time.
        until_expired(&server, &short, 1).await;
        let ahead = brand.shopper().await;
        brand.claim(&ahead, &long).await;
        assert_eq!(server.stop_dead().faults(&[]), [""; 0]);

        let server = Server::start(home, MANUAL).await;
        assert!(server.now().await < right + TimeDelta::days(1), "it is today again");
        let again = shopper.client.once("first").post("/app/v1/claims", &ask).await.created();
        assert_eq!(again, first, "the key is as good as it was");
        brand.try_claim(&shopper, &short).await.problem(409, "coupon_limit_reached");
        let late = brand.shopper().await;
        let claimed = brand.try_claim(&late, &short).await.created();
        let expires: DateTime<Utc> = claimed["expires_at"].as_str().unwrap().parse().unwrap();
        server.set_clock(expires + TimeDelta::minutes(1)).await;
        until_expired(&server, &short, 2).await;
        home.verify();
        let ended = server.stop();
        ended.ok();
        assert_eq!(ended.faults(&[]), [""; 0]);
        assert!(ended.err.contains("was the clock set back?"), "jobs were brought back, and it says so");
    }
}

/// Back by an hour, forward, back by more than a day, and right again.
const SHIFTS_HOURS: [i64; 4] = [-1, 3, -26, 0];

async fn goes_back_and_forth(home: Home) {
    let Some(clock) = MachineClock::find() else { return };
    let home = clock.on(home);
    let server = Server::start(&home, &[]).await;
    let workload = Workload::prepare(&server, Plan::default()).await;
    let working = workload.start();
    for hours in SHIFTS_HOURS {
        worked(&workload, 20).await;
        clock.shift(TimeDelta::hours(hours));
        // PostgreSQL has a clock of its own, and an instance that differs from it asks to be sent nobody.
        assert_eq!(server.is_ready().await, hours == 0 || home.is_sqlite(), "{hours} hours");
        worked(&workload, 20).await;
    }
    working.stop().await;
    workload.settle(&home, &server).await;
    let ended = server.stop();
    ended.ok();
    assert_eq!(ended.faults(&["the clock is off"]), [""; 0]);
}

#[actix_web::test]
async fn a_machine_whose_clock_goes_back_and_forth_grants_nothing_twice_on_sqlite() {
    goes_back_and_forth(homes::on_sqlite()).await;
}

#[actix_web::test]
async fn a_machine_whose_clock_goes_back_and_forth_grants_nothing_twice_on_postgresql() {
    if let Some(home) = homes::on_postgres() {
        goes_back_and_forth(home).await;
    }
}
