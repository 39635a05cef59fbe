//! At the counter.

use huike_kernel::{DomainError, NodeId};

use super::*;
use crate::{
    limits::{LimitCap, LimitRule, Period},
    rules::Effect,
    samples,
};

fn node() -> NodeId {
    "00000000-0000-7000-8000-000000000001".parse().unwrap()
}

fn held() -> HeldCoupon {
    HeldCoupon {
        state: CouponState::Issued,
        owner: Some("00000000-0000-7000-8000-000000000009".parse().unwrap()),
        usable_from: Some(samples::minutes_after_noon(-60)),
        expires_at: Some(samples::minutes_after_noon(60)),
        committed: Money::ZERO,
    }
}

fn ask(calendar: &HolidayCalendar) -> CounterAsk<'_> {
    CounterAsk {
        now: samples::noon(),
        zone: Zone::default(),
        calendar,
        order_amount: Some(samples::yuan("250")),
        store_in_scope: true,
        killed: None,
        clerk_is_owner: false,
        customer: Standing { blocked: false, is_new: true, in_segment: None },
        day_signed: false,
        winner: None,
    }
}

/// The refusal of an otherwise lawful redemption after a change.
fn refused(rules: &TemplateRules, change: impl Fn(&mut HeldCoupon, &mut CounterAsk<'_>)) -> CouponError {
    let calendar = HolidayCalendar::weekends_only();
    let (mut coupon, mut ask) = (held(), ask(&calendar));
    change(&mut coupon, &mut ask);
    decide_counter_redeem(rules, &coupon, &ask).unwrap_err()
}

#[test]
fn a_sound_coupon_takes_its_discount_off_and_returns_what_was_committed_too_much() {
    let calendar = HolidayCalendar::weekends_only();
    let rules = samples::percent_off("0.1", Some("50"));
    let coupon = HeldCoupon { committed: samples::yuan("50"), ..held() };
    let done = decide_counter_redeem(&rules, &coupon, &ask(&calendar)).unwrap();
    assert_eq!(
        (done.discount, done.cost, done.returned),
        (samples::yuan("25"), samples::yuan("25"), samples::yuan("25"))
    );
}

#[test]
fn an_exchange_takes_nothing_off_but_costs_its_item() {
    let calendar = HolidayCalendar::weekends_only();
    let item = "婴儿湿巾一包".try_into().unwrap();
    let mut rules = samples::with_effect(Effect::Exchange { item, sku: None, price: Money::ZERO });
    rules.unit_cost = Some(samples::yuan("7"));
    let ask = CounterAsk { order_amount: None, ..ask(&calendar) };
    let done = decide_counter_redeem(&rules, &held(), &ask).unwrap();
    assert_eq!((done.discount, done.cost), (Money::ZERO, samples::yuan("7")));
}

#[test]
fn every_wrong_state_has_its_own_reason() {
    let rules = samples::amount_off("30", "200");
    for (state, code) in [
        (CouponState::Redeemed, "coupon_already_redeemed"),
        (CouponState::Locked, "coupon_locked"),
        (CouponState::Expired, "coupon_expired"),
        (CouponState::Voided, "coupon_voided"),
        (CouponState::Transferred, "coupon_transferred"),
        (CouponState::Returned, "coupon_returned"),
    ] {
        assert_eq!(refused(&rules, |coupon, _| coupon.state = state).code(), code);
    }
}

#[test]
fn the_loser_of_a_race_learns_when_and_where_the_winner_was() {
    let rules = samples::amount_off("30", "200");
    let error = refused(&rules, |coupon, ask| {
        coupon.state = CouponState::Redeemed;
        ask.winner =
            Some(Winner { redeemed_at: samples::noon(), store: node(), store_name: "人民路店".to_owned() });
    });
    let details = error.details().unwrap();
    assert_eq!(details["redeemed_at"], "2026-06-02T04:00:00Z");
    assert_eq!((&details["store_id"], &details["store_name"]), (&node().to_string().into(), &"人民路店".into()));
}

#[test]
fn validity_is_half_open() {
    let calendar = HolidayCalendar::weekends_only();
    let rules = samples::amount_off("30", "200");
    let at = |minutes| {
        let ask = CounterAsk { now: samples::minutes_after_noon(minutes), ..ask(&calendar) };
        decide_counter_redeem(&rules, &held(), &ask).map_err(|error| error.code())
    };
    assert_eq!(at(-61), Err("coupon_not_started"));
    assert!(at(-60).is_ok() && at(59).is_ok());
    assert_eq!(at(60), Err("coupon_expired"));
}

#[test]
fn place_person_and_day_have_each_their_own_reason() {
    let mut rules = samples::amount_off("30", "200");
    assert_eq!(refused(&rules, |_, ask| ask.store_in_scope = false).code(), "coupon_out_of_scope");
    assert_eq!(refused(&rules, |_, ask| ask.day_signed = true).code(), "store_day_signed");
    assert_eq!(refused(&rules, |_, ask| ask.clerk_is_owner = true).code(), "coupon_own");
    assert_eq!(refused(&rules, |_, ask| ask.customer.blocked = true).code(), "customer_blocked");
    rules.audience.new_customer_only = true;
    assert_eq!(refused(&rules, |_, ask| ask.customer.is_new = false).code(), "coupon_new_customers_only");
}

#[test]
fn the_kill_switch_alone_stops_held_coupons_and_says_why() {
    let reason = Reason::new("印错金额").unwrap();
    let calendar = HolidayCalendar::weekends_only();
    let killed = CounterAsk { killed: Some(&reason), ..ask(&calendar) };
    let error = decide_counter_redeem(&samples::amount_off("30", "200"), &held(), &killed).unwrap_err();
    assert_eq!((error.code(), &error.details().unwrap()["reason"]), ("coupon_killed", &"印错金额".into()));
}

#[test]
fn what_a_counter_cannot_know_is_never_ignored() {
    let mut rules = samples::amount_off("30", "200");
    rules.scope.products = vec!["SKU-1".try_into().unwrap()];
    rules.audience.segment = Some("pregnant".try_into().unwrap());
    let error = refused(&rules, |_, _| {});
    assert_eq!(error.code(), "coupon_needs_cart");
    assert_eq!(error.details().unwrap()["conditions"], serde_json::json!(["products", "segment"]));
    let delivery = samples::with_effect(Effect::DeliveryFeeOff { amount: None });
    assert_eq!(refused(&delivery, |_, _| {}).code(), "coupon_needs_cart");
}

#[test]
fn a_code_without_an_owner_is_redeemed_unless_its_rules_ask_for_one() {
    let calendar = HolidayCalendar::weekends_only();
    let ownerless = |coupon: &mut HeldCoupon| {
        (coupon.state, coupon.owner, coupon.usable_from, coupon.expires_at) =
            (CouponState::Unclaimed, None, None, None);
    };
    let mut coupon = held();
    ownerless(&mut coupon);
    let plain = samples::amount_off("30", "200");
    assert!(decide_counter_redeem(&plain, &coupon, &ask(&calendar)).is_ok());

    let mut new_only = plain.clone();
    new_only.audience.new_customer_only = true;
    let mut limited = plain.clone();
    let (metric, subject) = (Metric::Uses, Subject::Customer);
    limited.limits.push(LimitRule { metric, subject, period: Period::Day, cap: LimitCap::Count(1) });
    let mut delayed = plain.clone();
    delayed.validity = Validity::Relative { delay_minutes: 60, days: 7 };
    for rules in [new_only, limited, delayed] {
        assert_eq!(refused(&rules, |coupon, _| ownerless(coupon)).code(), "coupon_needs_owner");
    }
}

#[test]
fn the_order_amount_is_asked_for_only_where_it_matters() {
    let calendar = HolidayCalendar::weekends_only();
    let silent = CounterAsk { order_amount: None, ..ask(&calendar) };
    let no_minimum = samples::amount_off("10", "0");
    assert_eq!(decide_counter_redeem(&no_minimum, &held(), &silent).unwrap().discount, samples::yuan("10"));
    for rules in [samples::amount_off("30", "200"), samples::percent_off("0.1", None)] {
        let error = refused(&rules, |_, ask| ask.order_amount = None);
        assert_eq!((error.code(), error.pointer().as_deref()), ("order_amount_required", Some("/order_amount")));
    }
    assert_eq!(refused(&no_minimum, |_, ask| ask.order_amount = Some(Money::ZERO)).code(), "order_amount_invalid");
}

#[test]
fn a_threshold_not_met_says_what_is_missing() {
    let rules = samples::amount_off("30", "200");
    let error = refused(&rules, |_, ask| ask.order_amount = Some(samples::yuan("177")));
    assert_eq!(error.code(), "coupon_threshold_not_met");
    assert_eq!(error.details().unwrap()["gap"]["amount"], "23.00");
}

#[test]
fn use_times_are_those_of_the_stores_clock() {
    let mut rules = samples::amount_off("30", "200");
    rules.use_times =
        serde_json::from_str(r#"{"rules":[{"weekdays":["tuesday"],"hours":[{"from":"12:00","to":"13:00"}]}]}"#)
            .unwrap();
    let calendar = HolidayCalendar::weekends_only();
    assert!(decide_counter_redeem(&rules, &held(), &ask(&calendar)).is_ok());
    let error = refused(&rules, |_, ask| ask.now = samples::minutes_after_noon(-1));
    assert_eq!(
        (error.code(), &error.details().unwrap()["next_allowed_local"]),
        ("coupon_not_now", &"2026-06-02T12:00".into())
    );
}
