//! The owner shows a coupon at the counter.

use chrono::{DateTime, Utc};
use huike_coupons::redeem::decide_show;
use huike_kernel::{CouponId, CustomerId};
use huike_persistence::{Db, coupons};

use super::case::held;
use crate::UseCaseError;

/// Goes on if the customer may show this coupon as a QR code now. Somebody else's coupon does not exist for them.
pub fn check_show(db: &mut Db, customer: CustomerId, coupon: CouponId, now: DateTime<Utc>) -> Result<(), UseCaseError> {
    let found = coupons::find(db, coupon)?.filter(|it| it.owner.is_some_and(|owner| owner.customer == customer));
    let coupon = found.ok_or(UseCaseError::NotFound("coupon"))?;
    Ok(decide_show(&held(&coupon), now)?)
}
