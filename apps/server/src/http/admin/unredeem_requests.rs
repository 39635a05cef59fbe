//! Late undo: one person of finance asks, another decides.

use actix_web::web::{Data, Json};
use chrono::{DateTime, Utc};
use huike_coupons::{redeem::RequestState, template::Reason};
use huike_kernel::{NodeId, RedemptionId, StaffId};
use huike_persistence::{
    Store,
    unredeem_requests::{self, UnredeemRequest},
};
use huike_usecases::redeem::{self, LateUndoAsk};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use super::transact::transact;
use crate::{
    api::Created,
    auth::{Staff, may},
    extract::{IdempotencyKey, Listing, Page, Path, Valid},
    http::redemption_view::UndoneView,
    problem::Problem,
};

/// Why a redemption is to be undone although its time is over.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "客户投诉，总部同意" }))]
pub struct LateUndoRequest {
    /// A sentence for the second person, kept with the redemption.
    reason: Reason,
}

/// A request for a late undo.
#[derive(Serialize, ToSchema)]
pub struct UnredeemRequestView {
    /// Its id.
    id: Uuid,
    /// The redemption.
    redemption_id: RedemptionId,
    /// The store that redeemed.
    store_id: NodeId,
    /// Why.
    #[schema(example = "客户投诉")]
    reason: String,
    /// Where it stands.
    state: RequestState,
    /// Who asked.
    requested_by: StaffId,
    /// When.
    requested_at: DateTime<Utc>,
    /// Who decided.
    decided_by: Option<StaffId>,
    /// When.
    decided_at: Option<DateTime<Utc>>,
}

impl From<UnredeemRequest> for UnredeemRequestView {
    fn from(request: UnredeemRequest) -> Self {
        Self {
            id: request.id,
            redemption_id: request.redemption,
            store_id: request.store,
            reason: request.reason,
            state: request.state,
            requested_by: request.requested.0,
            requested_at: request.requested.1,
            decided_by: request.decided.map(|(by, _)| by),
            decided_at: request.decided.map(|(_, at)| at),
        }
    }
}

/// What narrows a list of requests.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct UnredeemRequestQuery {
    /// Only in this state.
    #[param(inline)]
    state: Option<RequestState>,
}

/// `POST /redemptions/{redemption_id}/unredeem-requests`
pub async fn create(
    who: Staff<may::CouponUnredeemLate>,
    store: Data<Store>,
    path: Path<RedemptionId>,
    body: Valid<LateUndoRequest>,
) -> Result<Created<UnredeemRequestView>, Problem> {
    let ask = LateUndoAsk { redemption: *path, reason: body.into_inner().reason };
    let made = transact(&store, who.caller(), move |db, act| redeem::request_late_undo(db, act, &ask)).await?;
    Ok(Created(made.into()))
}

/// `GET /unredeem-requests`
pub async fn list(
    who: Staff<may::CouponUnredeemLate>,
    store: Data<Store>,
    listing: Listing<UnredeemRequestQuery>,
) -> Result<Json<Page<UnredeemRequestView>>, Problem> {
    let Listing { page, filter } = listing;
    let (before, limit) = (page.after()?, page.fetch());
    let roots = who.scope.permitted.clone();
    let rows = store.read(move |db| unredeem_requests::list(db, &roots, filter.state, before, limit)).await?;
    Ok(Json(Page::cut(rows, &page, |row| row.id, UnredeemRequestView::from)))
}

/// `POST /unredeem-requests/{request_id}/approve`
pub async fn approve(
    who: Staff<may::CouponUnredeemLate>,
    store: Data<Store>,
    key: IdempotencyKey,
    path: Path<Uuid>,
) -> Result<Json<UndoneView>, Problem> {
    let (once, caller, id) = (key.once(&who, &()), who.caller(), *path);
    let done = store.write_once(once, move |db, now| redeem::approve_late_undo(db, &caller.act(now), id)).await?;
    Ok(Json(done.value.into()))
}

/// `POST /unredeem-requests/{request_id}/reject`
pub async fn reject(
    who: Staff<may::CouponUnredeemLate>,
    store: Data<Store>,
    path: Path<Uuid>,
) -> Result<Json<UnredeemRequestView>, Problem> {
    let id = *path;
    let decided = transact(&store, who.caller(), move |db, act| redeem::reject_late_undo(db, act, id)).await?;
    Ok(Json(decided.into()))
}
