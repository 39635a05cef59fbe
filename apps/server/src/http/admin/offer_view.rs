//! What staff see of an offer.

use actix_web::web::Json;
use chrono::{DateTime, Utc};
use huike_kernel::{LifeState, Money, NodeId, OfferClass, OfferId, StaffId, VersionState};
use huike_persistence::{Db, Store, offer_lists::ListedOffer, offer_stock::OfferStock, offers::OfferVersion};
use huike_pricing::{OfferError, OfferRules, offer::Effect};
use huike_usecases::{Act, Caller, UseCaseError};
use serde::Serialize;
use utoipa::ToSchema;

use crate::problem::{FieldError, Problem};

/// An offer with one of its versions: the newest for its owner's staff, the live one for nodes below.
#[derive(Serialize, ToSchema)]
pub struct OfferView {
    /// Its id.
    id: OfferId,
    /// The node that owns it.
    site_id: NodeId,
    /// Its name.
    #[schema(example = "全场满200减30")]
    name: String,
    /// Where it stands.
    state: LifeState,
    /// Counts the changes; to be given back with an act on it.
    version: i64,
    /// The version in force, once it was published.
    live_version: Option<i64>,
    /// The version that is shown.
    shown_version: OfferVersionView,
    /// What was used of it, once it was published.
    stock: Option<OfferStockView>,
    /// What it can cost at most; null where nothing bounds it.
    worst_case_total: Option<Money>,
    /// Who made it.
    created_by: StaffId,
    /// When.
    created_at: DateTime<Utc>,
    /// When it was last changed.
    updated_at: DateTime<Utc>,
}

/// One version of an offer.
#[derive(Serialize, ToSchema)]
pub struct OfferVersionView {
    /// 1, 2, 3, ….
    #[schema(minimum = 1)]
    number: i64,
    /// Where it stands.
    state: VersionState,
    /// Let pass without a second person (未经复核).
    unreviewed: bool,
    /// The rules.
    rules: OfferRules,
    /// Everybody who wrote on it; none of them reviews it.
    makers: Vec<StaffId>,
    /// Who handed it in for review.
    submitted_by: Option<StaffId>,
    /// When.
    submitted_at: Option<DateTime<Utc>>,
    /// Who let it pass.
    reviewed_by: Option<StaffId>,
    /// When.
    reviewed_at: Option<DateTime<Utc>>,
    /// Why it was rejected, the last time.
    reject_reason: Option<String>,
}

/// What orders have taken of an offer, and what they may.
#[derive(Serialize, ToSchema)]
pub struct OfferStockView {
    /// What it may cost in all; null: whatever it takes.
    budget: Option<Money>,
    /// What was taken off orders.
    spent: Money,
    /// How often it may be used in all; null: as often as it happens.
    uses_max: Option<i64>,
    /// How often it was used.
    uses: i64,
}

/// An offer in a list.
#[derive(Serialize, ToSchema)]
pub struct OfferSummary {
    /// Its id.
    id: OfferId,
    /// The node that owns it.
    site_id: NodeId,
    /// Its name.
    #[schema(example = "全场满200减30")]
    name: String,
    /// What it reduces.
    class: OfferClass,
    /// What it gives.
    effect: Effect,
    /// Higher goes first.
    priority: i32,
    /// Where it stands.
    state: LifeState,
    /// Counts the changes; to be given back with an act on it.
    version: i64,
    /// The version that is shown: the newest for its owner's staff, the live one for nodes below.
    version_number: i64,
    /// Where that version stands.
    version_state: VersionState,
    /// Let pass without a second person (未经复核).
    unreviewed: bool,
    /// What was used of it, once it was published.
    stock: Option<OfferStockView>,
    /// When it was last changed.
    updated_at: DateTime<Utc>,
}

impl From<OfferVersion> for OfferVersionView {
    fn from(version: OfferVersion) -> Self {
        Self {
            number: version.number,
            state: version.state,
            unreviewed: version.unreviewed,
            rules: version.rules,
            makers: version.makers,
            submitted_by: version.submitted.map(|(by, _)| by),
            submitted_at: version.submitted.map(|(_, at)| at),
            reviewed_by: version.reviewed.map(|(by, _)| by),
            reviewed_at: version.reviewed.map(|(_, at)| at),
            reject_reason: version.reject_reason,
        }
    }
}

impl From<OfferStock> for OfferStockView {
    fn from(stock: OfferStock) -> Self {
        Self {
            budget: stock.budget_fen.map(Money::from_fen),
            spent: Money::from_fen(stock.spent_fen),
            uses_max: stock.uses_max,
            uses: stock.uses,
        }
    }
}

impl From<ListedOffer> for OfferSummary {
    fn from(ListedOffer { offer, version, stock }: ListedOffer) -> Self {
        Self {
            id: offer.id,
            site_id: offer.site,
            name: offer.name,
            class: version.rules.class,
            effect: version.rules.effect,
            priority: version.rules.priority,
            state: offer.state,
            version: offer.version,
            version_number: version.number,
            version_state: version.state,
            unreviewed: version.unreviewed,
            stock: stock.map(Into::into),
            updated_at: offer.updated_at,
        }
    }
}

impl From<ListedOffer> for OfferView {
    fn from(ListedOffer { offer, version, stock }: ListedOffer) -> Self {
        Self {
            id: offer.id,
            site_id: offer.site,
            name: offer.name,
            state: offer.state,
            version: offer.version,
            live_version: offer.live_version,
            worst_case_total: version.rules.worst_case_total(),
            shown_version: version.into(),
            stock: stock.map(Into::into),
            created_by: offer.created_by,
            created_at: offer.created_at,
            updated_at: offer.updated_at,
        }
    }
}

/// One act on an offer in one transaction, and the offer after it.
pub(super) async fn change(
    store: &Store,
    caller: Caller,
    body: impl Fn(&mut Db, &Act<'_>) -> Result<ListedOffer, UseCaseError> + Send + 'static,
) -> Result<Json<OfferView>, Problem> {
    let changed = store.write(move |db, now| body(db, &caller.act(now)));
    Ok(Json(changed.await.map_err(explain)?.into()))
}

/// Of rules that are not sound every fault is told, each at its place.
pub(super) fn explain(error: UseCaseError) -> Problem {
    let UseCaseError::Offers(OfferError::RulesInvalid(problems)) = &error else {
        return error.into();
    };
    let faults = problems.iter();
    let faults = faults.map(|it| FieldError::new(it.pointer.clone(), it.fault.code(), it.fault.to_string())).collect();
    Problem::from(error).with_errors(faults)
}
