//! The demonstration: it keeps every rule, is the same for the same seed, and looks like ninety days of a brand.
#![expect(clippy::unwrap_used, reason = "test")]

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use chrono::{DateTime, Utc};
use huike_coupons::codes::{CodeKey, CodeShape, LookupKey, Pattern, PlainCode, SignedCode, lookup_hash};
use huike_kernel::{ChannelId, CouponId};
use huike_persistence::{channels::SharedCode, coupons::StoredCode, db_test, testing::TestDatabase, verify};
use huike_usecases::{
    UseCaseError,
    demo::{self, DemoAsk, DemoCodes, DemoSecrets, DemoSize, DemoSummary},
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
    database.store().write_blocking(move |db, _now| demo::seed(db, afternoon(), &ask, codes.as_ref(), &|_| ()))
}

fn broken(database: &TestDatabase) -> Vec<String> {
    let report = database.store().read_blocking(verify::run).unwrap();
    let lines = report.findings.into_iter().flat_map(|finding| {
        finding.offences.first.into_iter().map(move |offence| format!("{}: {offence}", finding.invariant.name))
    });
    lines.collect()
}

const SMALL: DemoSize = DemoSize { customers: 300, days: 90, claims_a_day: 12 };

db_test! {
    fn every_invariant_holds_after_the_seeding(database) {
        let summary = seed(database, &ask(1, SMALL)).unwrap();
        assert_eq!(broken(database), Vec::<String>::new());
        assert_eq!((summary.stores, summary.templates, summary.customers), (24, 30, 300));
    }
}

#[test]
fn full() {
    let database = TestDatabase::sqlite();
    let start = std::time::Instant::now();
    let summary = seed(&database, &ask(1, DemoSize::default())).unwrap();
    eprintln!("{summary:?} {:?}", start.elapsed());
    let start = std::time::Instant::now();
    assert_eq!(broken(&database), Vec::<String>::new());
    eprintln!("verify {:?}", start.elapsed());
}
