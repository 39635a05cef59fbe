//! The real binary: killed in the middle of a call, and writing while receivers do not answer.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use actix_web::rt::{spawn, time::sleep};
use chrono::TimeDelta;
use huike_harness::{
    Server,
    brand::{Brand, ten_off},
};
use serde_json::{Value, json};

use crate::{
    each_home,
    stage::until,
    target::{Received, Reply, Target},
};

const MANUAL: &[&str] = &["--manual-clock"];
const WRITERS: usize = 10;
/// Enough to be in the middle of it.
const CLAIMED_MIN: usize = 60;
/// Claims that are timed.
const TIMED: usize = 120;

async fn hook(brand: &Brand, url: &str, kind: &str) -> String {
    let ask = json!({ "site_id": brand.head, "name": "收银系统", "url": url, "event_types": [kind] });
    let made = brand.owner.post("/admin/v1/webhook-endpoints", &ask).await.created();
    assert!(made["secret"].as_str().unwrap().starts_with("whsec_"));
    made["endpoint"]["id"].as_str().unwrap().to_owned()
}

/// Waits without keeping the test's own thread from answering.
async fn until_so(what: &str, so: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !so() {
        assert!(Instant::now() < deadline, "never: {what}");
        sleep(Duration::from_millis(10)).await;
    }
}

fn ids(heard: &[Received]) -> Vec<&str> {
    heard.iter().map(|heard| heard.header("webhook-id")).collect()
}

each_home! {
    async fn a_message_under_way_when_the_server_is_killed_is_sent_again(home) {
        let target = Target::new(|_, nth| if nth == 0 { Reply::Never } else { Reply::Status(200) });
        let server = Server::start(home, MANUAL).await;
        let brand = server.brand().await;
        hook(&brand, &target.url(), "node_created").await;
        huike_harness::brand::node(&brand.owner, &brand.head, "site", "one-more").await;
        until_so("the call is under way", || target.heard().len() == 1).await;
        server.kill();
        server.stopped();

        let server = Server::start(home, MANUAL).await;
        server.pass(TimeDelta::seconds(61)).await;
        until_so("it is sent again", || target.heard().len() == 2).await;
        let heard = target.heard();
        assert_eq!((ids(&heard)[0], &heard[0].raw), (ids(&heard)[1], &heard[1].raw));
        server.stop().ok();
    }

    async fn whatever_was_acknowledged_before_a_kill_is_told_at_least_once(home) {
        let target = Target::willing();
        let server = Server::start(home, MANUAL).await;
        let brand = server.brand().await;
        let template = brand.live(&brand.head, &ten_off(1_000_000)).await;
        hook(&brand, &target.url(), "coupon_claimed").await;
        let writers: Vec<_> = brand.shoppers(WRITERS).await.into_iter().map(|shopper| {
            let template = template.clone();
            spawn(async move {
                let mut claimed = Vec::new();
                for number in 0.. {
                    let client = shopper.client.once(&format!("claim-{number}"));
                    match client.try_send("POST", "/app/v1/claims", &json!({ "template_id": template })).await {
                        Ok(answer) if answer.status == 201 => {
                            claimed.push(answer.json()["coupon_id"].as_str().unwrap().to_owned());
                        }
                        _ => break,
                    }
                }
                claimed
            })
        }).collect();
        until_so("some were told", || target.heard().len() >= CLAIMED_MIN).await;
        server.kill();
        let mut claimed = BTreeSet::new();
        for writer in writers {
            claimed.extend(writer.await.unwrap());
        }
        server.stopped();
        assert!(claimed.len() >= CLAIMED_MIN);

        let server = Server::start(home, MANUAL).await;
        server.pass(TimeDelta::seconds(61)).await;
        let told = || -> BTreeSet<String> {
            let coupon = |heard: &Received| heard.body["aggregate"]["id"].as_str().map(str::to_owned);
            target.heard().iter().filter_map(coupon).collect()
        };
        until_so("all were told", || told().is_superset(&claimed)).await;
        println!("{} claims acknowledged, {} messages, {} of them again",
            claimed.len(), target.heard().len(), target.heard().len() - told().len());
        server.stop().ok();
        home.run(&["verify"]).ok();
    }

    async fn a_receiver_that_says_it_is_gone_is_in_the_audit_log_and_whoever_waits_in_the_figures(home) {
        let server = Server::start(home, MANUAL).await;
        let brand = server.brand().await;
        let (gone, broken) = (Target::new(|_, _| Reply::Status(410)), Target::new(|_, _| Reply::Status(500)));
        let ended = hook(&brand, &gone.url(), "node_created").await;
        hook(&brand, &broken.url(), "node_created").await;
        huike_harness::brand::node(&brand.owner, &brand.head, "site", "one-more").await;
        until_so("both were called", || gone.calls() == 1 && broken.calls() == 1).await;
        let (mut log, mut metrics) = (Value::Null, String::new());
        let figures = [
            "huike_webhook_attempts_total{outcome=\"gone\"} 1",
            "huike_webhook_attempts_total{outcome=\"failed\"} 1",
            "huike_webhook_pending_deliveries 1",
            "huike_webhook_lag_seconds ",
            "huike_webhook_outbox_lag_seconds 0",
        ];
        // The figures are read every ten seconds.
        let deadline = Instant::now() + Duration::from_secs(30);
        while Instant::now() < deadline {
            log = brand.owner.get("/admin/v1/audit?action=webhook_endpoint.disable").await.ok()["items"].clone();
            metrics = server.stranger().get("/metrics").await.text();
            if log != json!([]) && figures.iter().all(|figure| metrics.contains(figure)) {
                break;
            }
            sleep(Duration::from_millis(100)).await;
        }
        assert_eq!((&log[0]["actor"]["kind"], &log[0]["subject_id"]), (&json!("system"), &json!(ended)), "{log}");
        assert_eq!(log.as_array().unwrap().len(), 1);
        let missing: Vec<_> = figures.iter().filter(|figure| !metrics.contains(**figure)).collect();
        assert!(missing.is_empty(), "{missing:?} in {metrics}");
        server.stop().ok();
    }

    async fn receivers_that_do_not_answer_slow_no_claim(home) {
        let server = Server::start(home, &[]).await;
        let brand = server.brand().await;
        let template = brand.live(&brand.head, &ten_off(1_000_000)).await;
        time_claims(&brand, &template, TIMED / 4).await;
        let alone = time_claims(&brand, &template, TIMED).await;
        let silent: Vec<Target> = (0..8).map(|_| Target::new(|_, _| Reply::Never)).collect();
        for target in &silent {
            hook(&brand, &target.url(), "coupon_claimed").await;
        }
        for _ in 0..8 {
            let gone = format!("http://{}/", Target::willing().address);
            hook(&brand, &gone, "coupon_claimed").await;
        }
        let among_them = time_claims(&brand, &template, TIMED).await;
        println!(
            "claim without webhooks: p50 {:?}, p95 {:?}; with 8 silent and 8 dead receivers: p50 {:?}, p95 {:?}; ratio p50 {:.2}, p95 {:.2}",
            alone[TIMED / 2], alone[TIMED * 95 / 100], among_them[TIMED / 2], among_them[TIMED * 95 / 100],
            ratio(&among_them, &alone, TIMED / 2), ratio(&among_them, &alone, TIMED * 95 / 100),
        );
        // All claims were answered, and not one message was delivered to anybody.
        until("the silent ones were called", || silent.iter().all(|target| target.calls() > 0));
        let delivered: Value = brand.owner.get("/admin/v1/webhook-deliveries?state=delivered").await.ok();
        assert_eq!(delivered["items"], json!([]));
        let metrics = server.stranger().get("/metrics").await.text();
        assert!(metrics.contains("huike_webhook_attempts_total{outcome=\"failed\"}"), "{metrics}");
        server.stop().ok();
    }
}

fn ratio(after: &[Duration], before: &[Duration], nth: usize) -> f64 {
    after[nth].as_secs_f64() / before[nth].as_secs_f64()
}

/// Claims one after the other; how long each took, shortest first.
async fn time_claims(brand: &Brand, template: &str, count: usize) -> Vec<Duration> {
    let mut took = Vec::new();
    let shopper = brand.shopper().await;
    for _ in 0..count {
        let began = Instant::now();
        brand.try_claim(&shopper, template).await.created();
        took.push(began.elapsed());
    }
    took.sort_unstable();
    took
}
