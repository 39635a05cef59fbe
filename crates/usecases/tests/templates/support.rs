//! A brand with a head, two sites and their staff.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use huike_access::{Permission, Role, RoleBinding, Scope, StaffState};
use huike_coupons::{
    Effect, Look, TemplateRules,
    rules::{Budget, Validity},
};
use huike_kernel::{Actor, DomainError, IdSource, NodeId, StaffId, TemplateId, Text, Zone};
use huike_persistence::{
    Db, Outcome, Store, StoreError, nodes,
    schema::{audit, event},
    settings::{self, Written},
    sql_types::DbId,
    staff::{self, Staff},
    stock::{self, Stock},
    template_lists::Listed,
    testing::TestDatabase,
};
use huike_sites::{Node, NodeKind, NodeState, SettingKey};
use huike_usecases::{
    Act, Caller, UseCaseError,
    templates::{self, NewTemplate, TemplateAsk},
};
use uuid::Uuid;

/// Ids one after the other.
#[derive(Default)]
pub(crate) struct Counter(AtomicU64);

impl IdSource for Counter {
    fn next_uuid(&self) -> Uuid {
        number(1_000_000 + u128::from(self.0.fetch_add(1, Ordering::Relaxed)))
    }
}

pub(crate) fn number(number: u128) -> Uuid {
    Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + number)
}

/// The brand: its nodes and its people, each known by a small number.
#[derive(Clone)]
pub(crate) struct Brand {
    pub(crate) store: Store,
    pub(crate) head: NodeId,
    pub(crate) site_a: NodeId,
    pub(crate) site_b: NodeId,
    pub(crate) shop: NodeId,
    pub(crate) ids: Arc<Counter>,
}

pub(crate) const OWNER: u128 = 1;
pub(crate) const MARKETER: u128 = 2;
pub(crate) const APPROVER: u128 = 3;
/// Marketer and approver in one.
pub(crate) const BOTH: u128 = 4;
pub(crate) const OPERATOR_A: u128 = 5;
pub(crate) const CLERK: u128 = 6;

pub(crate) fn person(id: u128) -> StaffId {
    StaffId::from_uuid(number(100 + id))
}

impl Brand {
    /// A brand whose team has everybody.
    pub(crate) fn with_team(database: &TestDatabase) -> Self {
        let brand = Self::alone(database);
        brand.hire(MARKETER, Role::Marketer, brand.head);
        brand.hire(APPROVER, Role::Approver, brand.head);
        brand.hire(BOTH, Role::Marketer, brand.head);
        brand.grant(BOTH, Role::Approver, brand.head);
        brand.hire(OPERATOR_A, Role::SiteOperator, brand.site_a);
        brand.hire(CLERK, Role::Clerk, brand.shop);
        brand
    }

    /// A brand of one person, the owner.
    pub(crate) fn alone(database: &TestDatabase) -> Self {
        let node = |n: u128| NodeId::from_uuid(number(n));
        let brand = Self {
            store: database.store(),
            head: node(1),
            site_a: node(2),
            site_b: node(3),
            shop: node(4),
            ids: Arc::default(),
        };
        let tree = [
            (brand.head, NodeKind::Head, None),
            (brand.site_a, NodeKind::Site, Some(brand.head)),
            (brand.site_b, NodeKind::Site, Some(brand.head)),
            (brand.shop, NodeKind::Store, Some(brand.site_a)),
        ];
        for (place, (id, kind, parent)) in tree.into_iter().enumerate() {
            let node = Node {
                id,
                kind,
                parent,
                name: Text::new("机构").unwrap(),
                code: format!("node-{place}").parse().unwrap(),
                zone: Zone::default(),
                area: None,
                state: NodeState::Active,
                version: 1,
            };
            brand
                .write(move |db, now| Ok(nodes::insert(db, &node, now)?))
                .map(|it| assert_eq!(it, Outcome::Applied))
                .unwrap();
        }
        brand.hire(OWNER, Role::Owner, brand.head);
        brand
    }

    pub(crate) fn write<T: Send + 'static>(
        &self,
        body: impl Fn(&mut Db, DateTime<Utc>) -> Result<T, UseCaseError> + Send + 'static,
    ) -> Result<T, UseCaseError> {
        self.store.write_blocking(body)
    }

    pub(crate) fn read<T: Send + 'static>(
        &self,
        body: impl Fn(&mut Db) -> Result<T, UseCaseError> + Send + 'static,
    ) -> T {
        self.store.read_blocking(body).unwrap()
    }

    pub(crate) fn hire(&self, who: u128, role: Role, node: NodeId) {
        let head = self.head;
        let new = move |now| Staff {
            id: person(who),
            site: head,
            login: format!("staff-{who}").parse().unwrap(),
            name: "员工".to_owned(),
            password_hash: "-".to_owned(),
            must_change_password: false,
            customer: None,
            state: StaffState::Active,
            version: 1,
            created_at: now,
        };
        let hired = self.write(move |db, now| Ok(staff::insert(db, &new(now))?)).unwrap();
        assert_eq!(hired, Outcome::Applied);
        self.grant(who, role, node);
    }

    pub(crate) fn grant(&self, who: u128, role: Role, node: NodeId) {
        let binding = RoleBinding { role, node };
        let granted = self.write(move |db, now| Ok(staff::insert_role(db, person(who), binding, None, now)?)).unwrap();
        assert_eq!(granted, Outcome::Applied);
    }

    pub(crate) fn set_policy(&self, policy: serde_json::Value) {
        let head = self.head;
        self.write(move |db, at| {
            let value = SettingKey::ReviewPolicy.read(&policy)?;
            Ok(settings::put(db, head, (SettingKey::ReviewPolicy, &value), Written { by: None, at })?)
        })
        .unwrap();
    }

    /// Who they are for an operation that takes the permission.
    pub(crate) fn caller(&self, who: u128, permission: Permission) -> Caller {
        let bindings = self.read(move |db| Ok(staff::list_roles(db, person(who))?));
        Caller {
            actor: Actor::Staff(person(who)),
            scope: Scope::of(&bindings, permission),
            request_id: "request-1".to_owned(),
            ids: self.ids.clone(),
        }
    }

    /// One act of somebody.
    pub(crate) fn act<T: Send + 'static>(
        &self,
        (who, permission): (u128, Permission),
        body: impl Fn(&mut Db, &Act<'_>) -> Result<T, UseCaseError> + Send + 'static,
    ) -> Result<T, UseCaseError> {
        let caller = self.caller(who, permission);
        self.write(move |db, now| body(db, &caller.act(now)))
    }

    pub(crate) fn create(&self, who: u128, site: NodeId, rules: &TemplateRules) -> Result<Listed, UseCaseError> {
        let new =
            NewTemplate { site, name: Text::new("满200减30").unwrap(), rules: rules.clone(), look: Look::default() };
        self.act((who, Permission::CouponCreate), move |db, act| templates::create(db, act, &new))
    }

    pub(crate) fn submit(&self, who: u128, ask: TemplateAsk) -> Result<Listed, UseCaseError> {
        self.act((who, Permission::CouponCreate), move |db, act| templates::submit(db, act, ask))
    }

    pub(crate) fn approve(&self, who: u128, ask: TemplateAsk) -> Result<Listed, UseCaseError> {
        self.act((who, Permission::CouponApprove), move |db, act| templates::approve(db, act, ask))
    }

    pub(crate) fn publish(&self, who: u128, ask: TemplateAsk) -> Result<Listed, UseCaseError> {
        self.act((who, Permission::CouponPublish), move |db, act| templates::publish(db, act, ask))
    }

    pub(crate) fn self_publish(&self, who: u128, ask: TemplateAsk) -> Result<Listed, UseCaseError> {
        self.act((who, Permission::CouponPublish), move |db, act| templates::self_publish(db, act, ask))
    }

    /// A template of the head that went the whole way.
    pub(crate) fn live(&self, rules: &TemplateRules) -> TemplateId {
        let id = self.create(MARKETER, self.head, rules).unwrap().template.id;
        self.submit(MARKETER, any(id)).unwrap();
        self.approve(APPROVER, self.seen(id)).unwrap();
        self.publish(MARKETER, any(id)).unwrap();
        id
    }

    pub(crate) fn find(&self, id: TemplateId) -> Listed {
        self.read(move |db| Ok(huike_persistence::template_lists::find(db, id)?)).unwrap()
    }

    pub(crate) fn stock(&self, id: TemplateId) -> Option<Stock> {
        self.read(move |db| Ok(stock::find(db, id)?))
    }

    /// An ask of somebody who has seen the template as it is now.
    pub(crate) fn seen(&self, id: TemplateId) -> TemplateAsk {
        TemplateAsk { template: id, seen: Some(self.find(id).template.version) }
    }

    /// The template's events: number and kind.
    pub(crate) fn events(&self, id: Uuid) -> Vec<(i64, String)> {
        self.read(move |db| {
            let query = event::table.filter(event::aggregate_id.eq(DbId(id))).order(event::seq);
            query.select((event::seq, event::kind)).load(db).map_err(|error| StoreError::from(error).into())
        })
    }

    /// The actions of the audit log on a subject.
    pub(crate) fn audited(&self, id: Uuid) -> Vec<String> {
        self.read(move |db| {
            let query = audit::table.filter(audit::subject_id.eq(id.to_string())).order(audit::id);
            query.select(audit::action).load(db).map_err(|error| StoreError::from(error).into())
        })
    }
}

/// An ask of somebody who does not say what they have seen.
pub(crate) fn any(template: TemplateId) -> TemplateAsk {
    TemplateAsk { template, seen: None }
}

/// 满200减30, so many of it, valid for a week.
pub(crate) fn rules(quantity: i64) -> TemplateRules {
    let effect = Effect::AmountOff { amount: "30".parse().unwrap(), threshold: "200".parse().unwrap() };
    TemplateRules::new(effect, quantity, Validity::Relative { delay_minutes: 0, days: 7 })
}

pub(crate) fn with_budget(quantity: i64, total: &str) -> TemplateRules {
    TemplateRules { budget: Some(Budget { total: total.parse().unwrap(), daily: None }), ..rules(quantity) }
}

/// The code of a refusal.
#[track_caller]
pub(crate) fn refused<T: std::fmt::Debug>(answer: Result<T, UseCaseError>) -> &'static str {
    answer.unwrap_err().code()
}
