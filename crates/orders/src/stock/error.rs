//! Why something about a stock is refused.

use huike_kernel::{DomainError, ErrorKind, SkuId};
use serde_json::{Value, json};

use super::{LINES_MAX, QUANTITY_MAX, ReservationState, TransferState};

/// Why an act on a stock is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StockError {
    /// There is not so much that nobody else was promised.
    #[error("only {available} of the SKU are available")]
    Short {
        /// Of which SKU.
        sku: SkuId,
        /// What there is to take.
        available: i64,
        /// What was wanted.
        wanted: i64,
    },
    /// A count below what customers were promised.
    #[error("{reserved} of the SKU are reserved: release them before counting fewer")]
    BelowReserved {
        /// Of which SKU.
        sku: SkuId,
        /// What is kept for somebody.
        reserved: i64,
    },
    /// Stock lies at sites and stores.
    #[error("stock lies at sites and stores only")]
    NodeUnfit,
    /// No line, or more than [`LINES_MAX`].
    #[error("between 1 and {LINES_MAX} lines are moved at once")]
    LinesOutOfRange,
    /// A quantity of nothing, or above [`QUANTITY_MAX`].
    #[error("a quantity lies between 1 and {QUANTITY_MAX}")]
    QuantityOutOfRange {
        /// The line, by its position.
        line: usize,
    },
    /// Two lines of one SKU.
    #[error("two lines are about the same SKU")]
    SkuTwice {
        /// The second of them, by its position.
        line: usize,
    },
    /// A batch without what was found when it was inspected.
    #[error("say what the inspection of the batch found, or where its papers are")]
    InspectionMissing {
        /// The line, by its position.
        line: usize,
    },
    /// Not an address that everybody may open.
    #[error("papers are named by an https address without credentials, of at most 500 characters")]
    InspectionAddressUnsound {
        /// The line, by its position.
        line: usize,
    },
    /// A stock would hold more than can be counted.
    #[error("a stock holds at most 1 000 000 000")]
    TooMuch,
    /// What was reserved is not reserved any more.
    #[error("the reservation is {state}")]
    ReservationEnded {
        /// How it ended.
        state: ReservationState,
    },
    /// A transfer from a place to itself.
    #[error("goods are moved from one place to another")]
    TransferSamePlace,
    /// It was sent, received or cancelled already.
    #[error("the transfer is {state}, not requested")]
    TransferNotRequested {
        /// Where it stands.
        state: TransferState,
    },
    /// It was not sent yet, or received already.
    #[error("the transfer is {state}, not sent")]
    TransferNotSent {
        /// Where it stands.
        state: TransferState,
    },
    /// Every line of a transfer is answered, and no other.
    #[error("every line of the transfer is stated once, and no other")]
    TransferLinesDiffer,
    /// More than was asked for, or more than was sent.
    #[error("no more can be stated than {most}")]
    TransferTooMuch {
        /// The line, by its position.
        line: usize,
        /// The most it can be.
        most: i64,
    },
    /// Less came in than went out, and nobody said why.
    #[error("say why less arrived than was sent")]
    TransferReasonMissing,
}

impl DomainError for StockError {
    fn code(&self) -> &'static str {
        match self {
            Self::Short { .. } => "stock_short",
            Self::BelowReserved { .. } => "stock_below_reserved",
            Self::NodeUnfit => "stock_node_unfit",
            Self::LinesOutOfRange => "stock_lines_out_of_range",
            Self::QuantityOutOfRange { .. } => "stock_quantity_out_of_range",
            Self::SkuTwice { .. } => "stock_sku_twice",
            Self::InspectionMissing { .. } => "inspection_missing",
            Self::InspectionAddressUnsound { .. } => "inspection_address_unsound",
            Self::TooMuch => "stock_too_much",
            Self::ReservationEnded { .. } => "reservation_ended",
            Self::TransferSamePlace => "transfer_same_place",
            Self::TransferNotRequested { .. } => "transfer_not_requested",
            Self::TransferNotSent { .. } => "transfer_not_sent",
            Self::TransferLinesDiffer => "transfer_lines_differ",
            Self::TransferTooMuch { .. } => "transfer_too_much",
            Self::TransferReasonMissing => "transfer_reason_missing",
        }
    }

    fn kind(&self) -> ErrorKind {
        match self {
            Self::Short { .. }
            | Self::BelowReserved { .. }
            | Self::TooMuch
            | Self::ReservationEnded { .. }
            | Self::TransferNotRequested { .. }
            | Self::TransferNotSent { .. } => ErrorKind::Conflict,
            Self::NodeUnfit
            | Self::LinesOutOfRange
            | Self::QuantityOutOfRange { .. }
            | Self::SkuTwice { .. }
            | Self::InspectionMissing { .. }
            | Self::InspectionAddressUnsound { .. }
            | Self::TransferSamePlace
            | Self::TransferLinesDiffer
            | Self::TransferTooMuch { .. }
            | Self::TransferReasonMissing => ErrorKind::Invalid,
        }
    }

    fn pointer(&self) -> Option<String> {
        match self {
            Self::LinesOutOfRange | Self::TransferLinesDiffer => Some("/lines".to_owned()),
            Self::QuantityOutOfRange { line } | Self::TransferTooMuch { line, .. } => {
                Some(format!("/lines/{line}/quantity"))
            }
            Self::InspectionMissing { line } => Some(format!("/lines/{line}/batch/inspection")),
            Self::InspectionAddressUnsound { line } => Some(format!("/lines/{line}/batch/inspection_url")),
            Self::SkuTwice { line } => Some(format!("/lines/{line}/sku_id")),
            Self::TransferSamePlace => Some("/to_site_id".to_owned()),
            Self::TransferReasonMissing => Some("/reason".to_owned()),
            _ => None,
        }
    }

    fn details(&self) -> Option<Value> {
        match self {
            Self::Short { sku, available, wanted } => {
                Some(json!({ "sku_id": sku, "available": available, "wanted": wanted }))
            }
            Self::BelowReserved { sku, reserved } => Some(json!({ "sku_id": sku, "reserved": reserved })),
            Self::TransferTooMuch { most, .. } => Some(json!({ "most": most })),
            Self::ReservationEnded { state } => Some(json!({ "state": state })),
            Self::TransferNotRequested { state } | Self::TransferNotSent { state } => Some(json!({ "state": state })),
            _ => None,
        }
    }
}
