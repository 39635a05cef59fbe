//! Laws that hold for every document, order and walk.

#![expect(clippy::unwrap_used, reason = "a generator that cannot make its value stops the test")]

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use huike_coupons::{
    CouponEdge, CouponState, Effect, TemplateRules,
    limits::{CounterFacts, CounterMetric, CounterMove, LimitCap, LimitRule, Metric, Origin, Period, Subject},
    limits::{give_back, moves_for_claim, moves_for_redemption, period_start},
    rules::{Budget, Validity},
};
use huike_kernel::{Money, Rate, Zone};
use proptest::{prelude::*, sample::select};
use uuid::Uuid;

/// The graph of docs/domain, as written there.
const BOOK: &[(&str, &str)] = &[
    ("unclaimed", "issued"),
    ("unclaimed", "redeemed"),
    ("unclaimed", "expired"),
    ("unclaimed", "voided"),
    ("issued", "locked"),
    ("locked", "redeemed"),
    ("locked", "issued"),
    ("issued", "redeemed"),
    ("issued", "expired"),
    ("issued", "voided"),
    ("issued", "transferred"),
    ("redeemed", "issued"),
    ("redeemed", "unclaimed"),
    ("redeemed", "returned"),
    ("returned", "issued"),
];

fn money(range: std::ops::Range<i64>) -> impl Strategy<Value = Money> {
    range.prop_map(Money::from_fen)
}

fn effects() -> impl Strategy<Value = Effect> {
    let amount_off = (money(1..100_000), money(0..200_000)).prop_map(|(amount, more)| {
        let threshold = if more.is_zero() { more } else { more.checked_add(amount).unwrap() };
        Effect::AmountOff { amount, threshold }
    });
    let percent_off = (1..Rate::WHOLE_PPM, money(0..100_000), prop::option::of(money(1..50_000))).prop_map(
        |(ppm, threshold, cap)| Effect::PercentOff { rate_off: Rate::from_ppm(ppm).unwrap(), threshold, cap },
    );
    prop_oneof![amount_off, percent_off]
}

fn limits() -> impl Strategy<Value = Vec<LimitRule>> {
    let limit = (select(Metric::ALL), select(Subject::ALL), select(Period::ALL), 1..1_000_i64);
    prop::collection::vec(limit, 0..12).prop_map(|limits| {
        let rule = |(metric, subject, period, cap)| LimitRule { metric, subject, period, cap: cap_of(metric, cap) };
        limits.into_iter().map(rule).collect()
    })
}

fn cap_of(metric: Metric, cap: i64) -> LimitCap {
    match metric {
        Metric::Claims | Metric::Uses => LimitCap::Count(cap),
        Metric::Discount | Metric::OrderValue => LimitCap::Amount(Money::from_fen(cap)),
    }
}

fn rules(effect: Effect) -> TemplateRules {
    TemplateRules::new(effect, 100, Validity::Relative { delay_minutes: 0, days: 7 })
}

fn facts(day: NaiveDate, owned: bool) -> CounterFacts {
    CounterFacts {
        template: Uuid::from_u128(1).into(),
        code: Some(Uuid::from_u128(2)),
        customer: owned.then(|| Uuid::from_u128(3).into()),
        site: Uuid::from_u128(4).into(),
        store: Some(Uuid::from_u128(5).into()),
        day,
    }
}

type Key = (CounterMetric, Subject, Uuid, Period, NaiveDate);

fn key_of(step: &CounterMove) -> Key {
    (step.metric, step.subject_kind, step.subject, step.period, step.period_start)
}

fn apply(counters: &mut BTreeMap<Key, i64>, moves: &[CounterMove]) {
    for step in moves {
        *counters.entry(key_of(step)).or_default() += step.amount;
    }
}

fn moments() -> impl Strategy<Value = DateTime<Utc>> {
    (946_684_800_i64..4_102_444_800).prop_map(|seconds| DateTime::from_timestamp(seconds, 0).unwrap())
}

proptest! {
    #[test]
    fn no_walk_takes_a_step_that_is_not_in_the_book(
        owned in any::<bool>(), walk in prop::collection::vec(select(CouponEdge::ALL), 0..60)
    ) {
        let mut owned = owned;
        let mut state = if owned { CouponState::Issued } else { CouponState::Unclaimed };
        for edge in walk {
            let Ok(next) = state.after(edge, owned) else { continue };
            prop_assert!(BOOK.contains(&(state.as_str(), next.as_str())), "{state} -{edge}-> {next}");
            owned |= edge == CouponEdge::Claim;
            prop_assert!(next != CouponState::Unclaimed || !owned, "an owner is never lost");
            state = next;
        }
    }

    #[test]
    fn an_ended_coupon_never_comes_back(
        edge in select(CouponEdge::ALL), owned in any::<bool>(),
        end in select(&[CouponState::Expired, CouponState::Voided, CouponState::Transferred][..])
    ) {
        prop_assert!(end.after(edge, owned).is_err());
    }

    #[test]
    fn a_discount_never_exceeds_the_order_nor_the_worst_case(effect in effects(), order in money(1..10_000_000)) {
        let rules = rules(effect);
        let discount = rules.counter_discount(Some(order));
        prop_assert!(discount <= order && !discount.is_negative());
        prop_assert_eq!(rules.counter_cost(Some(order)), discount);
        if let Some(worst) = rules.worst_case_cost() {
            prop_assert!(discount <= worst);
        }
    }

    #[test]
    fn sound_effects_make_sound_documents_that_read_back(effect in effects()) {
        let rules = rules(effect);
        prop_assert_eq!(rules.validate(), Ok(()));
        let written = serde_json::to_string(&rules).unwrap();
        prop_assert_eq!(serde_json::from_str::<TemplateRules>(&written).unwrap(), rules);
    }

    #[test]
    fn giving_back_leaves_every_counter_as_it_was(
        limits in limits(), day in 0..20_000_u64, owned in any::<bool>(), cost in money(0..5_000), order in money(1..9_000)
    ) {
        let day = NaiveDate::default() + chrono::Days::new(day);
        let mut rules = rules(Effect::AmountOff { amount: Money::from_fen(500), threshold: Money::ZERO });
        rules.limits = limits;
        rules.budget = Some(Budget { total: Money::from_fen(50_000), daily: Some(Money::from_fen(5_000)) });
        let claim = moves_for_claim(&rules, &facts(day, owned), Origin::New);
        let redemption = moves_for_redemption(&rules, &facts(day, owned), cost, Some(order));
        let mut counters = BTreeMap::new();
        for moves in [&claim, &redemption, &give_back(&redemption), &give_back(&claim)] {
            let sorted = moves.is_sorted_by_key(key_of);
            prop_assert!(sorted);
            apply(&mut counters, moves);
        }
        prop_assert!(counters.values().all(|used| *used == 0), "{counters:?}");
    }

    #[test]
    fn a_period_begins_on_or_before_its_day_and_is_its_own_start(period in select(Period::ALL), day in 0..40_000_u64) {
        let day = NaiveDate::default() + chrono::Days::new(day);
        let start = period_start(period, day);
        prop_assert!(start <= day);
        prop_assert_eq!(period_start(period, start), start);
    }

    #[test]
    fn a_relative_window_is_never_empty_and_gives_every_promised_day(
        claimed_at in moments(), delay_minutes in 0..525_600_u32, days in 0..3_650_u16,
        zone in select(&["Asia/Shanghai", "Asia/Urumqi", "America/New_York", "Pacific/Auckland"][..])
    ) {
        let zone: Zone = zone.parse().unwrap();
        let window = Validity::Relative { delay_minutes, days }.window_for(claimed_at, &zone);
        prop_assert!(!window.is_empty());
        prop_assert!(window.starts_at >= claimed_at);
        let promised = TimeDelta::days(i64::from(days)) - TimeDelta::hours(2); // a day may lose hours to summer time
        prop_assert!(window.ends_at - window.starts_at >= promised);
    }
}
