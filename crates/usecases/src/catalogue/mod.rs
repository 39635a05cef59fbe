//! The catalogue (商品目录): categories, products and SKUs. It is the brand's, so whoever changes it does so at the head;
//! everybody on the staff reads it.
//!
//! A product's row is locked for every change to it or its SKUs, a category's for whatever goes into it.

mod categories;
mod import;
mod products;
mod skus;

pub use categories::{CategoryEdit, NewCategory, archive_category, create_category, edit_category};
pub use import::{check_import, take_import};
pub use products::{NewProduct, archive_product, begin_export, create_product, edit_product, get_product};
pub use skus::{archive_sku, create_sku, edit_sku};

use huike_access::Permission;
use huike_kernel::{CategoryId, ProductId, SkuId};
use huike_orders::{
    CatalogueError,
    catalogue::{ArticleState, CatalogueProblem, CategoryCode},
};
use huike_persistence::{
    Db, Outcome, StoreError,
    categories::{Category, CategoryTree},
    products::Product,
    skus::Sku,
};
use huike_sites::Node;
use serde_json::{Value, json};

use crate::{
    Act, UseCaseError,
    record::{Aggregate, Change, Place},
};

/// A product with its SKUs, and where it stands in the tree of categories.
#[derive(Debug, Clone)]
pub struct Catalogued {
    /// The product.
    pub product: Product,
    /// Its SKUs, in the order they were made.
    pub skus: Vec<Sku>,
    /// The codes of its category and those above it, from the root down.
    pub path: Vec<CategoryCode>,
}

/// An act on something of the catalogue.
#[derive(Debug, Clone, Copy)]
pub struct Seen<Id> {
    /// Which one.
    pub id: Id,
    /// The version of the row that the caller has seen: the act is refused when it has changed since.
    pub version: i64,
}

/// Products with their SKUs, as a list shows them.
pub fn with_skus(db: &mut Db, products: Vec<Product>) -> Result<Vec<Catalogued>, StoreError> {
    let tree = CategoryTree::load(db)?;
    let ids: Vec<ProductId> = products.iter().map(|product| product.id).collect();
    let mut skus = huike_persistence::skus::list_of(db, &ids)?;
    let mut shown = Vec::with_capacity(products.len());
    for product in products {
        let (own, others) = skus.into_iter().partition(|sku| sku.product == product.id);
        skus = others;
        shown.push(Catalogued { path: tree.path(product.form.category), skus: own, product });
    }
    Ok(shown)
}

/// The head, for whoever may change the catalogue.
fn head(db: &mut Db, act: &Act<'_>) -> Result<Node, UseCaseError> {
    act.reach_head(db, Permission::ProductManage)
}

fn place(head: &Node) -> Place {
    Place { site: head.id, zone: head.zone }
}

/// The category, locked, if something may go into it.
fn hold_open_category(db: &mut Db, id: CategoryId) -> Result<Category, UseCaseError> {
    let category = huike_persistence::categories::lock(db, id)?.ok_or(UseCaseError::NotFound("category"))?;
    if category.state == ArticleState::Archived {
        return Err(CatalogueError::CategoryArchived.into());
    }
    Ok(category)
}

fn sound(problems: Vec<CatalogueProblem>) -> Result<(), CatalogueError> {
    if problems.is_empty() { Ok(()) } else { Err(CatalogueError::FormInvalid(problems)) }
}

fn current(version: i64, seen: i64) -> Result<(), UseCaseError> {
    if version == seen { Ok(()) } else { Err(UseCaseError::VersionConflict) }
}

fn written(outcome: Outcome, refusal: UseCaseError) -> Result<(), UseCaseError> {
    match outcome {
        Outcome::Applied => Ok(()),
        Outcome::Refused => Err(refusal),
    }
}

/// What the audit log says of a category.
fn told_category(it: &Category) -> Value {
    json!({ "code": it.code, "name": it.name, "position": it.position, "state": it.state })
}

/// What the audit log says of a product.
fn told_product(it: &Product) -> Value {
    let form = &it.form;
    json!({
        "code": form.code, "category_id": form.category, "name": form.name, "brand": form.brand, "tags": form.tags,
        "images": form.images, "state": it.state,
    })
}

/// What the audit log says of a SKU.
fn told_sku(it: &Sku) -> Value {
    let form = &it.form;
    json!({
        "code": form.code, "name": form.name, "barcode": form.barcode, "prices": form.prices,
        "weight_grams": form.weight_grams, "low_stock_policy": form.low_stock_policy, "state": it.state,
    })
}

/// What other systems are told of a SKU: not what it costs the brand.
fn public_sku(it: &Sku) -> Value {
    let prices = &it.form.prices;
    json!({
        "product_id": it.product, "code": it.form.code, "list_price": prices.list, "sale_price": prices.sale,
        "minimum_price": prices.minimum, "low_stock_policy": it.form.low_stock_policy, "state": it.state,
    })
}

fn of_product(it: &Product) -> Aggregate {
    Aggregate { kind: "product", id: it.id.as_uuid(), seq: it.version }
}

fn of_sku(it: &Sku) -> Aggregate {
    Aggregate { kind: "sku", id: it.id.as_uuid(), seq: it.version }
}

fn change_of_sku(action: &'static str, sku: SkuId, before: Value, after: Value) -> Change {
    Change { action, subject_kind: "sku", subject: sku.to_string(), before, after }
}
