//! SKUs of a product.

use huike_kernel::{ProductId, SkuId};
use huike_orders::{
    CatalogueError,
    catalogue::{ArticleCode, ArticleState, SKUS_MAX, SkuForm},
};
use huike_persistence::{
    Db, products,
    skus::{self, Sku},
};
use huike_sites::Node;
use serde_json::Value;

use super::{Seen, change_of_sku, current, head, of_sku, place, public_sku, sound, told_sku, written};
use crate::{Act, UseCaseError, record};

/// Adds a SKU to a product.
pub fn create_sku(db: &mut Db, act: &Act<'_>, (product, form): (ProductId, &SkuForm)) -> Result<Sku, UseCaseError> {
    let head = head(db, act)?;
    sound(form.validate())?;
    hold_open_product(db, product)?;
    insert_sku(db, act, &head, (product, form.clone()))
}

/// Writes down a SKU that was found sound, whose product is held.
pub(super) fn insert_sku(
    db: &mut Db,
    act: &Act<'_>,
    head: &Node,
    (product, form): (ProductId, SkuForm),
) -> Result<Sku, UseCaseError> {
    let siblings = skus::list_of(db, &[product])?.len();
    if i64::try_from(siblings).unwrap_or(i64::MAX) >= SKUS_MAX {
        return Err(UseCaseError::TooMany { what: "SKUs", max: SKUS_MAX });
    }
    let made = Sku {
        id: act.new_id(),
        site: head.id,
        product,
        form,
        state: ArticleState::Active,
        version: 1,
        created_at: act.now,
        updated_at: act.now,
    };
    written(skus::insert(db, &made)?, UseCaseError::Taken("code or barcode"))?;
    note(db, act, head, (&made, Value::Null), ("sku_created", "sku.create"))?;
    Ok(made)
}

/// Says something else of a SKU, all of it but its code, which stays.
pub fn edit_sku(
    db: &mut Db,
    act: &Act<'_>,
    seen: Seen<SkuId>,
    form: &dyn Fn(ArticleCode) -> SkuForm,
) -> Result<Sku, UseCaseError> {
    let (head, mut held) = hold(db, act, seen)?;
    let form = form(held.form.code.clone());
    sound(form.validate())?;
    save_sku(db, act, &head, (&mut held, form))?;
    Ok(held)
}

/// Writes down what is said of a SKU whose product is held from now on.
pub(super) fn save_sku(
    db: &mut Db,
    act: &Act<'_>,
    head: &Node,
    (held, form): (&mut Sku, SkuForm),
) -> Result<(), UseCaseError> {
    if let Some(barcode) = &form.barcode
        && skus::is_barcode_taken(db, barcode, held.id)?
    {
        return Err(UseCaseError::Taken("barcode"));
    }
    let before = told_sku(held);
    held.form = form;
    held.updated_at = act.now;
    written(skus::update(db, held)?, UseCaseError::VersionConflict)?;
    note(db, act, head, (held, before), ("sku_edited", "sku.edit"))
}

/// Takes a SKU off sale for good. What lies of it stays where it is until it is written off or moved.
pub fn archive_sku(db: &mut Db, act: &Act<'_>, seen: Seen<SkuId>) -> Result<Sku, UseCaseError> {
    let (head, mut held) = hold(db, act, seen)?;
    archive(db, act, &head, &mut held)?;
    Ok(held)
}

pub(super) fn archive(db: &mut Db, act: &Act<'_>, head: &Node, held: &mut Sku) -> Result<(), UseCaseError> {
    let before = told_sku(held);
    held.state = ArticleState::Archived;
    held.updated_at = act.now;
    written(skus::update(db, held)?, UseCaseError::VersionConflict)?;
    note(db, act, head, (held, before), ("sku_archived", "sku.archive"))
}

/// The SKU as the caller has seen it and on sale, its product locked.
fn hold(db: &mut Db, act: &Act<'_>, seen: Seen<SkuId>) -> Result<(Node, Sku), UseCaseError> {
    let head = head(db, act)?;
    let of = skus::find(db, seen.id)?.ok_or(UseCaseError::NotFound("SKU"))?.product;
    hold_open_product(db, of)?;
    // Read again: before the lock it may have been another.
    let held = skus::find(db, seen.id)?.ok_or(UseCaseError::NotFound("SKU"))?;
    current(held.version, seen.version)?;
    if held.state == ArticleState::Archived {
        return Err(CatalogueError::SkuArchived.into());
    }
    Ok((head, held))
}

fn hold_open_product(db: &mut Db, id: ProductId) -> Result<(), UseCaseError> {
    let product = products::lock(db, id)?.ok_or(UseCaseError::NotFound("product"))?;
    if product.state == ArticleState::Archived {
        return Err(CatalogueError::ProductArchived.into());
    }
    Ok(())
}

fn note(
    db: &mut Db,
    act: &Act<'_>,
    head: &Node,
    (held, before): (&Sku, Value),
    (event, action): (&'static str, &'static str),
) -> Result<(), UseCaseError> {
    record::emit(db, act, place(head), of_sku(held), (event, public_sku(held)))?;
    Ok(record::audit(db, act, head.id, change_of_sku(action, held.id, before, told_sku(held)))?)
}
