//! Why an order is not placed, or does not go where somebody wants it.

use huike_kernel::{DomainError, ErrorKind, Money};
use serde_json::{Value, json};

use super::{AfterSaleState, OrderState};

/// Why an act on an order is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OrderError {
    /// Nothing is ordered, or too much at once.
    #[error("an order has at least one item, and at most two hundred")]
    ItemsOutOfRange,
    /// None of a SKU is ordered, or too many.
    #[error("from one to ten thousand units of a SKU may be ordered")]
    UnitsOutOfRange {
        /// Which item.
        index: usize,
    },
    /// A SKU stands twice.
    #[error("the SKU stands twice")]
    ItemTwice {
        /// The second item.
        index: usize,
    },
    /// There is no such SKU, or it is not on sale any more.
    #[error("the SKU is not on sale")]
    SkuUnavailable {
        /// Which item.
        index: usize,
    },
    /// An offer gives goods that are not in the catalogue.
    #[error("the gift {code} is not to be had")]
    GiftUnavailable {
        /// Its code.
        code: String,
    },
    /// More stored value than the order costs.
    #[error("the order costs {payable}")]
    StoredValueExceeds {
        /// What it costs.
        payable: Money,
    },
    /// It costs another amount than the customer has seen, or is made up in another way.
    #[error("the price has changed; the order now costs {payable}")]
    PriceChanged {
        /// What it costs now.
        payable: Money,
    },
    /// There is no such step from where the order stands.
    #[error("the order is {state}")]
    StateUnfit {
        /// Where it stands.
        state: OrderState,
    },
    /// There is no such step from where the case stands.
    #[error("the after-sale case is {state}")]
    AfterSaleUnfit {
        /// Where it stands.
        state: AfterSaleState,
    },
}

impl DomainError for OrderError {
    fn code(&self) -> &'static str {
        match self {
            Self::ItemsOutOfRange => "order_items_out_of_range",
            Self::UnitsOutOfRange { .. } => "order_units_out_of_range",
            Self::ItemTwice { .. } => "order_item_twice",
            Self::SkuUnavailable { .. } => "order_sku_unavailable",
            Self::GiftUnavailable { .. } => "order_gift_unavailable",
            Self::StoredValueExceeds { .. } => "order_stored_value_exceeds",
            Self::PriceChanged { .. } => "price_changed",
            Self::StateUnfit { .. } => "order_state_unfit",
            Self::AfterSaleUnfit { .. } => "after_sale_state_unfit",
        }
    }

    fn kind(&self) -> ErrorKind {
        match self {
            Self::ItemsOutOfRange
            | Self::UnitsOutOfRange { .. }
            | Self::ItemTwice { .. }
            | Self::SkuUnavailable { .. }
            | Self::StoredValueExceeds { .. } => ErrorKind::Invalid,
            Self::GiftUnavailable { .. }
            | Self::PriceChanged { .. }
            | Self::StateUnfit { .. }
            | Self::AfterSaleUnfit { .. } => ErrorKind::Conflict,
        }
    }

    fn pointer(&self) -> Option<String> {
        match self {
            Self::ItemsOutOfRange => Some("/items".to_owned()),
            Self::UnitsOutOfRange { index } => Some(format!("/items/{index}/quantity")),
            Self::ItemTwice { index } | Self::SkuUnavailable { index } => Some(format!("/items/{index}/sku_id")),
            Self::StoredValueExceeds { .. } => Some("/stored_value".to_owned()),
            Self::GiftUnavailable { .. }
            | Self::PriceChanged { .. }
            | Self::StateUnfit { .. }
            | Self::AfterSaleUnfit { .. } => None,
        }
    }

    fn details(&self) -> Option<Value> {
        match self {
            Self::ItemsOutOfRange
            | Self::UnitsOutOfRange { .. }
            | Self::ItemTwice { .. }
            | Self::SkuUnavailable { .. } => None,
            Self::GiftUnavailable { code } => Some(json!({ "sku": code })),
            Self::StoredValueExceeds { payable } | Self::PriceChanged { payable } => {
                Some(json!({ "payable": payable }))
            }
            Self::StateUnfit { state } => Some(json!({ "state": state })),
            Self::AfterSaleUnfit { state } => Some(json!({ "state": state })),
        }
    }
}
