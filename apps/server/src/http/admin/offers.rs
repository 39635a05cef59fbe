//! Offers (优惠活动): drafting, reading, new versions.

use actix_web::web::{Data, Json};
use huike_kernel::{LifeState, NodeId, OfferClass, OfferId, Text};
use huike_persistence::{
    Store,
    offer_lists::{self, OfferFilter, OfferPage},
};
use huike_pricing::OfferRules;
use huike_usecases::offers::{self, NewOffer, OfferAsk, OfferEdit};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::offer_view::{OfferSummary, OfferVersionView, OfferView, change};
use crate::{
    api::Created,
    auth::{Staff, may},
    extract::{Listing, Page, Path, Valid},
    problem::Problem,
};

/// An offer to draft.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "site_id": "01936f5e-7d2a-7c3e-9a41-5b6c7d8e9f00",
    "name": "全场9折，最多减50",
    "rules": {
        "class": "order",
        "effect": { "kind": "percent_off", "rate_off": "0.10" },
        "cap": "50.00",
        "budget": "30000.00"
    }
}))]
pub struct CreateOfferRequest {
    /// The node that will own it: a head, a region or a site. It holds there and below.
    site_id: NodeId,
    /// Its name, up to 60 characters.
    name: Text<60>,
    /// Its rules.
    rules: OfferRules,
}

/// A change of a draft; what is not named stays.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "version": 1, "name": "全场满200减30（周末）" }))]
pub struct EditOfferRequest {
    /// `version` of the offer as the caller has seen it; refused when it has changed since.
    version: i64,
    /// Another name; only before the first version is handed in.
    name: Option<Text<60>>,
    /// Other rules, as a whole.
    rules: Option<OfferRules>,
}

/// An act on an offer.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "version": 3 }))]
pub struct OfferActRequest {
    /// `version` of the offer as the caller has seen it; refused when it has changed since. Not said: whatever it is now.
    version: Option<i64>,
}

impl OfferActRequest {
    /// The ask about that offer.
    pub(super) fn about(&self, offer: OfferId) -> OfferAsk {
        OfferAsk { offer, seen: self.version }
    }
}

/// What narrows the list.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OfferQuery {
    /// Only in this state.
    #[param(inline)]
    state: Option<LifeState>,
    /// Only those that reduce this.
    #[param(inline)]
    class: Option<OfferClass>,
    /// Only those whose effect is of this kind.
    #[validate(length(min = 1, max = 40))]
    #[param(example = "amount_off")]
    kind: Option<String>,
    /// Only those whose name holds this text.
    #[validate(length(min = 1, max = 60))]
    q: Option<String>,
    /// Only those that this node owns.
    #[param(value_type = Option<uuid::Uuid>)]
    site_id: Option<NodeId>,
}

impl From<OfferQuery> for OfferFilter {
    fn from(query: OfferQuery) -> Self {
        Self { state: query.state, class: query.class, kind: query.kind, text: query.q, owner: query.site_id }
    }
}

/// `GET /offers`
pub async fn list(
    who: Staff<may::OfferRead>,
    store: Data<Store>,
    listing: Listing<OfferQuery>,
) -> Result<Json<Page<OfferSummary>>, Problem> {
    let Listing { page, filter } = listing;
    let wanted = OfferPage { before: page.after()?, limit: page.fetch() };
    let (roots, filter) = (who.scope.permitted.clone(), OfferFilter::from(filter));
    let rows = store.read(move |db| offer_lists::list(db, &roots, &filter, wanted)).await?;
    Ok(Json(Page::cut(rows, &page, |row| row.offer.id, OfferSummary::from)))
}

/// `GET /offers/{offer_id}`
pub async fn show(
    who: Staff<may::OfferRead>,
    store: Data<Store>,
    path: Path<OfferId>,
) -> Result<Json<OfferView>, Problem> {
    let (reach, id) = (who.scope.clone(), *path);
    let found = store.read(move |db| offers::find_readable(db, &reach, id)).await?;
    Ok(Json(found.into()))
}

/// `POST /offers`
pub async fn create(
    who: Staff<may::OfferCreate>,
    store: Data<Store>,
    body: Valid<CreateOfferRequest>,
) -> Result<Created<OfferView>, Problem> {
    let CreateOfferRequest { site_id, name, rules } = body.into_inner();
    let new = NewOffer { site: site_id, name, rules };
    let made = change(&store, who.caller(), move |db, act| offers::create(db, act, &new)).await?;
    Ok(Created(made.into_inner()))
}

/// `PATCH /offers/{offer_id}`
pub async fn edit(
    who: Staff<may::OfferCreate>,
    store: Data<Store>,
    path: Path<OfferId>,
    body: Valid<EditOfferRequest>,
) -> Result<Json<OfferView>, Problem> {
    let EditOfferRequest { version, name, rules } = body.into_inner();
    let edit = OfferEdit { ask: OfferAsk { offer: *path, seen: Some(version) }, name, rules };
    change(&store, who.caller(), move |db, act| offers::edit_draft(db, act, &edit)).await
}

/// `GET /offers/{offer_id}/versions`
pub async fn list_versions(
    who: Staff<may::OfferRead>,
    store: Data<Store>,
    path: Path<OfferId>,
) -> Result<Json<OfferVersionList>, Problem> {
    let (reach, id) = (who.scope.clone(), *path);
    let found = store.read(move |db| offers::list_versions(db, &reach, id)).await?;
    Ok(Json(OfferVersionList { items: found.into_iter().map(OfferVersionView::from).collect() }))
}

/// Every version, newest first.
#[derive(Serialize, ToSchema)]
pub struct OfferVersionList {
    /// The versions.
    items: Vec<OfferVersionView>,
}

/// `POST /offers/{offer_id}/versions`
pub async fn open_version(
    who: Staff<may::OfferCreate>,
    store: Data<Store>,
    path: Path<OfferId>,
    body: Valid<OfferActRequest>,
) -> Result<Created<OfferView>, Problem> {
    let ask = body.about(*path);
    let opened = change(&store, who.caller(), move |db, act| offers::open_version(db, act, ask)).await?;
    Ok(Created(opened.into_inner()))
}
