//! One row of every kind at each place: what path parameters and bodies are filled from.
//!
//! A name that an operation uses and this table does not know fails the test: a new operation cannot be forgotten.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{goods, ledger, operation::Operation, webhooks};
use crate::{
    offers::stage,
    support::{
        TestApp,
        brand::{Branch, Brand, Person, Shopper, node, ten_off},
    },
};

/// What means the same at every place.
fn the_same_everywhere() -> [(&'static str, Value); 9] {
    [
        ("key", json!("slogan")),
        ("role", json!("clerk")),
        ("tag", json!("奶粉")),
        ("login", json!("somebody.new")),
        ("code", json!("a-new-code")),
        ("local_day", json!("2026-01-01")),
        ("first", json!("2026-01-01")),
        ("last", json!("2026-01-02")),
        ("name", json!("旧系统券码")),
    ]
}

/// Where a row lies, seen from somebody with a role at site A (a clerk: in its store).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// At site A or in its store.
    Own,
    /// At site B or in its store.
    Sibling,
    /// At the head, and live.
    Ancestor,
    /// At the head, and a draft.
    AncestorDraft,
}

/// Text in the names of what nobody at site A may see.
pub const HIDDEN: &str = "hidden-from-a";

/// The rows of one place, by the name they have in paths and bodies.
#[derive(Debug, Clone)]
pub struct Rows(BTreeMap<&'static str, Value>);

impl Rows {
    /// The value for a name, or a failed test that says what to do.
    pub fn get(&self, name: &str, operation: &Operation) -> &Value {
        let key = self.key(name, operation).and_then(|key| self.0.get(key));
        key.unwrap_or_else(|| panic!("{} uses {name:?}: add it to the table in laws/matrix/rows.rs", operation.name()))
    }

    /// The value of a name the table is known to have.
    pub fn value(&self, name: &str) -> Value {
        self.0[name].clone()
    }

    /// How the table spells the name in that operation: with it, where other operations mean something else by it.
    pub fn key(&self, name: &str, operation: &Operation) -> Option<&'static str> {
        let own = format!("{}.{name}", operation.id);
        self.0.keys().find(|key| **key == own).or_else(|| self.0.keys().find(|key| **key == name)).copied()
    }

    /// The same rows but for these.
    pub fn but(&self, others: &[(&'static str, Value)]) -> Self {
        let mut rows = self.clone();
        rows.0.extend(others.iter().cloned());
        rows
    }

    /// The same rows but for one, which is that of another place.
    pub fn mixed(&self, name: &'static str, other: &Self) -> Self {
        self.but(&[(name, other.value(name))])
    }

    /// Names whose value depends on the place.
    pub fn placed(&self, other: &Self) -> Vec<&'static str> {
        self.0.iter().filter(|(name, value)| other.0.get(*name) != Some(*value)).map(|(name, _)| *name).collect()
    }

    /// Ids that depend on the place.
    pub fn ids(&self, other: &Self) -> Vec<String> {
        let placed = self.placed(other).into_iter().filter(|name| name.ends_with("_id"));
        placed.filter_map(|name| self.0[name].as_str().map(str::to_owned)).collect()
    }

    /// Rows that are nowhere.
    pub fn nowhere(&self, sibling: &Self) -> Self {
        let unknown = json!("01936f5e-7d2a-7c3e-9a41-5b6c7d8e9f00");
        let placed = self.placed(sibling).into_iter().filter(|name| name.ends_with("_id"));
        self.but(&placed.map(|name| (name, unknown.clone())).collect::<Vec<_>>())
    }
}

/// The rows of every place.
pub struct Table {
    pub own: Rows,
    pub sibling: Rows,
    pub ancestor: Rows,
    pub ancestor_draft: Rows,
}

impl Table {
    pub fn at(&self, place: Place) -> &Rows {
        match place {
            Place::Own => &self.own,
            Place::Sibling => &self.sibling,
            Place::Ancestor => &self.ancestor,
            Place::AncestorDraft => &self.ancestor_draft,
        }
    }

    pub async fn lay(app: &TestApp, brand: &Brand) -> Self {
        let at_head = Branch { site: brand.head.clone(), store: brand.head.clone() };
        let catalogue = goods::catalogue(brand).await;
        let sibling = Fresh::at(brand, &brand.b, &brand.b.store, HIDDEN).all().await;
        let sibling = sibling.but(&catalogue).but(&goods::at(brand, &catalogue, &brand.b).await);
        let sibling = sibling.but(&ledger::rows(app, &brand.owner, &brand.b.site).await);
        // There are no stores above, so nothing that is made in one: in its place stands that of the sibling.
        let made_in_stores =
            ["redemption_id", "request_id", "transfer_id", "order_id"].map(|name| (name, sibling.value(name)));
        let head = Fresh::at(brand, &at_head, &at_head.site, "at-head").all().await.but(&made_in_stores);
        let head = head.but(&catalogue).but(&goods::ends(&at_head));
        let head = head.but(&ledger::rows(app, &brand.owner, &brand.head).await);
        let draft = brand.draft(&brand.head, &ten_off(10)).await;
        let offer_draft = stage::draft(brand, &brand.head, &stage::thirty_off()).await;
        let own = Fresh::at(brand, &brand.a, &brand.a.store, "at-a").all().await;
        Self {
            own: own
                .but(&catalogue)
                .but(&goods::at(brand, &catalogue, &brand.a).await)
                .but(&ledger::rows(app, &brand.owner, &brand.a.site).await),
            sibling,
            ancestor_draft: head.but(&[("template_id", json!(draft)), ("offer_id", json!(offer_draft))]),
            ancestor: head,
        }
    }
}

/// Makes rows at a branch.
pub struct Fresh<'a> {
    brand: &'a Brand,
    branch: &'a Branch,
    /// Where staff and keys belong: the store of the branch, or the head itself.
    desk: &'a str,
    name: &'a str,
}

impl<'a> Fresh<'a> {
    pub fn at(brand: &'a Brand, branch: &'a Branch, desk: &'a str, name: &'a str) -> Self {
        Self { brand, branch, desk, name }
    }

    /// One row of each kind.
    async fn all(&self) -> Rows {
        let shopper = self.brand.shopper_at(&self.branch.site).await;
        let blueprint = self.brand.owner.post("/admin/v1/blueprints", &json!({ "name": self.name })).await.created();
        let mut rows = BTreeMap::from([
            ("site_id", json!(self.branch.site)),
            ("node_id", json!(self.branch.site)),
            ("parent_id", json!(self.branch.site)),
            ("store_id", json!(self.branch.store)),
            ("staff_id", json!(self.person().await.id)),
            ("customer_id", json!(shopper.id)),
            ("find_customer.phone", json!(shopper.phone)),
            ("issue_coupons.phone", json!(shopper.phone)),
            ("claim_for_customer.phone", json!(shopper.phone)),
            ("note_id", self.note(&shopper).await),
            ("api_key_id", self.key().await),
            ("blueprint_id", blueprint["id"].clone()),
            ("audit_id", self.audit().await),
            ("offer_id", json!(stage::live(self.brand, &self.branch.site, &stage::thirty_off()).await)),
        ]);
        rows.extend(self.of_a_template(&shopper).await);
        rows.extend(webhooks::rows(self.brand, &self.branch.site, self.name).await);
        rows.extend(the_same_everywhere());
        Rows(rows)
    }

    /// A live template and what was made of it.
    async fn of_a_template(&self, shopper: &Shopper) -> Vec<(&'static str, Value)> {
        let template = self.brand.live(&self.branch.site, &ten_off(1_000)).await;
        let channels = format!("/admin/v1/coupon-templates/{template}/channels");
        let channel = json!({ "kind": "poster", "name": self.name });
        let channel = self.brand.owner.post(&channels, &channel).await.created();
        let coupon = self.brand.claim(shopper, &template).await;
        let code = self.brand.code(shopper, &coupon).await;
        let (batch, _codes) = self.brand.batch(&template, &self.branch.site, 2).await;
        let mut rows = vec![
            ("template_id", json!(template)),
            ("channel_id", channel["id"].clone()),
            ("coupon_id", json!(coupon)),
            ("preview_redemption.code", json!(code)),
            ("redeem_coupon.code", json!(code)),
            ("batch_id", json!(batch)),
        ];
        if self.branch.store != self.brand.head {
            let redemption = self.brand.redemption(self.branch, &template).await;
            let requests = format!("/admin/v1/redemptions/{redemption}/unredeem-requests");
            let request = self.brand.owner.post(&requests, &json!({ "reason": "客户投诉" })).await.created();
            rows.extend([("redemption_id", json!(redemption)), ("request_id", request["id"].clone())]);
        }
        rows
    }

    /// What a call of this operation uses up, made anew.
    pub async fn rows(&self, operation: &Operation) -> Vec<(&'static str, Value)> {
        match operation.id.as_str() {
            "close_node" | "reopen_node" => vec![("node_id", json!(self.store().await))],
            "disable_webhook_endpoint"
            | "remove_webhook_endpoint"
            | "rotate_webhook_secret"
            | "replay_webhook_window" => {
                vec![("endpoint_id", webhooks::endpoint(self.brand, &self.branch.site, self.name).await)]
            }
            "revoke_api_key" => vec![("api_key_id", self.key().await)],
            "revoke_role" => vec![("staff_id", json!(self.person().await.id)), ("site_id", json!(self.branch.store))],
            "delete_note" => {
                let shopper = self.brand.shopper_at(&self.branch.site).await;
                vec![("customer_id", json!(shopper.id)), ("note_id", self.note(&shopper).await)]
            }
            "unblock_customer" => vec![("customer_id", self.marked("blocks/{site}", json!({ "reason": "试" })).await)],
            "unblock_customer_brand" => vec![("customer_id", self.marked("block", json!({ "reason": "试" })).await)],
            "remove_tag" => vec![("customer_id", self.marked("tags/{site}/奶粉", json!({})).await)],
            "remove_setting" => {
                let setting = format!("/admin/v1/nodes/{}/settings/slogan", self.branch.site);
                self.brand.owner.put(&setting, &json!({ "value": "陪你长大" })).await.ok();
                Vec::new()
            }
            "create_category" | "create_product" | "create_sku" => vec![("code", json!(self.code()))],
            "create_node" | "launch_site" => vec![("code", json!(self.code()))],
            "create_staff" => vec![("login", json!(self.code())), ("code", json!(self.code()))],
            _ => Vec::new(),
        }
    }

    fn code(&self) -> String {
        format!("fresh-{}", self.brand.next())
    }

    /// A customer of the branch with a mark of some kind on them.
    async fn marked(&self, mark: &str, body: Value) -> Value {
        let shopper = self.brand.shopper_at(&self.branch.site).await;
        let mark = mark.replace("{site}", &self.branch.site);
        let answer = self.brand.owner.put(&format!("/admin/v1/customers/{}/{mark}", shopper.id), &body).await;
        assert!(answer.status < 300, "{}: {}", answer.asked, answer.text());
        json!(shopper.id)
    }

    async fn store(&self) -> String {
        node(&self.brand.owner, &self.branch.site, "store", &self.code()).await
    }

    pub async fn person(&self) -> Person {
        let role = if self.branch.store == self.brand.head { "service" } else { "clerk" };
        self.brand.person(&[(role, self.desk)]).await
    }

    pub async fn key(&self) -> Value {
        let ask = json!({ "site_id": self.desk, "name": self.name, "scopes": ["templates:read"] });
        self.brand.owner.post("/admin/v1/api-keys", &ask).await.created()["key"]["id"].clone()
    }

    /// A row of the audit log about somebody who was just added to the branch.
    pub async fn audit(&self) -> Value {
        let person = self.person().await;
        let log = format!("/admin/v1/audit?subject_id={}", person.id);
        self.brand.owner.get(&log).await.ok()["items"][0]["id"].clone()
    }

    pub async fn note(&self, shopper: &Shopper) -> Value {
        let ask = json!({ "site_id": self.branch.site, "body": self.name });
        let notes = format!("/admin/v1/customers/{}/notes", shopper.id);
        self.brand.owner.post(&notes, &ask).await.created()["id"].clone()
    }
}
