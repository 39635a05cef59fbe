//! A refund: what is asked for, and how it stands.

use chrono::{DateTime, Utc};
use huike_kernel::Money;

use crate::{PaymentRef, RefundRef};

/// What is asked of a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundAsk {
    /// Our id of the refund, made once and kept: the same id never pays back twice.
    pub refund: RefundRef,
    /// Which payment it is of.
    pub payment: PaymentRef,
    /// How much goes back; more than nothing.
    pub amount: Money,
    /// How much the payment was, all of it.
    pub paid: Money,
    /// What the payer reads about it. What is too long for the provider is cut.
    pub reason: Option<String>,
    /// Where the provider tells us of the outcome.
    pub notify_url: String,
}

/// How a refund stands at the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundReport {
    /// Which refund.
    pub refund: RefundRef,
    /// How it stands.
    pub status: RefundStatus,
    /// What the provider has taken down of it; nothing, if it is absent.
    pub booked: Option<BookedRefund>,
}

/// What a provider has taken down of a refund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookedRefund {
    /// The provider's id of it (微信退款单号).
    pub provider_refund_id: String,
    /// Which payment it is of.
    pub payment: PaymentRef,
    /// How much goes back.
    pub amount: Money,
}

/// How a refund stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefundStatus {
    /// The provider has never heard of it, or not yet: an ask that is still on its way may make it.
    Absent,
    /// It is under way.
    Processing,
    /// The money went back.
    Done {
        /// When.
        at: DateTime<Utc>,
    },
    /// It was given up; the money is where it was. A new refund needs a new id.
    Closed,
    /// The money could not reach the payer, whose card may be gone. Somebody has to settle it with the provider by hand.
    Abnormal,
}
