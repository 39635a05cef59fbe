//! Redemption by an order (线上核销): the order takes hold of the coupon when it is placed, and redeems it when it is paid.
//!
//! What a cart must hold for it, and what it takes off, the price of the cart has decided; here is what the coupon itself
//! says.

use huike_kernel::Money;

use super::{HeldCoupon, counter::guard_state};
use crate::{
    coupon::{CouponEdge, CouponState},
    error::CouponError,
    rules::{Effect, TemplateRules},
};

/// Whether an order may take hold of a coupon that its customer owns, and where that leads. Who comes second hears who has
/// it.
pub fn decide_lock(coupon: &HeldCoupon) -> Result<CouponState, CouponError> {
    guard_state(coupon, None)?;
    coupon.state.after(CouponEdge::Lock, coupon.owner.is_some())
}

impl TemplateRules {
    /// What a use in an order costs: what it takes off, or where it gives goods or delivery, what was declared for them.
    pub fn order_cost(&self, discount: Money) -> Money {
        match self.effect {
            Effect::AmountOff { .. } | Effect::PercentOff { .. } => discount,
            Effect::Exchange { .. } | Effect::DeliveryFeeOff { .. } | Effect::Unsupported => self.counter_cost(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use huike_kernel::{CustomerId, DomainError};

    use super::*;

    #[test]
    fn only_a_coupon_in_hand_is_taken_and_who_comes_second_hears_why_not() {
        let owner = Some(CustomerId::from_uuid(uuid::Uuid::nil()));
        let coupon = |state| HeldCoupon { state, owner, usable_from: None, expires_at: None, committed: Money::ZERO };
        for state in CouponState::ALL {
            let answer = decide_lock(&coupon(*state));
            assert_eq!(answer.is_ok(), *state == CouponState::Issued, "{state}");
        }
        assert_eq!(decide_lock(&coupon(CouponState::Locked)).unwrap_err().code(), "coupon_locked");
        assert_eq!(decide_lock(&coupon(CouponState::Redeemed)).unwrap_err().code(), "coupon_already_redeemed");
    }
}
