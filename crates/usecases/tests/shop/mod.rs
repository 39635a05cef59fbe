//! A small brand for tests of claims: a head, two sites with a store each, customers, and templates that are live.
#![allow(dead_code, reason = "each test binary needs its own part")]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that has no brand should stop right here")]

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use chrono::{DateTime, Utc};
use huike_access::Scope;
use huike_coupons::{
    Effect, Look, TemplateRules, TemplateState, VersionState,
    codes::{CodeKey, CodeKeys, CodeProof, CodeShape, LookupKey, PlainCode, SignedCode, lookup_hash, parse},
    limits::{LimitCap, LimitRule, Metric, Period, Subject},
    rules::{Budget, Validity},
};
use huike_kernel::{
    Actor, CodeBatchId, CouponId, CustomerId, IdSource, ManualClock, NodeId, StaffId, TemplateId, Text, Zone, new_id,
};
use huike_persistence::{
    Db, Outcome, Store, StoreError, StoreOptions,
    coupons::StoredCode,
    customers,
    jobs::{self, Job},
    nodes, stock,
    templates::{self, Template, TemplateVersion},
    testing::TestDatabase,
    verify,
};
use huike_sites::{Node, NodeKind, NodeState};
use huike_usecases::{
    Act, Caller, UseCaseError,
    batches::{BatchBegun, BatchSource, Chunk, ChunkFate, NewBatch, begin_batch, make_chunk},
    claims::{ClaimAsk, Claimed, CodeClaimAsk, claim, claim_by_code},
    codes::{EnteredCode, FreshCode},
    jobs::LEASE,
    record::{self, Aggregate, Change, Place},
};
use serde_json::json;
use uuid::Uuid;

/// Ids that ascend.
#[derive(Default)]
pub(crate) struct TestIds(AtomicU64);

impl IdSource for TestIds {
    fn next_uuid(&self) -> Uuid {
        let number = u128::from(self.0.fetch_add(1, Ordering::Relaxed));
        Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + number)
    }
}

/// The brand.
pub(crate) struct Shop {
    pub(crate) store: Store,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) ids: Arc<TestIds>,
    pub(crate) head: NodeId,
    pub(crate) site_a: NodeId,
    pub(crate) site_b: NodeId,
    pub(crate) store_a: NodeId,
    pub(crate) marketer: StaffId,
}

pub(crate) fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// Noon of a Tuesday in Shanghai.
pub(crate) const NOON: &str = "2026-06-02T04:00:00Z";

pub(crate) fn rules(quantity: i64) -> TemplateRules {
    let amount = "30".parse().unwrap();
    let effect = Effect::AmountOff { amount, threshold: "200".parse().unwrap() };
    TemplateRules::new(effect, quantity, Validity::Relative { delay_minutes: 0, days: 7 })
}

pub(crate) fn limit(subject: Subject, period: Period, cap: i64) -> LimitRule {
    LimitRule { metric: Metric::Claims, subject, period, cap: LimitCap::Count(cap) }
}

pub(crate) fn budget(total: &str, daily: Option<&str>) -> Option<Budget> {
    Some(Budget { total: total.parse().unwrap(), daily: daily.map(|daily| daily.parse().unwrap()) })
}

/// Whatever a test did, the books hold afterwards.
impl Drop for Shop {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let report = self.store.read_blocking(verify::run).unwrap();
        // Tests that open, close or fill the stock by hand do not write a new version of the rules for it.
        let by_hand = ["stock_totals", "stock_accepting"];
        let found = report.findings.iter().filter(|found| !by_hand.contains(&found.invariant.name));
        let broken: Vec<_> = found.map(|found| (found.invariant.name, &found.offences)).collect();
        assert!(broken.is_empty(), "{broken:#?}");
    }
}

impl Shop {
    pub(crate) fn open(database: &TestDatabase) -> Self {
        let clock = Arc::new(ManualClock::new(at(NOON)));
        let store = database.store_with(&StoreOptions::default(), clock.clone());
        let ids = Arc::new(TestIds::default());
        let node = || new_id::<NodeId>(ids.as_ref());
        let [head, site_a, site_b, store_a] = [node(), node(), node(), node()];
        let tree = [
            (head, NodeKind::Head, None, "head"),
            (site_a, NodeKind::Site, Some(head), "site-a"),
            (site_b, NodeKind::Site, Some(head), "site-b"),
            (store_a, NodeKind::Store, Some(site_a), "store-a"),
        ];
        store
            .write_blocking(move |db, now| {
                for (id, kind, parent, code) in tree {
                    let state = NodeState::Active;
                    let (name, code) = (Text::new(code).unwrap(), code.parse().unwrap());
                    let new =
                        Node { id, kind, parent, code, name, zone: Zone::default(), area: None, state, version: 1 };
                    assert_eq!(nodes::insert(db, &new, now)?, Outcome::Applied);
                }
                Ok::<_, StoreError>(())
            })
            .unwrap();
        let marketer = new_id(ids.as_ref());
        Self { store, clock, ids, head, site_a, site_b, store_a, marketer }
    }

    pub(crate) fn id<T: From<Uuid>>(&self) -> T {
        new_id(self.ids.as_ref())
    }

    pub(crate) fn customers(&self, count: usize) -> Vec<CustomerId> {
        let ids: Vec<CustomerId> = (0..count).map(|_| self.id()).collect();
        let (made, head) = (ids.clone(), self.head);
        self.store
            .write_blocking(move |db, now| {
                for id in &made {
                    assert_eq!(customers::insert(db, *id, head, None, now)?, Outcome::Applied);
                }
                Ok::<_, StoreError>(())
            })
            .unwrap();
        ids
    }

    /// From now on so many may be issued.
    pub(crate) fn set_quantity(&self, template: TemplateId, quantity: i64) {
        let set = self.store.write_blocking(move |db, _| stock::set_totals(db, template, quantity, None)).unwrap();
        assert_eq!(set, Outcome::Applied);
    }

    pub(crate) fn customer(&self) -> CustomerId {
        self.customers(1)[0]
    }

    /// The customer goes to a site.
    pub(crate) fn visit(&self, customer: CustomerId) {
        let site = self.site_a;
        self.store.write_blocking(move |db, now| customers::note_visit(db, site, customer, "test", now)).unwrap();
    }

    /// A live template of the head.
    pub(crate) fn template(&self, rules: TemplateRules) -> TemplateId {
        self.template_of(self.head, rules)
    }

    pub(crate) fn template_of(&self, owner: NodeId, rules: TemplateRules) -> TemplateId {
        let (id, by, caller) = (self.id(), self.marketer, self.staff());
        self.store.write_blocking(move |db, now| insert_live(db, (id, owner, by), &rules, &caller.act(now))).unwrap();
        id
    }

    pub(crate) fn caller(&self, actor: Actor) -> Caller {
        Caller { actor, scope: Scope::at(self.head), request_id: "test".to_owned(), ids: self.ids.clone() }
    }

    pub(crate) fn staff(&self) -> Caller {
        self.caller(Actor::Staff(self.marketer))
    }

    pub(crate) fn fresh(&self) -> FreshCode {
        let coupon: CouponId = self.id();
        FreshCode { coupon, stored: sealed(&self.new_code().canonical(), CodeShape::Signed) }
    }

    /// A signed code that was never seen before.
    pub(crate) fn new_code(&self) -> SignedCode {
        let mut random = [0; 10];
        random.copy_from_slice(&self.ids.next_uuid().as_bytes()[6..]);
        SignedCode::make(random, keys().active())
    }

    pub(crate) fn ask(&self, customer: CustomerId) -> ClaimAsk {
        ClaimAsk { customer, site: self.site_a, channel: None, code: self.fresh() }
    }

    pub(crate) fn claim(&self, template: TemplateId, customer: CustomerId) -> Result<Claimed, UseCaseError> {
        self.claim_with(template, self.ask(customer))
    }

    pub(crate) fn claim_with(&self, template: TemplateId, ask: ClaimAsk) -> Result<Claimed, UseCaseError> {
        let caller = self.caller(Actor::Customer(ask.customer));
        self.store.write_blocking(move |db, now| claim(db, &caller.act(now), template, &ask))
    }

    pub(crate) fn enter(&self, code: &str, customer: CustomerId, site: NodeId) -> Result<Claimed, UseCaseError> {
        let caller = self.caller(Actor::Customer(customer));
        let ask = CodeClaimAsk { customer, site, entered: entered(code), code: self.fresh() };
        self.store.write_blocking(move |db, now| claim_by_code(db, &caller.act(now), &ask))
    }

    /// A batch of that many codes, begun.
    pub(crate) fn begin_batch(
        &self,
        template: TemplateId,
        source: BatchSource,
        quantity: i64,
    ) -> Result<BatchBegun, UseCaseError> {
        let (caller, token): (Caller, Uuid) = (self.staff(), self.ids.next_uuid());
        let (name, link_token) = (Text::new("门店券").unwrap(), token.to_string());
        let ask = NewBatch { template, site: self.site_a, name, source, quantity, link_token };
        self.store.write_blocking(move |db, now| begin_batch(db, &caller.act(now), &ask))
    }

    /// Takes the next due job.
    pub(crate) fn take_job(&self) -> Option<Job> {
        self.store.write_blocking(|db, now| jobs::take_due(db, now, LEASE)).unwrap()
    }

    pub(crate) fn make(&self, job: &Job, batch: CodeBatchId, codes: &[SignedCode]) -> Result<Chunk, UseCaseError> {
        let fresh: Vec<FreshCode> = codes
            .iter()
            .map(|code| FreshCode { coupon: self.id(), stored: sealed(&code.canonical(), CodeShape::Signed) })
            .collect();
        let (caller, job) = (self.caller(Actor::System), job.clone());
        self.store.write_blocking(move |db, now| make_chunk(db, &caller.act(now), (&job, batch), &fresh))
    }

    /// Prints signed codes without an owner.
    pub(crate) fn print(&self, template: TemplateId, count: usize) -> Vec<SignedCode> {
        let begun = self.begin_batch(template, BatchSource::Signed, i64::try_from(count).unwrap()).unwrap();
        let job = self.take_job().unwrap();
        let codes: Vec<SignedCode> = (0..count).map(|_| self.new_code()).collect();
        let chunk = self.make(&job, begun.batch, &codes).unwrap();
        assert_eq!((chunk.made.len(), chunk.fate), (count, ChunkFate::Ended));
        let job = job.clone();
        assert_eq!(self.store.write_blocking(move |db, now| jobs::finish(db, &job, now)).unwrap(), Outcome::Applied);
        codes
    }

    pub(crate) fn stock(&self, template: TemplateId) -> stock::Stock {
        self.store.read_blocking(move |db| stock::find(db, template)).unwrap().unwrap()
    }
}

pub(crate) fn keys() -> CodeKeys {
    CodeKeys::new(CodeKey::new(1, [7; 32]).unwrap(), vec![]).unwrap()
}

/// Codes are not hidden in these tests: the seal is the text.
pub(crate) fn sealed(code: &huike_coupons::codes::CanonicalCode, shape: CodeShape) -> StoredCode {
    let lookup = lookup_hash(code, &LookupKey::new([9; 32])).to_vec();
    StoredCode { shape, lookup, sealed: code.as_str().as_bytes().to_vec() }
}

pub(crate) fn plain(code: &PlainCode) -> StoredCode {
    sealed(code.canonical(), CodeShape::Plain)
}

pub(crate) fn entered(text: &str) -> EnteredCode {
    let code = parse(text).unwrap();
    let lookup = lookup_hash(&code.canonical(), &LookupKey::new([9; 32]));
    let proof: CodeProof = keys().verify(&code);
    EnteredCode { lookup, shape: code.shape(), proof }
}

fn insert_live(
    db: &mut Db,
    (id, owner, by): (TemplateId, NodeId, StaffId),
    rules: &TemplateRules,
    act: &Act<'_>,
) -> Result<(), StoreError> {
    let now = act.now;
    let template = Template {
        id,
        site: owner,
        name: "满200减30".to_owned(),
        kind: rules.effect.kind().to_owned(),
        state: TemplateState::Live,
        live_version: Some(1),
        newest_version: 1,
        killed: None,
        version: 1,
        created_by: by,
        created_at: now,
        updated_at: now,
    };
    let version = TemplateVersion {
        template: id,
        number: 1,
        site: owner,
        rules: rules.clone(),
        look: Look::default(),
        state: VersionState::Live,
        unreviewed: true,
        makers: vec![by],
        created: (by, now),
        submitted: Some((by, now)),
        reviewed: Some((by, now)),
        reject_reason: None,
    };
    templates::insert(db, &template, &version)?;
    let (place, aggregate) =
        (Place { site: owner, zone: Zone::default() }, Aggregate { kind: "coupon_template", id: id.as_uuid(), seq: 1 });
    record::emit(db, act, place, aggregate, ("template_published", json!({})))?;
    let subject = id.to_string();
    let change = Change {
        action: "coupon_template.publish",
        subject_kind: "coupon_template",
        subject,
        before: json!({}),
        after: json!({}),
    };
    record::audit(db, act, owner, change)?;
    stock::insert(db, &stock::Stock::new(id, owner, rules.quantity, rules.budget.map(|budget| budget.total)))?;
    assert_eq!(stock::set_accepting(db, id, true)?, Outcome::Applied);
    Ok(())
}

/// Runs the work on so many threads at once and hands back what each of them got.
pub(crate) fn at_once<T: Send>(count: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let barrier = std::sync::Barrier::new(count);
    std::thread::scope(|scope| {
        let hands: Vec<_> = (0..count)
            .map(|number| {
                let (barrier, work) = (&barrier, &work);
                scope.spawn(move || {
                    barrier.wait();
                    work(number)
                })
            })
            .collect();
        hands.into_iter().map(|hand| hand.join().unwrap()).collect()
    })
}

/// How many succeeded; every refusal must have that code.
pub(crate) fn successes<T>(answers: &[Result<T, UseCaseError>], refusal: &str) -> usize {
    use huike_kernel::DomainError;
    for error in answers.iter().filter_map(|answer| answer.as_ref().err()) {
        assert_eq!(error.code(), refusal, "{error}");
    }
    answers.iter().filter(|answer| answer.is_ok()).count()
}
