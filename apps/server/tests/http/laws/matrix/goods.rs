//! Rows of the catalogue, which is the same at every place, and of the stock, which is not.

use serde_json::{Value, json};

use crate::{
    goods::stage,
    orders,
    support::brand::{Branch, Brand},
};

/// The category, the product and the SKU that every place has stock of.
pub(super) async fn catalogue(brand: &Brand) -> Vec<(&'static str, Value)> {
    let goods = stage::catalogue(brand).await;
    vec![
        ("category_id", json!(goods.category)),
        ("create_category.parent_id", json!(goods.category)),
        ("product_id", json!(goods.product)),
        ("sku_id", json!(goods.sku)),
    ]
}

/// The two ends of a branch's transfers.
pub(super) fn ends(branch: &Branch) -> [(&'static str, Value); 2] {
    [("from_site_id", json!(branch.store)), ("to_site_id", json!(branch.site))]
}

/// Stock in a branch's store, and a transfer from there to its site.
pub(super) async fn at(
    brand: &Brand,
    catalogue: &[(&'static str, Value)],
    branch: &Branch,
) -> Vec<(&'static str, Value)> {
    let sku = catalogue.iter().find(|(name, _)| *name == "sku_id").unwrap().1.as_str().unwrap();
    stage::receive(brand, &branch.store, sku, 50).await;
    let transfer = stage::transfer(brand, (&branch.store, &branch.site), sku, 6).await;
    let mut rows = ends(branch).to_vec();
    rows.push(("transfer_id", json!(transfer)));
    let shopper = brand.shopper_at(&branch.site).await;
    rows.push(("order_id", orders::stage::order(brand, &shopper, (&branch.store, sku)).await["order_id"].clone()));
    rows
}
