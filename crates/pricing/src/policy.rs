//! How a site chooses among offers.

use huike_kernel::words;
use serde::{Deserialize, Serialize};

words!(
    /// How offers that shut each other out are chosen (择优方式).
    #[derive(Default)]
    Selection, "selection policy" {
        /// The lawful set with the lowest price.
        #[default]
        Best = "best",
        /// Automatic offers in the order of their priority; an applied exclusive one shuts out the rest. Only coupons
        /// are chosen for the lowest price.
        Priority = "priority",
    }
);

words!(
    /// What becomes of a threshold that is no longer met when lines are returned.
    #[derive(Default)]
    RefundRule, "refund rule" {
        /// Each line gives back what it cost: discounts stay as they were spread.
        #[default]
        Apportion = "apportion",
        /// The rest is priced again; what the customer would have paid for it is kept.
        RecomputeThreshold = "recompute_threshold",
    }
);

/// How a site prices. The id goes into every quote and order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Policy {
    /// Names the policy and its version.
    pub id: String,
    /// How offers are chosen.
    #[serde(default)]
    pub selection: Selection,
    /// How returns are reckoned.
    #[serde(default)]
    pub refund: RefundRule,
    /// Points earned for a yuan paid for goods.
    #[serde(default)]
    pub points_per_yuan: u32,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            id: "best-1".to_owned(),
            selection: Selection::default(),
            refund: RefundRule::default(),
            points_per_yuan: 0,
        }
    }
}
