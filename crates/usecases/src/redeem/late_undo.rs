//! Late undo: after the window, or on a signed day, by two different people of finance.

use huike_access::{Permission, decide_second_person};
use huike_coupons::{
    CouponError, RedeemError,
    redeem::{RequestState, UndoPath},
    template::Reason,
};
use huike_kernel::RedemptionId;
use huike_persistence::{
    Db, Outcome, StoreError, redemptions,
    unredeem_requests::{self, UnredeemRequest},
};
use uuid::Uuid;

use super::{
    traces,
    undo::{Undone, Wanted, guard_counts, reverse},
};
use crate::{Act, UseCaseError, record};

const PERMISSION: Permission = Permission::CouponUnredeemLate;

/// The schema knows no late undo by one person, so a one-person shop has none: the store's own window is its way.
const OTHERS_ABLE: usize = 1;

/// What the first person asks.
#[derive(Debug, Clone)]
pub struct LateUndoAsk {
    /// The redemption.
    pub redemption: RedemptionId,
    /// Why.
    pub reason: Reason,
}

/// Asks for the undo of a redemption; a second person decides.
pub fn request_late_undo(db: &mut Db, act: &Act<'_>, ask: &LateUndoAsk) -> Result<UnredeemRequest, UseCaseError> {
    let by = act.staff(PERMISSION)?;
    let redemption = redemptions::find(db, ask.redemption)?.ok_or(UseCaseError::NotFound("redemption"))?;
    act.reach(db, redemption.store, PERMISSION, "redemption")?;
    guard_counts(&redemption)?;
    let request = UnredeemRequest {
        id: act.new_id(),
        redemption: redemption.id,
        store: redemption.store,
        reason: ask.reason.to_string(),
        state: RequestState::Open,
        requested: (by, act.now),
        decided: None,
    };
    if unredeem_requests::insert(db, &request)? == Outcome::Refused {
        return Err(UseCaseError::Taken("redemption's request"));
    }
    audit(db, act, &request, "unredeem_request.create")?;
    Ok(request)
}

/// Agrees, as the second person: the redemption is undone and booked on the store's present day.
pub fn approve_late_undo(db: &mut Db, act: &Act<'_>, id: Uuid) -> Result<Undone, UseCaseError> {
    let approver = act.staff(PERMISSION)?;
    let request = find(db, act, id)?;
    let _two_people = decide_second_person(request.requested.0, approver, OTHERS_ABLE)?;
    let reason = Reason::new(&request.reason).map_err(|error| StoreError::corrupt("unredeem_request", error))?;
    let wanted = Wanted {
        path: UndoPath::Late,
        same_store: false,
        reason: Some(&reason),
        by: request.requested.0.as_uuid(),
        approved_by: Some(approver),
        permission: PERMISSION,
    };
    // The coupon first, then the request: whoever decides the request meanwhile makes the guarded write below refuse.
    let undone = reverse(db, act, request.redemption, &wanted)?;
    decide(db, act, &request, RequestState::Approved)?;
    Ok(undone)
}

/// Does not agree. The first person may take the request back in the same way.
pub fn reject_late_undo(db: &mut Db, act: &Act<'_>, id: Uuid) -> Result<UnredeemRequest, UseCaseError> {
    let request = find(db, act, id)?;
    decide(db, act, &request, RequestState::Rejected)
}

/// The request, while nobody has decided it. Whoever decides must hold the role at this moment, not only when the request
/// came in.
fn find(db: &mut Db, act: &Act<'_>, id: Uuid) -> Result<UnredeemRequest, UseCaseError> {
    let request = unredeem_requests::find(db, id)?.ok_or(UseCaseError::NotFound("request"))?;
    act.reach_afresh(db, request.store, PERMISSION, "request")?;
    match request.state {
        RequestState::Open => Ok(request),
        decided => Err(CouponError::from(RedeemError::RequestDecided { state: decided }).into()),
    }
}

fn decide(
    db: &mut Db,
    act: &Act<'_>,
    request: &UnredeemRequest,
    state: RequestState,
) -> Result<UnredeemRequest, UseCaseError> {
    let by = act.staff(PERMISSION)?;
    if unredeem_requests::decide(db, request.id, state, by, act.now)? == Outcome::Refused {
        return Err(UseCaseError::VersionConflict);
    }
    let decided = UnredeemRequest { state, decided: Some((by, act.now)), ..request.clone() };
    let action = match state {
        RequestState::Approved => "unredeem_request.approve",
        RequestState::Rejected | RequestState::Open => "unredeem_request.reject",
    };
    audit(db, act, &decided, action)?;
    Ok(decided)
}

fn audit(db: &mut Db, act: &Act<'_>, request: &UnredeemRequest, action: &'static str) -> Result<(), StoreError> {
    record::audit(db, act, request.store, traces::request(request, action))
}
