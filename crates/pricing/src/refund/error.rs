//! Why a return cannot be reckoned.

use huike_kernel::{DomainError, ErrorKind};
use serde_json::{Value, json};

/// What is wrong with a return.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RefundError {
    /// The quote has no such line.
    #[error("the order has no such line")]
    LineUnknown {
        /// Which.
        line: String,
    },
    /// The line is named twice, or with no units.
    #[error("each line is named once, with at least one unit")]
    UnitsUnsound {
        /// Which.
        line: String,
    },
    /// More units than are left.
    #[error("fewer units are left to return")]
    TooManyUnits {
        /// Of which line.
        line: String,
        /// How many are left.
        left: u32,
    },
}

impl DomainError for RefundError {
    fn code(&self) -> &'static str {
        match self {
            Self::LineUnknown { .. } => "refund_line_unknown",
            Self::UnitsUnsound { .. } => "refund_units_unsound",
            Self::TooManyUnits { .. } => "refund_too_many_units",
        }
    }

    fn kind(&self) -> ErrorKind {
        match self {
            Self::TooManyUnits { .. } => ErrorKind::Conflict,
            Self::LineUnknown { .. } | Self::UnitsUnsound { .. } => ErrorKind::Invalid,
        }
    }

    fn details(&self) -> Option<Value> {
        match self {
            Self::TooManyUnits { line, left } => Some(json!({ "line": line, "left": left })),
            Self::LineUnknown { line } | Self::UnitsUnsound { line } => Some(json!({ "line": line })),
        }
    }
}
