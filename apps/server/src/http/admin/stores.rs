//! Pages of stores (门店主页).

use actix_web::web::{Data, Json};
use huike_access::Permission;
use huike_kernel::NodeId;
use huike_persistence::{Store, store_pages};
use huike_sites::StorePage;
use huike_usecases::{
    UseCaseError,
    store_pages::{self as pages, PageAsk},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::transact::transact;
use crate::{
    auth::{Staff, may},
    extract::{Path, Valid},
    problem::Problem,
};

/// A store's page.
#[derive(Serialize, ToSchema)]
pub struct StorePageView {
    /// The store.
    store_id: NodeId,
    /// Its page; null where none was written yet.
    page: Option<StorePage>,
    /// Counts the changes; to be given back with the next. 0 where none was written yet.
    version: i64,
}

/// `GET /stores/{store_id}/page`
pub async fn show_page(
    who: Staff<may::NodeRead>,
    store: Data<Store>,
    path: Path<NodeId>,
) -> Result<Json<StorePageView>, Problem> {
    let (caller, store_id) = (who.caller(), *path);
    let found = store.read(move |db| {
        caller.reach(db, store_id, Permission::NodeRead, "store")?;
        Ok::<_, UseCaseError>(store_pages::find(db, store_id)?)
    });
    let (page, version) = found.await?.map_or((None, 0), |stored| (Some(stored.page), stored.version));
    Ok(Json(StorePageView { store_id, page, version }))
}

/// A page to write.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "version": 0,
    "page": {
        "address": "天河路 208 号",
        "phone": "020-8888 6666",
        "opening_hours": { "mon": [["09:00", "21:30"]], "sat": [["10:00", "22:00"]] },
        "position": { "latitude_udeg": 23129110, "longitude_udeg": 113264385, "datum": "gcj02" }
    }
}))]
pub struct StorePageRequest {
    /// `version` as the caller has seen it; 0 for the first page. Refused when it has changed since.
    #[validate(range(min = 0))]
    #[schema(minimum = 0)]
    version: i64,
    /// The page as it shall be, as a whole.
    page: StorePage,
}

/// `PUT /stores/{store_id}/page`
pub async fn put_page(
    who: Staff<may::StorePageWrite>,
    store: Data<Store>,
    path: Path<NodeId>,
    body: Valid<StorePageRequest>,
) -> Result<Json<StorePageView>, Problem> {
    let StorePageRequest { version, page } = body.into_inner();
    let ask = PageAsk { store: *path, version, page };
    let stored = transact(&store, who.caller(), move |db, act| pages::put_page(db, act, &ask)).await?;
    Ok(Json(StorePageView { store_id: stored.store, page: Some(stored.page), version: stored.version }))
}
