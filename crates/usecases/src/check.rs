//! What anybody may learn of a code on the public check page.

use chrono::{DateTime, Utc};
use huike_coupons::{
    CouponState,
    codes::{CodeFinding, CodeProof, PublicAnswer, public_answer},
};
use huike_persistence::{
    Db, StoreError,
    coupons::{self, Coupon},
    templates,
};

use crate::codes::EnteredCode;

/// Genuine, used or unknown; of a plain code nothing is said.
pub fn check_code(db: &mut Db, entered: &EnteredCode, now: DateTime<Utc>) -> Result<PublicAnswer, StoreError> {
    let id = coupons::find_id_by_code(db, &entered.lookup)?;
    let coupon = id.map(|id| coupons::find(db, id)).transpose()?.flatten();
    let finding = match coupon {
        Some(coupon) if entered.proof == CodeProof::Genuine => find(db, &coupon, now)?,
        _ => CodeFinding::Unknown,
    };
    Ok(public_answer(entered.shape, finding))
}

fn find(db: &mut Db, coupon: &Coupon, now: DateTime<Utc>) -> Result<CodeFinding, StoreError> {
    let killed = templates::find(db, coupon.template)?.is_some_and(|template| template.killed.is_some());
    let is_over = coupon.expires_at.is_some_and(|end| now >= end);
    Ok(match coupon.state {
        CouponState::Unclaimed | CouponState::Issued if killed => CodeFinding::Killed,
        CouponState::Unclaimed | CouponState::Issued if is_over => CodeFinding::Expired,
        CouponState::Unclaimed => CodeFinding::Unclaimed,
        CouponState::Issued => CodeFinding::Held,
        CouponState::Locked => CodeFinding::Reserved,
        CouponState::Redeemed => CodeFinding::Used,
        CouponState::Expired => CodeFinding::Expired,
        CouponState::Voided => CodeFinding::Voided,
        CouponState::Transferred => CodeFinding::Transferred,
        CouponState::Returned => CodeFinding::Returned,
    })
}
