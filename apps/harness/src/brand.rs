//! A small brand made over HTTP: two sites with a store each, people, customers, and templates that are live.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use serde_json::{Value, json};
use tokio::time::sleep;

use crate::{answer::Answer, client::Client};

/// Everybody's password; each one's first was another.
const PASSWORD: &str = "两岸猿声啼不住轻舟已过";
const FIRST_PASSWORD: &str = "朝辞白帝彩云间千里江陵";

/// A server on which a brand can be built.
pub trait Ground {
    /// Somebody who has not signed in.
    fn stranger(&self) -> Client;
    /// The owner, signed in.
    fn owner(&self) -> impl Future<Output = Client>;
}

/// The brand.
#[derive(Debug)]
pub struct Brand {
    /// Somebody who has not signed in.
    pub stranger: Client,
    /// The owner of the whole brand.
    pub owner: Client,
    /// Somebody at the head who reviews what the owner drafts.
    pub approver: Client,
    /// The node at the top.
    pub head: String,
    /// A branch.
    pub a: Branch,
    /// Another.
    pub b: Branch,
    approver_login: String,
    number: AtomicU32,
}

/// A site and its one store.
#[derive(Debug, Clone)]
pub struct Branch {
    /// The site.
    pub site: String,
    /// Its store.
    pub store: String,
}

/// A member of staff, signed in.
#[derive(Debug, Clone)]
pub struct Person {
    /// Who.
    pub id: String,
    /// The sign-in name.
    pub login: String,
    /// As whom they call.
    pub client: Client,
}

/// A customer, signed in.
#[derive(Debug, Clone)]
pub struct Shopper {
    /// Who.
    pub id: String,
    /// The phone number.
    pub phone: String,
    /// As whom they call.
    pub client: Client,
}

impl Brand {
    /// Builds it below the head, as its owner.
    pub async fn of(ground: &impl Ground) -> Self {
        let (stranger, owner) = (ground.stranger(), ground.owner().await);
        let head = text(&owner.get("/admin/v1/me").await.ok()["roles"][0]["site_id"]);
        let number = AtomicU32::new(0);
        let (a, b) = (Branch::build(&owner, &head, "a").await, Branch::build(&owner, &head, "b").await);
        let approver_login = String::new();
        let mut brand = Self { stranger, approver: owner.clone(), owner, head, a, b, approver_login, number };
        let approver = brand.person(&[("approver", &brand.head)]).await;
        (brand.approver, brand.approver_login) = (approver.client, approver.login);
        brand
    }

    /// A number nobody had before.
    pub fn next(&self) -> u32 {
        self.number.fetch_add(1, Ordering::Relaxed)
    }

    /// Somebody new with these roles, each at a node; they belong to the node of the first.
    pub async fn person(&self, roles: &[(&str, &str)]) -> Person {
        let login = format!("person.{}", self.next());
        let bindings: Vec<Value> = roles.iter().map(|(role, node)| json!({ "role": role, "site_id": node })).collect();
        let ask = json!({
            "site_id": roles[0].1, "login": login, "name": login, "password": FIRST_PASSWORD, "roles": bindings,
        });
        let made = self.owner.post("/admin/v1/staff", &ask).await.created();
        let client = self.sign_in(&login, FIRST_PASSWORD).await;
        let change = json!({ "current": FIRST_PASSWORD, "new": PASSWORD });
        client.put("/admin/v1/me/password", &change).await.no_content();
        Person { id: text(&made["id"]), login, client }
    }

    async fn sign_in(&self, login: &str, password: &str) -> Client {
        let ask = json!({ "login": login, "password": password });
        let session = self.stranger.post("/admin/v1/session", &ask).await.created();
        self.stranger.with_token(session["token"].as_str().unwrap())
    }

    /// Signs the owner's and the approver's sessions in again, when time has ended them.
    pub async fn renew(&mut self, owner: Client) {
        self.owner = owner;
        self.approver = self.sign_in(&self.approver_login, PASSWORD).await;
    }

    /// Somebody new who visits the head.
    pub async fn shopper(&self) -> Shopper {
        self.shopper_at(&self.head).await
    }

    /// Somebody new who visits that site.
    pub async fn shopper_at(&self, site: &str) -> Shopper {
        let phone = format!("139{:08}", self.next());
        let ask = json!({ "provider": "dev", "phone": phone });
        let visitor = self.stranger.at(site);
        let session = visitor.post("/app/v1/sessions", &ask).await.created();
        let client = visitor.with_token(session["token"].as_str().unwrap());
        Shopper { id: text(&session["customer_id"]), phone, client }
    }

    /// Several of them.
    pub async fn shoppers(&self, count: usize) -> Vec<Shopper> {
        let mut all = Vec::with_capacity(count);
        for _ in 0..count {
            all.push(self.shopper().await);
        }
        all
    }

    /// A template of that node with these rules, as a draft.
    pub async fn draft(&self, site: &str, rules: &Value) -> String {
        let name = format!("满减 {}", self.next());
        let ask = json!({ "site_id": site, "name": name, "rules": rules });
        text(&self.owner.post("/admin/v1/coupon-templates", &ask).await.created()["id"])
    }

    /// A template of that node with these rules, reviewed and live.
    pub async fn live(&self, site: &str, rules: &Value) -> String {
        let template = self.draft(site, rules).await;
        self.publish(&template).await;
        template
    }

    /// Takes the draft through review and publishes it.
    pub async fn publish(&self, template: &str) {
        let submitted = self.act(&self.owner, template, "submit", json!({})).await;
        self.act(&self.approver, template, "approve", json!({ "version": submitted["version"] })).await;
        self.act(&self.owner, template, "publish", json!({})).await;
    }

    /// One act on a template that goes well; the template after it.
    pub async fn act(&self, who: &Client, template: &str, act: &str, body: Value) -> Value {
        who.post(&format!("/admin/v1/coupon-templates/{template}/{act}"), &body).await.ok()
    }

    /// The template as its owner sees it.
    pub async fn template(&self, template: &str) -> Value {
        self.owner.get(&format!("/admin/v1/coupon-templates/{template}")).await.ok()
    }
}

/// What customers and stores do with coupons.
impl Brand {
    /// A key that no other call has.
    pub fn key(&self) -> String {
        format!("key-{}", self.next())
    }

    /// Claims one of the template, whatever the answer.
    pub async fn try_claim(&self, shopper: &Shopper, template: &str) -> Answer {
        shopper.client.once(&self.key()).post("/app/v1/claims", &json!({ "template_id": template })).await
    }

    /// Claims one of the template; the coupon.
    pub async fn claim(&self, shopper: &Shopper, template: &str) -> String {
        text(&self.try_claim(shopper, template).await.created()["coupon_id"])
    }

    /// The code of a coupon, as its owner sees it.
    pub async fn code(&self, shopper: &Shopper, coupon: &str) -> String {
        text(&shopper.client.get(&format!("/app/v1/coupons/{coupon}")).await.ok()["code"])
    }

    /// Redeems a code in a store, whatever the answer.
    pub async fn try_redeem(&self, who: &Client, store: &str, code: &str) -> Answer {
        let ask = json!({ "store_id": store, "code": code });
        who.once(&self.key()).post("/admin/v1/redemptions", &ask).await
    }

    /// Undoes a redemption in a store, whatever the answer.
    pub async fn try_undo(&self, who: &Client, store: &str, redemption: &str) -> Answer {
        let ask = json!({ "store_id": store, "reason": "扫错券" });
        who.once(&self.key()).post(&format!("/admin/v1/redemptions/{redemption}/undo"), &ask).await
    }

    /// A claimed and redeemed coupon of the template; the redemption.
    pub async fn redemption(&self, branch: &Branch, template: &str) -> String {
        let shopper = self.shopper_at(&branch.site).await;
        let coupon = self.claim(&shopper, template).await;
        let code = self.code(&shopper, &coupon).await;
        text(&self.try_redeem(&self.owner, &branch.store, &code).await.ok()["redemption_id"])
    }

    /// A batch of codes that nobody owns, made to its end; the batch and its codes.
    pub async fn batch(&self, template: &str, site: &str, quantity: u32) -> (String, Vec<String>) {
        let ask = json!({ "template_id": template, "site_id": site, "name": "传单", "quantity": quantity });
        let begun = self.owner.once(&self.key()).post("/admin/v1/code-batches", &ask).await.created();
        let batch = text(&begun["batch_id"]);
        (batch.clone(), self.codes(&batch).await)
    }

    /// The codes of a batch, once they are made.
    pub async fn codes(&self, batch: &str) -> Vec<String> {
        let path = format!("/admin/v1/code-batches/{batch}");
        for _ in 0..400 {
            let seen = self.owner.get(&path).await.ok();
            if seen["made"] == seen["quantity"] {
                let file = self.owner.get(&format!("{path}/codes")).await;
                file.expect(200);
                let text = file.text();
                return text.lines().skip(1).filter_map(|line| line.split(',').next()).map(str::to_owned).collect();
            }
            sleep(Duration::from_millis(25)).await;
        }
        panic!("the batch {batch} is not made");
    }
}

impl Branch {
    async fn build(owner: &Client, head: &str, code: &str) -> Self {
        let site = node(owner, head, "site", &format!("site-{code}")).await;
        let store = node(owner, &site, "store", &format!("store-{code}")).await;
        Self { site, store }
    }
}

/// A new node; its name is its code.
pub async fn node(who: &Client, parent: &str, kind: &str, code: &str) -> String {
    let ask = json!({ "parent_id": parent, "kind": kind, "name": code, "code": code });
    text(&who.post("/admin/v1/nodes", &ask).await.created()["id"])
}

/// 满0减10: no threshold, so that a counter asks for no order amount.
pub fn ten_off(quantity: u32) -> Value {
    json!({
        "effect": { "kind": "amount_off", "amount": "10.00" },
        "quantity": quantity,
        "validity": { "kind": "relative", "days": 7 },
    })
}

/// A rule document with one more clause.
pub fn with(mut rules: Value, clause: &str, value: Value) -> Value {
    rules[clause] = value;
    rules
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}
