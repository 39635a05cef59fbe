//! An account with something on it, the transaction that brought it there, and a request to put it right.

use huike_kernel::{NodeId, new_id};
use huike_ledger::AccountKind;
use huike_server::sources::SystemIds;
use serde_json::{Value, json};

use crate::support::{
    Client, TestApp,
    ledger::{account, house, principal, transfer},
};

/// One row of each kind, kept at the site.
pub async fn rows(app: &TestApp, owner: &Client, site: &str) -> Vec<(&'static str, Value)> {
    let site: NodeId = site.parse().unwrap();
    let key = principal(site, new_id(&SystemIds));
    let posted = transfer(app, (house(AccountKind::ClearingPayment, site), key), 50_000).await;
    let account = json!(account(app, key).await);
    vec![
        ("adjustment_id", adjustment(owner, &account).await),
        ("account_id", account),
        ("transaction_id", json!(posted)),
    ]
}

/// A request that nobody has decided.
pub async fn adjustment(who: &Client, account: &Value) -> Value {
    let ask = json!({ "account_id": account, "direction": "credit", "amount": "5.00", "reason": "补录" });
    let who = who.once(&format!("adjust-{}", new_id::<NodeId>(&SystemIds)));
    who.post("/admin/v1/ledger/adjustments", &ask).await.created()["id"].clone()
}
