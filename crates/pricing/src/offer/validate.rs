//! What is wrong with an offer, and where.

use huike_kernel::{Money, OfferClass};

use super::{Condition, Effect, LineScope, Offer};

/// The longest list of keys.
pub const LIST_MAX: usize = 500;
/// The most nodes of a condition.
pub const CONDITION_NODES_MAX: usize = 100;
/// The deepest condition.
pub const CONDITION_DEPTH_MAX: usize = 8;
/// The most steps of a ladder.
pub const TIERS_MAX: usize = 20;
/// The most units a rule may count.
pub const TIMES_MAX: u32 = 10_000;
/// The largest amount of an offer: a hundred million yuan.
const AMOUNT_MAX_FEN: i64 = 10_000_000_000;

/// One fault of an offer, with the JSON pointer (RFC 6901, from the offer's root) of the field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfferProblem {
    /// Where: `/effect/amount`.
    pub pointer: String,
    /// What.
    pub fault: OfferFault,
}

/// What can be wrong with an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OfferFault {
    /// Nothing or less where something must be given, or too much.
    #[error("the amount must lie between 0.01 and 100 000 000.00")]
    AmountOutOfRange,
    /// Nothing off.
    #[error("the rate must be above zero")]
    RateZero,
    /// A count of nothing, or beyond all reason.
    #[error("the count must lie between 1 and 10 000")]
    CountOutOfRange,
    /// More uses than a house could see, or none.
    #[error("the number of uses must lie between 1 and 1 000 000 000")]
    UsesOutOfRange,
    /// An effect that this class of offers cannot have.
    #[error("an offer of this class cannot have this effect")]
    EffectOfOtherClass,
    /// A unit limit on an effect that is not reckoned by units.
    #[error("this effect is not reckoned by units")]
    UnitsUnused,
    /// A list that is too long.
    #[error("the list is too long")]
    ListTooLong,
    /// A list without entries where one is needed.
    #[error("the list is empty")]
    ListEmpty,
    /// A text without characters, or of too many.
    #[error("a key has 1 to 64 characters")]
    KeyUnsound,
    /// A condition with too many parts, or too deep.
    #[error("the condition is too large")]
    ConditionTooLarge,
    /// Bounds that nothing can meet.
    #[error("the bounds leave nothing")]
    BoundsEmpty,
    /// A bound below zero, or beyond all reason.
    #[error("a bound must lie between 0.00 and 100 000 000.00")]
    BoundOutOfRange,
    /// A time of day that does not exist.
    #[error("a minute of the day lies between 0 and 1440")]
    MinuteOutOfRange,
    /// A window that ends before it begins.
    #[error("the window must end after it starts")]
    WindowEmpty,
    /// A step that gives less than a lower one, or amounts and shares in one ladder.
    #[error("a higher step must give the same kind of discount, and no less")]
    StepGivesLess,
}

impl OfferFault {
    /// Stable code of the fault, listed in the problem document.
    pub const fn code(self) -> &'static str {
        match self {
            Self::AmountOutOfRange => "amount_out_of_range",
            Self::RateZero => "rate_zero",
            Self::CountOutOfRange => "count_out_of_range",
            Self::UsesOutOfRange => "uses_out_of_range",
            Self::EffectOfOtherClass => "effect_of_other_class",
            Self::UnitsUnused => "units_unused",
            Self::ListTooLong => "list_too_long",
            Self::ListEmpty => "list_empty",
            Self::KeyUnsound => "key_unsound",
            Self::ConditionTooLarge => "condition_too_large",
            Self::BoundsEmpty => "bounds_empty",
            Self::BoundOutOfRange => "bound_out_of_range",
            Self::MinuteOutOfRange => "minute_out_of_range",
            Self::WindowEmpty => "window_empty",
            Self::StepGivesLess => "step_gives_less",
        }
    }
}

impl Offer {
    /// Looks for faults.
    ///
    /// # Errors
    /// All faults that were found.
    pub fn validate(&self) -> Result<(), Vec<OfferProblem>> {
        let mut problems = Problems(Vec::new());
        problems.check(self.window.is_none_or(|window| !window.is_empty()), "/window", OfferFault::WindowEmpty);
        problems.scope("/scope", &self.scope);
        if let Some(condition) = &self.condition {
            let mut nodes = 0;
            problems.condition("/condition", condition, 1, &mut nodes);
        }
        problems.effect(self);
        problems.units(self);
        if let Some(cap) = self.cap {
            problems.amount("/cap", cap);
        }
        if problems.0.is_empty() { Ok(()) } else { Err(problems.0) }
    }
}

struct Problems(Vec<OfferProblem>);

impl Problems {
    fn check(&mut self, is_sound: bool, pointer: &str, fault: OfferFault) {
        if !is_sound {
            self.0.push(OfferProblem { pointer: pointer.to_owned(), fault });
        }
    }

    fn amount(&mut self, pointer: &str, amount: Money) {
        self.check((1..=AMOUNT_MAX_FEN).contains(&amount.fen()), pointer, OfferFault::AmountOutOfRange);
    }

    fn bound(&mut self, pointer: &str, bound: Option<Money>) {
        let is_sound = bound.is_none_or(|bound| (0..=AMOUNT_MAX_FEN).contains(&bound.fen()));
        self.check(is_sound, pointer, OfferFault::BoundOutOfRange);
    }

    fn count(&mut self, pointer: &str, count: u32) {
        self.check((1..=TIMES_MAX).contains(&count), pointer, OfferFault::CountOutOfRange);
    }

    fn keys(&mut self, pointer: &str, keys: &[String]) {
        self.check(keys.len() <= LIST_MAX, pointer, OfferFault::ListTooLong);
        let is_sound = |key: &String| (1..=64).contains(&key.chars().count());
        self.check(keys.iter().all(is_sound), pointer, OfferFault::KeyUnsound);
    }

    fn scope(&mut self, pointer: &str, scope: &LineScope) {
        for (name, keys) in [("include", &scope.include), ("exclude", &scope.exclude)] {
            for (kind, list) in ["skus", "products", "categories", "brands", "tags"].into_iter().zip(keys.lists()) {
                self.keys(&format!("{pointer}/{name}/{kind}"), list);
            }
        }
        self.keys(&format!("{pointer}/shipping_methods"), &scope.shipping_methods);
        self.bound(&format!("{pointer}/unit_price_at_least"), scope.unit_price_at_least);
        self.bound(&format!("{pointer}/unit_price_at_most"), scope.unit_price_at_most);
        if let (Some(least), Some(most)) = (scope.unit_price_at_least, scope.unit_price_at_most) {
            self.check(least <= most, &format!("{pointer}/unit_price_at_most"), OfferFault::BoundsEmpty);
        }
    }

    fn condition(&mut self, pointer: &str, condition: &Condition, depth: usize, nodes: &mut usize) {
        *nodes = nodes.saturating_add(1);
        if depth > CONDITION_DEPTH_MAX || *nodes > CONDITION_NODES_MAX {
            return self.check(false, pointer, OfferFault::ConditionTooLarge);
        }
        match condition {
            Condition::All { of } | Condition::Any { of } => {
                self.check(!of.is_empty(), &format!("{pointer}/of"), OfferFault::ListEmpty);
                for (index, part) in of.iter().enumerate() {
                    self.condition(&format!("{pointer}/of/{index}"), part, depth.saturating_add(1), nodes);
                }
            }
            Condition::Not { of } => self.condition(&format!("{pointer}/of"), of, depth.saturating_add(1), nodes),
            Condition::Amount { scope, bounds } => {
                self.scope(&format!("{pointer}/scope"), scope);
                for (name, bound) in
                    [("at_least", bounds.at_least), ("more_than", bounds.more_than), ("at_most", bounds.at_most)]
                {
                    self.bound(&format!("{pointer}/bounds/{name}"), bound);
                }
                let least = bounds.at_least.max(bounds.more_than);
                let is_sound = least.zip(bounds.at_most).is_none_or(|(least, most)| least <= most);
                self.check(is_sound, &format!("{pointer}/bounds"), OfferFault::BoundsEmpty);
            }
            Condition::Quantity { scope, bounds }
            | Condition::LineQuantity { scope, bounds }
            | Condition::DistinctItems { scope, bounds } => {
                self.scope(&format!("{pointer}/scope"), scope);
                let is_sound = bounds.at_least.zip(bounds.at_most).is_none_or(|(least, most)| least <= most);
                self.check(is_sound, &format!("{pointer}/bounds"), OfferFault::BoundsEmpty);
            }
            Condition::LocalTime { from_minute, until_minute, .. } => {
                let is_sound = *from_minute < 1_440 && *until_minute <= 1_440;
                self.check(is_sound, pointer, OfferFault::MinuteOutOfRange);
            }
            Condition::Segment { of }
            | Condition::Tier { of }
            | Condition::Channel { of }
            | Condition::PaymentMethod { of } => self.keys(&format!("{pointer}/of"), of),
            Condition::NthOrder { n } => self.count(&format!("{pointer}/n"), *n),
            Condition::Place { of } => self.check(of.len() <= LIST_MAX, pointer, OfferFault::ListTooLong),
            Condition::DeliveryArea { of } => self.check(of.len() <= LIST_MAX, pointer, OfferFault::ListTooLong),
            Condition::NoReducedItems {} | Condition::Birthday { .. } => {}
        }
    }

    fn effect(&mut self, offer: &Offer) {
        let on_shipping =
            matches!(offer.effect, Effect::AmountOff { .. } | Effect::PercentOff { .. } | Effect::LineAmountOff { .. });
        let is_of_class = offer.class != OfferClass::Shipping || on_shipping;
        self.check(is_of_class, "/effect/kind", OfferFault::EffectOfOtherClass);
        match &offer.effect {
            Effect::AmountOff { amount } | Effect::UnitAmountOff { amount } | Effect::LineAmountOff { amount } => {
                self.amount("/effect/amount", *amount);
            }
            Effect::PercentOff { rate_off } => {
                self.check(rate_off.ppm() > 0, "/effect/rate_off", OfferFault::RateZero);
            }
            Effect::NewPrice { price } => {
                let is_sound = (0..=AMOUNT_MAX_FEN).contains(&price.fen());
                self.check(is_sound, "/effect/price", OfferFault::AmountOutOfRange);
            }
            Effect::Tiers { steps } => self.steps(steps),
            Effect::NthItem { n, rate_off, .. } => {
                self.check((2..=TIMES_MAX).contains(n), "/effect/n", OfferFault::CountOutOfRange);
                self.check(rate_off.ppm() > 0, "/effect/rate_off", OfferFault::RateZero);
            }
            Effect::BuyGet { buy, get, get_scope, rate_off, .. } => {
                self.count("/effect/buy", *buy);
                self.count("/effect/get", *get);
                self.check(rate_off.ppm() > 0, "/effect/rate_off", OfferFault::RateZero);
                if let Some(scope) = get_scope {
                    self.scope("/effect/get_scope", scope);
                }
            }
            Effect::BundlePrice { quantity, price, .. } => {
                self.count("/effect/quantity", *quantity);
                let is_sound = (0..=AMOUNT_MAX_FEN).contains(&price.fen());
                self.check(is_sound, "/effect/price", OfferFault::AmountOutOfRange);
            }
            Effect::Gift { sku, quantity } => {
                self.keys("/effect/sku", std::slice::from_ref(sku));
                self.count("/effect/quantity", *quantity);
            }
            Effect::PointsMultiplier { percent } => {
                self.check((101..=10_000).contains(percent), "/effect/percent", OfferFault::CountOutOfRange);
            }
        }
    }

    fn steps(&mut self, steps: &[super::Tier]) {
        self.check(!steps.is_empty(), "/effect/steps", OfferFault::ListEmpty);
        self.check(steps.len() <= TIERS_MAX, "/effect/steps", OfferFault::ListTooLong);
        let mut sorted: Vec<&super::Tier> = steps.iter().collect();
        sorted.sort_by_key(|step| (step.amount, step.quantity));
        for (lower, higher) in sorted.iter().zip(sorted.iter().skip(1)) {
            self.check(gives_no_less(lower, higher), "/effect/steps", OfferFault::StepGivesLess);
        }
    }

    fn units(&mut self, offer: &Offer) {
        let by_units = offer.class == OfferClass::Item
            && matches!(
                offer.effect,
                Effect::PercentOff { .. } | Effect::UnitAmountOff { .. } | Effect::NewPrice { .. }
            );
        let units = offer.units;
        let counts = [("per_line", units.per_line), ("total", units.total), ("groups_of", units.groups_of)];
        for (name, count) in counts {
            let Some(count) = count else { continue };
            self.check(by_units, &format!("/units/{name}"), OfferFault::UnitsUnused);
            self.count(&format!("/units/{name}"), count);
        }
    }
}

fn gives_no_less(lower: &super::Tier, higher: &super::Tier) -> bool {
    match (lower.gift, higher.gift) {
        (super::TierGift::AmountOff(less), super::TierGift::AmountOff(more)) => less <= more,
        (super::TierGift::RateOff(less), super::TierGift::RateOff(more)) => less <= more,
        _ => false,
    }
}
