//! A coupon as an offer: what a template promises, said in the words of the cart engine.
//!
//! The engine and the counter of `huike-coupons` must agree on what comes off; `tests/quotes` holds them to it.

use huike_coupons::{Effect as Gives, TemplateRules};
use huike_kernel::{Money, NodeId, OfferClass, Rate, TemplateId};
use huike_pricing::{
    Offer, OfferId,
    offer::{Bounds, Condition, CountBounds, Effect, LineScope, Select, Trigger, UnitLimit},
};
use uuid::Uuid;

/// The offer of a version: under the template's own id for its first version, so that another version is another offer.
pub fn offer_id(template: TemplateId, version: i64) -> OfferId {
    let later = u128::from(u64::try_from(version.saturating_sub(1)).unwrap_or(0));
    OfferId::from_uuid(Uuid::from_u128(template.as_uuid().as_u128() ^ later))
}

/// What coupons of these rules give in a cart. `None` for what no line of a cart can be known by: goods without a SKU.
///
/// A threshold looks at what the lines of the scope cost before discounts. A line is in the scope when its product, SKU,
/// one of its categories or its brand is named. An exclusive coupon is not for goods that are reduced already.
pub fn offer_of(id: OfferId, owner: NodeId, rules: &TemplateRules) -> Option<Offer> {
    let (class, effect) = effect_of(&rules.effect)?;
    let scope = scope_of(rules);
    let mut offer = Offer::new(id, class, effect);
    offer.trigger = Trigger::Coupon;
    offer.condition = Some(Condition::All { of: conditions(owner, rules, &scope) });
    offer.scope = scope;
    if let Gives::PercentOff { cap, .. } = &rules.effect {
        offer.cap = *cap;
    }
    if matches!(rules.effect, Gives::Exchange { .. }) {
        offer.units = UnitLimit { total: Some(1), select: Select::Dearest, ..UnitLimit::default() };
    }
    offer.combines_with.clone_from(&rules.combination.combines_with);
    offer.exclusive = rules.combination.exclusive;
    offer.group = rules.combination.group.as_ref().map(ToString::to_string);
    offer.priority = rules.combination.priority;
    Some(offer)
}

fn effect_of(gives: &Gives) -> Option<(OfferClass, Effect)> {
    Some(match gives {
        Gives::AmountOff { amount, .. } => (OfferClass::Order, Effect::AmountOff { amount: *amount }),
        Gives::PercentOff { rate_off, .. } => (OfferClass::Order, Effect::PercentOff { rate_off: *rate_off }),
        Gives::Exchange { sku: Some(_), price, .. } => (OfferClass::Item, Effect::NewPrice { price: *price }),
        Gives::DeliveryFeeOff { amount: Some(amount) } => (OfferClass::Shipping, Effect::AmountOff { amount: *amount }),
        Gives::DeliveryFeeOff { amount: None } => (OfferClass::Shipping, Effect::PercentOff { rate_off: Rate::WHOLE }),
        Gives::Exchange { sku: None, .. } | Gives::Unsupported => return None,
    })
}

fn scope_of(rules: &TemplateRules) -> LineScope {
    let mut scope = LineScope { full_price_only: rules.combination.exclusive, ..LineScope::default() };
    if let Gives::Exchange { sku: Some(sku), .. } = &rules.effect {
        scope.include.skus = vec![sku.to_string()];
        return scope;
    }
    let keys = |list: &[huike_kernel::Text<64>]| list.iter().map(ToString::to_string).collect::<Vec<String>>();
    // Many systems know a thing by one key only, and call it product or SKU.
    scope.include.products = keys(&rules.scope.products);
    scope.include.skus.clone_from(&scope.include.products);
    scope.include.categories = keys(&rules.scope.categories);
    scope.include.brands = keys(&rules.scope.brands);
    scope
}

/// What must hold, in the order in which a refusal is told: where, who, whereto, and last how much.
fn conditions(owner: NodeId, rules: &TemplateRules, scope: &LineScope) -> Vec<Condition> {
    let places = &rules.scope;
    let mut all = vec![Condition::Place { of: vec![owner] }];
    if !places.include_nodes.is_empty() {
        all.push(Condition::Place { of: places.include_nodes.clone() });
    }
    if !places.exclude_nodes.is_empty() {
        all.push(Condition::Not { of: Box::new(Condition::Place { of: places.exclude_nodes.clone() }) });
    }
    if rules.audience.new_customer_only {
        all.push(Condition::NthOrder { n: 1 });
    }
    if let Some(segment) = &rules.audience.segment {
        all.push(Condition::Segment { of: vec![segment.to_string()] });
    }
    if !places.delivery_areas.is_empty() {
        all.push(Condition::DeliveryArea { of: places.delivery_areas.clone() });
    }
    if matches!(rules.effect, Gives::DeliveryFeeOff { .. }) && *scope != LineScope::default() {
        // Fees have no lines: what the coupon is for must be in the cart.
        let bounds = CountBounds { at_least: Some(1), at_most: None };
        all.push(Condition::Quantity { scope: scope.clone(), bounds });
    }
    if rules.effect.threshold() > Money::ZERO {
        let bounds = Bounds { at_least: Some(rules.effect.threshold()), ..Bounds::default() };
        all.push(Condition::Amount { scope: scope.clone(), bounds });
    }
    all
}
