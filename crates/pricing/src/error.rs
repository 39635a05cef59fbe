//! Why a cart cannot be priced at all. Offers that do not apply are no errors: a quote lists them with their reasons.

use huike_kernel::{DomainError, ErrorKind};

/// What is wrong with a cart.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PricingError {
    /// More lines than [`crate::cart::LINES_MAX`], or more keys on a line than [`crate::cart::LINE_KEYS_MAX`].
    #[error("the cart is too long")]
    CartTooLong {
        /// JSON pointer of the list.
        pointer: String,
    },
    /// A quantity of nothing, or above [`crate::cart::QUANTITY_MAX`].
    #[error("a quantity lies between 1 and 10 000")]
    QuantityOutOfRange {
        /// The line, by its position.
        line: usize,
    },
    /// A unit heavier than [`crate::cart::WEIGHT_MAX_GRAMS`].
    #[error("a unit weighs at most 100 000 000 grams")]
    WeightOutOfRange {
        /// The line, by its position.
        line: usize,
    },
    /// A price below zero or above [`crate::cart::UNIT_PRICE_MAX_FEN`].
    #[error("a price lies between 0.00 and 10 000 000.00")]
    PriceOutOfRange {
        /// JSON pointer of the price.
        pointer: String,
    },
    /// Two lines of one id.
    #[error("two lines have the same id")]
    LineTwice {
        /// The second of them, by its position.
        line: usize,
    },
    /// An id, SKU or method without characters, or of too many.
    #[error("an id has 1 to 64 characters")]
    IdUnsound {
        /// JSON pointer of the id.
        pointer: String,
    },
}

impl DomainError for PricingError {
    fn code(&self) -> &'static str {
        match self {
            Self::CartTooLong { .. } => "cart_too_long",
            Self::QuantityOutOfRange { .. } => "cart_quantity_out_of_range",
            Self::WeightOutOfRange { .. } => "cart_weight_out_of_range",
            Self::PriceOutOfRange { .. } => "cart_price_out_of_range",
            Self::LineTwice { .. } => "cart_line_twice",
            Self::IdUnsound { .. } => "cart_id_unsound",
        }
    }

    fn kind(&self) -> ErrorKind {
        ErrorKind::Invalid
    }

    fn pointer(&self) -> Option<String> {
        Some(match self {
            Self::CartTooLong { pointer } | Self::PriceOutOfRange { pointer } | Self::IdUnsound { pointer } => {
                pointer.clone()
            }
            Self::QuantityOutOfRange { line } => format!("/lines/{line}/quantity"),
            Self::WeightOutOfRange { line } => format!("/lines/{line}/weight_grams"),
            Self::LineTwice { line } => format!("/lines/{line}/id"),
        })
    }
}
