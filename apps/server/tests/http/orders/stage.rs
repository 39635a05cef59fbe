//! Orders for tests: goods in a place, customers with stored value.

use huike_kernel::NodeId;
use huike_ledger::AccountKind;
use serde_json::{Value, json};

use crate::{
    goods,
    laws::matrix::Rows,
    support::{
        Answer, TestApp,
        brand::{Brand, Shopper, with},
        ledger::{house, principal, transfer},
    },
};

pub const QUOTE: &str = "/app/v1/cart/quote";
pub const ORDERS: &str = "/app/v1/orders";

/// A SKU at 298.00 yuan, with so many at site A.
pub async fn stocked(brand: &Brand, quantity: i64) -> String {
    let goods = goods::stage::catalogue(brand).await;
    goods::stage::receive(brand, &brand.a.site, &goods.sku, quantity).await;
    goods.sku
}

/// So many of the SKU, at the place where the customer buys.
pub fn cart((place, sku): (&str, &str), quantity: u32) -> Value {
    json!({ "store_id": place, "items": [{ "sku_id": sku, "quantity": quantity }] })
}

/// What the cart costs, and its hash.
pub async fn quote(shopper: &Shopper, cart: &Value) -> Value {
    shopper.client.post(QUOTE, cart).await.ok()
}

/// The cart as an order, at the price it has now.
pub async fn ask(shopper: &Shopper, cart: &Value) -> Value {
    let hash = quote(shopper, cart).await["hash"].clone();
    with(cart.clone(), "quote_hash", hash)
}

/// Places it, whatever the answer.
pub async fn try_order(shopper: &Shopper, key: &str, ask: &Value) -> Answer {
    shopper.client.once(key).post(ORDERS, ask).await
}

/// An order of one piece.
pub async fn order(brand: &Brand, shopper: &Shopper, at: (&str, &str)) -> Value {
    let ask = ask(shopper, &cart(at, 1)).await;
    try_order(shopper, &brand.key(), &ask).await.created()
}

/// Gives a customer stored value, kept at site A.
pub async fn top_up(app: &TestApp, brand: &Brand, shopper: &Shopper, yuan: i64) {
    let node: NodeId = brand.a.site.parse().unwrap();
    let to = principal(node, shopper.id.parse().unwrap());
    transfer(app, (house(AccountKind::ClearingPayment, node), to), yuan * 100).await;
}

/// An order that was paid with stored value.
pub async fn paid(app: &TestApp, brand: &Brand, at: (&str, &str)) -> Value {
    let shopper = brand.shopper_at(&brand.a.site).await;
    top_up(app, brand, &shopper, 1_000).await;
    let cart = cart(at, 1);
    let payable = quote(&shopper, &cart).await["totals"]["payable"].clone();
    let ask = with(ask(&shopper, &cart).await, "stored_value", payable);
    try_order(&shopper, &brand.key(), &ask).await.created()
}

/// An order in the store of A with which the operation goes well.
pub async fn ready(app: &TestApp, brand: &Brand, operation: &str, rows: &Rows) -> Value {
    let sku = rows.value("sku_id");
    let at = (brand.a.store.as_str(), sku.as_str().unwrap());
    if operation == "cancel_order" {
        return order(brand, &brand.shopper_at(&brand.a.site).await, at).await["order_id"].clone();
    }
    let order = paid(app, brand, at).await["order_id"].clone();
    if operation == "complete_order" {
        let path = format!("/admin/v1/orders/{}/fulfil", order.as_str().unwrap());
        brand.owner.once(&brand.key()).call("POST", &path).await.ok();
    }
    order
}
