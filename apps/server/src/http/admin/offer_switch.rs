//! Publishing an offer, the switches afterwards, and its budget. What changes here is in this instance's quotes when the
//! answer goes out, and in the others' within two seconds.

use actix_web::web::{Data, Json};
use huike_kernel::{Money, OfferId};
use huike_persistence::{Db, Store, offer_lists::ListedOffer};
use huike_usecases::{
    Act, Caller, UseCaseError,
    offers::{self, BudgetChange, OfferAsk},
};
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use super::{
    offer_view::{OfferView, change},
    offers::OfferActRequest,
};
use crate::{
    auth::{Staff, may},
    extract::{Path, Valid},
    offer_shelf::OfferShelf,
    problem::Problem,
};

/// What it may cost, and how often it may be used, from now on.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "version": 5, "budget": "50000.00" }))]
pub struct OfferBudgetRequest {
    /// `version` of the offer as the caller has seen it; refused when it has changed since.
    version: i64,
    /// In all, with what is spent already. Not said: whatever it takes.
    #[schema(value_type = Option<String>, example = "50000.00")]
    budget: Option<Money>,
    /// In all, with the uses there were already. Not said: as often as it happens.
    #[validate(range(min = 1, max = 1_000_000_000))]
    #[schema(minimum = 1, maximum = 1_000_000_000)]
    uses: Option<i64>,
}

/// `POST /offers/{offer_id}/publish`
pub async fn publish(
    who: Staff<may::OfferPublish>,
    store: Data<Store>,
    shelf: Data<OfferShelf>,
    path: Path<OfferId>,
    body: Valid<OfferActRequest>,
) -> Result<Json<OfferView>, Problem> {
    let ask = body.about(*path);
    switch((&store, &shelf), who.caller(), move |db, act| offers::publish(db, act, ask)).await
}

/// `POST /offers/{offer_id}/pause`
pub async fn pause(
    who: Staff<may::OfferPublish>,
    store: Data<Store>,
    shelf: Data<OfferShelf>,
    path: Path<OfferId>,
    body: Valid<OfferActRequest>,
) -> Result<Json<OfferView>, Problem> {
    let ask = body.about(*path);
    switch((&store, &shelf), who.caller(), move |db, act| offers::pause(db, act, ask)).await
}

/// `POST /offers/{offer_id}/resume`
pub async fn resume(
    who: Staff<may::OfferPublish>,
    store: Data<Store>,
    shelf: Data<OfferShelf>,
    path: Path<OfferId>,
    body: Valid<OfferActRequest>,
) -> Result<Json<OfferView>, Problem> {
    let ask = body.about(*path);
    switch((&store, &shelf), who.caller(), move |db, act| offers::resume(db, act, ask)).await
}

/// `POST /offers/{offer_id}/end`
pub async fn end(
    who: Staff<may::OfferPublish>,
    store: Data<Store>,
    shelf: Data<OfferShelf>,
    path: Path<OfferId>,
    body: Valid<OfferActRequest>,
) -> Result<Json<OfferView>, Problem> {
    let ask = body.about(*path);
    switch((&store, &shelf), who.caller(), move |db, act| offers::end(db, act, ask)).await
}

/// `PUT /offers/{offer_id}/budget`
pub async fn set_budget(
    who: Staff<may::OfferApprove>,
    store: Data<Store>,
    shelf: Data<OfferShelf>,
    path: Path<OfferId>,
    body: Valid<OfferBudgetRequest>,
) -> Result<Json<OfferView>, Problem> {
    let OfferBudgetRequest { version, budget, uses } = body.into_inner();
    let wanted = BudgetChange { ask: OfferAsk { offer: *path, seen: Some(version) }, budget, uses };
    switch((&store, &shelf), who.caller(), move |db, act| offers::change_budget(db, act, &wanted)).await
}

async fn switch(
    (store, shelf): (&Store, &OfferShelf),
    caller: Caller,
    body: impl Fn(&mut Db, &Act<'_>) -> Result<ListedOffer, UseCaseError> + Send + 'static,
) -> Result<Json<OfferView>, Problem> {
    let done = change(store, caller, body).await?;
    shelf.catch_up().await;
    Ok(done)
}
