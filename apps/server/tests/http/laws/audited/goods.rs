//! Calls about goods that go well.

use serde_json::{Value, json};

use super::{super::matrix::Rows, call::Change};
use crate::{goods::stage, support::brand::Brand};

/// Whether the operation needs goods brought to where it can go well.
pub(super) fn is_about(operation: &str) -> bool {
    const IDS: [&str; 8] = [
        "archive_category",
        "archive_product",
        "archive_sku",
        "record_damage",
        "take_stock",
        "send_stock_transfer",
        "receive_stock_transfer",
        "cancel_stock_transfer",
    ];
    IDS.contains(&operation)
}

/// Brings them there.
pub(super) async fn change(brand: &Brand, rows: &Rows, operation: &str, change: &mut Change) {
    let text = |name: &str| rows.value(name).as_str().unwrap().to_owned();
    let (site, sku, category) = (text("site_id"), text("sku_id"), text("category_id"));
    match operation {
        "archive_category" => {
            let empty = stage::category(brand, &format!("empty-{}", brand.next()), None).await;
            change.rows.push(("category_id", json!(empty)));
        }
        "archive_product" => change.rows.push(("product_id", stage::product(brand, &category).await["id"].clone())),
        "archive_sku" => {
            let product = stage::product(brand, &category).await;
            change.rows.push(("sku_id", product["skus"][0]["id"].clone()));
        }
        "record_damage" => stage::receive(brand, &site, &sku, 10).await,
        "take_stock" => {
            let seen = stage::stock(&brand.owner, &site, &sku).await;
            let line = json!({ "sku_id": sku, "counted": seen["on_hand"], "version": seen["version"] });
            change.body = vec![("lines", json!([line]))];
        }
        _ => change.rows.push(("transfer_id", transfer(brand, rows, operation, &sku).await)),
    }
}

/// A transfer that the operation can go well with.
async fn transfer(brand: &Brand, rows: &Rows, operation: &str, sku: &str) -> Value {
    let (from, to) = (rows.value("from_site_id"), rows.value("to_site_id"));
    let (from, to) = (from.as_str().unwrap(), to.as_str().unwrap());
    let transfer = stage::transfer(brand, (from, to), sku, 6).await;
    if operation == "receive_stock_transfer" {
        let stated = json!({ "lines": [{ "sku_id": sku, "quantity": 6 }] });
        stage::act(&brand.owner, &brand.key(), &transfer, "send", &stated).await.ok();
    }
    json!(transfer)
}
