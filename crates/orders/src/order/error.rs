//! Why an order does not go where somebody wants it.

use huike_kernel::{DomainError, ErrorKind};
use serde_json::{Value, json};

use super::{AfterSaleState, OrderState};

/// Why an act on an order is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OrderError {
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
            Self::StateUnfit { .. } => "order_state_unfit",
            Self::AfterSaleUnfit { .. } => "after_sale_state_unfit",
        }
    }

    fn kind(&self) -> ErrorKind {
        ErrorKind::Conflict
    }

    fn details(&self) -> Option<Value> {
        Some(match self {
            Self::StateUnfit { state } => json!({ "state": state }),
            Self::AfterSaleUnfit { state } => json!({ "state": state }),
        })
    }
}
