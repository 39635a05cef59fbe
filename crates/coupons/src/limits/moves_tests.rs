//! Counters of claims, batches and redemptions.

use huike_kernel::DomainError;

use super::*;
use crate::{limits::LimitCap, samples};

fn id<T: From<Uuid>>(number: u128) -> T {
    T::from(Uuid::from_u128(number))
}

fn facts() -> CounterFacts {
    CounterFacts {
        template: id(1),
        code: Some(Uuid::from_u128(2)),
        customer: Some(id(3)),
        site: id(4),
        store: None,
        day: "2026-06-01".parse().unwrap(), // a Monday and the first of its month
    }
}

fn limit(metric: Metric, subject: Subject, period: Period, cap: i64) -> LimitRule {
    LimitRule { metric, subject, period, cap: LimitCap::Count(cap) }
}

fn limited(limits: &[LimitRule]) -> TemplateRules {
    TemplateRules { limits: limits.to_vec(), ..samples::amount_off("30", "200") }
}

#[test]
fn a_counter_is_touched_only_where_a_cap_exists() {
    assert!(moves_for_claim(&limited(&[]), &facts(), Origin::New).is_empty());
    let rules = limited(&[limit(Metric::Claims, Subject::Customer, Period::Ever, 2)]);
    let moves = moves_for_claim(&rules, &facts(), Origin::New);
    assert_eq!(moves.len(), 1);
    assert_eq!((moves[0].subject, moves[0].amount, moves[0].cap), (Uuid::from_u128(3), 1, 2));
    assert_eq!(moves[0].period_start.to_string(), "1970-01-01");
    assert!(moves_for_redemption(&rules, &facts(), Money::ZERO, None).is_empty());
}

#[test]
fn a_day_a_week_and_a_month_that_begin_together_are_three_counters() {
    let rules = limited(&[
        limit(Metric::Claims, Subject::Customer, Period::Day, 1),
        limit(Metric::Claims, Subject::Customer, Period::Week, 2),
        limit(Metric::Claims, Subject::Customer, Period::Month, 3),
    ]);
    let moves = moves_for_claim(&rules, &facts(), Origin::New);
    assert!(moves.iter().all(|step| step.period_start == facts().day));
    let mut keys: Vec<_> =
        moves.iter().map(|step| (step.metric, step.subject, step.period, step.period_start)).collect();
    keys.dedup();
    assert_eq!(keys.len(), 3);
}

#[test]
fn the_daily_budget_counts_new_instances_and_batches_once() {
    let mut rules = limited(&[]);
    rules.budget = Some(samples::budget("3000", Some("300")));
    let moves = moves_for_claim(&rules, &facts(), Origin::New);
    assert_eq!((moves[0].metric, moves[0].amount, moves[0].cap), (CounterMetric::Committed, 3_000, 30_000));
    assert_eq!(moves[0].refusal().code(), "coupon_daily_budget_exhausted");
    assert!(moves_for_claim(&rules, &facts(), Origin::Unclaimed).is_empty(), "counted when the batch was made");
    assert_eq!(moves_for_batch(&rules, &facts(), 10)[0].amount, 30_000);
    assert!(moves_for_batch(&rules, &facts(), 11)[0].exceeds_alone());
}

#[test]
fn a_redemption_counts_uses_cost_and_order_value() {
    let money = |metric| LimitRule {
        cap: LimitCap::Amount(samples::yuan("500")),
        ..limit(metric, Subject::Store, Period::Day, 0)
    };
    let rules = limited(&[
        limit(Metric::Uses, Subject::Code, Period::Ever, 1),
        money(Metric::OrderValue),
        money(Metric::Discount),
    ]);
    let at_store = CounterFacts { store: Some(id(5)), ..facts() };
    let moves = moves_for_redemption(&rules, &at_store, samples::yuan("30"), Some(samples::yuan("250")));
    let figures: Vec<_> = moves.iter().map(|step| (step.metric.as_str(), step.amount)).collect();
    assert_eq!(figures, [("discount", 3_000), ("order_value", 25_000), ("uses", 1)]);
}

#[test]
fn moves_come_in_one_order_whatever_the_order_of_the_rules() {
    let mut limits = vec![
        limit(Metric::Claims, Subject::Site, Period::Day, 9),
        limit(Metric::Claims, Subject::Customer, Period::Ever, 2),
        limit(Metric::Claims, Subject::Template, Period::Week, 99),
    ];
    let one = moves_for_claim(&limited(&limits), &facts(), Origin::New);
    limits.reverse();
    assert_eq!(moves_for_claim(&limited(&limits), &facts(), Origin::New), one);
}

#[test]
fn what_is_given_back_goes_to_the_period_it_came_from() {
    let rules = limited(&[limit(Metric::Claims, Subject::Customer, Period::Day, 1)]);
    let taken = moves_for_claim(&rules, &facts(), Origin::New);
    let back = give_back(&taken);
    assert_eq!((back[0].period_start, back[0].amount), (facts().day, -1));
}

#[test]
fn a_limit_reached_is_named_with_its_cap() {
    let rules = limited(&[limit(Metric::Claims, Subject::Customer, Period::Day, 1)]);
    let refusal = moves_for_claim(&rules, &facts(), Origin::New)[0].refusal();
    assert_eq!(refusal.code(), "coupon_limit_reached");
    let expected = serde_json::json!({ "metric": "claims", "subject": "customer", "period": "day", "cap": 1 });
    assert_eq!(refusal.details().unwrap(), expected);
}
