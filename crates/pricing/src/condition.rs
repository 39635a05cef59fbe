//! Whether a condition holds, and if not, what is missing.

use chrono::{Datelike, NaiveDate};
use huike_kernel::Money;

use crate::{
    facts::Facts,
    offer::{Base, Bounds, Condition, CountBounds, LineScope},
    quote::{Gap, RejectionCode},
    table::{Row, State, Table},
};

/// Why a condition does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Miss {
    pub(crate) code: RejectionCode,
    pub(crate) gap: Option<Gap>,
}

/// What conditions look at.
pub(crate) struct Sight<'a> {
    pub(crate) table: &'a Table<'a>,
    pub(crate) facts: &'a Facts,
    pub(crate) state: &'a State,
    pub(crate) base: Base,
}

impl Sight<'_> {
    /// Whether the condition holds.
    pub(crate) fn check(&self, condition: &Condition) -> Result<(), Miss> {
        match condition {
            Condition::All { of } => of.iter().try_for_each(|part| self.check(part)),
            Condition::Any { of } => self.check_any(of),
            Condition::Not { of } => match self.check(of) {
                Ok(()) => Err(miss(code_of(of))),
                Err(_) => Ok(()),
            },
            Condition::Amount { scope, bounds } => within(self.amount(scope), *bounds),
            Condition::Quantity { scope, bounds } => {
                within_count(self.rows(scope).map(|row| row.quantity).fold(0, i64::saturating_add), *bounds)
            }
            Condition::LineQuantity { scope, bounds } => self.any_line(scope, *bounds),
            Condition::DistinctItems { scope, bounds } => {
                let mut skus: Vec<&str> = self.rows(scope).map(|row| row.line.sku.as_str()).collect();
                skus.sort_unstable();
                skus.dedup();
                within_count(i64::try_from(skus.len()).unwrap_or(i64::MAX), *bounds)
            }
            Condition::NoReducedItems {} => holds(!self.table.rows.iter().any(Row::is_reduced), RejectionCode::Scope),
            other => self.check_facts(other),
        }
    }

    fn check_facts(&self, condition: &Condition) -> Result<(), Miss> {
        let facts = self.facts;
        let one_of = |list: &[String], value: Option<&str>| value.is_some_and(|v| list.iter().any(|known| known == v));
        match condition {
            Condition::LocalTime { weekdays, from_minute, until_minute } => {
                holds(is_at(facts, weekdays, *from_minute, *until_minute), RejectionCode::Threshold)
            }
            Condition::Segment { of } => {
                holds(facts.segments.iter().any(|segment| of.contains(segment)), RejectionCode::Segment)
            }
            Condition::Tier { of } => holds(one_of(of, facts.tier.as_deref()), RejectionCode::Segment),
            Condition::NthOrder { n } => {
                let next = facts.completed_orders.map(|done| done.saturating_add(1));
                holds(next == Some(*n), RejectionCode::Segment)
            }
            Condition::Birthday { within_days } => {
                holds(is_birthday(facts, i64::from(*within_days)), RejectionCode::Segment)
            }
            Condition::Channel { of } => holds(one_of(of, facts.channel.as_deref()), RejectionCode::Scope),
            Condition::Place { of } => holds(facts.places.iter().any(|place| of.contains(place)), RejectionCode::Scope),
            Condition::DeliveryArea { of } => {
                let covered = facts.delivery_area.as_ref().is_some_and(|area| of.iter().any(|of| of.covers(area)));
                holds(covered, RejectionCode::Scope)
            }
            Condition::PaymentMethod { of } => holds(one_of(of, facts.payment_method.as_deref()), RejectionCode::Scope),
            _ => Ok(()),
        }
    }

    /// The first part that holds; else the miss that says what is missing.
    fn check_any(&self, parts: &[Condition]) -> Result<(), Miss> {
        let mut closest = miss(RejectionCode::Threshold);
        for part in parts {
            match self.check(part) {
                Ok(()) => return Ok(()),
                Err(missed) if closest.gap.is_none() => closest = missed,
                Err(_) => {}
            }
        }
        Err(closest)
    }

    fn any_line(&self, scope: &LineScope, bounds: CountBounds) -> Result<(), Miss> {
        let mut closest = Err(Miss { code: RejectionCode::Threshold, gap: bounds.at_least.map(Gap::Quantity) });
        for row in self.rows(scope) {
            match within_count(row.quantity, bounds) {
                Ok(()) => return Ok(()),
                Err(missed) => {
                    if gap_units(missed.gap) < gap_units(closest.err().and_then(|miss: Miss| miss.gap)) {
                        closest = Err(missed);
                    }
                }
            }
        }
        closest
    }

    fn rows<'s>(&'s self, scope: &'s LineScope) -> impl Iterator<Item = &'s Row<'s>> {
        self.table.rows.iter().filter(move |row| row.is_in(scope))
    }

    fn amount(&self, scope: &LineScope) -> i64 {
        if self.base == Base::Before && scope.is_everything() {
            return self.table.before_total;
        }
        let amounts = self.table.rows.iter().enumerate().filter(|(_, row)| row.is_in(scope));
        amounts.map(|(index, _)| self.table.amount(index, self.base, self.state)).fold(0, i64::saturating_add)
    }
}

fn gap_units(gap: Option<Gap>) -> u32 {
    match gap {
        Some(Gap::Quantity(units)) => units,
        _ => u32::MAX,
    }
}

fn miss(code: RejectionCode) -> Miss {
    Miss { code, gap: None }
}

fn holds(is_met: bool, code: RejectionCode) -> Result<(), Miss> {
    if is_met { Ok(()) } else { Err(miss(code)) }
}

fn code_of(condition: &Condition) -> RejectionCode {
    match condition {
        Condition::Segment { .. }
        | Condition::Tier { .. }
        | Condition::NthOrder { .. }
        | Condition::Birthday { .. } => RejectionCode::Segment,
        Condition::Channel { .. }
        | Condition::Place { .. }
        | Condition::DeliveryArea { .. }
        | Condition::PaymentMethod { .. }
        | Condition::NoReducedItems {} => RejectionCode::Scope,
        _ => RejectionCode::Threshold,
    }
}

fn within(amount: i64, bounds: Bounds) -> Result<(), Miss> {
    let least = bounds.at_least.map(Money::fen);
    let above = bounds.more_than.map(|more| more.fen().saturating_add(1));
    if let Some(needed) = least.max(above)
        && amount < needed
    {
        let gap = Money::from_fen(needed.saturating_sub(amount));
        return Err(Miss { code: RejectionCode::Threshold, gap: Some(Gap::Amount(gap)) });
    }
    holds(bounds.at_most.is_none_or(|most| amount <= most.fen()), RejectionCode::Threshold)
}

fn within_count(units: i64, bounds: CountBounds) -> Result<(), Miss> {
    if let Some(least) = bounds.at_least
        && units < i64::from(least)
    {
        let gap = u32::try_from(i64::from(least).saturating_sub(units)).unwrap_or(u32::MAX);
        return Err(Miss { code: RejectionCode::Threshold, gap: Some(Gap::Quantity(gap)) });
    }
    holds(bounds.at_most.is_none_or(|most| units <= i64::from(most)), RejectionCode::Threshold)
}

/// Whether the wall shows a minute of the span. After midnight of a span over midnight, yesterday's weekday counts.
fn is_at(facts: &Facts, weekdays: &[chrono::Weekday], from: u16, until: u16) -> bool {
    let minute = facts.local.minute_of_day;
    let on = |day: chrono::Weekday| weekdays.is_empty() || weekdays.contains(&day);
    if from < until {
        return (from..until).contains(&minute) && on(facts.local.weekday);
    }
    (minute >= from && on(facts.local.weekday)) || (minute < until && on(facts.local.weekday.pred()))
}

/// Whether a birthday lies within so many days of today, over the turn of the year too. The 29th of February is kept on
/// the 28th where there is none.
fn is_birthday(facts: &Facts, within_days: i64) -> bool {
    let Some((month, day)) = facts.birthday else { return false };
    let today = facts.local.day;
    let years = [today.year().saturating_sub(1), today.year(), today.year().saturating_add(1)];
    years.into_iter().any(|year| {
        let date = NaiveDate::from_ymd_opt(year, month, day)
            .or_else(|| NaiveDate::from_ymd_opt(year, month, day.saturating_sub(1)));
        date.is_some_and(|date| date.signed_duration_since(today).num_days().abs() <= within_days)
    })
}
