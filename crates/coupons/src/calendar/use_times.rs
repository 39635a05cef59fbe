//! The rule document that says on which days and at which hours a coupon may be used (可用时段).

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use super::day::{DayClass, Weekday};
use super::error::{CalendarError, NotNow};
use super::holidays::HolidayCalendar;
use super::hours::{DAY_MINUTES, HourRange, LocalMinute};

/// The most rules in one document.
pub const USE_RULES_MAX: usize = 20;
/// The most hour ranges in one rule.
pub const HOUR_RANGES_MAX: usize = 10;
/// The most excluded dates.
pub const EXCLUDED_DATES_MAX: usize = 366;
/// How many days ahead the next allowed minute is looked for: a year and a month.
pub const SEARCH_DAYS_MAX: usize = 400;

/// When a coupon may be used: at any moment one of the rules covers, never on an excluded date. Empty is always.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UseTimes {
    /// Any of these is enough. No rules: every moment.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<UseRule>,
    /// Local days on which it may not be used, whatever the rules say; hours over midnight that begin on them included.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub excluded_dates: BTreeSet<NaiveDate>,
}

/// One rule: all its conditions hold together; an empty condition does not restrict.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UseRule {
    /// Days of the week.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub weekdays: BTreeSet<Weekday>,
    /// Only days of these kinds.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub include: BTreeSet<DayClass>,
    /// No days of these kinds.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub exclude: BTreeSet<DayClass>,
    /// Hours of the day. A range over midnight belongs to the day it begins on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hours: Vec<HourRange>,
}

impl UseTimes {
    /// Whether nothing is restricted.
    pub fn is_always(&self) -> bool {
        self.rules.is_empty() && self.excluded_dates.is_empty()
    }

    /// Whether the coupon may be used at this local minute; if not, when next.
    pub fn allows(&self, at: LocalMinute, calendar: &HolidayCalendar) -> Result<(), NotNow> {
        let next_allowed = self.next_allowed(at, calendar);
        if next_allowed == Some(at) {
            return Ok(());
        }
        Err(NotNow { next_allowed })
    }

    /// The first minute, `from` or later, at which the coupon may be used.
    pub fn next_allowed(&self, from: LocalMinute, calendar: &HolidayCalendar) -> Option<LocalMinute> {
        let yesterday = from.day.pred_opt()?;
        let (today_from, yesterday_from) = (from.minute_of_day, from.minute_of_day.saturating_add(DAY_MINUTES));
        // Only yesterday's ranges over midnight reach into today; a match among them is a match right now.
        if self.first_minute(yesterday, yesterday_from, calendar).is_some() {
            return Some(from);
        }
        if let Some(minute_of_day) = self.first_minute(from.day, today_from, calendar) {
            return Some(LocalMinute { day: from.day, minute_of_day });
        }
        from.day.iter_days().skip(1).take(SEARCH_DAYS_MAX).find_map(|day| {
            let minute_of_day = self.first_minute(day, 0, calendar)?;
            Some(LocalMinute { day, minute_of_day })
        })
    }

    /// The years between two days for which a rule asks about holidays that the calendar does not know.
    pub fn unknown_years(&self, first: NaiveDate, last: NaiveDate, calendar: &HolidayCalendar) -> Vec<i32> {
        if !self.rules.iter().any(UseRule::asks_calendar) {
            return Vec::new();
        }
        (first.year()..=last.year()).filter(|year| !calendar.is_year_known(*year)).collect()
    }

    /// Refuses documents that contradict themselves, can never hold or are too long. Pointers are inside the document.
    pub fn validate(&self) -> Result<(), CalendarError> {
        if self.rules.len() > USE_RULES_MAX {
            return Err(refuse("/rules", "at most 20 rules"));
        }
        if self.excluded_dates.len() > EXCLUDED_DATES_MAX {
            return Err(refuse("/excluded_dates", "at most 366 dates"));
        }
        self.rules.iter().enumerate().try_for_each(|(index, rule)| rule.validate(index))
    }

    /// The first minute allowed by what begins on `day`, not before `from`; both count from the midnight of `day`.
    fn first_minute(&self, day: NaiveDate, from: u16, calendar: &HolidayCalendar) -> Option<u16> {
        if self.excluded_dates.contains(&day) {
            return None;
        }
        if self.rules.is_empty() {
            return (from < DAY_MINUTES).then_some(from);
        }
        let class = calendar.day_kind(day).class();
        let weekday = Weekday::from(day.weekday());
        let rules = self.rules.iter().filter(|rule| rule.covers_day(weekday, class));
        rules.filter_map(|rule| rule.first_minute(from)).min()
    }
}

impl UseRule {
    fn covers_day(&self, weekday: Weekday, class: DayClass) -> bool {
        (self.weekdays.is_empty() || self.weekdays.contains(&weekday))
            && (self.include.is_empty() || self.include.contains(&class))
            && !self.exclude.contains(&class)
    }

    fn first_minute(&self, from: u16) -> Option<u16> {
        if self.hours.is_empty() {
            return (from < DAY_MINUTES).then_some(from);
        }
        let spans = self.hours.iter().copied().map(HourRange::span);
        spans.filter(|(_, end)| from < *end).map(|(start, _)| start.max(from)).min()
    }

    fn asks_calendar(&self) -> bool {
        !self.include.is_empty() || !self.exclude.is_empty()
    }

    fn validate(&self, index: usize) -> Result<(), CalendarError> {
        let at = |field: &str| format!("/rules/{index}{field}");
        if *self == Self::default() {
            return Err(refuse(at(""), "a rule without conditions allows everything; remove it"));
        }
        if !self.include.is_disjoint(&self.exclude) {
            return Err(refuse(at("/exclude"), "a kind of day is both included and excluded"));
        }
        if !self.can_ever_hold() {
            return Err(refuse(at(""), "no day can satisfy these weekdays and kinds of day together"));
        }
        if self.hours.len() > HOUR_RANGES_MAX {
            return Err(refuse(at("/hours"), "at most 10 ranges of hours"));
        }
        for (place, range) in self.hours.iter().enumerate() {
            if range.from == range.to || range.from.minutes() >= DAY_MINUTES {
                return Err(refuse(at(&format!("/hours/{place}")), "the range is empty; leave hours out for all day"));
            }
        }
        Ok(())
    }

    fn can_ever_hold(&self) -> bool {
        Weekday::ALL
            .iter()
            .any(|weekday| DayClass::ALL.iter().any(|c| c.can_fall_on(*weekday) && self.covers_day(*weekday, *c)))
    }
}

fn refuse(pointer: impl Into<String>, reason: &'static str) -> CalendarError {
    CalendarError::UseTimes { pointer: pointer.into(), reason }
}

#[cfg(test)]
#[path = "use_times_tests.rs"]
mod tests;
