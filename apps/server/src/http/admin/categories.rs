//! Categories of goods (商品分类).

use actix_web::web::{Data, Json};
use huike_kernel::{CategoryId, Text};
use huike_orders::catalogue::{ArticleState, CategoryCode};
use huike_persistence::{
    Db, Store,
    categories::{self as stored, Category},
};
use huike_usecases::{
    Caller, UseCaseError,
    catalogue::{self, CategoryEdit, NewCategory, Seen},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::transact::{self, VersionRequest, transact};
use crate::{
    api::Created,
    auth::{Staff, may},
    extract::{OptionalKey, Path, Valid},
    problem::Problem,
};

/// A category.
#[derive(Serialize, ToSchema)]
pub struct CategoryView {
    /// Its id.
    id: CategoryId,
    /// What it lies in; null at the root.
    parent_id: Option<CategoryId>,
    /// What offers name it by.
    code: CategoryCode,
    /// Its name.
    name: Text<60>,
    /// How deep it lies, from one.
    #[schema(minimum = 1, maximum = 5)]
    depth: u32,
    /// Where it stands among its siblings.
    position: i64,
    /// Whether it is on sale.
    state: ArticleState,
    /// Counts the changes; to be given back with an act on it.
    version: i64,
}

impl From<Category> for CategoryView {
    fn from(it: Category) -> Self {
        let Category { id, parent, code, name, depth, position, state, version, .. } = it;
        Self { id, parent_id: parent, code, name, depth, position, state, version }
    }
}

/// Every category, parents first, siblings in their order.
#[derive(Serialize, ToSchema)]
pub struct CategoryList {
    /// The categories, at most a thousand.
    items: Vec<CategoryView>,
}

/// A category to make. It stays where it is made.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "parent_id": "01936f5e-7d2a-7c3e-9a41-5b6c7d8e9f00", "code": "milk-powder", "name": "奶粉", "position": 1 }))]
pub struct CategoryRequest {
    /// What it lies in; at the root without.
    parent_id: Option<CategoryId>,
    /// What offers name it by: 1 to 40 letters and digits, with `-`, `_` and `.` between them.
    code: CategoryCode,
    /// Its name, up to 60 characters.
    name: Text<60>,
    /// Where it stands among its siblings.
    #[serde(default)]
    #[validate(range(min = 0, max = 1_000_000))]
    #[schema(minimum = 0, maximum = 1_000_000, default = 0)]
    position: i64,
}

/// What a category is called and where it stands from now on.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "version": 1, "name": "婴儿奶粉", "position": 2 }))]
pub struct EditCategoryRequest {
    /// `version` as the caller has seen it; refused when it has changed since.
    version: i64,
    /// Its name, up to 60 characters.
    name: Text<60>,
    /// Where it stands among its siblings.
    #[serde(default)]
    #[validate(range(min = 0, max = 1_000_000))]
    #[schema(minimum = 0, maximum = 1_000_000, default = 0)]
    position: i64,
}

/// `GET /categories`
pub async fn list(_who: Staff<may::ProductRead>, store: Data<Store>) -> Result<Json<CategoryList>, Problem> {
    let rows = store.read(stored::list).await?;
    Ok(Json(CategoryList { items: rows.into_iter().map(CategoryView::from).collect() }))
}

/// `GET /categories/{category_id}`
pub async fn show(
    _who: Staff<may::ProductRead>,
    store: Data<Store>,
    path: Path<CategoryId>,
) -> Result<Json<CategoryView>, Problem> {
    let id = *path;
    let found = store.read(move |db| stored::find(db, id)).await?.ok_or_else(Problem::not_found)?;
    Ok(Json(found.into()))
}

/// `POST /categories`
pub async fn create(
    who: Staff<may::ProductManage>,
    store: Data<Store>,
    key: OptionalKey,
    body: Valid<CategoryRequest>,
) -> Result<Created<CategoryView>, Problem> {
    let once = key.once(&who, &body);
    let CategoryRequest { parent_id, code, name, position } = body.into_inner();
    let new = NewCategory { parent: parent_id, code, name, position };
    let load = |db: &mut Db, _caller: &Caller, id| stored::find(db, id)?.ok_or(UseCaseError::NotFound("category"));
    let make = move |db: &mut Db, act: &huike_usecases::Act<'_>| catalogue::create_category(db, act, &new);
    let made = transact::create(&store, who.caller(), once, make, (|made: &Category| made.id, load)).await?;
    Ok(Created(made.into()))
}

/// `PUT /categories/{category_id}`
pub async fn edit(
    who: Staff<may::ProductManage>,
    store: Data<Store>,
    path: Path<CategoryId>,
    body: Valid<EditCategoryRequest>,
) -> Result<Json<CategoryView>, Problem> {
    let EditCategoryRequest { version, name, position } = body.into_inner();
    let edit = CategoryEdit { seen: Seen { id: *path, version }, name, position };
    let done = transact(&store, who.caller(), move |db, act| catalogue::edit_category(db, act, &edit)).await?;
    Ok(Json(done.into()))
}

/// `POST /categories/{category_id}/archive`
pub async fn archive(
    who: Staff<may::ProductManage>,
    store: Data<Store>,
    path: Path<CategoryId>,
    body: Valid<VersionRequest>,
) -> Result<Json<CategoryView>, Problem> {
    let seen = Seen { id: *path, version: body.version };
    let done = transact(&store, who.caller(), move |db, act| catalogue::archive_category(db, act, seen)).await?;
    Ok(Json(done.into()))
}
