//! How long a quote takes: with the cart, with offers that match, and with offers that do not.
//!
//! `cargo bench -p huike-pricing`. The figures and the machine they were measured on are in `docs/performance.md`.

#![expect(clippy::expect_used, reason = "a bench whose shop is unsound cannot go on")]

use std::hint::black_box;

use chrono::{DateTime, TimeDelta, Utc};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use huike_kernel::{CouponId, Money, OfferClass, Rate, Zone};
use huike_pricing::{
    Ask, Cart, CartLine, CompiledOffers, CouponChoice, Facts, HeldCoupon, Offer, OfferId, Policy,
    offer::{Bounds, Condition, Effect, LineScope, Select, Trigger},
    quote,
};
use uuid::Uuid;

/// The allocator of the server.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

struct Shop {
    cart: Cart,
    facts: Facts,
    offers: CompiledOffers,
    held: Vec<HeldCoupon>,
    policy: Policy,
}

impl Shop {
    fn quote(&self) -> huike_pricing::Quote {
        let choice = CouponChoice::Best;
        let ask = Ask { cart: &self.cart, facts: &self.facts, held: &self.held, choice: &choice, points_off: None };
        quote(&self.offers, &self.policy, &ask).expect("the cart is sound")
    }
}

/// Lines of some products each in a category of ten.
fn cart(lines: usize) -> Cart {
    let line = |index: usize| {
        let fen = 1_990 + i64::try_from(index * 370 % 9_000).unwrap_or(0);
        let mut line = CartLine::new(&format!("{index:04}"), &format!("sku-{index}"), 2, Money::from_fen(fen));
        line.categories = vec!["all".into(), format!("category-{}", index % 10)];
        line.brand = Some(format!("brand-{}", index % 5));
        line
    };
    Cart { lines: (0..lines).map(line).collect(), shipping: Vec::new() }
}

fn rate(percent: i64) -> Rate {
    Rate::from_ppm(percent * 10_000).expect("a share")
}

/// Offers of every sort. One that matches is on a category or brand of the cart or on the whole order; one that does
/// not is on goods that nobody bought.
fn offer(index: usize, matches: bool) -> Offer {
    let id = OfferId::from_uuid(Uuid::from_u128(index as u128 + 1));
    let mut offer = match index % 5 {
        0 => Offer::new(id, OfferClass::Item, Effect::PercentOff { rate_off: rate(2) }),
        1 => Offer::new(id, OfferClass::Item, Effect::UnitAmountOff { amount: Money::from_fen(15) }),
        2 => Offer::new(
            id,
            OfferClass::Item,
            Effect::NthItem { n: 2, rate_off: rate(5), select: Select::Cheapest, max_times: None },
        ),
        3 => Offer::new(id, OfferClass::Item, Effect::LineAmountOff { amount: Money::from_fen(10) }),
        _ => Offer::new(id, OfferClass::Order, Effect::AmountOff { amount: Money::from_fen(100) }),
    };
    offer.scope = match (matches, index % 5) {
        (false, _) => LineScope::of_skus([format!("elsewhere-{index}")]),
        (true, 4) => LineScope::default(),
        (true, _) => LineScope::of_categories([format!("category-{}", index % 10)]),
    };
    if index % 5 == 4 {
        let bounds = Bounds { at_least: Some(Money::from_fen(5_000)), ..Bounds::default() };
        offer.condition = Some(Condition::Amount { scope: LineScope::default(), bounds });
    }
    offer
}

fn coupon_offer(index: usize) -> Offer {
    let id = OfferId::from_uuid(Uuid::from_u128(1_000_000 + index as u128));
    let amount = Money::from_fen(300 + 50 * i64::try_from(index).unwrap_or(0));
    let mut offer = Offer::new(id, OfferClass::Order, Effect::AmountOff { amount });
    offer.trigger = Trigger::Coupon;
    // As coupons mostly are: with prices of items, not with one another.
    offer.combines_with = vec![OfferClass::Item, OfferClass::Shipping];
    offer.condition = Some(Condition::amount_at_least(Money::from_fen(10_000)));
    offer
}

fn shop(lines: usize, matching: usize, others: usize, coupons: usize) -> Shop {
    let now: DateTime<Utc> = "2026-06-15T04:00:00Z".parse().expect("a moment");
    let mut offers: Vec<Offer> = (0..matching).map(|index| offer(index, true)).collect();
    offers.extend((matching..matching + others).map(|index| offer(index, false)));
    offers.extend((0..coupons).map(coupon_offer));
    let held = (0..coupons).map(|index| HeldCoupon {
        coupon: CouponId::from_uuid(Uuid::from_u128(2_000_000 + index as u128)),
        offer: OfferId::from_uuid(Uuid::from_u128(1_000_000 + index as u128)),
        usable_from: DateTime::UNIX_EPOCH,
        expires_at: now + TimeDelta::days(7),
    });
    Shop {
        cart: cart(lines),
        facts: Facts::at(now, Zone::SHANGHAI.local(now)),
        offers: CompiledOffers::new(offers).expect("the offers are sound"),
        held: held.collect(),
        policy: Policy::default(),
    }
}

fn bench(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("quote");
    let promise = shop(10, 50, 50, 0);
    assert!(promise.quote().applied.len() > 25, "half of the offers match");
    group.bench_function("10 lines, 100 offers", |bencher| bencher.iter(|| black_box(promise.quote())));
    let with_coupons = shop(10, 50, 50, 8);
    let quoted = with_coupons.quote();
    assert!(quoted.optimal && quoted.choices >= 8);
    group.bench_function("10 lines, 100 offers, 8 coupons", |bencher| bencher.iter(|| black_box(with_coupons.quote())));
    group.bench_function("10 lines, 100 offers, hash", |bencher| bencher.iter(|| black_box(quoted.hash())));
    group.finish();

    let mut group = criterion.benchmark_group("by lines");
    for lines in [1, 10, 50, 100, 200, 500] {
        let shop = shop(lines, 50, 50, 0);
        group.bench_with_input(BenchmarkId::from_parameter(lines), &shop, |bencher, shop| {
            bencher.iter(|| black_box(shop.quote()))
        });
    }
    group.finish();

    let mut group = criterion.benchmark_group("by matching offers");
    for matching in [10, 50, 100, 500, 1_000, 10_000] {
        let shop = shop(10, matching, 0, 0);
        group.bench_with_input(BenchmarkId::from_parameter(matching), &shop, |bencher, shop| {
            bencher.iter(|| black_box(shop.quote()))
        });
    }
    group.finish();

    let mut group = criterion.benchmark_group("by other offers");
    for others in [0, 10, 100, 1_000, 10_000] {
        let shop = shop(10, 10, others, 0);
        group.bench_with_input(BenchmarkId::from_parameter(others), &shop, |bencher, shop| {
            bencher.iter(|| black_box(shop.quote()))
        });
    }
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
