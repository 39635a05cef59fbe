//! Products.

use huike_kernel::ProductId;
use huike_orders::{
    CatalogueError,
    catalogue::{ArticleCode, ArticleState, CatalogueProblem, ProductForm, SkuForm},
};
use huike_persistence::{
    Db,
    products::{self, Product},
};
use huike_sites::Node;
use serde_json::{Value, json};

use super::{
    Catalogued, Seen, current, head, hold_open_category, of_product, place, skus::insert_sku, sound, told_product,
    with_skus, written,
};
use crate::{
    Act, UseCaseError,
    record::{self, Change},
};

/// A product to add, with the SKUs it begins with.
#[derive(Debug, Clone)]
pub struct NewProduct {
    /// What is said of it.
    pub form: ProductForm,
    /// Its SKUs; more can be added later.
    pub skus: Vec<SkuForm>,
}

/// The product with its SKUs.
pub fn get_product(db: &mut Db, id: ProductId) -> Result<Catalogued, UseCaseError> {
    let product = products::find(db, id)?.ok_or(UseCaseError::NotFound("product"))?;
    with_skus(db, vec![product])?.pop().ok_or(UseCaseError::NotFound("product"))
}

/// Adds a product.
pub fn create_product(db: &mut Db, act: &Act<'_>, new: &NewProduct) -> Result<Catalogued, UseCaseError> {
    let head = head(db, act)?;
    let mut problems = new.form.validate();
    for (index, sku) in new.skus.iter().enumerate() {
        let nested = |it: CatalogueProblem| CatalogueProblem { pointer: format!("/skus/{index}{}", it.pointer), ..it };
        problems.extend(sku.validate().into_iter().map(nested));
    }
    sound(problems)?;
    hold_open_category(db, new.form.category)?;
    let product = insert_product(db, act, &head, new.form.clone())?;
    for sku in &new.skus {
        insert_sku(db, act, &head, (product.id, sku.clone()))?;
    }
    get_product(db, product.id)
}

/// Writes down a product that was found sound, whose category is held.
pub(super) fn insert_product(
    db: &mut Db,
    act: &Act<'_>,
    head: &Node,
    form: ProductForm,
) -> Result<Product, UseCaseError> {
    let product = Product {
        id: act.new_id(),
        site: head.id,
        form,
        state: ArticleState::Active,
        version: 1,
        created_by: act.staff(huike_access::Permission::ProductManage)?,
        created_at: act.now,
        updated_at: act.now,
    };
    written(products::insert(db, &product)?, UseCaseError::Taken("code"))?;
    note(db, act, head, (&product, Value::Null), ("product_created", "product.create"))?;
    Ok(product)
}

/// Says something else of a product, all of it but its code, which stays.
pub fn edit_product(
    db: &mut Db,
    act: &Act<'_>,
    seen: Seen<ProductId>,
    form: &dyn Fn(ArticleCode) -> ProductForm,
) -> Result<Catalogued, UseCaseError> {
    let head = head(db, act)?;
    let known = products::find(db, seen.id)?.ok_or(UseCaseError::NotFound("product"))?;
    let form = form(known.form.code);
    // Categories are locked before products, here as everywhere.
    let category = hold_open_category(db, form.category);
    let mut held = hold_product(db, seen)?;
    sound(form.validate())?;
    if form.category != held.form.category {
        category?;
    }
    save_product(db, act, &head, (&mut held, form))?;
    get_product(db, held.id)
}

/// Writes down what is said of a product that is held from now on.
pub(super) fn save_product(
    db: &mut Db,
    act: &Act<'_>,
    head: &Node,
    (held, form): (&mut Product, ProductForm),
) -> Result<(), UseCaseError> {
    let before = told_product(held);
    held.form = form;
    held.updated_at = act.now;
    written(products::update(db, held)?, UseCaseError::VersionConflict)?;
    note(db, act, head, (held, before), ("product_edited", "product.edit"))
}

/// Takes a product off sale for good, and its SKUs with it.
pub fn archive_product(db: &mut Db, act: &Act<'_>, seen: Seen<ProductId>) -> Result<Catalogued, UseCaseError> {
    let head = head(db, act)?;
    let mut held = hold_product(db, seen)?;
    let before = told_product(&held);
    held.state = ArticleState::Archived;
    held.updated_at = act.now;
    written(products::update(db, &mut held)?, UseCaseError::VersionConflict)?;
    note(db, act, &head, (&held, before), ("product_archived", "product.archive"))?;
    for mut sku in huike_persistence::skus::list_of(db, &[held.id])? {
        if sku.state == ArticleState::Active {
            super::skus::archive(db, act, &head, &mut sku)?;
        }
    }
    get_product(db, held.id)
}

/// The product, locked, as the caller has seen it and on sale.
pub(super) fn hold_product(db: &mut Db, seen: Seen<ProductId>) -> Result<Product, UseCaseError> {
    let held = products::lock(db, seen.id)?.ok_or(UseCaseError::NotFound("product"))?;
    current(held.version, seen.version)?;
    if held.state == ArticleState::Archived {
        return Err(CatalogueError::ProductArchived.into());
    }
    Ok(held)
}

/// Notes that somebody takes the catalogue along. The file itself is read afterwards, page by page.
pub fn begin_export(db: &mut Db, act: &Act<'_>, with_cost: bool) -> Result<(), UseCaseError> {
    let head = huike_persistence::nodes::find_head(db)?.ok_or(UseCaseError::NotFound("head"))?;
    let change = Change {
        action: "product.export",
        subject_kind: "node",
        subject: head.id.to_string(),
        before: Value::Null,
        after: json!({ "with_cost": with_cost }),
    };
    Ok(record::audit(db, act, head.id, change)?)
}

fn note(
    db: &mut Db,
    act: &Act<'_>,
    head: &Node,
    (held, before): (&Product, Value),
    (event, action): (&'static str, &'static str),
) -> Result<(), UseCaseError> {
    let payload = json!({ "code": held.form.code, "category_id": held.form.category, "state": held.state });
    record::emit(db, act, place(head), of_product(held), (event, payload))?;
    let after = told_product(held);
    let change = Change { action, subject_kind: "product", subject: held.id.to_string(), before, after };
    Ok(record::audit(db, act, head.id, change)?)
}
