//! The demonstration: it keeps every rule, is the same for the same seed, and looks like ninety days of a brand.
#![cfg(test)]

use std::{
    collections::BTreeMap,
    ops::ControlFlow,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};
use diesel::{
    RunQueryDsl, sql_query,
    sql_types::{BigInt, Text},
};
use huike_access::Scope;
use huike_coupons::codes::{CodeKey, CodeShape, LookupKey, Pattern, PlainCode, SignedCode, lookup_hash};
use huike_kernel::{ChannelId, CouponId, Money};
use huike_persistence::{
    Db, StoreError, channels::SharedCode, coupons::StoredCode, db_test, nodes, testing::TestDatabase, verify,
};
use huike_usecases::{
    UseCaseError,
    demo::{self, DemoAsk, DemoCodes, DemoProgress, DemoSecrets, DemoSize, DemoSummary},
    offers::{self, OnRecord, TrialAsk, Tried},
};

/// Codes that are counted, not drawn.
struct Counted(AtomicU64);

impl Counted {
    fn next(&self) -> u64 {
        self.0.fetch_add(1, Ordering::Relaxed)
    }
}

impl DemoCodes for Counted {
    fn signed(&self, _coupon: CouponId) -> StoredCode {
        let mut random = [0; 10];
        random[..8].copy_from_slice(&self.next().to_be_bytes());
        let code = SignedCode::make(random, &CodeKey::new(1, [1; 32]).unwrap());
        let lookup = lookup_hash(&code.canonical(), &LookupKey::new([2; 32])).to_vec();
        StoredCode { shape: CodeShape::Signed, lookup, sealed: vec![0] }
    }

    fn of_batch(&self, coupon: CouponId, pattern: Option<&str>) -> StoredCode {
        let Some(pattern) = pattern else { return self.signed(coupon) };
        let number = self.next();
        let mut digits = (0..).map(|place| u32::try_from(number / 8_u64.pow(place) % 8).unwrap());
        let code = pattern.parse::<Pattern>().unwrap().fill(|| digits.next().unwrap());
        let lookup = lookup_hash(code.canonical(), &LookupKey::new([2; 32])).to_vec();
        StoredCode { shape: CodeShape::Plain, lookup, sealed: vec![0] }
    }

    fn shared(&self, _channel: ChannelId, code: &PlainCode) -> SharedCode {
        let lookup = lookup_hash(code.canonical(), &LookupKey::new([2; 32])).to_vec();
        SharedCode { lookup, sealed: vec![0] }
    }

    fn link_token(&self) -> String {
        format!("link-{}", self.next())
    }
}

fn ask(seed: u64, size: DemoSize) -> DemoAsk {
    let secrets = DemoSecrets {
        owner: "owner".parse().unwrap(),
        owner_hash: "-".to_owned(),
        owner_must_change: true,
        staff_hash: "-".to_owned(),
        key_hash: [7; 32],
        key_tail: "tail".to_owned(),
    };
    DemoAsk { seed, size, secrets }
}

/// A Sunday, in the afternoon in Shanghai.
fn afternoon() -> DateTime<Utc> {
    "2026-11-22T08:30:00Z".parse().unwrap()
}

fn seed(database: &TestDatabase, ask: &DemoAsk) -> Result<DemoSummary, UseCaseError> {
    let (ask, codes) = (ask.clone(), Arc::new(Counted(AtomicU64::new(1))));
    database.store().write_blocking(move |db, _now| {
        demo::seed(db, afternoon(), &ask, codes.as_ref(), &|_| ControlFlow::Continue(()))
    })
}

fn broken(database: &TestDatabase) -> Vec<String> {
    let report = database.store().read_blocking(verify::run).unwrap();
    let lines = report.findings.into_iter().flat_map(|finding| {
        finding.offences.first.into_iter().map(move |offence| format!("{}: {offence}", finding.invariant.name))
    });
    lines.collect()
}

/// Enough to see a shape.
const MEDIUM: DemoSize = DemoSize { customers: 900, days: 90, claims_a_day: 32, crowd: 0, wave: 1 };
const SMALL: DemoSize = DemoSize { customers: 200, days: 30, claims_a_day: 8, crowd: 0, wave: 1 };
/// Three waves, the last one smaller.
const CROWDED: DemoSize = DemoSize { customers: 300, days: 90, claims_a_day: 10, crowd: 500, wave: 200 };

/// How often each word stands in a column.
fn count(database: &TestDatabase, column: &'static str, table: &'static str) -> BTreeMap<String, i64> {
    #[derive(diesel::QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        word: String,
        #[diesel(sql_type = BigInt)]
        rows: i64,
    }
    let sql = format!("SELECT CAST({column} AS TEXT) AS word, count(*) AS rows FROM {table} GROUP BY {column}");
    let rows: Vec<Row> = database
        .store()
        .read_blocking(move |db| {
            Ok::<_, StoreError>(match db {
                Db::Sqlite(c) => sql_query(&sql).load(c)?,
                Db::Postgres(c) => sql_query(&sql).load(c)?,
            })
        })
        .unwrap();
    rows.into_iter().map(|row| (row.word, row.rows)).collect()
}

fn words(counts: &BTreeMap<String, i64>) -> Vec<&str> {
    counts.keys().map(String::as_str).collect()
}

/// Redemptions are usual for retail: 30 to 50 % of what was issued.
fn check_rate(summary: &DemoSummary) {
    let counting = summary.redemptions - summary.undone;
    let percent = counting * 100 / summary.coupons;
    assert!((30..=50).contains(&percent), "{summary:?}");
    assert!(summary.undone > 0 && summary.undone * 20 < summary.redemptions, "{summary:?}");
}

fn check_states(database: &TestDatabase) {
    let templates = count(database, "state", "coupon_template");
    assert_eq!(words(&templates), ["approved", "draft", "ended", "in_review", "live", "paused"]);
    let versions = count(database, "review_state", "coupon_template_version");
    assert_eq!(words(&versions), ["approved", "draft", "in_review", "live", "superseded"]);
    let coupons = count(database, "state", "coupon");
    assert_eq!(words(&coupons), ["expired", "issued", "redeemed", "unclaimed", "voided"]);
    assert_eq!(
        words(&count(database, "kind", "coupon_template")),
        ["amount_off", "delivery_fee_off", "exchange", "percent_off"]
    );
    assert_eq!(words(&count(database, "state", "unredeem_request")), ["approved", "open", "rejected"]);
    assert_eq!(count(database, "kind", "node").into_values().collect::<Vec<_>>(), [1, 3, 8, 24]);
    let roles = count(database, "role", "staff_role");
    assert_eq!(roles.len(), 9, "somebody for each role: {roles:?}");
    let killed = count(database, "kill_reason IS NOT NULL", "coupon_template");
    assert_eq!(killed.len(), 2, "the kill switch was used: {killed:?}");
}

/// More on weekends, most at lunch and after work, nothing at night, and most days signed.
fn check_shape(database: &TestDatabase) {
    let by_day = count(database, "local_day", "redemption");
    let average = |weekend: bool| {
        let is_weekend = |day: &str| day.parse::<NaiveDate>().unwrap().weekday().number_from_monday() > 5;
        let days: Vec<i64> = by_day.iter().filter(|(day, _)| is_weekend(day) == weekend).map(|(_, n)| *n).collect();
        days.iter().sum::<i64>() * 100 / i64::try_from(days.len()).unwrap()
    };
    assert!(average(true) * 10 > average(false) * 13, "{} on weekends, {} else", average(true), average(false));
    let hours = count(database, "local_hour", "redemption");
    let at = |hour: u32| hours.get(&hour.to_string()).copied().unwrap_or(0);
    assert!(at(12) > at(14) && at(18) > at(14) && at(18) > at(10), "{hours:?}");
    assert_eq!((0..9).chain(22..24).map(at).sum::<i64>(), 0, "{hours:?}");
    let signed = count(database, "signed_at IS NULL", "store_day");
    let (open, closed) = (signed.values().min().unwrap(), signed.values().max().unwrap());
    assert!(*open <= 48 && *closed >= 24 * 85, "{signed:?}");
}

/// Automatic offers are in force at the head and at two sites, and something can be tried on the carts of the last days.
fn check_offers(database: &TestDatabase) {
    assert_eq!(count(database, "state", "offer"), BTreeMap::from([("live".to_owned(), 9)]));
    assert_eq!(
        count(database, "node.kind", "node JOIN offer o ON o.site_id = node.id").len(),
        2,
        "the head's and sites'"
    );
    let days = count(database, "local_day", "quoted_cart");
    assert!(days.len() >= 29 && days.values().sum::<i64>() > 200, "{days:?}");
    let found: Result<_, UseCaseError> = database.store().read_blocking(|db| {
        let head = nodes::find_head(db)?.unwrap().id;
        let rules = serde_json::from_str(
            r#"{ "class": "item", "scope": { "include": { "categories": ["milk"] } },
                 "effect": { "kind": "percent_off", "rate_off": "0.10" }, "budget": "50000.00" }"#,
        );
        let since = Some(afternoon() - TimeDelta::days(30));
        let ask = TrialAsk { site: head, tried: Tried::Rules(Box::new(rules.unwrap())), since };
        let trial = offers::prepare(db, &Scope::at(head), &ask)?;
        trial.run(afternoon(), None, &|| true)
    });
    let found: OnRecord = found.unwrap().on_record.unwrap();
    assert!(found.looked_at > 200 && found.customers > 50, "{found:?}");
    assert!(found.changed > 50 && found.changed < found.looked_at, "{found:?}");
    assert_eq!((found.unpriced, found.is_truncated, found.shown.len()), (0, false, 20));
    assert!(found.cost() > Money::ZERO && found.payable_after < found.payable_before, "{found:?}");
}

db_test! {
    fn the_seeded_brand_keeps_every_rule_and_looks_like_one(database) {
        let summary = seed(database, &ask(1, MEDIUM)).unwrap();
        assert_eq!(broken(database), Vec::<String>::new());
        assert_eq!((summary.stores, summary.templates, summary.customers), (24, 30, 900));
        check_rate(&summary);
        check_states(database);
        check_shape(database);
        check_offers(database);
    }

    fn a_crowd_keeps_every_rule_and_leaves_the_story_as_it_is(database) {
        let summary = seed(database, &ask(3, CROWDED)).unwrap();
        assert_eq!(broken(database), Vec::<String>::new());
        assert_eq!((summary.templates, summary.customers), (33, 800));
        assert_eq!(count(database, "state", "customer").values().sum::<i64>(), 800);
        let coupons = count(database, "state", "coupon").values().sum::<i64>();
        assert_eq!(coupons, i64::try_from(summary.coupons).unwrap());
        let of_the_crowd = "CASE WHEN phone LIKE '1991%' THEN 'crowd' ELSE 'story' END";
        let held = count(database, of_the_crowd, "coupon JOIN customer c ON c.id = coupon.customer_id");
        assert!(held["crowd"] > 300 && held["story"] > 100, "{held:?}");
        let theirs = count(database, of_the_crowd, "coupon JOIN customer c ON c.id = coupon.customer_id
            JOIN coupon_template t ON t.id = coupon.template_id WHERE t.name LIKE '%全城%' OR t.name LIKE '%回馈%'");
        assert_eq!(theirs, BTreeMap::from([("crowd".to_owned(), held["crowd"])]), "each has offers of their own");
        let redeemed = count(database, "state", "coupon");
        assert!(redeemed["redeemed"] * 5 > coupons, "{redeemed:?}");
    }

    fn a_seeding_that_is_stopped_leaves_the_database_as_it_was(database) {
        let (ask, codes) = (ask(1, CROWDED), Arc::new(Counted(AtomicU64::new(1))));
        let stop = |progress| match progress {
            DemoProgress::Crowd { came: 400, of: 500 } => ControlFlow::Break(()),
            DemoProgress::Playing(_) => panic!("it went on"),
            _ => ControlFlow::Continue(()),
        };
        let seeded =
            database.store().write_blocking(move |db, _now| demo::seed(db, afternoon(), &ask, codes.as_ref(), &stop));
        assert!(seeded.is_err());
        for table in ["node", "customer", "coupon", "event", "audit"] {
            assert!(count(database, "1", table).is_empty(), "{table}");
        }
    }

    fn a_database_with_a_brand_in_it_is_left_alone(database) {
        let first = seed(database, &ask(1, SMALL)).unwrap();
        assert!(matches!(seed(database, &ask(2, SMALL)), Err(UseCaseError::Taken("database"))));
        assert_eq!(count(database, "state", "coupon").values().sum::<i64>(), i64::try_from(first.coupons).unwrap());
    }
}

#[test]
fn the_same_seed_plays_the_same_and_another_another() {
    let play = |seed_of| {
        let database = TestDatabase::sqlite();
        let summary = seed(&database, &ask(seed_of, SMALL)).unwrap();
        let days = count(&database, "local_day", "redemption");
        (summary, days, count(&database, "used", "limit_counter"), count(&database, "hex(id)", "coupon"))
    };
    assert_eq!(DemoSize::of(5_000).crowd + DemoSize::of(200).crowd, 0);
    assert_eq!(DemoSize::of(1_000_000).crowd, 995_000);
    let first = play(5);
    assert!(first == play(5), "the same seed gives the same figures and the same ids");
    assert!(first.0 != play(6).0);
}
