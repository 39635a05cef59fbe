//! From the words of the case files to ours. It never looks at a case's id.

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use huike_kernel::{CouponId, Money, OfferClass, Rate, TimeWindow, Zone};
use huike_pricing::{
    Cart, CartLine, Facts, HeldCoupon, Offer, OfferId,
    cart::{PriceSource, ShippingQuote, SourcedPrice},
    offer::{Base, Bounds, Condition, CountBounds, Effect, LineScope, Select, Tier, TierGift, Trigger, UnitLimit},
};
use uuid::Uuid;

use crate::case::{Case, Conditions, Line, Promotion, ScopeWords};

/// The moment all cases happen at.
pub(crate) fn now() -> DateTime<Utc> {
    "2026-06-15T04:00:00Z".parse().unwrap()
}

/// Everything a quote asks for.
pub(crate) struct World {
    pub(crate) cart: Cart,
    pub(crate) facts: Facts,
    pub(crate) offers: Vec<Offer>,
    pub(crate) held: Vec<HeldCoupon>,
}

/// Why a case cannot be put in our words.
pub(crate) type Unsayable = String;

pub(crate) fn world(case: &Case) -> Result<World, Unsayable> {
    let lines = case.cart.iter().map(line).collect();
    let mut shipping: Vec<ShippingQuote> = case
        .shipping_methods
        .iter()
        .map(|method| ShippingQuote { method: method.id.clone(), fee: yuan(&method.price) })
        .collect();
    shipping.extend(case.shipping.as_ref().map(|fee| ShippingQuote { method: "standard".into(), fee: yuan(fee) }));

    let mut facts = Facts::at(now(), Zone::SHANGHAI.local(now()));
    facts.channel = Some(case.channel.clone().unwrap_or_else(|| "default".into()));
    facts.segments = case.customer_group.iter().cloned().collect();
    facts.completed_orders = case.completed_orders;

    let mut offers = Vec::new();
    let mut held = Vec::new();
    for (position, promotion) in case.promotions.iter().enumerate() {
        // A shop has one currency: what is written in another is no offer of it.
        if promotion.currency.is_some() && promotion.currency != case.currency {
            continue;
        }
        let id = OfferId::from_uuid(Uuid::from_u128(u128::try_from(position).unwrap() + 1));
        let offer = offer(case, promotion, position, id)?;
        if let Some(code) = &promotion.requires_code
            && case.codes.iter().any(|entered| entered.trim() == code)
        {
            let coupon = CouponId::from_uuid(Uuid::from_u128(u128::try_from(position).unwrap() + 1_000));
            let (usable_from, expires_at) = (DateTime::UNIX_EPOCH, DateTime::<Utc>::MAX_UTC);
            held.push(HeldCoupon { coupon, offer: id, usable_from, expires_at });
        }
        offers.push(offer);
    }
    Ok(World { cart: Cart { lines, shipping }, facts, offers, held })
}

fn line(line: &Line) -> CartLine {
    let sale = |price: &String| SourcedPrice { source: PriceSource::Sale, price: yuan(price) };
    CartLine {
        categories: line.category.iter().cloned().collect(),
        prices: line.sale_unit_price.iter().map(sale).collect(),
        minimum_price: line.min_unit_price.as_deref().map(yuan),
        ..CartLine::new(&line.sku, &line.sku, line.qty, yuan(&line.unit_price))
    }
}

fn offer(case: &Case, promotion: &Promotion, position: usize, id: OfferId) -> Result<Offer, Unsayable> {
    let (class, effect) = effect(promotion)?;
    let mut offer = Offer::new(id, class, effect);
    offer.scope = match (&promotion.buy_scope, promotion.kind.as_str()) {
        (Some(buy), "buy_x_get_y") => scope(buy),
        _ => scope(&promotion.scope),
    };
    offer.scope.full_price_only = promotion.exclude_sale_items && !promotion.reject_if_sale_items;
    offer.condition = condition(promotion);
    offer.condition_base = match promotion.condition_base.as_deref() {
        Some("discounted") => Base::After,
        _ => Base::Before,
    };
    let is_parallel = case.stack_mode.as_deref() == Some("parallel") || promotion.base.as_deref() == Some("original");
    if is_parallel {
        offer.effect_base = Base::Before;
    }
    offer.units = UnitLimit {
        per_line: promotion.max_units_per_line,
        total: promotion.max_units_total,
        groups_of: promotion.group_size,
        select: select(promotion.unit_selection.as_deref()),
    };
    offer.cap = promotion.max_discount.as_deref().map(yuan);
    offer.budget_left = promotion
        .budget
        .as_ref()
        .filter(|budget| budget.kind == "spend")
        .map(|budget| yuan(&budget.limit).checked_sub(yuan(&budget.used)).unwrap());
    let left_in_all = promotion.usage_limit.map(|limit| limit.saturating_sub(promotion.used));
    let left_of_customer = promotion.per_customer_limit.map(|limit| limit.saturating_sub(promotion.used_by_customer));
    let usage_budget = promotion
        .budget
        .as_ref()
        .filter(|budget| budget.kind == "usage")
        .map(|budget| budget.limit.parse::<u32>().unwrap().saturating_sub(budget.used.parse().unwrap()));
    offer.uses_left = [left_in_all, left_of_customer, usage_budget].into_iter().flatten().min();
    offer.exclusive = promotion.exclusive;
    offer.group.clone_from(&promotion.best_of_group);
    // Without a priority the position in the list is the order.
    offer.priority = promotion.priority.unwrap_or_else(|| -i32::try_from(position).unwrap());
    offer.window = window(promotion);
    if promotion.requires_code.is_some() {
        offer.trigger = Trigger::Coupon;
    }
    Ok(offer)
}

fn effect(promotion: &Promotion) -> Result<(OfferClass, Effect), Unsayable> {
    let amount = || yuan(promotion.value.as_deref().unwrap_or("0"));
    let rate = || percent(promotion.value.as_deref().unwrap_or("100"));
    let select = select(promotion.select.as_deref().or(promotion.unit_selection.as_deref()));
    Ok(match promotion.kind.as_str() {
        "order_fixed" => (OfferClass::Order, Effect::AmountOff { amount: amount() }),
        "order_percent" => (OfferClass::Order, Effect::PercentOff { rate_off: rate() }),
        "line_percent" => (OfferClass::Item, Effect::PercentOff { rate_off: rate() }),
        "unit_fixed" => (OfferClass::Item, Effect::UnitAmountOff { amount: amount() }),
        "line_fixed" => (OfferClass::Item, Effect::LineAmountOff { amount: amount() }),
        "quantity_group" if promotion.inner.as_deref() == Some("line_percent") => {
            (OfferClass::Item, Effect::PercentOff { rate_off: rate() })
        }
        "quantity_group" => (OfferClass::Item, Effect::UnitAmountOff { amount: amount() }),
        "shipping_percent" => (OfferClass::Shipping, Effect::PercentOff { rate_off: rate() }),
        "shipping_fixed_each" => (OfferClass::Shipping, Effect::LineAmountOff { amount: amount() }),
        "tiered_fixed" => (OfferClass::Order, tiers(promotion, |value| TierGift::AmountOff(yuan(value)))),
        "tiered_percent" => (OfferClass::Order, tiers(promotion, |value| TierGift::RateOff(percent(value)))),
        "multibuy_cheapest_free" => {
            let n = promotion.buy_qty.or(promotion.conditions.min_qty).unwrap_or(2);
            let all = percent("100");
            let max_times = promotion.max_occurrence;
            (OfferClass::Item, Effect::NthItem { n, rate_off: all, select: Select::Cheapest, max_times })
        }
        "bundle_fixed_price" => {
            let quantity = promotion.bundle_qty.unwrap_or(1);
            let max_times = promotion.max_occurrence;
            (OfferClass::Item, Effect::BundlePrice { quantity, price: amount(), select, max_times })
        }
        "buy_x_get_y" => {
            let is_single = promotion.repeat != Some(true) && promotion.max_occurrence.is_none();
            let effect = Effect::BuyGet {
                buy: promotion.buy_qty.unwrap_or(1),
                get: promotion.get_qty.unwrap_or(1),
                get_scope: promotion.get_scope.as_ref().map(scope).map(Box::new),
                rate_off: rate(),
                select,
                max_times: if is_single { Some(1) } else { promotion.max_occurrence },
                max_units: promotion.max_free_units,
            };
            (OfferClass::Item, effect)
        }
        other => return Err(format!("no offer of ours says {other}")),
    })
}

fn tiers(promotion: &Promotion, gift: impl Fn(&str) -> TierGift) -> Effect {
    let steps = promotion.tiers.iter().flatten();
    let step = |step: &crate::case::Step| Tier { amount: yuan(&step.min), quantity: 0, gift: gift(&step.value) };
    Effect::Tiers { steps: steps.map(step).collect() }
}

fn scope(words: &ScopeWords) -> LineScope {
    let mut scope = LineScope::of_skus(words.skus.iter().cloned());
    scope.include.categories.clone_from(&words.categories);
    scope.unit_price_at_least = words.unit_price_min.as_deref().or(words.min_unit_price.as_deref()).map(yuan);
    scope.unit_price_at_most = words.unit_price_max.as_deref().map(yuan);
    scope.line_quantity_at_least = words.line_min_qty;
    scope.shipping_methods.clone_from(&words.shipping_methods);
    scope
}

fn condition(promotion: &Promotion) -> Option<Condition> {
    let Conditions {
        min_qty,
        min_subtotal,
        min_subtotal_exclusive,
        max_subtotal,
        contains_skus,
        contains_categories,
        category_min_total,
        category_min_qty,
        any_line_min_qty,
        customer_group,
        nth_order,
    } = &promotion.conditions;
    let at_least = |units| CountBounds { at_least: Some(units), at_most: None };
    let mut of = Vec::new();
    of.extend(min_qty.map(Condition::quantity_at_least));
    let bounds = Bounds {
        at_least: min_subtotal.as_deref().map(yuan),
        more_than: min_subtotal_exclusive.as_deref().map(yuan),
        at_most: max_subtotal.as_deref().map(yuan),
    };
    if bounds != Bounds::default() {
        of.push(Condition::Amount { scope: LineScope::default(), bounds });
    }
    for sku in contains_skus {
        of.push(Condition::Quantity { scope: LineScope::of_skus([sku]), bounds: at_least(1) });
    }
    for category in contains_categories {
        of.push(Condition::Quantity { scope: LineScope::of_categories([category]), bounds: at_least(1) });
    }
    if let Some(total) = category_min_total {
        let bounds = Bounds { at_least: Some(yuan(&total.amount)), ..Bounds::default() };
        of.push(Condition::Amount { scope: LineScope::of_categories([&total.category]), bounds });
    }
    if let Some(quantity) = category_min_qty {
        let scope = LineScope::of_categories([&quantity.category]);
        of.push(Condition::Quantity { scope, bounds: at_least(quantity.qty) });
    }
    if let Some(units) = any_line_min_qty {
        of.push(Condition::LineQuantity { scope: LineScope::default(), bounds: at_least(*units) });
    }
    of.extend(customer_group.iter().map(|group| Condition::Segment { of: vec![group.clone()] }));
    of.extend(nth_order.map(|n| Condition::NthOrder { n }));
    of.extend(promotion.channels.as_ref().map(|channels| Condition::Channel { of: channels.clone() }));
    if promotion.reject_if_sale_items {
        of.push(Condition::NoReducedItems {});
    }
    (!of.is_empty()).then_some(Condition::All { of })
}

/// From the first moment of the first day to the last of the last one.
fn window(promotion: &Promotion) -> Option<TimeWindow> {
    if promotion.starts_in_days.is_none() && promotion.ends_in_days.is_none() {
        return None;
    }
    let midnight = now().date_naive().and_time(NaiveTime::MIN).and_utc();
    let day = |days: i64| midnight + TimeDelta::days(days);
    Some(TimeWindow {
        starts_at: promotion.starts_in_days.map_or(DateTime::UNIX_EPOCH, day),
        ends_at: promotion.ends_in_days.map_or(DateTime::<Utc>::MAX_UTC, |days| day(days + 1)),
    })
}

fn select(words: Option<&str>) -> Select {
    match words {
        Some("most_expensive" | "dearest first" | "lines by price desc") => Select::Dearest,
        _ => Select::Cheapest,
    }
}

pub(crate) fn yuan(text: &str) -> Money {
    text.parse().unwrap_or_else(|_| panic!("{text} is no amount"))
}

/// 20 is 0.20.
fn percent(text: &str) -> Rate {
    let hundredths: f64 = text.parse().unwrap();
    Rate::from_ppm((hundredths * 10_000.0).round() as i64).unwrap()
}
