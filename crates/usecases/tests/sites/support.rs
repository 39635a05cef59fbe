//! A brand with a head, a region, two sites and two stores, and people to act in it.

use std::sync::{
    Arc, Barrier,
    atomic::{AtomicU64, Ordering},
};

use diesel::prelude::*;
use huike_access::{Permission, Role, RoleBinding, Scope, StaffState};
use huike_kernel::{Actor, CustomerId, DomainError, IdSource, NodeId, Phone, StaffId, Text, new_id};
use huike_persistence::{
    Db, Store, StoreError, customers, nodes,
    schema::{audit, event},
    sql_types::DbId,
    staff::{self, Staff},
    testing::TestDatabase,
};
use huike_sites::{Node, NodeForm, NodeKind};
use huike_usecases::{
    Act, Caller, UseCaseError,
    bootstrap::{self, FirstStart},
    sites::{self, NodeAsk},
};
use uuid::Uuid;

/// Ids one after the other.
#[derive(Default)]
struct Counter(AtomicU64);

impl IdSource for Counter {
    fn next_uuid(&self) -> Uuid {
        let number = u128::from(self.0.fetch_add(1, Ordering::Relaxed));
        Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + number)
    }
}

#[derive(Clone)]
pub(crate) struct Brand {
    pub(crate) store: Store,
    ids: Arc<dyn IdSource>,
    pub(crate) head: NodeId,
    pub(crate) region: NodeId,
    pub(crate) site_a: NodeId,
    pub(crate) site_b: NodeId,
    pub(crate) store_a: NodeId,
    pub(crate) store_b: NodeId,
    pub(crate) owner: StaffId,
}

pub(crate) fn form(name: &str, code: &str) -> NodeForm {
    NodeForm { name: Text::new(name).unwrap(), code: code.parse().unwrap(), area: None, zone: None }
}

/// The code of a refusal.
pub(crate) fn code<T: std::fmt::Debug>(answer: Result<T, UseCaseError>) -> &'static str {
    answer.unwrap_err().code()
}

/// Both at the same moment, each on a thread of its own.
pub(crate) fn at_once<A: Send, B: Send>(one: impl FnOnce() -> A + Send, other: impl FnOnce() -> B + Send) -> (A, B) {
    let start = Barrier::new(2);
    std::thread::scope(|scope| {
        let one = scope.spawn(|| {
            start.wait();
            one()
        });
        start.wait();
        let other = other();
        (one.join().unwrap(), other)
    })
}

impl Brand {
    pub(crate) fn new(database: &TestDatabase) -> Self {
        let store = database.store();
        let ids: Arc<dyn IdSource> = Arc::new(Counter::default());
        let first = FirstStart {
            brand: Text::new("小熊母婴").unwrap(),
            code: "head".parse().unwrap(),
            owner: "owner".parse().unwrap(),
            password_hash: "-".to_owned(),
            must_change_password: false,
        };
        let caller = Caller {
            actor: Actor::System,
            scope: Scope::default(),
            request_id: "first".to_owned(),
            ids: Arc::clone(&ids),
        };
        store.write_blocking(move |db, now| bootstrap::make_head(db, &caller.act(now), &first).map(drop)).unwrap();
        let (head, owner) = store.read_blocking(|db| Ok::<_, StoreError>(first_of(db))).unwrap();
        let nowhere = head;
        let mut brand = Self {
            store,
            ids,
            head,
            region: nowhere,
            site_a: nowhere,
            site_b: nowhere,
            store_a: nowhere,
            store_b: nowhere,
            owner,
        };
        brand.region = brand.build(head, NodeKind::Region, "south");
        brand.site_a = brand.build(brand.region, NodeKind::Site, "site-a");
        brand.site_b = brand.build(brand.region, NodeKind::Site, "site-b");
        brand.store_a = brand.build(brand.site_a, NodeKind::Store, "store-a");
        brand.store_b = brand.build(brand.site_b, NodeKind::Store, "store-b");
        brand
    }

    fn build(&self, parent: NodeId, kind: NodeKind, name: &str) -> NodeId {
        let ask = NodeAsk { parent, kind, form: form(name, name) };
        let made = self.act((self.owner, Permission::NodeCreate), move |db, act| sites::create_node(db, act, &ask));
        made.unwrap().id
    }

    /// One transaction of somebody with the permission.
    pub(crate) fn act<T: Send + 'static>(
        &self,
        (who, permission): (StaffId, Permission),
        body: impl Fn(&mut Db, &Act<'_>) -> Result<T, UseCaseError> + Send + 'static,
    ) -> Result<T, UseCaseError> {
        let caller = self.caller(who, permission);
        self.store.write_blocking(move |db, now| body(db, &caller.act(now)))
    }

    pub(crate) fn read<T: Send + 'static>(
        &self,
        body: impl Fn(&mut Db) -> Result<T, StoreError> + Send + 'static,
    ) -> T {
        self.store.read_blocking(body).unwrap()
    }

    pub(crate) fn caller(&self, who: StaffId, permission: Permission) -> Caller {
        let roles = self.read(move |db| staff::list_roles(db, who));
        Caller {
            actor: Actor::Staff(who),
            scope: Scope::of(&roles, permission),
            request_id: "test".to_owned(),
            ids: Arc::clone(&self.ids),
        }
    }

    pub(crate) fn hire(&self, role: Role, node: NodeId) -> StaffId {
        let id: StaffId = new_id(self.ids.as_ref());
        self.store
            .write_blocking(move |db, now| {
                let new = Staff {
                    id,
                    site: node,
                    login: format!("s-{}", id.as_uuid().simple()).parse().unwrap(),
                    name: "员工".to_owned(),
                    password_hash: "-".to_owned(),
                    must_change_password: false,
                    customer: None,
                    state: StaffState::Active,
                    version: 1,
                    created_at: now,
                };
                let _new = staff::insert(db, &new)?;
                let _given = staff::insert_role(db, id, RoleBinding { role, node }, None, now)?;
                Ok::<_, StoreError>(())
            })
            .unwrap();
        id
    }

    /// A customer who has been at the node.
    pub(crate) fn welcome(&self, phone: &str, site: NodeId) -> CustomerId {
        let (id, head): (CustomerId, NodeId) = (new_id(self.ids.as_ref()), self.head);
        let phone: Phone = phone.parse().unwrap();
        self.store
            .write_blocking(move |db, now| {
                let _new = customers::insert(db, id, head, Some(&phone), now)?;
                customers::note_visit(db, site, id, "claim", now)
            })
            .unwrap();
        id
    }

    pub(crate) fn node(&self, id: NodeId) -> Node {
        self.read(move |db| nodes::find(db, id)).unwrap()
    }

    /// What happened to an aggregate: version and kind.
    pub(crate) fn events(&self, of: Uuid) -> Vec<(i64, String)> {
        self.read(move |db| {
            let rows = event::table.filter(event::aggregate_id.eq(DbId(of))).order(event::seq);
            Ok(rows.select((event::seq, event::kind)).load(db)?)
        })
    }

    /// What was done to a subject, in order.
    pub(crate) fn audited(&self, subject: impl ToString) -> Vec<String> {
        let subject = subject.to_string();
        self.read(move |db| {
            let rows = audit::table.filter(audit::subject_id.eq(&subject)).order(audit::id);
            Ok(rows.select(audit::action).load(db)?)
        })
    }
}

fn first_of(db: &mut Db) -> (NodeId, StaffId) {
    let head = nodes::find_head(db).unwrap().unwrap();
    let owner = staff::find_by_login(db, &"owner".parse().unwrap()).unwrap().unwrap();
    (head.id, owner.id)
}
