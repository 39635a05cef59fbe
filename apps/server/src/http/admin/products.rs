//! Products and their SKUs (商品).

use actix_web::web::{Data, Json};
use huike_kernel::{CategoryId, ProductId, SkuId};
use huike_orders::catalogue::{ArticleState, SkuForm};
use huike_persistence::{
    Db, Store, StoreError,
    categories::CategoryTree,
    product_lists::{self, ProductFilter},
    skus::{self as stored, Sku},
};
use huike_usecases::{
    Act, Caller, UseCaseError,
    catalogue::{self, Catalogued, NewProduct, Seen},
};
use serde::Deserialize;
use utoipa::IntoParams;
use validator::Validate;

use super::{
    product_view::{
        EditProductRequest, EditSkuRequest, ProductRequest, ProductView, SkuRequest, SkuView, explain, sees_cost,
    },
    transact::{self, VersionRequest},
};
use crate::{
    api::Created,
    auth::{Staff, may},
    extract::{Listing, OptionalKey, Page, Path, Valid},
    problem::Problem,
};

/// What narrows the list.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ProductQuery {
    /// Only in this category or one below it.
    #[param(value_type = Option<uuid::Uuid>)]
    category_id: Option<CategoryId>,
    /// Only in this state.
    #[param(inline)]
    state: Option<ArticleState>,
    /// Only of this maker.
    #[validate(length(min = 1, max = 60))]
    brand: Option<String>,
    /// Only those whose name or code, or a SKU's code, holds this text; or whose SKU has this barcode.
    #[validate(length(min = 1, max = 60))]
    q: Option<String>,
}

impl ProductQuery {
    /// The filter, with the categories below the one that was named.
    pub(super) fn filter(&self, db: &mut Db) -> Result<ProductFilter, StoreError> {
        let categories = match self.category_id {
            Some(id) => Some(CategoryTree::load(db)?.below(id).into_iter().collect()),
            None => None,
        };
        Ok(ProductFilter { categories, state: self.state, brand: self.brand.clone(), text: self.q.clone() })
    }
}

/// `GET /products`
pub async fn list(
    who: Staff<may::ProductRead>,
    store: Data<Store>,
    listing: Listing<ProductQuery>,
) -> Result<Json<Page<ProductView>>, Problem> {
    let Listing { page, filter } = listing;
    let (before, limit) = (page.after()?, page.fetch());
    let rows = store.read(move |db| {
        let filter = filter.filter(db)?;
        let products = product_lists::list(db, &filter, before, limit)?;
        catalogue::with_skus(db, products)
    });
    let with_cost = sees_cost(&who);
    Ok(Json(Page::cut(rows.await?, &page, |row| row.product.id, |row| ProductView::new(row, with_cost))))
}

/// `GET /products/{product_id}`
pub async fn show(
    who: Staff<may::ProductRead>,
    store: Data<Store>,
    path: Path<ProductId>,
) -> Result<Json<ProductView>, Problem> {
    let id = *path;
    let found = store.read(move |db| catalogue::get_product(db, id)).await?;
    Ok(Json(ProductView::new(found, sees_cost(&who))))
}

/// `POST /products`
pub async fn create(
    who: Staff<may::ProductManage>,
    store: Data<Store>,
    key: OptionalKey,
    body: Valid<ProductRequest>,
) -> Result<Created<ProductView>, Problem> {
    let once = key.once(&who, &body);
    let (form, skus) = body.into_inner().forms();
    let new = NewProduct { form, skus };
    let load = |db: &mut Db, _caller: &Caller, id| catalogue::get_product(db, id);
    let make = move |db: &mut Db, act: &Act<'_>| catalogue::create_product(db, act, &new);
    let id_of = |made: &Catalogued| made.product.id;
    let made = transact::create(&store, who.caller(), once, make, (id_of, load)).await?;
    Ok(Created(ProductView::new(made, sees_cost(&who))))
}

/// `PUT /products/{product_id}`
pub async fn edit(
    who: Staff<may::ProductManage>,
    store: Data<Store>,
    path: Path<ProductId>,
    body: Valid<EditProductRequest>,
) -> Result<Json<ProductView>, Problem> {
    let edit = body.into_inner();
    let (seen, caller) = (Seen { id: *path, version: edit.version }, who.caller());
    let done = store.write(move |db, now| catalogue::edit_product(db, &caller.act(now), seen, &|code| edit.form(code)));
    Ok(Json(ProductView::new(done.await.map_err(explain)?, sees_cost(&who))))
}

/// `POST /products/{product_id}/archive`
pub async fn archive(
    who: Staff<may::ProductManage>,
    store: Data<Store>,
    path: Path<ProductId>,
    body: Valid<VersionRequest>,
) -> Result<Json<ProductView>, Problem> {
    let (seen, caller) = (Seen { id: *path, version: body.version }, who.caller());
    let done = store.write(move |db, now| catalogue::archive_product(db, &caller.act(now), seen)).await?;
    Ok(Json(ProductView::new(done, sees_cost(&who))))
}

fn find_sku(db: &mut Db, id: SkuId) -> Result<Sku, UseCaseError> {
    stored::find(db, id)?.ok_or(UseCaseError::NotFound("SKU"))
}

/// `GET /skus/{sku_id}`
pub async fn show_sku(
    who: Staff<may::ProductRead>,
    store: Data<Store>,
    path: Path<SkuId>,
) -> Result<Json<SkuView>, Problem> {
    let id = *path;
    let found = store.read(move |db| find_sku(db, id)).await?;
    Ok(Json(SkuView::new(found, sees_cost(&who))))
}

/// `POST /products/{product_id}/skus`
pub async fn create_sku(
    who: Staff<may::ProductManage>,
    store: Data<Store>,
    key: OptionalKey,
    path: Path<ProductId>,
    body: Valid<SkuRequest>,
) -> Result<Created<SkuView>, Problem> {
    let once = key.once(&who, &body);
    let (product, form) = (*path, SkuForm::from(body.into_inner()));
    let load = |db: &mut Db, _caller: &Caller, id| find_sku(db, id);
    let make = move |db: &mut Db, act: &Act<'_>| catalogue::create_sku(db, act, (product, &form));
    let made = transact::create(&store, who.caller(), once, make, (|made: &Sku| made.id, load)).await?;
    Ok(Created(SkuView::new(made, sees_cost(&who))))
}

/// `PUT /skus/{sku_id}`
pub async fn edit_sku(
    who: Staff<may::ProductManage>,
    store: Data<Store>,
    path: Path<SkuId>,
    body: Valid<EditSkuRequest>,
) -> Result<Json<SkuView>, Problem> {
    let edit = body.into_inner();
    let (seen, caller) = (Seen { id: *path, version: edit.version }, who.caller());
    let done = store.write(move |db, now| catalogue::edit_sku(db, &caller.act(now), seen, &|code| edit.form(code)));
    Ok(Json(SkuView::new(done.await.map_err(explain)?, sees_cost(&who))))
}

/// `POST /skus/{sku_id}/archive`
pub async fn archive_sku(
    who: Staff<may::ProductManage>,
    store: Data<Store>,
    path: Path<SkuId>,
    body: Valid<VersionRequest>,
) -> Result<Json<SkuView>, Problem> {
    let (seen, caller) = (Seen { id: *path, version: body.version }, who.caller());
    let done = store.write(move |db, now| catalogue::archive_sku(db, &caller.act(now), seen)).await?;
    Ok(Json(SkuView::new(done, sees_cost(&who))))
}
