//! Review of offers (审核): handing in, letting pass, sending back.

use actix_web::web::{Data, Json};
use huike_kernel::{OfferId, Text};
use huike_persistence::Store;
use huike_usecases::offers::{self, OfferAsk};
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use super::{
    offer_view::{OfferView, change},
    offers::OfferActRequest,
    transact::VersionRequest,
};
use crate::{
    auth::{Staff, may},
    extract::{Path, Valid},
    offer_shelf::OfferShelf,
    problem::Problem,
};

/// Why it is sent back.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "version": 3, "reason": "预算太高" }))]
pub struct RejectOfferRequest {
    /// `version` of the offer as the reviewer has seen it; refused when it has changed since.
    version: Option<i64>,
    /// A sentence for the maker.
    reason: Text<200>,
}

/// `POST /offers/{offer_id}/submit`
pub async fn submit(
    who: Staff<may::OfferCreate>,
    store: Data<Store>,
    path: Path<OfferId>,
    body: Valid<OfferActRequest>,
) -> Result<Json<OfferView>, Problem> {
    let ask = body.about(*path);
    change(&store, who.caller(), move |db, act| offers::submit(db, act, ask)).await
}

/// `POST /offers/{offer_id}/withdraw`
pub async fn withdraw(
    who: Staff<may::OfferCreate>,
    store: Data<Store>,
    path: Path<OfferId>,
    body: Valid<OfferActRequest>,
) -> Result<Json<OfferView>, Problem> {
    let ask = body.about(*path);
    change(&store, who.caller(), move |db, act| offers::withdraw(db, act, ask)).await
}

/// `POST /offers/{offer_id}/approve`
pub async fn approve(
    who: Staff<may::OfferApprove>,
    store: Data<Store>,
    path: Path<OfferId>,
    body: Valid<VersionRequest>,
) -> Result<Json<OfferView>, Problem> {
    let ask = OfferAsk { offer: *path, seen: Some(body.version) };
    change(&store, who.caller(), move |db, act| offers::approve(db, act, ask)).await
}

/// `POST /offers/{offer_id}/reject`
pub async fn reject(
    who: Staff<may::OfferApprove>,
    store: Data<Store>,
    path: Path<OfferId>,
    body: Valid<RejectOfferRequest>,
) -> Result<Json<OfferView>, Problem> {
    let RejectOfferRequest { version, reason } = body.into_inner();
    let ask = OfferAsk { offer: *path, seen: version };
    change(&store, who.caller(), move |db, act| offers::reject(db, act, ask, &reason)).await
}

/// `POST /offers/{offer_id}/self-publish`
pub async fn self_publish(
    who: Staff<may::OfferPublish>,
    store: Data<Store>,
    shelf: Data<OfferShelf>,
    path: Path<OfferId>,
    body: Valid<OfferActRequest>,
) -> Result<Json<OfferView>, Problem> {
    let ask = body.about(*path);
    let done = change(&store, who.caller(), move |db, act| offers::self_publish(db, act, ask)).await?;
    shelf.catch_up().await;
    Ok(done)
}
