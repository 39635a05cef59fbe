//! Random shops: carts, offers and coupons that get in each other's way often.

use chrono::{DateTime, Utc};
use huike_kernel::{CouponId, Money, OfferClass, Rate, Zone};
use huike_pricing::{
    Ask, Cart, CartLine, CompiledOffers, CouponChoice, Facts, HeldCoupon, Offer, OfferId, Policy, Quote, Selection,
    cart::{PriceSource, ShippingQuote, SourcedPrice},
    offer::{Base, Bounds, Condition, CountBounds, Effect, LineScope, Select, Tier, TierGift, Trigger, UnitLimit},
    quote,
};
use proptest::prelude::*;
use uuid::Uuid;

pub(crate) const CATEGORIES: [&str; 3] = ["milk", "nappies", "toys"];

/// A shop at a moment.
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) cart: Cart,
    pub(crate) offers: Vec<Offer>,
    pub(crate) held: Vec<HeldCoupon>,
}

pub(crate) fn facts() -> Facts {
    let now: DateTime<Utc> = "2026-06-15T04:00:00Z".parse().unwrap();
    Facts::at(now, Zone::SHANGHAI.local(now))
}

pub(crate) fn policy(selection: Selection) -> Policy {
    Policy { selection, points_per_yuan: 1, ..Policy::default() }
}

impl World {
    pub(crate) fn quote(&self, selection: Selection) -> Quote {
        self.quote_choosing(selection, &CouponChoice::Best)
    }

    pub(crate) fn quote_choosing(&self, selection: Selection, choice: &CouponChoice) -> Quote {
        let offers = CompiledOffers::new(self.offers.clone()).unwrap();
        let facts = facts();
        let ask = Ask { cart: &self.cart, facts: &facts, held: &self.held, choice, points_off: None };
        quote(&offers, &policy(selection), &ask).unwrap()
    }
}

pub(crate) fn cart() -> impl Strategy<Value = Cart> {
    let line = (0..3_usize, 1..4_u32, 1..6_000_i64, prop::option::weighted(0.2, 1..100_i64), any::<bool>());
    let lines = prop::collection::vec(line, 1..6).prop_map(|lines| {
        let lines = lines.into_iter().enumerate();
        lines
            .map(|(index, (category, quantity, fen, floor_percent, is_reduced))| {
                let id = format!("line-{index}");
                let mut line = CartLine::new(&id, &format!("sku-{index}"), quantity, Money::from_fen(fen));
                line.categories = vec![CATEGORIES[category].to_owned()];
                line.minimum_price = floor_percent.map(|percent| Money::from_fen(fen * percent / 100));
                if is_reduced {
                    let price = Money::from_fen(fen - fen / 5);
                    line.prices = vec![SourcedPrice { source: PriceSource::Sale, price }];
                }
                line
            })
            .collect()
    });
    (lines, prop::option::of(0..2_000_i64)).prop_map(|(lines, fee): (Vec<CartLine>, Option<i64>)| {
        let fee = fee.map(|fen| ShippingQuote { method: "express".into(), fee: Money::from_fen(fen) });
        Cart { lines, shipping: fee.into_iter().collect() }
    })
}

fn scope() -> impl Strategy<Value = LineScope> {
    prop_oneof![
        2 => Just(LineScope::default()),
        2 => prop::sample::subsequence(CATEGORIES.to_vec(), 1..3).prop_map(LineScope::of_categories),
        1 => (0..5_usize).prop_map(|index| LineScope::of_skus([format!("sku-{index}")])),
        1 => Just(LineScope { full_price_only: true, ..LineScope::default() }),
    ]
}

fn rate() -> impl Strategy<Value = Rate> {
    (1..=100_i64).prop_map(|percent| Rate::from_ppm(percent * 10_000).unwrap())
}

fn money(most: i64) -> impl Strategy<Value = Money> {
    (1..most).prop_map(Money::from_fen)
}

fn item_effect() -> impl Strategy<Value = Effect> {
    let times = || prop::option::of(1..3_u32);
    let select = || prop_oneof![Just(Select::Cheapest), Just(Select::Dearest)];
    prop_oneof![
        rate().prop_map(|rate_off| Effect::PercentOff { rate_off }),
        money(2_000).prop_map(|amount| Effect::UnitAmountOff { amount }),
        money(2_000).prop_map(|amount| Effect::LineAmountOff { amount }),
        money(3_000).prop_map(|price| Effect::NewPrice { price }),
        money(3_000).prop_map(|amount| Effect::AmountOff { amount }),
        (2..4_u32, rate(), select(), times()).prop_map(|(n, rate_off, select, max_times)| Effect::NthItem {
            n,
            rate_off,
            select,
            max_times
        }),
        (1..3_u32, 1..3_u32, rate(), select(), times(), prop::option::of(scope())).prop_map(
            |(buy, get, rate_off, select, max_times, get_scope)| Effect::BuyGet {
                buy,
                get,
                get_scope: get_scope.map(Box::new),
                rate_off,
                select,
                max_times,
                max_units: None,
            }
        ),
        (2..4_u32, money(5_000), select(), times()).prop_map(|(quantity, price, select, max_times)| {
            Effect::BundlePrice { quantity, price, select, max_times }
        }),
    ]
}

fn order_effect() -> impl Strategy<Value = Effect> {
    prop_oneof![
        3 => money(4_000).prop_map(|amount| Effect::AmountOff { amount }),
        3 => rate().prop_map(|rate_off| Effect::PercentOff { rate_off }),
        1 => (money(1_000), money(1_000), money(5_000)).prop_map(|(less, more, from)| {
            let step = |amount, off| Tier { amount, quantity: 0, gift: TierGift::AmountOff(off) };
            let all = less.checked_add(more).unwrap();
            Effect::Tiers { steps: vec![step(Money::from_fen(1), less), step(from, all)] }
        }),
    ]
}

fn shipping_effect() -> impl Strategy<Value = Effect> {
    prop_oneof![
        rate().prop_map(|rate_off| Effect::PercentOff { rate_off }),
        money(1_500).prop_map(|amount| Effect::AmountOff { amount }),
        money(1_500).prop_map(|amount| Effect::LineAmountOff { amount }),
    ]
}

fn condition() -> impl Strategy<Value = Option<Condition>> {
    let amount = (scope(), money(12_000)).prop_map(|(scope, least)| {
        let bounds = Bounds { at_least: Some(least), ..Bounds::default() };
        Condition::Amount { scope, bounds }
    });
    let at_most = money(12_000).prop_map(|most| {
        let bounds = Bounds { at_most: Some(most), ..Bounds::default() };
        Condition::Amount { scope: LineScope::default(), bounds }
    });
    let quantity = (1..6_u32).prop_map(|least| Condition::Quantity {
        scope: LineScope::default(),
        bounds: CountBounds { at_least: Some(least), at_most: None },
    });
    prop_oneof![4 => Just(None), 3 => amount.prop_map(Some), 1 => at_most.prop_map(Some), 1 => quantity.prop_map(Some)]
}

fn base() -> impl Strategy<Value = Base> {
    prop_oneof![1 => Just(Base::List), 2 => Just(Base::Before), 2 => Just(Base::After)]
}

fn units() -> impl Strategy<Value = UnitLimit> {
    let limit = (prop::option::of(1..3_u32), prop::option::of(1..4_u32), any::<bool>());
    let limit = limit.prop_map(|(per_line, total, dearest)| UnitLimit {
        per_line,
        total,
        groups_of: None,
        select: if dearest { Select::Dearest } else { Select::Cheapest },
    });
    prop_oneof![3 => Just(UnitLimit::default()), 1 => limit]
}

fn offer() -> impl Strategy<Value = Offer> {
    let what = prop_oneof![
        4 => item_effect().prop_map(|effect| (OfferClass::Item, effect)),
        4 => order_effect().prop_map(|effect| (OfferClass::Order, effect)),
        1 => shipping_effect().prop_map(|effect| (OfferClass::Shipping, effect)),
    ];
    let together = (
        prop::bool::weighted(0.15),
        prop::option::weighted(0.25, "[ab]"),
        prop_oneof![3 => Just(OfferClass::ALL.to_vec()), 1 => prop::sample::subsequence(OfferClass::ALL.to_vec(), 0..3)],
        -2..3_i32,
    );
    let bounds = (prop::option::weighted(0.15, money(3_000)), prop::option::weighted(0.15, money(3_000)));
    let rest = (scope(), condition(), base(), base(), units(), bounds, together, any::<bool>());
    (what, rest).prop_map(|((class, effect), rest)| {
        let (scope, condition, condition_base, effect_base, units, (cap, budget_left), together, is_coupon) = rest;
        let mut offer = Offer::new(OfferId::from_uuid(Uuid::nil()), class, effect);
        let takes_units = class == OfferClass::Item
            && matches!(
                offer.effect,
                Effect::PercentOff { .. } | Effect::UnitAmountOff { .. } | Effect::NewPrice { .. }
            );
        if takes_units {
            offer.units = units;
        }
        (offer.scope, offer.condition, offer.cap, offer.budget_left) = (scope, condition, cap, budget_left);
        (offer.condition_base, offer.effect_base) = (condition_base, effect_base);
        (offer.exclusive, offer.group, offer.combines_with, offer.priority) = together;
        offer.trigger = if is_coupon { Trigger::Coupon } else { Trigger::Automatic };
        offer
    })
}

/// A world of so many offers at most; of every coupon offer the customer holds one.
pub(crate) fn world(offers_max: usize) -> impl Strategy<Value = World> {
    (cart(), prop::collection::vec(offer(), 0..=offers_max)).prop_map(|(cart, mut offers)| {
        let mut held = Vec::new();
        for (index, offer) in offers.iter_mut().enumerate() {
            offer.id = OfferId::from_uuid(Uuid::from_u128(index as u128 + 1));
            if offer.trigger == Trigger::Coupon {
                held.push(coupon(offer.id, index));
            }
        }
        World { cart, offers, held }
    })
}

pub(crate) fn coupon(offer: OfferId, index: usize) -> HeldCoupon {
    let days = chrono::TimeDelta::days(1 + (index as i64 % 3));
    HeldCoupon {
        coupon: CouponId::from_uuid(Uuid::from_u128(index as u128 + 1_000)),
        offer,
        usable_from: DateTime::UNIX_EPOCH,
        expires_at: facts().now + days,
    }
}
