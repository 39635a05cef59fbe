//! The rule document of a template: one type for domain, storage and API.
//!
//! A document that [`TemplateRules::validate`] lets pass can be issued under; anything else is never more than a draft.
//! It is stored with [`RULES_VERSION`], so that a later shape can be read beside this one.

mod effect;
mod problem;
mod scope;
mod terms;
mod validate;
mod validity;

use huike_kernel::{Money, TimeWindow};
use serde::{Deserialize, Serialize};

pub use effect::Effect;
pub use huike_kernel::OfferClass;
pub use problem::{RuleFault, RuleProblem};
pub use scope::{Audience, CatalogueKey, LIST_MAX, Scope};
pub use terms::{Budget, Combination, ReturnPolicy, UNREDEEM_MINUTES_MAX, UnredeemWindow};
pub use validate::{MONEY_MAX, QUANTITY_MAX, RULE_LIMITS_MAX};
pub use validity::{DAYS_MAX, DELAY_MINUTES_MAX, Validity};

use crate::{
    calendar::UseTimes,
    limits::{LimitRule, Metric},
    spending::AlarmMode,
};

/// The version of the shape of [`TemplateRules`].
pub const RULES_VERSION: i32 = 1;

/// Everything a coupon promises and demands. Frozen once approved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TemplateRules {
    /// What it gives.
    pub effect: Effect,
    /// How many may ever be issued, printed codes included.
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 10_000_000, example = 1000))]
    pub quantity: i64,
    /// When it may be claimed; any time while live when not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim_window: Option<TimeWindow>,
    /// When it may be used.
    pub validity: Validity,
    /// At which hours of which days it may be used; always when not said.
    #[serde(default)]
    pub use_times: UseTimes,
    /// Where and on what.
    #[serde(default)]
    pub scope: Scope,
    /// By whom.
    #[serde(default)]
    pub audience: Audience,
    /// How often, by customer, code, site, store, and period.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<LimitRule>,
    /// What it may cost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<Budget>,
    /// The declared cost of one item or one delivery, where the effect itself says none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, example = "12.00"))]
    pub unit_cost: Option<Money>,
    /// Together with what.
    #[serde(default)]
    pub combination: Combination,
    /// What becomes of it when its order is refunded.
    #[serde(default)]
    pub return_policy: ReturnPolicy,
    /// How long a store may undo its redemption.
    #[serde(default)]
    pub unredeem_window: UnredeemWindow,
    /// Whether the holder may give it away (转赠).
    #[serde(default)]
    pub transferable: bool,
    /// What is done when it spends far faster than usual.
    #[serde(default, skip_serializing_if = "AlarmMode::is_default")]
    pub spending_alarm: AlarmMode,
}

impl TemplateRules {
    /// A document with this effect, quantity and validity, and every other clause at its default.
    pub fn new(effect: Effect, quantity: i64, validity: Validity) -> Self {
        Self {
            effect,
            quantity,
            claim_window: None,
            validity,
            use_times: UseTimes::default(),
            scope: Scope::default(),
            audience: Audience::default(),
            limits: Vec::new(),
            budget: None,
            unit_cost: None,
            combination: Combination::default(),
            return_policy: ReturnPolicy::default(),
            unredeem_window: UnredeemWindow::default(),
            transferable: false,
            spending_alarm: AlarmMode::default(),
        }
    }

    /// What one coupon can cost at most; what a budget commits for it at issue. `None` where nothing bounds it.
    pub fn worst_case_cost(&self) -> Option<Money> {
        self.effect.worst_case(self.unit_cost)
    }

    /// What all coupons together can cost at most: the budget, or quantity × the worst case of one. The figure that an
    /// "above amount" review policy looks at. `None` where nothing bounds it.
    pub fn worst_case_total(&self) -> Option<Money> {
        let all = self.worst_case_cost().and_then(|one| one.checked_mul(self.quantity));
        match (self.budget, all) {
            (Some(budget), Some(all)) => Some(budget.total.min(all)),
            (Some(budget), None) => Some(budget.total),
            (None, all) => all,
        }
    }

    /// What is committed of the budget when one coupon is issued: nothing where there is no budget.
    pub fn committed_at_issue(&self) -> Money {
        if self.budget.is_none() { Money::ZERO } else { self.worst_case_cost().unwrap_or(Money::ZERO) }
    }

    /// Whether a clerk must type the order amount: the kind computes from it, a threshold asks for it, or a limit
    /// counts it.
    pub fn order_amount_required(&self) -> bool {
        matches!(self.effect, Effect::PercentOff { .. })
            || self.effect.threshold() > Money::ZERO
            || self.limits.iter().any(|limit| limit.metric == Metric::OrderValue)
    }

    /// The conditions that only a cart can answer, by name; a counter refuses a coupon that has any.
    pub fn cart_conditions(&self) -> Vec<&'static str> {
        let mut conditions = self.scope.cart_conditions();
        if self.audience.segment.is_some() {
            conditions.push("segment");
        }
        if matches!(self.effect, Effect::DeliveryFeeOff { .. }) {
            conditions.push("delivery_fee");
        }
        conditions
    }

    /// What one coupon takes off the bill at a counter; see [`Effect::discount`].
    pub fn counter_discount(&self, order_amount: Option<Money>) -> Money {
        self.effect.discount(order_amount)
    }

    /// What one redemption at a counter costs; see [`Effect::cost`].
    pub fn counter_cost(&self, order_amount: Option<Money>) -> Money {
        self.effect.cost(order_amount, self.unit_cost)
    }
}
