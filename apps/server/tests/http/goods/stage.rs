//! Goods for tests: a category, a product and its SKU, and stock of it.

use serde_json::{Value, json};

use crate::support::{Answer, Client, brand::Brand};

pub const PRODUCTS: &str = "/admin/v1/products";
/// The category that [`catalogue`] makes.
pub const CATEGORY: &str = "milk-powder";

/// A category with a product of one SKU: their ids.
pub struct Goods {
    pub category: String,
    pub product: String,
    pub sku: String,
}

fn id(made: &Value) -> String {
    made["id"].as_str().unwrap().to_owned()
}

pub async fn category(brand: &Brand, code: &str, parent: Option<&str>) -> String {
    let ask = json!({ "parent_id": parent, "code": code, "name": "奶粉", "position": 1 });
    id(&brand.owner.post("/admin/v1/categories", &ask).await.created())
}

/// A product in that category with one SKU; its code and the SKU's are new.
pub async fn product(brand: &Brand, category: &str) -> Value {
    let code = format!("MILK-{}", brand.next());
    let sku =
        json!({ "code": format!("{code}-900G"), "name": "900克", "prices": { "list": "298.00", "cost": "180.00" } });
    let ask = json!({ "code": code, "category_id": category, "name": "一段奶粉", "skus": [sku] });
    brand.owner.post(PRODUCTS, &ask).await.created()
}

pub async fn catalogue(brand: &Brand) -> Goods {
    let category = category(brand, CATEGORY, None).await;
    let product = product(brand, &category).await;
    Goods { category, sku: id(&product["skus"][0]), product: id(&product) }
}

/// Takes goods in, whatever the answer.
pub async fn try_receive(who: &Client, key: &str, site: &str, sku: &str, quantity: i64) -> Answer {
    let ask = json!({ "site_id": site, "lines": [{ "sku_id": sku, "quantity": quantity }] });
    who.once(key).post("/admin/v1/goods-receipts", &ask).await
}

pub async fn receive(brand: &Brand, site: &str, sku: &str, quantity: i64) {
    try_receive(&brand.owner, &brand.key(), site, sku, quantity).await.created();
}

/// What lies of the SKU at that place.
pub async fn stock(who: &Client, site: &str, sku: &str) -> Value {
    who.get(&format!("/admin/v1/stock/{site}/{sku}")).await.ok()
}

/// A transfer of so many that was asked for.
pub async fn transfer(brand: &Brand, (from, to): (&str, &str), sku: &str, quantity: i64) -> String {
    let lines = json!([{ "sku_id": sku, "quantity": quantity }]);
    let ask = json!({ "from_site_id": from, "to_site_id": to, "lines": lines });
    id(&brand.owner.once(&brand.key()).post("/admin/v1/stock-transfers", &ask).await.created())
}

/// An act on a transfer about so many of the SKU, whatever the answer.
pub async fn act(who: &Client, key: &str, transfer: &str, act: &str, body: &Value) -> Answer {
    who.once(key).post(&format!("/admin/v1/stock-transfers/{transfer}/{act}"), body).await
}
