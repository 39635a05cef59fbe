//! Where a period begins.

use chrono::{Datelike, Days, NaiveDate};

use super::Period;

/// The day that all time is counted from.
const EPOCH: NaiveDate = match NaiveDate::from_ymd_opt(1970, 1, 1) {
    Some(day) => day,
    None => NaiveDate::MIN,
};

/// The local day on which the period around this local day begins: the day itself, its Monday, the first of its month,
/// or 1970-01-01 for ever. The day is one of the site's zone.
pub fn period_start(period: Period, day: NaiveDate) -> NaiveDate {
    match period {
        Period::Ever => EPOCH,
        Period::Day => day,
        Period::Week => {
            let since_monday = Days::new(u64::from(day.weekday().num_days_from_monday()));
            day.checked_sub_days(since_monday).unwrap_or(day)
        }
        Period::Month => day.with_day(1).unwrap_or(day),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_week_begins_on_monday_even_across_a_year() {
        assert_eq!(period_start(Period::Week, day("2026-06-01")), day("2026-06-01"));
        assert_eq!(period_start(Period::Week, day("2026-06-07")), day("2026-06-01"));
        assert_eq!(period_start(Period::Week, day("2027-01-01")), day("2026-12-28"));
    }

    #[test]
    fn months_begin_on_the_first_and_ever_in_1970() {
        assert_eq!(period_start(Period::Month, day("2028-02-29")), day("2028-02-01"));
        assert_eq!(period_start(Period::Ever, day("2028-02-29")), day("1970-01-01"));
        assert_eq!(period_start(Period::Day, day("2028-02-29")), day("2028-02-29"));
    }
}
