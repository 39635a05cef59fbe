//! Making one coupon void (作废).

use actix_web::web::{Data, Json};
use huike_coupons::CouponState;
use huike_kernel::CouponId;
use huike_persistence::Store;
use huike_usecases::void::void_coupon;
use serde::Serialize;
use utoipa::ToSchema;

use super::code_batches::VoidRequest;
use crate::{
    auth::{Staff, may},
    extract::{Path, Valid},
    problem::Problem,
};

/// A coupon that was made void.
#[derive(Serialize, ToSchema)]
pub struct VoidedView {
    /// The coupon.
    coupon_id: CouponId,
    /// Where it stands.
    state: CouponState,
}

/// `POST /coupons/{coupon_id}/void`
pub async fn void(
    who: Staff<may::CouponVoid>,
    store: Data<Store>,
    path: Path<CouponId>,
    body: Valid<VoidRequest>,
) -> Result<Json<VoidedView>, Problem> {
    let (caller, id, reason) = (who.caller(), *path, body.into_inner().into_reason());
    let voided = store.write(move |db, now| void_coupon(db, &caller.act(now), id, &reason)).await?;
    Ok(Json(VoidedView { coupon_id: voided.coupon, state: CouponState::Voided }))
}
