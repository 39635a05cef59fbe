//! Blocking customers (拉黑): at one site, or in the whole brand.

use actix_web::web::Data;
use huike_kernel::{CustomerId, NodeId, Text};
use huike_persistence::Store;
use huike_usecases::customers;
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use super::transact::transact;
use crate::{
    api::NoContent,
    auth::{Staff, may},
    extract::{Path, Valid},
    problem::Problem,
};

/// A block. Whoever is blocked claims nothing new; what they hold stays theirs.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "多次刷单" }))]
pub struct BlockRequest {
    /// Why, for staff, up to 200 characters.
    reason: Text<200>,
}

/// `PUT /customers/{customer_id}/blocks/{site_id}`
pub async fn block_at_site(
    who: Staff<may::CustomerBlock>,
    store: Data<Store>,
    path: Path<(CustomerId, NodeId)>,
    body: Valid<BlockRequest>,
) -> Result<NoContent, Problem> {
    let ((customer, site), reason) = (*path, body.into_inner().reason);
    transact(&store, who.caller(), move |db, act| customers::set_site_block(db, act, (site, customer), Some(&reason)))
        .await?;
    Ok(NoContent)
}

/// `DELETE /customers/{customer_id}/blocks/{site_id}`
pub async fn unblock_at_site(
    who: Staff<may::CustomerBlock>,
    store: Data<Store>,
    path: Path<(CustomerId, NodeId)>,
) -> Result<NoContent, Problem> {
    let (customer, site) = *path;
    transact(&store, who.caller(), move |db, act| customers::set_site_block(db, act, (site, customer), None)).await?;
    Ok(NoContent)
}

/// `PUT /customers/{customer_id}/block`
pub async fn block_in_brand(
    who: Staff<may::CustomerBlockBrand>,
    store: Data<Store>,
    path: Path<CustomerId>,
    body: Valid<BlockRequest>,
) -> Result<NoContent, Problem> {
    let (customer, reason) = (*path, body.into_inner().reason);
    transact(&store, who.caller(), move |db, act| customers::set_brand_block(db, act, customer, Some(&reason))).await?;
    Ok(NoContent)
}

/// `DELETE /customers/{customer_id}/block`
pub async fn unblock_in_brand(
    who: Staff<may::CustomerBlockBrand>,
    store: Data<Store>,
    path: Path<CustomerId>,
) -> Result<NoContent, Problem> {
    let customer = *path;
    transact(&store, who.caller(), move |db, act| customers::set_brand_block(db, act, customer, None)).await?;
    Ok(NoContent)
}
