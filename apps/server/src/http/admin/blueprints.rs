//! Blueprints (建站模板): looks prepared once, for many sites.

use actix_web::web::{Data, Json};
use huike_access::Permission;
use huike_kernel::{BlueprintId, Text};
use huike_persistence::{
    Db, Store,
    blueprints::{self as stored, StoredBlueprint},
};
use huike_sites::{Blueprint, SiteLook};
use huike_usecases::{Act, Caller, UseCaseError, blueprints};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::transact::{self, VersionRequest, transact};
use crate::{
    api::Created,
    auth::{Gate, Staff, may},
    extract::{Listing, OptionalKey, Page, Path, Valid},
    problem::Problem,
};

/// A blueprint.
#[derive(Serialize, ToSchema)]
pub struct BlueprintView {
    /// Its id.
    id: BlueprintId,
    /// Its name in the list.
    name: Text<60>,
    /// What it proposes.
    look: SiteLook,
    /// Whether it was closed: nothing is launched from it any more.
    closed: bool,
    /// Counts the changes; to be given back with an act on it.
    version: i64,
}

impl From<StoredBlueprint> for BlueprintView {
    fn from(stored: StoredBlueprint) -> Self {
        let Blueprint { name, look } = stored.blueprint;
        Self { id: stored.id, name, look, closed: stored.is_closed, version: stored.version }
    }
}

/// What narrows the list.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct BlueprintQuery {
    /// Whether closed ones are listed too.
    #[serde(default)]
    #[param(default = false)]
    with_closed: bool,
}

/// `GET /blueprints`
pub async fn list(
    _who: Staff<may::BlueprintRead>,
    store: Data<Store>,
    gate: Data<Gate>,
    listing: Listing<BlueprintQuery>,
) -> Result<Json<Page<BlueprintView>>, Problem> {
    let Listing { page, filter } = listing;
    let (head, before, limit) = (gate.head(), page.after()?, page.fetch());
    let rows = store.read(move |db| stored::list(db, head, filter.with_closed, before, limit)).await?;
    Ok(Json(Page::cut(rows, &page, |row| row.id, BlueprintView::from)))
}

/// `GET /blueprints/{blueprint_id}`
pub async fn show(
    _who: Staff<may::BlueprintRead>,
    store: Data<Store>,
    path: Path<BlueprintId>,
) -> Result<Json<BlueprintView>, Problem> {
    let id = *path;
    let found = store.read(move |db| stored::find(db, id)).await?.ok_or_else(Problem::not_found)?;
    Ok(Json(found.into()))
}

/// A blueprint to make.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "name": "标准站",
    "look": { "accent_colour": "#FF7A00", "blocks": ["banner", "coupons", "stores"], "modules": { "coupons": true } }
}))]
pub struct BlueprintRequest {
    /// Its name, up to 60 characters.
    name: Text<60>,
    /// What it proposes.
    #[serde(default)]
    look: SiteLook,
}

/// `POST /blueprints`
pub async fn create(
    who: Staff<may::BlueprintManage>,
    store: Data<Store>,
    key: OptionalKey,
    body: Valid<BlueprintRequest>,
) -> Result<Created<BlueprintView>, Problem> {
    let once = key.once(&who, &body);
    let BlueprintRequest { name, look } = body.into_inner();
    let new = Blueprint { name, look };
    let load = |db: &mut Db, caller: &Caller, id| {
        let found = stored::find(db, id)?.ok_or(UseCaseError::NotFound("blueprint"))?;
        caller.reach(db, found.site, Permission::BlueprintManage, "blueprint")?;
        Ok(found)
    };
    let make = move |db: &mut Db, act: &Act<'_>| blueprints::create(db, act, &new);
    let made = transact::create(&store, who.caller(), once, make, (|made: &StoredBlueprint| made.id, load)).await?;
    Ok(Created(made.into()))
}

/// A changed blueprint, as a whole.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "version": 1, "name": "标准站", "look": { "accent_colour": "#00AA00" } }))]
pub struct UpdateBlueprintRequest {
    /// `version` as the caller has seen it; refused when it has changed since.
    #[validate(range(min = 1))]
    #[schema(minimum = 1)]
    version: i64,
    /// Its name, up to 60 characters.
    name: Text<60>,
    /// What it proposes.
    #[serde(default)]
    look: SiteLook,
}

/// `PUT /blueprints/{blueprint_id}`
pub async fn update(
    who: Staff<may::BlueprintManage>,
    store: Data<Store>,
    path: Path<BlueprintId>,
    body: Valid<UpdateBlueprintRequest>,
) -> Result<Json<BlueprintView>, Problem> {
    let UpdateBlueprintRequest { version, name, look } = body.into_inner();
    let (seen, changed) = ((*path, version), Blueprint { name, look });
    let written = transact(&store, who.caller(), move |db, act| blueprints::update(db, act, seen, &changed)).await?;
    Ok(Json(written.into()))
}

/// `POST /blueprints/{blueprint_id}/close`
pub async fn close(
    who: Staff<may::BlueprintManage>,
    store: Data<Store>,
    path: Path<BlueprintId>,
    body: Valid<VersionRequest>,
) -> Result<Json<BlueprintView>, Problem> {
    let (id, version) = (*path, body.version);
    let closed = transact(&store, who.caller(), move |db, act| blueprints::close(db, act, id, version)).await?;
    Ok(Json(closed.into()))
}
