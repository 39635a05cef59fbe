//! Who buys, where, when and how: what conditions look at beside the cart.

use chrono::{DateTime, Utc};
use huike_kernel::{AreaCode, CouponId, LocalTime, NodeId};

use crate::offer::OfferId;

/// What is known of the customer and the moment. Nothing said is nothing known: a condition on it is not met.
#[derive(Debug, Clone)]
pub struct Facts {
    /// The moment, which decides windows.
    pub now: DateTime<Utc>,
    /// The same moment on the wall of the site, which decides weekdays and hours.
    pub local: LocalTime,
    /// The customer's membership tier.
    pub tier: Option<String>,
    /// The segments the customer is in.
    pub segments: Vec<String>,
    /// How many orders the customer has completed; `None` for somebody unknown.
    pub completed_orders: Option<u32>,
    /// The customer's birthday as (month, day).
    pub birthday: Option<(u32, u32)>,
    /// The site and store, and all above them.
    pub places: Vec<NodeId>,
    /// The channel the order comes through: `miniapp`, `h5`, `pos`, ….
    pub channel: Option<String>,
    /// Where the goods go.
    pub delivery_area: Option<AreaCode>,
    /// How it will be paid.
    pub payment_method: Option<String>,
}

impl Facts {
    /// Somebody unknown, at this moment.
    pub fn at(now: DateTime<Utc>, local: LocalTime) -> Self {
        Self {
            now,
            local,
            tier: None,
            segments: Vec::new(),
            completed_orders: None,
            birthday: None,
            places: Vec::new(),
            channel: None,
            delivery_area: None,
            payment_method: None,
        }
    }
}

/// A coupon in the customer's hand: a right to one use of an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeldCoupon {
    /// The coupon.
    pub coupon: CouponId,
    /// What it gives.
    pub offer: OfferId,
    /// The first moment it can be used.
    pub usable_from: DateTime<Utc>,
    /// The first moment too late.
    pub expires_at: DateTime<Utc>,
}

/// Which of the coupons in hand are used.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum CouponChoice {
    /// Those that make the price lowest.
    #[default]
    Best,
    /// Exactly these, as far as they are lawful: the customer's own choice. Where two of them shut each other out, the
    /// better one counts.
    Chosen(Vec<CouponId>),
}
