//! Showing a coupon at a counter, as its owner.

use chrono::{DateTime, Utc};

use super::{
    HeldCoupon, RedeemError,
    counter::{guard_state, guard_validity},
};
use crate::{coupon::CouponState, error::CouponError};

/// Whether the owner may show the coupon as a QR code now: it could be redeemed as far as the coupon itself can say.
pub fn decide_show(coupon: &HeldCoupon, now: DateTime<Utc>) -> Result<(), CouponError> {
    guard_state(coupon, None)?;
    if coupon.state == CouponState::Unclaimed {
        return Err(RedeemError::NeedsOwner.into());
    }
    guard_validity(coupon, now)
}

#[cfg(test)]
mod tests {
    use huike_kernel::Money;

    use super::*;
    use crate::samples;

    #[test]
    fn only_a_usable_coupon_within_its_validity_is_shown() {
        for state in CouponState::ALL {
            let coupon = HeldCoupon {
                state: *state,
                owner: None,
                usable_from: Some(samples::noon()),
                expires_at: Some(samples::minutes_after_noon(10)),
                committed: Money::ZERO,
            };
            let shown = |minutes| decide_show(&coupon, samples::minutes_after_noon(minutes)).is_ok();
            assert_eq!((shown(-1), shown(0), shown(10)), (false, *state == CouponState::Issued, false), "{state}");
        }
    }
}
