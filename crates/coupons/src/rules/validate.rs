//! Whether a rule document is sound: every clause by itself, then the clauses against each other.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, Utc};
use huike_kernel::{Money, Rate};

use super::problem::Findings;
use super::{
    DAYS_MAX, DELAY_MINUTES_MAX, Effect, LIST_MAX, RuleFault as F, RuleProblem, TemplateRules, UNREDEEM_MINUTES_MAX,
    UnredeemWindow, Validity,
};
use crate::{
    calendar::CalendarError,
    limits::{LimitCap, Metric, Subject},
};

/// The largest quantity of one template.
pub const QUANTITY_MAX: i64 = 10_000_000;
/// The largest amount one coupon moves: a million yuan.
pub const MONEY_MAX: Money = Money::from_fen(100_000_000);
/// The most limits of one template: every metric by every subject by every period.
pub const RULE_LIMITS_MAX: usize = 80;

impl TemplateRules {
    /// Says everything that is wrong with the document, from top to bottom.
    pub fn validate(&self) -> Result<(), Vec<RuleProblem>> {
        let mut findings = Findings::default();
        if self.effect == Effect::Unsupported {
            findings.note(true, "/effect/kind", F::KindUnsupported);
            return findings.verdict(); // nothing else can be judged without knowing the kind
        }
        note_effect(&mut findings, &self.effect);
        findings.note(!(1..=QUANTITY_MAX).contains(&self.quantity), "/quantity", F::QuantityOutOfRange);
        note_time(&mut findings, self);
        note_scope(&mut findings, self);
        note_limits(&mut findings, self);
        note_budget(&mut findings, self);
        note_terms(&mut findings, self);
        findings.verdict()
    }
}

fn note_effect(findings: &mut Findings, effect: &Effect) {
    match effect {
        Effect::AmountOff { amount, threshold } => {
            note_price(findings, "/effect/amount", *amount);
            note_money(findings, "/effect/threshold", *threshold);
            let above = !threshold.is_zero() && amount > threshold;
            findings.note(above, "/effect/amount", F::AmountAboveThreshold);
        }
        Effect::PercentOff { rate_off, threshold, cap } => {
            let sound = (1..Rate::WHOLE_PPM).contains(&rate_off.ppm());
            findings.note(!sound, "/effect/rate_off", F::RateOutOfRange);
            note_money(findings, "/effect/threshold", *threshold);
            if let Some(cap) = cap {
                note_price(findings, "/effect/cap", *cap);
            }
        }
        Effect::Exchange { price, .. } => note_money(findings, "/effect/price", *price),
        Effect::DeliveryFeeOff { amount: Some(amount) } => note_price(findings, "/effect/amount", *amount),
        Effect::DeliveryFeeOff { amount: None } | Effect::Unsupported => {}
    }
}

/// An amount that may be nothing.
fn note_money(findings: &mut Findings, pointer: &str, amount: Money) {
    findings.note(amount.is_negative(), pointer, F::AmountNegative);
    findings.note(amount > MONEY_MAX, pointer, F::AmountTooLarge);
}

/// An amount that must be something.
fn note_price(findings: &mut Findings, pointer: &str, amount: Money) {
    findings.note(amount <= Money::ZERO, pointer, F::AmountNotPositive);
    findings.note(amount > MONEY_MAX, pointer, F::AmountTooLarge);
}

fn note_time(findings: &mut Findings, rules: &TemplateRules) {
    if let Some(window) = rules.claim_window {
        note_window(findings, "/claim_window", window.starts_at, window.ends_at);
    }
    match rules.validity {
        Validity::Fixed { starts_at, ends_at } => {
            note_window(findings, "/validity", starts_at, ends_at);
            let late = rules.claim_window.is_some_and(|window| window.starts_at >= ends_at);
            findings.note(late, "/claim_window/starts_at", F::ClaimAfterValidity);
        }
        Validity::Relative { delay_minutes, days } => {
            findings.note(delay_minutes > DELAY_MINUTES_MAX, "/validity/delay_minutes", F::SpanTooLong);
            findings.note(days > DAYS_MAX, "/validity/days", F::SpanTooLong);
        }
    }
    if let Err(CalendarError::UseTimes { pointer, reason }) = rules.use_times.validate() {
        findings.note(true, format!("/use_times{pointer}"), F::UseTimesUnsound { reason });
    }
}

fn note_window(findings: &mut Findings, pointer: &str, starts_at: DateTime<Utc>, ends_at: DateTime<Utc>) {
    let in_range = |moment: DateTime<Utc>| (2000..2200).contains(&moment.year());
    findings.note(starts_at >= ends_at, format!("{pointer}/ends_at"), F::WindowEmpty);
    findings.note(!in_range(starts_at), format!("{pointer}/starts_at"), F::WindowOutOfRange);
    findings.note(!in_range(ends_at), format!("{pointer}/ends_at"), F::WindowOutOfRange);
}

fn note_scope(findings: &mut Findings, rules: &TemplateRules) {
    let scope = &rules.scope;
    note_list(findings, "/scope/include_nodes", &scope.include_nodes);
    note_list(findings, "/scope/exclude_nodes", &scope.exclude_nodes);
    note_list(findings, "/scope/products", &scope.products);
    note_list(findings, "/scope/categories", &scope.categories);
    note_list(findings, "/scope/brands", &scope.brands);
    note_list(findings, "/scope/delivery_areas", &scope.delivery_areas);
    for (index, node) in scope.exclude_nodes.iter().enumerate().take(LIST_MAX) {
        let both = scope.include_nodes.contains(node);
        findings.note(both, format!("/scope/exclude_nodes/{index}"), F::IncludedAndExcluded);
    }
}

fn note_list<T: Ord>(findings: &mut Findings, pointer: &str, list: &[T]) {
    findings.note(list.len() > LIST_MAX, pointer, F::ListTooLong);
    let mut seen = BTreeSet::new();
    for (index, entry) in list.iter().enumerate().take(LIST_MAX) {
        findings.note(!seen.insert(entry), format!("{pointer}/{index}"), F::ListedTwice);
    }
}

fn note_limits(findings: &mut Findings, rules: &TemplateRules) {
    if rules.limits.len() > RULE_LIMITS_MAX {
        findings.note(true, "/limits", F::ListTooLong);
        return;
    }
    for (index, limit) in rules.limits.iter().enumerate() {
        let cap = format!("/limits/{index}/cap");
        let counts = matches!(limit.metric, Metric::Claims | Metric::Uses);
        findings.note(counts != matches!(limit.cap, LimitCap::Count(_)), cap.clone(), F::CapOfWrongUnit);
        findings.note(limit.cap.units() <= 0, cap.clone(), F::CapNotPositive);
        let by_store = limit.metric == Metric::Claims && limit.subject == Subject::Store;
        findings.note(by_store, format!("/limits/{index}/subject"), F::ClaimsByStore);
        let (mut twice, mut above) = (false, false);
        for (other_index, other) in rules.limits.iter().enumerate() {
            let alike = other.metric == limit.metric && other.subject == limit.subject;
            twice |= alike && other.period == limit.period && other_index < index;
            above |= alike && limit.period < other.period && limit.cap.units() > other.cap.units();
        }
        findings.note(twice, format!("/limits/{index}"), F::LimitTwice);
        findings.note(above, cap, F::LimitAboveLonger);
    }
}

fn note_budget(findings: &mut Findings, rules: &TemplateRules) {
    if let Some(unit_cost) = rules.unit_cost {
        let used = matches!(rules.effect, Effect::Exchange { .. } | Effect::DeliveryFeeOff { .. });
        findings.note(!used, "/unit_cost", F::UnitCostUnused);
        note_price(findings, "/unit_cost", unit_cost);
    }
    let Some(budget) = rules.budget else { return };
    findings.note(budget.total <= Money::ZERO, "/budget/total", F::AmountNotPositive);
    if let Some(daily) = budget.daily {
        findings.note(daily <= Money::ZERO, "/budget/daily", F::AmountNotPositive);
        findings.note(daily > budget.total, "/budget/daily", F::DailyAboveTotal);
    }
    let Some(worst) = rules.worst_case_cost() else {
        let percent = matches!(rules.effect, Effect::PercentOff { .. });
        findings.note(percent, "/effect/cap", F::CapRequired);
        findings.note(!percent, "/unit_cost", F::UnitCostRequired);
        return;
    };
    findings.note(budget.total < worst, "/budget/total", F::BudgetTooSmall);
    findings.note(budget.daily.is_some_and(|daily| daily < worst), "/budget/daily", F::BudgetTooSmall);
}

fn note_terms(findings: &mut Findings, rules: &TemplateRules) {
    let combination = &rules.combination;
    note_list(findings, "/combination/combines_with", &combination.combines_with);
    let torn = combination.exclusive && !combination.combines_with.is_empty();
    findings.note(torn, "/combination/combines_with", F::ExclusiveCombines);
    if let UnredeemWindow::Minutes { minutes } = rules.unredeem_window {
        let sound = (1..=UNREDEEM_MINUTES_MAX).contains(&minutes);
        findings.note(!sound, "/unredeem_window/minutes", F::UnredeemWindowOutOfRange);
    }
}

#[cfg(test)]
#[path = "validate_tests.rs"]
mod tests;
