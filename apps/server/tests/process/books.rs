//! What `verify` says of books that do not add up, and of a demonstration, whose do.

use std::sync::Arc;

use huike_coupons::limits::{CounterMetric, CounterMove, Period, Subject};
use huike_harness::{Home, OWNER, OWNER_PASSWORD, Server};
use huike_kernel::{SystemClock, TemplateId};
use huike_persistence::{DatabaseUrl, Store, StoreError, StoreOptions, limits};
use serde_json::json;
use uuid::Uuid;

use crate::{each_home, homes};

fn store(home: &Home) -> Store {
    let url = match home.database_url().parse().unwrap() {
        DatabaseUrl::Sqlite(file) => DatabaseUrl::Sqlite(home.path().join(file)),
        postgres => postgres,
    };
    Store::open(&url, &StoreOptions::default(), Arc::new(SystemClock)).unwrap()
}

/// Counts a claim that nobody made.
async fn cook(home: &Home) {
    let template = TemplateId::from_uuid(Uuid::from_u128(7));
    let invented = CounterMove {
        metric: CounterMetric::Claims,
        subject_kind: Subject::Template,
        subject: template.as_uuid(),
        period: Period::Ever,
        period_start: "1970-01-01".parse().unwrap(),
        amount: 1,
        cap: 1,
    };
    let store = store(home);
    let moved = store.write(move |db, _now| {
        Ok::<_, StoreError>(limits::take(db, template, std::slice::from_ref(&invented))?.is_none())
    });
    assert!(moved.await.unwrap());
}

each_home! {
    async fn broken_books_end_with_one_and_the_rows(home) {
        home.run(&["migrate"]).ok();
        home.run(&["verify"]).ok();
        cook(home).await;
        let verified = home.run(&["verify"]);
        assert!(verified.refused().contains("1 of"), "{verified:?}");
        assert!(verified.out.contains("limit_counters is broken"), "{verified:?}");
        assert!(verified.out.contains("00000000-0000-0000-0000-000000000007"), "{verified:?}");
    }
}

#[test]
fn a_database_that_is_not_there_is_not_made() {
    let home = homes::on_sqlite();
    assert!(home.run(&["verify"]).refused().contains("there is no database"));
    assert!(!home.path().join("data").exists());
}

/// On SQLite alone: the use cases' own tests play it on both.
#[actix_web::test]
async fn a_demonstration_is_seeded_once_and_its_doors_open() {
    let home = homes::on_sqlite();
    let seeded = home.run(&["seed-demo"]);
    assert!(seeded.ok().contains("24 stores, 30 coupon templates, 5000 customers"), "{seeded:?}");
    home.run(&["verify"]).ok();
    assert!(home.run(&["seed-demo"]).refused().contains("is not empty"));

    let server = Server::start(&home, &["--demo"]).await;
    let after = |label: &str| {
        let line = seeded.out.lines().find_map(|line| line.trim().strip_prefix(label)).unwrap();
        line.trim().to_owned()
    };
    for (login, password) in [(OWNER, OWNER_PASSWORD.to_owned()), ("clerk-gz-tianhe", after("everybody else"))] {
        let session = json!({ "login": login, "password": password });
        let session = server.stranger().post("/admin/v1/session", &session).await.created();
        assert_eq!(session["must_change_password"], false, "{login}");
    }
    let regular = json!({ "provider": "dev", "phone": after("a regular customer") });
    let session = server.stranger().post("/app/v1/sessions", &regular).await.created();
    assert_eq!(session["is_new"], false);
}
