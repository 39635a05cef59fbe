//! Why a holiday file or use times are refused, and the answer outside use times.

use huike_kernel::{DomainError, ErrorKind};
use serde_json::{Value, json};

use super::hours::LocalMinute;

/// A document that is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// A holiday file that is not the expected JSON, or contradicts itself.
    #[error("the holiday file is invalid: {reason}")]
    HolidayFile {
        /// What is wrong, with the place.
        reason: String,
    },
    /// Use times that contradict themselves or grow without bound.
    #[error("the use times are invalid: {reason}")]
    UseTimes {
        /// JSON pointer inside the use times document.
        pointer: String,
        /// What is wrong, in plain words.
        reason: &'static str,
    },
}

impl DomainError for CalendarError {
    fn code(&self) -> &'static str {
        match self {
            Self::HolidayFile { .. } => "holiday_file_invalid",
            Self::UseTimes { .. } => "use_times_invalid",
        }
    }

    fn kind(&self) -> ErrorKind {
        ErrorKind::Invalid
    }

    fn pointer(&self) -> Option<String> {
        match self {
            Self::HolidayFile { .. } => None,
            Self::UseTimes { pointer, .. } => Some(pointer.clone()),
        }
    }
}

/// The coupon may not be used at this moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the coupon cannot be used at this time of day or on this day")]
pub struct NotNow {
    /// The first local minute at which it may be used again; `None` when none was found within the search.
    pub next_allowed: Option<LocalMinute>,
}

impl DomainError for NotNow {
    fn code(&self) -> &'static str {
        "coupon_not_now"
    }

    fn kind(&self) -> ErrorKind {
        ErrorKind::Conflict
    }

    fn details(&self) -> Option<Value> {
        let next = self.next_allowed?;
        Some(json!({ "next_allowed_local": next.to_string() }))
    }
}
