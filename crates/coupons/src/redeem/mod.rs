//! Redemption at a counter (核销), its undo (撤销核销), voiding and expiry.
//!
//! A counter knows the store, the clerk, the time and what the clerk types. Conditions about anything else are never
//! ignored: such a coupon is refused with `coupon_needs_cart`.

mod counter;
mod day;
mod error;
mod order;
mod request;
mod show;
mod undo;

use chrono::{DateTime, Utc};
use huike_kernel::{CustomerId, Money};

pub use counter::{CounterAsk, CounterRedemption, decide_counter_redeem};
pub use day::decide_sign_day;
pub use error::{RedeemError, Winner};
pub use order::decide_lock;
pub use request::RequestState;
pub use show::decide_show;
pub use undo::{Undo, UndoPath, UnredeemAsk, decide_unredeem};

use crate::{
    coupon::{CouponEdge, CouponState},
    error::CouponError,
    template::Reason,
};

/// One coupon, as far as decisions need it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeldCoupon {
    /// Where it stands.
    pub state: CouponState,
    /// Who owns it; nobody while it is an unclaimed code, or was redeemed as one.
    pub owner: Option<CustomerId>,
    /// The first moment of use; unknown while validity counts from a claim nobody has made.
    pub usable_from: Option<DateTime<Utc>>,
    /// The first moment too late.
    pub expires_at: Option<DateTime<Utc>>,
    /// What is committed of the budget for it.
    pub committed: Money,
}

impl HeldCoupon {
    /// Whether its validity is over.
    pub fn is_past(&self, now: DateTime<Utc>) -> bool {
        self.expires_at.is_some_and(|end| now >= end)
    }
}

/// Whether a coupon is to be expired now. One that an order holds waits for the order's end.
pub fn decide_expire(coupon: &HeldCoupon, now: DateTime<Utc>) -> Result<CouponState, CouponError> {
    let next = coupon.state.after(CouponEdge::Expire, coupon.owner.is_some())?;
    if coupon.is_past(now) {
        return Ok(next);
    }
    Err(RedeemError::StateRefuses { state: coupon.state, edge: CouponEdge::Expire }.into())
}

/// Whether a coupon may be made void, and by which reason.
pub fn decide_void(coupon: &HeldCoupon, reason: Option<&Reason>) -> Result<CouponState, CouponError> {
    if reason.is_none() {
        return Err(RedeemError::ReasonRequired.into());
    }
    if coupon.state == CouponState::Locked {
        return Err(RedeemError::Locked.into());
    }
    coupon.state.after(CouponEdge::Void, coupon.owner.is_some())
}

#[cfg(test)]
mod tests {
    use huike_kernel::DomainError;

    use super::*;
    use crate::samples;

    fn coupon(state: CouponState) -> HeldCoupon {
        HeldCoupon { state, owner: None, usable_from: None, expires_at: Some(samples::noon()), committed: Money::ZERO }
    }

    #[test]
    fn only_open_coupons_past_their_validity_expire() {
        for state in CouponState::ALL {
            let lawful = matches!(state, CouponState::Unclaimed | CouponState::Issued);
            assert_eq!(decide_expire(&coupon(*state), samples::noon()).is_ok(), lawful, "{state}");
            assert!(decide_expire(&coupon(*state), samples::minutes_after_noon(-1)).is_err());
        }
    }

    #[test]
    fn voiding_needs_a_reason_and_a_coupon_no_order_holds() {
        let reason = Reason::new("发错人").unwrap();
        assert_eq!(decide_void(&coupon(CouponState::Issued), Some(&reason)).unwrap(), CouponState::Voided);
        assert_eq!(decide_void(&coupon(CouponState::Issued), None).unwrap_err().code(), "reason_required");
        assert_eq!(decide_void(&coupon(CouponState::Locked), Some(&reason)).unwrap_err().code(), "coupon_locked");
        let refused = decide_void(&coupon(CouponState::Redeemed), Some(&reason)).unwrap_err();
        assert_eq!(refused.code(), "coupon_state_refuses");
    }
}
