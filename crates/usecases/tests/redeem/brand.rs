//! A brand with two sites, their stores and staff, and coupons to redeem.

use std::sync::{
    Arc, Barrier,
    atomic::{AtomicU64, Ordering},
};

use chrono::{DateTime, TimeDelta, Utc};
use huike_access::{Permission, Role, RoleBinding, Scope, StaffState};
use huike_coupons::{
    CouponState,
    calendar::HolidayCalendar,
    codes::{CodeKey, CodeKeys},
    template::Reason,
};
use huike_kernel::{Actor, CustomerId, DomainError, IdSource, ManualClock, Money, NodeId, RedemptionId, StaffId, Zone};
use huike_persistence::{
    Db, Outcome, Store, StoreOptions, coupons, nodes,
    staff::{self, Staff},
    stock::{self, Stock},
    testing::TestDatabase,
};
use huike_sites::{Node, NodeKind, NodeState};
use huike_usecases::{
    Caller, UseCaseError,
    redeem::{self, Counter, Receipt, RedeemAsk, Shown, UndoAsk, Undone},
};
use uuid::Uuid;

use crate::cards::{Card, Offer};

/// A Tuesday, noon in Shanghai.
pub(crate) fn noon() -> DateTime<Utc> {
    "2026-06-02T04:00:00Z".parse().unwrap()
}

pub(crate) fn yuan(text: &str) -> Money {
    text.parse().unwrap()
}

pub(crate) fn id(number: u64) -> Uuid {
    Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + u128::from(number))
}

fn node(number: u64) -> NodeId {
    NodeId::from_uuid(id(number))
}

/// Someone of the staff: who, and what for.
#[derive(Clone, Copy)]
pub(crate) struct Person {
    pub(crate) id: StaffId,
    pub(crate) role: Role,
    pub(crate) node: NodeId,
}

pub(crate) struct Ids(pub(crate) AtomicU64);

impl IdSource for Ids {
    fn next_uuid(&self) -> Uuid {
        id(self.0.fetch_add(1, Ordering::Relaxed))
    }
}

pub(crate) struct Brand {
    pub(crate) store: Store,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) counter: Arc<Counter>,
    ids: Arc<Ids>,
    pub(crate) head: NodeId,
    pub(crate) site_a: NodeId,
    pub(crate) store_a: NodeId,
    pub(crate) store_a2: NodeId,
    pub(crate) store_b: NodeId,
    pub(crate) clerk: Person,
    pub(crate) clerk_a2: Person,
    pub(crate) clerk_b: Person,
    pub(crate) manager: Person,
    pub(crate) manager_a2: Person,
    pub(crate) finance: Person,
    pub(crate) finance_2: Person,
}

/// Runs so many asks at once, each on its own thread, and hands their answers back.
pub(crate) fn at_once<T: Send>(many: usize, ask: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let start = Barrier::new(many);
    std::thread::scope(|scope| {
        let hands: Vec<_> = (0..many)
            .map(|number| {
                let (start, ask) = (&start, &ask);
                scope.spawn(move || {
                    start.wait();
                    ask(number)
                })
            })
            .collect();
        hands.into_iter().map(|hand| hand.join().unwrap()).collect()
    })
}

pub(crate) fn code_of<T>(answer: &Result<T, UseCaseError>) -> &'static str {
    match answer {
        Ok(_) => "ok",
        Err(error) => error.code(),
    }
}

impl Brand {
    pub(crate) fn new(database: &TestDatabase) -> Self {
        let clock = Arc::new(ManualClock::new(noon()));
        let store = database.store_with(&StoreOptions::default(), Arc::clone(&clock) as _);
        let person = |number, role, at| Person { id: StaffId::from_uuid(id(number)), role, node: node(at) };
        let qr_keys = CodeKeys::new(CodeKey::new(1, [7; 32]).unwrap(), vec![]).unwrap();
        let brand = Self {
            store,
            clock,
            counter: Arc::new(Counter { qr_keys, calendar: HolidayCalendar::embedded().unwrap() }),
            ids: Arc::new(Ids(AtomicU64::new(10_000))),
            head: node(1),
            site_a: node(2),
            store_a: node(4),
            store_a2: node(5),
            store_b: node(6),
            clerk: person(21, Role::Clerk, 4),
            clerk_a2: person(22, Role::Clerk, 5),
            clerk_b: person(23, Role::Clerk, 6),
            manager: person(24, Role::StoreManager, 4),
            manager_a2: person(25, Role::StoreManager, 5),
            finance: person(26, Role::Finance, 1),
            finance_2: person(27, Role::Finance, 1),
        };
        brand.build();
        brand
    }

    fn build(&self) {
        let tree = [
            (1, NodeKind::Head, None, "惠宝"),
            (2, NodeKind::Site, Some(1), "广州"),
            (3, NodeKind::Site, Some(1), "深圳"),
            (4, NodeKind::Store, Some(2), "天河店"),
            (5, NodeKind::Store, Some(2), "越秀店"),
            (6, NodeKind::Store, Some(3), "南山店"),
        ];
        let people =
            [self.clerk, self.clerk_a2, self.clerk_b, self.manager, self.manager_a2, self.finance, self.finance_2];
        let head = self.head;
        self.write(move |db, now| {
            for (number, kind, parent, name) in tree {
                let new = Node {
                    id: node(number),
                    kind,
                    parent: parent.map(node),
                    name: name.try_into().unwrap(),
                    code: format!("node-{number}").parse().unwrap(),
                    zone: Zone::default(),
                    area: None,
                    state: NodeState::Active,
                    version: 1,
                };
                assert_eq!(nodes::insert(db, &new, now)?, Outcome::Applied);
            }
            for person in people {
                hire(db, head, person, None, now)?;
            }
            Ok(())
        });
    }

    pub(crate) fn write<T: Send + 'static>(
        &self,
        body: impl Fn(&mut Db, DateTime<Utc>) -> Result<T, UseCaseError> + Send + 'static,
    ) -> T {
        self.store.write_blocking(body).unwrap()
    }

    pub(crate) fn read<T: Send + 'static>(
        &self,
        body: impl Fn(&mut Db) -> Result<T, UseCaseError> + Send + 'static,
    ) -> T {
        self.store.read_blocking(body).unwrap()
    }

    pub(crate) fn next_id(&self) -> Uuid {
        self.ids.next_uuid()
    }

    pub(crate) fn after(&self, time: TimeDelta) {
        self.clock.set(noon() + time);
    }

    pub(crate) fn caller(&self, person: Person, permission: Permission) -> Caller {
        let scope = Scope::of(&[RoleBinding { role: person.role, node: person.node }], permission);
        Caller { actor: Actor::Staff(person.id), scope, request_id: "test".to_owned(), ids: Arc::clone(&self.ids) as _ }
    }

    pub(crate) fn redeem(
        &self,
        person: Person,
        store: NodeId,
        card: &Card,
        amount: Option<&str>,
    ) -> Result<Receipt, UseCaseError> {
        self.redeem_shown(person, store, Shown::Code(card.code.clone()), amount)
    }

    pub(crate) fn redeem_shown(
        &self,
        person: Person,
        store: NodeId,
        shown: Shown,
        amount: Option<&str>,
    ) -> Result<Receipt, UseCaseError> {
        let (caller, counter) = (self.caller(person, Permission::CouponRedeem), Arc::clone(&self.counter));
        let ask = RedeemAsk { store, shown, order_amount: amount.map(yuan) };
        self.store.write_blocking(move |db, now| redeem::redeem_at_counter(db, &caller.act(now), &counter, &ask))
    }

    pub(crate) fn preview(
        &self,
        person: Person,
        store: NodeId,
        shown: Shown,
        amount: Option<&str>,
    ) -> Result<redeem::Preview, UseCaseError> {
        let (caller, counter) = (self.caller(person, Permission::CouponRedeem), Arc::clone(&self.counter));
        let ask = RedeemAsk { store, shown, order_amount: amount.map(yuan) };
        let now = self.now();
        self.store.read_blocking(move |db| redeem::preview(db, &caller.act(now), &counter, &ask))
    }

    pub(crate) fn undo(&self, person: Person, store: NodeId, redemption: RedemptionId) -> Result<Undone, UseCaseError> {
        let caller = self.caller(person, Permission::CouponUnredeem);
        let ask = UndoAsk { redemption, store, reason: Some(Reason::new("扫错券").unwrap()) };
        self.store.write_blocking(move |db, now| redeem::undo(db, &caller.act(now), &ask))
    }

    pub(crate) fn sign(&self, person: Person, store: NodeId, day: &str) -> Result<redeem::SignedDay, UseCaseError> {
        let caller = self.caller(person, Permission::StoreDaySign);
        let day = day.parse().unwrap();
        self.store.write_blocking(move |db, now| redeem::sign_day(db, &caller.act(now), store, day))
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        huike_kernel::Clock::now(self.clock.as_ref())
    }

    pub(crate) fn state(&self, card: &Card) -> CouponState {
        let coupon = card.id;
        self.read(move |db| Ok(coupons::find(db, coupon)?.unwrap().state))
    }

    pub(crate) fn stock(&self, offer: &Offer) -> Stock {
        let template = offer.id;
        self.read(move |db| Ok(stock::find(db, template)?.unwrap()))
    }
}

pub(crate) fn hire(
    db: &mut Db,
    head: NodeId,
    person: Person,
    customer: Option<CustomerId>,
    now: DateTime<Utc>,
) -> Result<(), UseCaseError> {
    let new = Staff {
        id: person.id,
        site: head,
        login: format!("staff-{}", person.id.as_uuid().as_u128() % 1_000_000).parse().unwrap(),
        name: "员工".to_owned(),
        password_hash: "-".to_owned(),
        must_change_password: false,
        customer,
        state: StaffState::Active,
        version: 1,
        created_at: now,
    };
    assert_eq!(staff::insert(db, &new)?, Outcome::Applied);
    let role = RoleBinding { role: person.role, node: person.node };
    assert_eq!(staff::insert_role(db, person.id, role, None, now)?, Outcome::Applied);
    Ok(())
}
