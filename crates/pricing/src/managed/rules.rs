//! The document of an offer as a marketer writes it.

use huike_kernel::{Money, OfferClass, TimeWindow, as_written};
use serde::{Deserialize, Serialize};

use crate::offer::{Base, Condition, Effect, LineScope, Offer, OfferFault, OfferId, OfferProblem, Trigger, UnitLimit};

/// The most uses that may be named.
pub const USES_MAX: i64 = 1_000_000_000;

/// Everything an automatic offer promises and demands. Frozen once approved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OfferRules {
    /// What it reduces. Items go before the order, the order before shipping.
    pub class: OfferClass,
    /// When it holds (活动时间); from publication until it is ended when not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<TimeWindow>,
    /// The lines it reduces.
    #[serde(default)]
    pub scope: LineScope,
    /// What must hold.
    #[serde(default, deserialize_with = "as_written", skip_serializing_if = "Option::is_none")]
    pub condition: Option<Condition>,
    /// The prices that amounts in the condition are measured on.
    #[serde(default = "before")]
    pub condition_base: Base,
    /// What it gives.
    #[serde(deserialize_with = "as_written")]
    pub effect: Effect,
    /// The prices that the effect is reckoned on.
    #[serde(default = "after")]
    pub effect_base: Base,
    /// How many units it reduces.
    #[serde(default)]
    pub units: UnitLimit,
    /// The most it takes off an order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, example = "50.00"))]
    pub cap: Option<Money>,
    /// What it may cost in all (预算).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, example = "30000.00"))]
    pub budget: Option<Money>,
    /// How often it may be used in all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 1_000_000_000))]
    pub uses: Option<i64>,
    /// 不可同享: nothing else applies beside it.
    #[serde(default)]
    pub exclusive: bool,
    /// Of a group only the best one applies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 64))]
    pub group: Option<String>,
    /// Classes of offers it goes together with (可叠加); it must be said on both sides.
    #[serde(default = "all_classes")]
    pub combines_with: Vec<OfferClass>,
    /// Higher goes first.
    #[serde(default)]
    pub priority: i32,
}

/// What orders have taken of an offer so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Used {
    /// Taken off orders.
    pub spent: Money,
    /// Orders it was used in.
    pub uses: i64,
}

impl OfferRules {
    /// Rules with this effect, on every line, without conditions.
    pub fn new(class: OfferClass, effect: Effect) -> Self {
        Self {
            class,
            window: None,
            scope: LineScope::default(),
            condition: None,
            condition_base: Base::Before,
            effect,
            effect_base: Base::After,
            units: UnitLimit::default(),
            cap: None,
            budget: None,
            uses: None,
            exclusive: false,
            group: None,
            combines_with: all_classes(),
            priority: 0,
        }
    }

    /// What the engine prices with, when so much was used already.
    pub fn offer(&self, id: OfferId, used: Used) -> Offer {
        let left = self.uses.map(|uses| uses.saturating_sub(used.uses).max(0));
        Offer {
            id,
            trigger: Trigger::Automatic,
            class: self.class,
            window: self.window,
            scope: self.scope.clone(),
            condition: self.condition.clone(),
            condition_base: self.condition_base,
            effect: self.effect.clone(),
            effect_base: self.effect_base,
            units: self.units,
            cap: self.cap,
            budget_left: self
                .budget
                .map(|budget| budget.checked_sub(used.spent).unwrap_or(Money::ZERO).max(Money::ZERO)),
            uses_left: left.map(|left| u32::try_from(left).unwrap_or(u32::MAX)),
            exclusive: self.exclusive,
            group: self.group.clone(),
            combines_with: self.combines_with.clone(),
            priority: self.priority,
        }
    }

    /// What it can cost at the very worst: the budget, or uses × what one order can take off. The figure that an
    /// "above amount" review policy looks at. `None` where nothing bounds it.
    pub fn worst_case_total(&self) -> Option<Money> {
        let one = match &self.effect {
            Effect::AmountOff { amount } => Some(self.cap.map_or(*amount, |cap| cap.min(*amount))),
            _ => self.cap,
        };
        let all = one.zip(self.uses).and_then(|(one, uses)| one.checked_mul(uses));
        match (self.budget, all) {
            (Some(budget), Some(all)) => Some(budget.min(all)),
            (budget, all) => budget.or(all),
        }
    }

    /// Looks for faults.
    ///
    /// # Errors
    /// All faults that were found, each with the JSON pointer of its field.
    pub fn validate(&self) -> Result<(), Vec<OfferProblem>> {
        let offer = self.offer(OfferId::from_uuid(uuid::Uuid::nil()), Used::default());
        let mut problems = offer.validate().err().unwrap_or_default();
        let mut note = |found: bool, pointer: &str, fault| {
            if found {
                problems.push(OfferProblem { pointer: pointer.to_owned(), fault });
            }
        };
        let is_empty = |budget: Money| budget <= Money::ZERO || budget.fen() > Money::MAX_FEN;
        note(self.budget.is_some_and(is_empty), "/budget", OfferFault::AmountOutOfRange);
        note(self.uses.is_some_and(|uses| !(1..=USES_MAX).contains(&uses)), "/uses", OfferFault::UsesOutOfRange);
        let unsound = |group: &String| !(1..=64).contains(&group.chars().count());
        note(self.group.as_ref().is_some_and(unsound), "/group", OfferFault::KeyUnsound);
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }
}

fn before() -> Base {
    Base::Before
}

fn after() -> Base {
    Base::After
}

fn all_classes() -> Vec<OfferClass> {
    OfferClass::ALL.to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::offer::Bounds;

    fn yuan(yuan: i64) -> Money {
        Money::from_fen(yuan * 100)
    }

    fn thirty_off() -> OfferRules {
        OfferRules::new(OfferClass::Order, Effect::AmountOff { amount: yuan(30) })
    }

    #[test]
    fn what_is_left_is_what_was_not_used_and_never_less_than_nothing() {
        let rules = OfferRules { budget: Some(yuan(100)), uses: Some(3), ..thirty_off() };
        let left = |spent, uses| {
            let offer = rules.offer(OfferId::from_uuid(uuid::Uuid::nil()), Used { spent: yuan(spent), uses });
            (offer.budget_left, offer.uses_left)
        };
        assert_eq!(left(0, 0), (Some(yuan(100)), Some(3)));
        assert_eq!(left(60, 2), (Some(yuan(40)), Some(1)));
        assert_eq!(left(120, 4), (Some(Money::ZERO), Some(0)));
    }

    #[test]
    fn the_worst_case_is_the_smaller_of_budget_and_uses() {
        let worst = |budget, uses| OfferRules { budget, uses, ..thirty_off() }.worst_case_total();
        assert_eq!(worst(None, None), None);
        assert_eq!(worst(Some(yuan(100)), None), Some(yuan(100)));
        assert_eq!(worst(None, Some(2)), Some(yuan(60)));
        assert_eq!(worst(Some(yuan(100)), Some(2)), Some(yuan(60)));
        let half = OfferRules::new(OfferClass::Item, Effect::PercentOff { rate_off: "0.5".parse().unwrap() });
        assert_eq!(OfferRules { uses: Some(2), ..half }.worst_case_total(), None);
    }

    #[test]
    fn faults_name_their_field() {
        let rules = OfferRules {
            budget: Some(Money::ZERO),
            uses: Some(0),
            group: Some(String::new()),
            ..OfferRules::new(OfferClass::Order, Effect::AmountOff { amount: Money::ZERO })
        };
        let pointers: Vec<String> = rules.validate().unwrap_err().into_iter().map(|it| it.pointer).collect();
        assert_eq!(pointers, ["/effect/amount", "/budget", "/uses", "/group"]);
    }

    #[test]
    fn no_bound_lies_below_zero() {
        let bounds = Bounds { at_least: Some(Money::from_fen(-1)), ..Bounds::default() };
        let rules = OfferRules {
            condition: Some(Condition::Not { of: Box::new(Condition::Amount { scope: LineScope::default(), bounds }) }),
            ..thirty_off()
        };
        let pointers: Vec<String> = rules.validate().unwrap_err().into_iter().map(|it| it.pointer).collect();
        assert_eq!(pointers, ["/condition/of/bounds/at_least"]);
    }

    #[test]
    fn no_part_is_read_from_what_only_looks_like_it() {
        let read = |condition: serde_json::Value, effect: serde_json::Value| {
            let rules = serde_json::json!({"class": "order", "condition": condition, "effect": effect});
            serde_json::from_value::<OfferRules>(rules)
        };
        let five_off = serde_json::json!({"kind": "amount_off", "amount": "5.00"});
        let two_items = serde_json::json!({"kind": "distinct_items", "bounds": {"at_least": 2}});
        let nothing = serde_json::Value::Null;
        read(serde_json::json!({"kind": "any", "of": [two_items]}), five_off.clone()).unwrap();
        let bounds_as_array = serde_json::json!({"kind": "distinct_items", "bounds": [2, null]});
        read(serde_json::json!({"kind": "any", "of": [bounds_as_array]}), five_off).unwrap_err();
        let step = serde_json::json!({"amount": "200.00", "gift": {"amount_off": "5.00"}});
        read(nothing.clone(), serde_json::json!({"kind": "tiers", "steps": [step]})).unwrap();
        let step_as_array = serde_json::json!({"kind": "tiers", "steps": [["200.00", 0, {"amount_off": "5.00"}]]});
        read(nothing, step_as_array).unwrap_err();
    }
}
