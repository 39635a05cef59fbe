//! How a node takes orders (订单规则).

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The longest that an order waits for its payment: a day.
const UNPAID_MINUTES_MAX: u32 = 24 * 60;

/// How orders are taken at a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OrderRules {
    /// For so many minutes goods, coupons and stored value are kept for an order that is not paid (未付款保留时长).
    pub unpaid_minutes: u32,
}

impl Default for OrderRules {
    fn default() -> Self {
        Self { unpaid_minutes: 30 }
    }
}

impl OrderRules {
    pub(super) fn default_json() -> Value {
        let Self { unpaid_minutes } = Self::default();
        json!({ "unpaid_minutes": unpaid_minutes })
    }

    pub(super) fn check(self) -> Result<(), &'static str> {
        if !(1..=UNPAID_MINUTES_MAX).contains(&self.unpaid_minutes) {
            return Err("from one minute to a day");
        }
        Ok(())
    }
}
