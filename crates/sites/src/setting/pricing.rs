//! How a node prices carts (价格规则). What the words mean is decided in `huike-pricing`, which reads the same ones.

use huike_kernel::{Rate, words};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The most points for a yuan.
pub const POINTS_PER_YUAN_MAX: u32 = 1_000;

words!(
    /// How offers that shut each other out are chosen (择优方式).
    #[derive(Default)]
    PriceSelection, "selection policy" {
        /// The lawful set with the lowest price.
        #[default]
        Best = "best",
        /// Automatic offers by their priority.
        Priority = "priority",
    }
);

words!(
    /// What becomes of a threshold that is no longer met when lines are returned (退货计价).
    #[derive(Default)]
    PriceOfReturns, "refund rule" {
        /// Each line gives back what it cost.
        #[default]
        Apportion = "apportion",
        /// The rest is priced again.
        RecomputeThreshold = "recompute_threshold",
    }
);

/// How carts are priced at a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PricingRules {
    /// How offers are chosen.
    pub selection: PriceSelection,
    /// How returns are reckoned.
    pub refund: PriceOfReturns,
    /// Points earned for a yuan paid for goods (每元积分).
    pub points_per_yuan: u32,
    /// The largest share of the goods that points may pay (积分抵扣上限).
    pub points_share_max: Rate,
}

impl Default for PricingRules {
    fn default() -> Self {
        Self {
            selection: PriceSelection::default(),
            refund: PriceOfReturns::default(),
            points_per_yuan: 1,
            points_share_max: Rate::WHOLE,
        }
    }
}

impl PricingRules {
    pub(super) fn default_json() -> Value {
        let Self { selection, refund, points_per_yuan, points_share_max } = Self::default();
        json!({
            "selection": selection, "refund": refund, "points_per_yuan": points_per_yuan,
            "points_share_max": points_share_max,
        })
    }

    pub(super) fn check(&self) -> Result<(), &'static str> {
        if self.points_per_yuan > POINTS_PER_YUAN_MAX {
            return Err("at most 1000 points for a yuan");
        }
        Ok(())
    }
}
