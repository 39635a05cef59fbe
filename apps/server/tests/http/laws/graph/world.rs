//! The real thing beside the model: does what a command says, and compares.

use std::{collections::BTreeMap, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use huike_access::IntegrationScope;
use huike_persistence::verify;
use serde_json::{Value, json};

use super::{
    command::{Command, SHOPPERS},
    model::{Model, Standing, State, Verdict},
    rules::{Rules, Validity},
};
use crate::{
    laws::{many::word, matrix::key},
    support::{
        Answer, Client, TestApp,
        brand::{Brand, Shopper},
    },
};

/// Longer than a window in which wrong codes are counted, so that one walk's do not count in the next.
const WINDOW_SECONDS: i64 = 601;

pub struct World<'a> {
    app: &'a TestApp,
    brand: &'a mut Brand,
    /// Sees where coupons stand.
    till: Client,
    shoppers: Vec<Shopper>,
    template: String,
    model: Model,
    /// How often each command was lawful, and how often each refusal was met.
    met: BTreeMap<String, usize>,
}

/// What the real thing answered: the body, or the code of the refusal.
type Answered = Result<Value, String>;

fn answered(answer: &Answer) -> Answered {
    match answer.status {
        200..300 => Ok(answer.json()),
        400..500 => Err(answer.json()["code"].as_str().unwrap_or_default().to_owned()),
        _ => Err(word(answer)),
    }
}

impl<'a> World<'a> {
    pub async fn begin(app: &'a TestApp, brand: &'a mut Brand, rules: Rules) -> Self {
        app.pass(WINDOW_SECONDS).await;
        brand.renew(app.owner().await).await;
        let till = key(brand, &brand.head, &[IntegrationScope::CouponsRead]).await;
        let shoppers = brand.shoppers(SHOPPERS).await;
        let now = app.now().await;
        let template = brand.live(&brand.head, &rules.document(now)).await;
        Self { app, brand, till, shoppers, template, model: Model::new(now, rules), met: BTreeMap::new() }
    }

    /// One command here and in the model.
    pub async fn step(&mut self, command: Command) -> Result<(), String> {
        if self.model.is_exhausted() {
            self.notice_a_pause().await;
        }
        match command {
            Command::Claim { shopper } => self.claim(shopper).await,
            Command::Issue { shopper } => self.issue(shopper).await,
            Command::Print { count } => self.print(count).await,
            Command::Enter { shopper, coupon } => self.enter(shopper, coupon).await,
            Command::Redeem { coupon, store } => self.redeem(coupon, store).await,
            Command::Undo { coupon, store } => self.undo(coupon, store).await,
            Command::Void { coupon } => self.void(coupon).await,
            Command::Pass { hours } => self.pass(hours).await,
            Command::NewVersion { quantity, days } => self.new_version(quantity, days).await,
            switch => self.switch(switch).await,
        }
        .map_err(|why| format!("{command:?}: {why}"))?;
        self.compare().await.map_err(|why| format!("after {command:?}: {why}"))
    }

    /// Everything once more, and the books.
    pub async fn end(self) -> Result<BTreeMap<String, usize>, String> {
        for index in 0..self.model.coupons.len() {
            self.compare_coupon(index).await?;
        }
        let report = self.app.store.read(verify::run).await.unwrap();
        let broken: Vec<&str> = report.findings.iter().map(|finding| finding.invariant.name).collect();
        if broken.is_empty() { Ok(self.met) } else { Err(format!("the books do not balance: {broken:?}")) }
    }

    /// The index of a coupon; none while there are none.
    fn index(&self, coupon: usize) -> Option<usize> {
        coupon.checked_rem(self.model.coupons.len())
    }

    /// The answer is what the model says; hands on what a lawful command came to.
    fn agree(&mut self, what: &str, expected: Verdict, answered: Answered) -> Result<Option<Value>, String> {
        *self.met.entry(format!("{what} {}", expected.err().unwrap_or("lawful"))).or_default() += 1;
        match (expected, answered) {
            (Ok(()), Ok(body)) => Ok(Some(body)),
            (Err(refusal), Err(code)) if refusal == code => Ok(None),
            (expected, answered) => Err(format!("expected {expected:?}, was answered {answered:?}")),
        }
    }

    fn store(&self, store: usize) -> String {
        [&self.brand.a.store, &self.brand.b.store][store].clone()
    }
}

/// Commands on coupons.
impl World<'_> {
    async fn claim(&mut self, shopper: usize) -> Result<(), String> {
        let expected = self.model.may_claim(shopper);
        let answer = self.brand.try_claim(&self.shoppers[shopper], &self.template).await;
        match self.agree("claim", expected, answered(&answer))? {
            Some(claimed) => self.take(shopper, &claimed["coupon_id"]).await,
            None => Ok(()),
        }
    }

    async fn issue(&mut self, shopper: usize) -> Result<(), String> {
        let expected = self.model.may_claim(shopper);
        let customers = json!([{ "customer_id": self.shoppers[shopper].id }]);
        let ask = json!({ "template_id": self.template, "site_id": self.brand.head, "customers": customers });
        let answer = self.brand.owner.once(&self.brand.key()).post("/admin/v1/coupon-issues", &ask).await;
        let row = answered(&answer)?["rows"][0].clone();
        let answered = match row["refused"].as_str() {
            Some(code) => Err(code.to_owned()),
            None => Ok(row),
        };
        match self.agree("issue", expected, answered)? {
            Some(row) => self.take(shopper, &row["coupon_id"]).await,
            None => Ok(()),
        }
    }

    /// A coupon has found its owner, who sees it as the model does.
    async fn take(&mut self, shopper: usize, coupon: &Value) -> Result<(), String> {
        let coupon = coupon.as_str().unwrap();
        let held = self.shoppers[shopper].client.get(&format!("/app/v1/coupons/{coupon}")).await.ok();
        self.model.issue(Some(shopper), coupon, held["code"].as_str().unwrap());
        let index = self.model.coupons.len() - 1;
        self.compare_expiry(index, &held["expires_at"])
    }

    async fn print(&mut self, count: i64) -> Result<(), String> {
        let expected = self.model.may_print(count);
        let ask = json!({
            "template_id": self.template, "site_id": self.brand.head, "name": "传单", "quantity": count,
        });
        let answer = self.brand.owner.once(&self.brand.key()).post("/admin/v1/code-batches", &ask).await;
        let Some(begun) = self.agree("print", expected, answered(&answer))? else { return Ok(()) };
        for code in self.brand.codes(begun["batch_id"].as_str().unwrap()).await {
            let ask = json!({ "store_id": self.brand.a.store, "code": code });
            let seen = self.brand.owner.post("/admin/v1/redemption-previews", &ask).await.ok();
            self.model.issue(None, seen["coupon_id"].as_str().unwrap(), &code);
        }
        Ok(())
    }

    async fn enter(&mut self, shopper: usize, coupon: usize) -> Result<(), String> {
        let Some(index) = self.index(coupon) else { return Ok(()) };
        let expected = self.model.may_enter(shopper, &self.model.coupons[index]);
        let (client, ask) = (self.shoppers[shopper].client.once(&self.brand.key()), &self.model.coupons[index].code);
        let answer = client.post("/app/v1/codes/claim", &json!({ "code": ask })).await;
        if let Some(claimed) = self.agree("enter", expected, answered(&answer))? {
            self.model.give_owner(index, shopper);
            if claimed["coupon_id"] != self.model.coupons[index].id {
                return Err(format!("another coupon: {claimed}"));
            }
            self.compare_expiry(index, &claimed["expires_at"])?;
        }
        self.compare_coupon(index).await
    }

    async fn redeem(&mut self, coupon: usize, store: usize) -> Result<(), String> {
        let Some(index) = self.index(coupon) else { return Ok(()) };
        let expected = self.model.may_redeem(&self.model.coupons[index], store);
        let code = self.model.coupons[index].code.clone();
        let answer = self.brand.try_redeem(&self.brand.owner, &self.store(store), &code).await;
        if let Some(receipt) = self.agree("redeem", expected, answered(&answer))? {
            self.model.redeem(index, store, receipt["redemption_id"].as_str().unwrap());
        }
        self.compare_coupon(index).await
    }

    async fn undo(&mut self, coupon: usize, store: usize) -> Result<(), String> {
        let Some(index) = self.index(coupon) else { return Ok(()) };
        let Some(redemption) = self.model.coupons[index].redemption.clone() else { return Ok(()) };
        let expected = self.model.may_undo(&redemption, store);
        let answer = self.brand.try_undo(&self.brand.owner, &self.store(store), &redemption.id).await;
        if self.agree("undo", expected, answered(&answer))?.is_some() {
            self.model.undo(index);
        }
        self.compare_coupon(index).await
    }

    async fn void(&mut self, coupon: usize) -> Result<(), String> {
        let Some(index) = self.index(coupon) else { return Ok(()) };
        let expected = self.model.may_void(&self.model.coupons[index]);
        let path = format!("/admin/v1/coupons/{}/void", self.model.coupons[index].id);
        let answer = self.brand.owner.post(&path, &json!({ "reason": "发错了" })).await;
        if self.agree("void", expected, answered(&answer))?.is_some() {
            self.model.void(index);
        }
        self.compare_coupon(index).await
    }
}

/// Commands on the template, and time.
impl World<'_> {
    async fn switch(&mut self, command: Command) -> Result<(), String> {
        let (standing, killed) = (self.model.standing, self.model.killed);
        let (act, expected, next) = match command {
            Command::Pause => match standing {
                Standing::Live => ("pause", Ok(()), (Standing::Paused, killed)),
                Standing::Paused => ("pause", Err("template_not_live"), (standing, killed)),
                Standing::Ended => ("pause", Err("template_ended"), (standing, killed)),
            },
            Command::Resume => match standing {
                Standing::Ended => ("resume", Err("template_ended"), (standing, killed)),
                _ if killed => ("resume", Err("template_killed"), (standing, killed)),
                Standing::Live => ("resume", Err("template_not_paused"), (standing, killed)),
                Standing::Paused => ("resume", Ok(()), (Standing::Live, killed)),
            },
            Command::Kill if killed => ("kill", Err("template_killed"), (standing, killed)),
            Command::Kill if standing == Standing::Live => ("kill", Ok(()), (Standing::Paused, true)),
            Command::Kill => ("kill", Ok(()), (standing, true)),
            Command::LiftKill if killed => ("lift-kill", Ok(()), (standing, false)),
            Command::LiftKill => ("lift-kill", Err("template_not_killed"), (standing, killed)),
            _ if standing == Standing::Ended => ("end", Err("template_ended"), (standing, killed)),
            _ => ("end", Ok(()), (Standing::Ended, killed)),
        };
        let body = if act == "kill" { json!({ "reason": "券码泄露" }) } else { json!({}) };
        let path = format!("/admin/v1/coupon-templates/{}/{act}", self.template);
        self.agree(act, expected, answered(&self.brand.owner.post(&path, &body).await))?;
        (self.model.standing, self.model.killed) = next;
        Ok(())
    }

    async fn new_version(&mut self, quantity: i64, days: i64) -> Result<(), String> {
        if self.model.killed {
            return Ok(()); // It could be drafted, but not published, and would be in the way of the next one.
        }
        let path = format!("/admin/v1/coupon-templates/{}", self.template);
        let opened = self.brand.owner.post(&format!("{path}/versions"), &json!({})).await;
        let expected = if self.model.standing == Standing::Ended { Err("template_ended") } else { Ok(()) };
        let Some(opened) = self.agree("new_version", expected, answered(&opened))? else { return Ok(()) };
        let mut rules = Rules { quantity, ..self.model.rules };
        if let Validity::Days(_) = rules.validity {
            rules.validity = Validity::Days(days);
        }
        let edit = json!({ "version": opened["version"], "rules": rules.document(self.model.begun) });
        self.brand.owner.patch(&path, &edit).await.ok();
        let submitted = self.brand.act(&self.brand.owner, &self.template, "submit", json!({})).await;
        let approve = json!({ "version": submitted["version"] });
        self.brand.act(&self.brand.approver, &self.template, "approve", approve).await;
        let expected = self.model.may_publish(&rules);
        let published = self.brand.owner.post(&format!("{path}/publish"), &json!({})).await;
        if self.agree("new_version", expected, answered(&published))?.is_some() {
            self.model.rules = rules;
        }
        Ok(())
    }

    async fn pass(&mut self, hours: i64) -> Result<(), String> {
        self.app.pass(TimeDelta::hours(hours).num_seconds()).await;
        self.brand.renew(self.app.owner().await).await;
        let expired = self.model.pass(self.app.now().await);
        *self.met.entry("expire lawful".to_owned()).or_default() += expired.len();
        // A job sees to it within a moment.
        for index in expired {
            let path = format!("/open/v1/coupons/{}", self.model.coupons[index].id);
            for _ in 0..200 {
                if self.till.get(&path).await.ok()["state"] == State::Expired.word() {
                    break;
                }
                actix_web::rt::time::sleep(Duration::from_millis(20)).await;
            }
            self.compare_coupon(index).await?;
        }
        Ok(())
    }
}

/// Comparing.
impl World<'_> {
    /// A template whose whole budget is used may pause itself, at any moment from the first refusal on.
    async fn notice_a_pause(&mut self) {
        if self.model.standing == Standing::Live && self.brand.template(&self.template).await["state"] == "paused" {
            self.model.standing = Standing::Paused;
        }
    }

    async fn compare(&mut self) -> Result<(), String> {
        if self.model.is_exhausted() {
            self.notice_a_pause().await;
        }
        let template = self.brand.template(&self.template).await;
        let stock = &template["stock"];
        let standing = match self.model.standing {
            Standing::Live => "live",
            Standing::Paused => "paused",
            Standing::Ended => "ended",
        };
        let model = &self.model;
        let expected = json!({
            "state": standing, "killed": model.killed, "quantity": model.rules.quantity,
            "issued": model.issued, "claimed": model.claimed,
            "committed": format!("{}.00", model.committed), "spent": format!("{}.00", model.spent),
        });
        let actual = json!({
            "state": template["state"], "killed": !template["kill"].is_null(), "quantity": stock["quantity"],
            "issued": stock["issued"], "claimed": stock["claimed"],
            "committed": stock["committed"], "spent": stock["spent"],
        });
        if expected == actual { Ok(()) } else { Err(format!("expected {expected}, found {actual}")) }
    }

    async fn compare_coupon(&self, index: usize) -> Result<(), String> {
        let coupon = &self.model.coupons[index];
        let seen = self.till.get(&format!("/open/v1/coupons/{}", coupon.id)).await.ok();
        let owner = coupon.owner.map(|(shopper, _)| self.shoppers[shopper].id.clone());
        let expected = json!({ "state": coupon.state.word(), "customer_id": owner });
        let actual = json!({ "state": seen["state"], "customer_id": seen["customer_id"] });
        if expected == actual { Ok(()) } else { Err(format!("coupon {index}: expected {expected}, found {actual}")) }
    }

    fn compare_expiry(&self, index: usize, seen: &Value) -> Result<(), String> {
        let seen: Option<DateTime<Utc>> = seen.as_str().map(|moment| moment.parse().unwrap());
        let expected = self.model.coupons[index].expires_at;
        if seen == expected { Ok(()) } else { Err(format!("expires at {seen:?}, not at {expected:?}")) }
    }
}
