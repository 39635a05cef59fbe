//! Documents that are refused, each for its one fault.

use chrono::TimeDelta;
use huike_kernel::{NodeId, TimeWindow};

use super::*;
use crate::{
    limits::{LimitRule, Period},
    samples,
};

/// The pointers and faults of a document made from a sound one.
fn faults(mut rules: TemplateRules, change: impl Fn(&mut TemplateRules)) -> Vec<(String, F)> {
    assert_eq!(rules.validate(), Ok(()));
    change(&mut rules);
    let problems = rules.validate().err().unwrap_or_default();
    problems.into_iter().map(|problem| (problem.pointer, problem.fault)).collect()
}

fn one(change: impl Fn(&mut TemplateRules)) -> (String, F) {
    let mut found = faults(samples::amount_off("30", "200"), change);
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

fn effect(effect: &Effect) -> (String, F) {
    one(|rules| rules.effect = effect.clone())
}

fn limit(metric: Metric, subject: Subject, period: Period, cap: LimitCap) -> LimitRule {
    LimitRule { metric, subject, period, cap }
}

#[test]
fn amounts_are_positive_and_fit_under_their_threshold() {
    let amount_off = |amount: &str, threshold: &str| Effect::AmountOff {
        amount: samples::yuan(amount),
        threshold: samples::yuan(threshold),
    };
    assert_eq!(effect(&amount_off("0", "200")), ("/effect/amount".into(), F::AmountNotPositive));
    assert_eq!(effect(&amount_off("200.01", "200")), ("/effect/amount".into(), F::AmountAboveThreshold));
    assert_eq!(effect(&amount_off("1000000.01", "0")), ("/effect/amount".into(), F::AmountTooLarge));
    assert_eq!(effect(&Effect::Unsupported), ("/effect/kind".into(), F::KindUnsupported));
    assert!(samples::amount_off("200", "200").validate().is_ok(), "满200减200");
    assert!(samples::amount_off("10", "0").validate().is_ok(), "无门槛");
}

#[test]
fn a_percentage_lies_between_nothing_and_everything() {
    for rate_off in ["0", "1"] {
        let found = faults(samples::percent_off("0.1", None), |rules| {
            rules.effect = samples::percent_off(rate_off, None).effect;
        });
        assert_eq!(found, [("/effect/rate_off".to_owned(), F::RateOutOfRange)]);
    }
}

#[test]
fn a_budget_needs_a_bound_on_one_coupon() {
    let budget = |rules: &mut TemplateRules| rules.budget = Some(samples::budget("100", None));
    let percent = faults(samples::percent_off("0.1", None), budget);
    assert_eq!(percent, [("/effect/cap".to_owned(), F::CapRequired)]);
    assert!(faults(samples::percent_off("0.1", Some("50")), budget).is_empty());
    let delivery = faults(samples::with_effect(Effect::DeliveryFeeOff { amount: None }), budget);
    assert_eq!(delivery, [("/unit_cost".to_owned(), F::UnitCostRequired)]);
}

#[test]
fn a_budget_holds_at_least_one_coupon_and_a_day_no_more_than_all() {
    let budget = |total: &'static str, daily: Option<&'static str>| {
        move |rules: &mut TemplateRules| rules.budget = Some(samples::budget(total, daily))
    };
    assert_eq!(one(budget("29.99", None)), ("/budget/total".into(), F::BudgetTooSmall));
    assert_eq!(one(budget("300", Some("29.99"))), ("/budget/daily".into(), F::BudgetTooSmall));
    assert_eq!(one(budget("300", Some("301"))), ("/budget/daily".into(), F::DailyAboveTotal));
    assert_eq!(one(|rules| rules.unit_cost = Some(samples::yuan("1"))), ("/unit_cost".into(), F::UnitCostUnused));
}

#[test]
fn quantities_are_bounded() {
    for quantity in [0, -1, QUANTITY_MAX + 1] {
        assert_eq!(one(|rules| rules.quantity = quantity), ("/quantity".into(), F::QuantityOutOfRange));
    }
}

#[test]
fn windows_are_never_empty_and_claims_precede_the_end_of_validity() {
    let noon = samples::noon();
    let empty = TimeWindow { starts_at: noon, ends_at: noon };
    assert_eq!(one(|rules| rules.claim_window = Some(empty)), ("/claim_window/ends_at".into(), F::WindowEmpty));
    let hour = TimeDelta::hours(1);
    let claims_too_late = |rules: &mut TemplateRules| {
        rules.validity = Validity::Fixed { starts_at: noon - hour, ends_at: noon };
        rules.claim_window = Some(TimeWindow { starts_at: noon, ends_at: noon + hour });
    };
    assert_eq!(one(claims_too_late), ("/claim_window/starts_at".into(), F::ClaimAfterValidity));
    let antique = "1999-12-31T23:59:59Z".parse().unwrap();
    let window = |rules: &mut TemplateRules| rules.validity = Validity::Fixed { starts_at: antique, ends_at: noon };
    assert_eq!(one(window), ("/validity/starts_at".into(), F::WindowOutOfRange));
    let days = |rules: &mut TemplateRules| {
        rules.validity = Validity::Relative { delay_minutes: 0, days: DAYS_MAX + 1 };
    };
    assert_eq!(one(days), ("/validity/days".into(), F::SpanTooLong));
}

#[test]
fn use_times_keep_their_own_pointer() {
    let change = |rules: &mut TemplateRules| rules.use_times = serde_json::from_str(r#"{"rules":[{}]}"#).unwrap();
    let (pointer, fault) = one(change);
    assert_eq!(pointer, "/use_times/rules/0");
    assert!(matches!(fault, F::UseTimesUnsound { .. }));
}

#[test]
fn lists_hold_each_entry_once_and_units_are_in_or_out() {
    let node: NodeId = "00000000-0000-7000-8000-000000000001".parse().unwrap();
    let twice = |rules: &mut TemplateRules| rules.scope.include_nodes = vec![node, node];
    assert_eq!(one(twice), ("/scope/include_nodes/1".into(), F::ListedTwice));
    let both = |rules: &mut TemplateRules| {
        rules.scope.include_nodes = vec![node];
        rules.scope.exclude_nodes = vec![node];
    };
    assert_eq!(one(both), ("/scope/exclude_nodes/0".into(), F::IncludedAndExcluded));
}

#[test]
fn limits_have_the_right_unit_and_do_not_contradict_each_other() {
    use Metric::{Claims, Discount};
    use Subject::{Customer, Store};
    let limits = |limits: Vec<LimitRule>| move |rules: &mut TemplateRules| rules.limits.clone_from(&limits);
    let count = LimitCap::Count;
    let daily = limit(Claims, Customer, Period::Day, count(3));
    assert_eq!(one(limits(vec![daily, daily])), ("/limits/1".into(), F::LimitTwice));
    let ever = limit(Claims, Customer, Period::Ever, count(2));
    assert_eq!(one(limits(vec![ever, daily])), ("/limits/1/cap".into(), F::LimitAboveLonger));
    let none = limit(Claims, Customer, Period::Day, count(0));
    assert_eq!(one(limits(vec![none])), ("/limits/0/cap".into(), F::CapNotPositive));
    let unit = limit(Discount, Customer, Period::Day, count(5));
    assert_eq!(one(limits(vec![unit])), ("/limits/0/cap".into(), F::CapOfWrongUnit));
    let by_store = limit(Claims, Store, Period::Day, count(5));
    assert_eq!(one(limits(vec![by_store])), ("/limits/0/subject".into(), F::ClaimsByStore));
}

#[test]
fn exclusive_means_alone() {
    let torn = |rules: &mut TemplateRules| {
        rules.combination.exclusive = true;
        rules.combination.combines_with = vec![crate::rules::OfferClass::Item];
    };
    assert_eq!(one(torn), ("/combination/combines_with".into(), F::ExclusiveCombines));
}

#[test]
fn everything_wrong_is_said_at_once() {
    let found = faults(samples::amount_off("30", "200"), |rules| {
        rules.quantity = 0;
        rules.unredeem_window = UnredeemWindow::Minutes { minutes: 0 };
    });
    assert_eq!(found.len(), 2);
}

#[test]
fn a_document_is_read_strictly_and_written_short() {
    let json = r#"{"effect":{"kind":"amount_off","amount":"30.00","threshold":"200.00"},"quantity":100,
        "validity":{"kind":"relative","days":7}}"#;
    let rules: TemplateRules = serde_json::from_str(json).unwrap();
    assert_eq!(rules, samples::amount_off("30", "200"));
    let written = serde_json::to_string(&rules).unwrap();
    assert_eq!(serde_json::from_str::<TemplateRules>(&written).unwrap(), rules);
    let surplus = json.replacen('{', r#"{"status":"live","#, 1);
    assert!(serde_json::from_str::<TemplateRules>(&surplus).is_err());
}
