//! For each operation a call that goes well: who makes it, about what, and with which body. What needs no word here goes
//! well with the rows of the matrix and the example of the document.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    super::matrix::{Ask, Fresh, IntegrationScope, Operation, Place, Rows, Stage, key, ledger::adjustment},
    goods,
    templates::{Draft, self_publishing, template_for},
};
use crate::{
    offers::stage::{self, Stand, offer_for, thirty_off},
    orders,
    support::{
        Client, OWNER_PASSWORD, TestApp,
        brand::{Brand, node},
    },
};

/// A password that somebody else chose.
const FIRST: &str = "春眠不觉晓处处闻啼鸟";

/// A call and who makes it.
pub struct Call {
    pub who: Client,
    /// `staff` or `integration`.
    pub kind: &'static str,
    pub actor: Uuid,
    pub ask: Ask,
}

/// What is different from the matrix.
pub(super) struct Change {
    who: Client,
    pub(super) rows: Vec<(&'static str, Value)>,
    pub(super) body: Vec<(&'static str, Value)>,
}

impl Call {
    pub async fn that_goes_well(app: &TestApp, stage: &Stage<'_>, audience: &str, operation: &Operation) -> Self {
        let rows = stage.rows(operation, Place::Own).await;
        if audience == "open" {
            let who = key(stage.brand, &stage.brand.a.site, IntegrationScope::ALL).await;
            let actor = id(&who.get("/open/v1/key").await.ok()["id"]);
            let rows = rows.but(&of_a_counter(stage.brand, operation).await);
            return Self { who, kind: "integration", actor, ask: Ask::about(operation, &rows) };
        }
        let change = change(app, stage, operation, &rows).await;
        let rows = rows.but(&change.rows);
        let mut ask = Ask::about(operation, &rows);
        if let Some(Value::Object(mut body)) = ask.json() {
            if body.contains_key("version") {
                body.insert("version".to_owned(), version(stage.brand, &ask).await);
            }
            body.extend(change.body.into_iter().map(|(name, value)| (name.to_owned(), value)));
            ask = ask.with_body(&Value::Object(body));
        }
        let actor = id(&change.who.get("/admin/v1/me").await.ok()["id"]);
        Self { who: change.who, kind: "staff", actor, ask }
    }
}

fn id(value: &Value) -> Uuid {
    value.as_str().unwrap_or_else(|| panic!("{value} is no id")).parse().unwrap()
}

/// `version` of the thing that the call is about: of what is named on the way to it, from the end.
async fn version(brand: &Brand, ask: &Ask) -> Value {
    let mut path = ask.path().split('?').next().unwrap_or_default();
    loop {
        let seen = brand.owner.get(path).await.json();
        if let Some(version) = ["/version", "/node/version"].iter().find_map(|at| seen.pointer(at)) {
            return version.clone();
        }
        path = path.rsplit_once('/').map_or("", |(above, _)| above);
        if path.matches('/').count() < 3 {
            return json!(1);
        }
    }
}

#[expect(clippy::too_many_lines, reason = "one match over operations, each with its body")]
async fn change(app: &TestApp, stage: &Stage<'_>, operation: &Operation, rows: &Rows) -> Change {
    let brand = stage.brand;
    let mut change = Change { who: brand.owner.clone(), rows: of_a_counter(brand, operation).await, body: Vec::new() };
    if let Some(draft) = Draft::wanted_by(&operation.id) {
        // A quota is given to a site below the template's own node.
        let site = if operation.id == "set_quotas" { &brand.head } else { &brand.a.site };
        change.rows.push(("template_id", json!(template_for(brand, site, draft).await)));
    }
    if let Some(stand) = Stand::wanted_by(&operation.id) {
        change.rows.push(("offer_id", json!(offer_for(brand, &brand.a.site, &thirty_off(), stand).await)));
    }
    let fresh = Fresh::at(brand, &brand.a, &brand.a.store, "at-a");
    match operation.id.as_str() {
        "sign_in" => change.body = vec![("login", json!("owner")), ("password", json!(OWNER_PASSWORD))],
        "sign_out" => change.who = app.owner().await,
        "approve_template" | "reject_template" | "approve_offer" | "reject_offer" | "set_offer_budget" => {
            change.who = brand.approver.clone();
        }
        "self_publish_offer" => change.rows.push(("offer_id", json!(stage::self_publishing(brand).await))),
        "self_publish_template" => {
            let (boss, template) = self_publishing(brand).await;
            (change.who, change.rows) = (boss, vec![("template_id", json!(template))]);
        }
        "change_password" => {
            let login = format!("changes.{}", brand.next());
            let roles = json!([{ "role": "clerk", "site_id": brand.a.store }]);
            let ask =
                json!({ "site_id": brand.a.store, "login": login, "name": "陈芳", "password": FIRST, "roles": roles });
            brand.owner.post("/admin/v1/staff", &ask).await.created();
            change.who = app.staff(&login, FIRST).await;
            change.body = vec![("current", json!(FIRST))];
        }
        "reopen_node" => {
            let store = node(&brand.owner, &brand.a.site, "store", &format!("closed-{}", brand.next())).await;
            let close = format!("/admin/v1/nodes/{store}/close");
            brand.owner.post(&close, &json!({ "version": 1 })).await.ok();
            change.rows.push(("node_id", json!(store)));
        }
        "unlock_setting" => {
            let lock = format!("/admin/v1/nodes/{}/settings/slogan/lock", brand.a.site);
            brand.owner.call("PUT", &lock).await;
        }
        "close_blueprint" | "update_blueprint" => {
            let made = brand.owner.post("/admin/v1/blueprints", &json!({ "name": "备用" })).await.created();
            change.rows.push(("blueprint_id", made["id"].clone()));
        }
        "reset_password" | "update_staff" | "grant_role" => {
            change.rows.push(("staff_id", json!(fresh.person().await.id)));
            if operation.id == "grant_role" {
                change.rows.push(("site_id", json!(brand.b.store)));
            }
        }
        "create_staff" => {
            change.rows.push(("site_id", json!(brand.a.store)));
        }
        "approve_late_undo" | "reject_late_undo" => {
            change.who = brand.person(&[("finance", &brand.head)]).await.client;
            let redemption = brand.redemption(&brand.a, &text(&rows.value("template_id"))).await;
            let requests = format!("/admin/v1/redemptions/{redemption}/unredeem-requests");
            let request = brand.owner.post(&requests, &json!({ "reason": "客户投诉" })).await.created();
            change.rows.push(("request_id", request["id"].clone()));
        }
        "approve_adjustment" | "reject_adjustment" => {
            let asked = adjustment(&brand.owner, &rows.value("account_id")).await;
            change.who = brand.person(&[("finance", &brand.head)]).await.client;
            change.rows.push(("adjustment_id", asked));
        }
        "sign_store_day" => {
            let store = node(&brand.owner, &brand.a.site, "store", &format!("signed-{}", brand.next())).await;
            change.rows.push(("store_id", json!(store)));
        }
        "launch_site" => {
            change.rows.push(("parent_id", json!(brand.head)));
            // The table fills every code alike, those of the stores too.
            change.body = vec![("stores", json!([]))];
        }
        id if goods::is_about(id) => goods::change(brand, rows, id, &mut change).await,
        "cancel_order" | "fulfil_order" | "complete_order" => {
            change.rows.push(("order_id", orders::stage::ready(app, brand, &operation.id, rows).await));
        }
        "redact_audit" => change.rows.push(("audit_id", fresh.audit().await)),
        _ => {}
    }
    change
}

/// Codes and redemptions are used up by the calls about them.
async fn of_a_counter(brand: &Brand, operation: &Operation) -> Vec<(&'static str, Value)> {
    let template = async || brand.live(&brand.a.site, &crate::support::brand::ten_off(10)).await;
    match operation.id.as_str() {
        "redeem_coupon" | "preview_redemption" | "void_coupon" => {
            let (shopper, template) = (brand.shopper_at(&brand.a.site).await, template().await);
            let coupon = brand.claim(&shopper, &template).await;
            let code = json!(brand.code(&shopper, &coupon).await);
            vec![("coupon_id", json!(coupon)), ("redeem_coupon.code", code.clone()), ("preview_redemption.code", code)]
        }
        "claim_for_customer" => {
            vec![("claim_for_customer.phone", json!(brand.shopper_at(&brand.a.site).await.phone))]
        }
        "undo_redemption" | "request_late_undo" => {
            vec![("redemption_id", json!(brand.redemption(&brand.a, &template().await).await))]
        }
        _ => Vec::new(),
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
