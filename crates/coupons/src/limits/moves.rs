//! Which counters an act moves.

use chrono::NaiveDate;
use huike_kernel::{CustomerId, Money, NodeId, TemplateId, words};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{LimitRule, Metric, Period, Subject, period_start};
use crate::{claim::ClaimError, error::CouponError, rules::TemplateRules};

words!(
    /// What a counter row counts: the metrics of limits, and the money promised under a daily budget.
    CounterMetric, "counter metric" {
        /// See [`Metric::Claims`].
        Claims = "claims",
        /// Worst-case cost of what was issued, for the daily budget.
        Committed = "committed",
        /// See [`Metric::Discount`].
        Discount = "discount",
        /// See [`Metric::OrderValue`].
        OrderValue = "order_value",
        /// See [`Metric::Uses`].
        Uses = "uses",
    }
);

impl From<Metric> for CounterMetric {
    fn from(metric: Metric) -> Self {
        match metric {
            Metric::Claims => Self::Claims,
            Metric::Uses => Self::Uses,
            Metric::Discount => Self::Discount,
            Metric::OrderValue => Self::OrderValue,
        }
    }
}

/// Who acts where and when, as far as counters care. Kept with the claim or redemption, so that the same moves can be
/// computed again when they are given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CounterFacts {
    /// The template.
    pub template: TemplateId,
    /// The code: at a claim the channel of a shared code, or the coupon a unique code names; at a redemption the coupon.
    pub code: Option<Uuid>,
    /// The customer; nobody when a printed code is redeemed without an owner.
    pub customer: Option<CustomerId>,
    /// The site of the act.
    pub site: NodeId,
    /// The store of the act, at a counter.
    pub store: Option<NodeId>,
    /// The local day of the act in the site's zone.
    pub day: NaiveDate,
}

/// Whether a claim makes a new instance or gives an owner to one that was issued before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// A new instance: its worst case is committed now.
    New,
    /// A printed or generated code: its worst case was committed when the batch was made.
    Unclaimed,
}

/// One move of one counter row of a template. All moves of one act belong to the same template, the counter's owner.
///
/// Moves are sorted by their fields: everybody locks counters in this one order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CounterMove {
    /// What is counted.
    pub metric: CounterMetric,
    /// By whom or what.
    pub subject_kind: Subject,
    /// In which span. Part of the key: a day, a week and a month may begin on the same date.
    pub period: Period,
    /// The local day the span begins on.
    pub period_start: NaiveDate,
    /// The subject's id. Last of the key, so that the counters of many subjects under one limit lie side by side.
    pub subject: Uuid,
    /// By how much: a count or fen; below zero when given back.
    pub amount: i64,
    /// The most the counter may reach by this move.
    pub cap: i64,
}

impl CounterMove {
    /// Why an ask is refused whose move would pass the cap.
    pub fn refusal(&self) -> CouponError {
        if self.metric == CounterMetric::Committed {
            return ClaimError::DailyBudgetExhausted.into();
        }
        ClaimError::LimitReached { metric: self.metric, subject: self.subject_kind, period: self.period, cap: self.cap }
            .into()
    }

    /// Whether the amount alone is already too much for the cap: no row needs to be looked at.
    pub const fn exceeds_alone(&self) -> bool {
        self.amount > self.cap
    }
}

/// The moves of one claim.
pub fn moves_for_claim(rules: &TemplateRules, facts: &CounterFacts, origin: Origin) -> Vec<CounterMove> {
    let mut moves = limit_moves(rules, facts, |metric| i64::from(metric == Metric::Claims));
    if origin == Origin::New {
        moves.extend(daily_budget_move(rules, facts, 1));
    }
    sorted(moves)
}

/// The moves of issuing a batch of codes that nobody owns yet: its worst case counts on the daily budget, claims are
/// counted when the codes are claimed.
pub fn moves_for_batch(rules: &TemplateRules, facts: &CounterFacts, count: i64) -> Vec<CounterMove> {
    daily_budget_move(rules, facts, count).into_iter().collect()
}

/// The moves of one redemption: one use, what it cost, and the order amount where one is known.
pub fn moves_for_redemption(
    rules: &TemplateRules,
    facts: &CounterFacts,
    cost: Money,
    order_amount: Option<Money>,
) -> Vec<CounterMove> {
    sorted(limit_moves(rules, facts, |metric| match metric {
        Metric::Claims => 0,
        Metric::Uses => 1,
        Metric::Discount => cost.fen(),
        Metric::OrderValue => order_amount.unwrap_or(Money::ZERO).fen(),
    }))
}

/// The same moves backwards: to the rows and the period they were taken from. The cap no longer matters.
pub fn give_back(moves: &[CounterMove]) -> Vec<CounterMove> {
    let back =
        |taken: &CounterMove| CounterMove { amount: taken.amount.saturating_neg(), cap: i64::MAX, ..taken.clone() };
    moves.iter().map(back).collect()
}

fn limit_moves(rules: &TemplateRules, facts: &CounterFacts, amount_of: impl Fn(Metric) -> i64) -> Vec<CounterMove> {
    let to_move = |limit: &LimitRule| {
        let amount = amount_of(limit.metric);
        if amount == 0 {
            return None;
        }
        Some(CounterMove {
            metric: limit.metric.into(),
            subject_kind: limit.subject,
            subject: subject_of(limit.subject, facts)?,
            period: limit.period,
            period_start: period_start(limit.period, facts.day),
            amount,
            cap: limit.cap.units(),
        })
    };
    rules.limits.iter().filter_map(to_move).collect()
}

fn subject_of(subject: Subject, facts: &CounterFacts) -> Option<Uuid> {
    match subject {
        Subject::Template => Some(facts.template.as_uuid()),
        Subject::Code => facts.code,
        Subject::Customer => facts.customer.map(|customer| customer.as_uuid()),
        Subject::Site => Some(facts.site.as_uuid()),
        Subject::Store => facts.store.map(|store| store.as_uuid()),
    }
}

fn daily_budget_move(rules: &TemplateRules, facts: &CounterFacts, count: i64) -> Option<CounterMove> {
    let daily = rules.budget?.daily?;
    Some(CounterMove {
        metric: CounterMetric::Committed,
        subject_kind: Subject::Template,
        subject: facts.template.as_uuid(),
        period: Period::Day,
        period_start: facts.day,
        // Saturating is safe: beyond every cap, the move is refused.
        amount: rules.committed_at_issue().fen().saturating_mul(count),
        cap: daily.fen(),
    })
}

fn sorted(mut moves: Vec<CounterMove>) -> Vec<CounterMove> {
    moves.sort();
    moves
}

#[cfg(test)]
#[path = "moves_tests.rs"]
mod tests;
