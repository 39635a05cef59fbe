//! The one error of this crate: every refusal, by the act it belongs to.

use huike_kernel::{DomainError, ErrorKind};
use serde_json::Value;

use crate::{
    calendar::{CalendarError, NotNow},
    claim::ClaimError,
    codes::CodeError,
    redeem::RedeemError,
    template::TemplateError,
};

/// Why something about coupons is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CouponError {
    /// An act on a template.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// A claim.
    #[error(transparent)]
    Claim(#[from] ClaimError),
    /// A redemption, an undo, or another step of a coupon's life.
    #[error(transparent)]
    Redeem(#[from] RedeemError),
    /// A code, a pattern or a guess.
    #[error(transparent)]
    Code(#[from] CodeError),
    /// A use outside the hours or days of the rules.
    #[error(transparent)]
    NotNow(#[from] NotNow),
    /// A holiday file or use times that cannot be read.
    #[error(transparent)]
    Calendar(#[from] CalendarError),
}

impl CouponError {
    fn inner(&self) -> &dyn DomainError {
        match self {
            Self::Template(error) => error,
            Self::Claim(error) => error,
            Self::Redeem(error) => error,
            Self::Code(error) => error,
            Self::NotNow(error) => error,
            Self::Calendar(error) => error,
        }
    }
}

impl DomainError for CouponError {
    fn code(&self) -> &'static str {
        self.inner().code()
    }

    fn kind(&self) -> ErrorKind {
        self.inner().kind()
    }

    fn pointer(&self) -> Option<String> {
        self.inner().pointer()
    }

    fn details(&self) -> Option<Value> {
        self.inner().details()
    }
}
