//! Why a cart is not priced, beside what is wrong with the cart itself.

use huike_kernel::{DomainError, ErrorKind};

/// Why not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum QuoteError {
    /// A coupon that is named is not one of the customer's. Nothing is told about whose it is.
    #[error("the customer has no such coupon")]
    CouponUnknown {
        /// Which of those that were named.
        index: usize,
    },
    /// Coupons were named, but nobody who could hold them.
    #[error("coupons belong to a customer: name the customer")]
    CustomerNeeded,
}

impl DomainError for QuoteError {
    fn code(&self) -> &'static str {
        match self {
            Self::CouponUnknown { .. } => "quote_coupon_unknown",
            Self::CustomerNeeded => "quote_customer_needed",
        }
    }

    fn kind(&self) -> ErrorKind {
        ErrorKind::Invalid
    }

    fn pointer(&self) -> Option<String> {
        Some(match self {
            Self::CouponUnknown { index } => format!("/coupon_ids/{index}"),
            Self::CustomerNeeded => "/customer_id".to_owned(),
        })
    }
}
