//! When people claim and when they come to a store: the shape of a day and of a week.

use chrono::{Datelike, NaiveDate, TimeDelta, Weekday};

use super::chance::Chance;

/// Claims by hour: on the way to work, at lunch, and in bed.
const CLAIM_HOURS: [u32; 24] =
    [4, 1, 1, 0, 0, 1, 5, 14, 22, 18, 20, 26, 40, 30, 18, 17, 18, 22, 28, 36, 52, 60, 46, 20];

/// Redemptions by hour: before and at lunch, and after work.
const STORE_HOURS: [u32; 24] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 6, 30, 52, 58, 34, 28, 32, 38, 50, 66, 60, 34, 8, 0, 0];

/// Days between a claim and its use, in spans with their weights: many at once, a long tail.
const DELAYS: [(u32, i64, i64); 6] = [(20, 0, 0), (17, 1, 1), (22, 2, 3), (24, 4, 7), (12, 8, 14), (5, 15, 35)];

/// How busy a day of the week is, in hundredths of an average one.
pub(super) const fn weekday_percent(weekday: Weekday) -> u32 {
    match weekday {
        Weekday::Mon => 84,
        Weekday::Tue => 80,
        Weekday::Wed => 84,
        Weekday::Thu => 90,
        Weekday::Fri => 106,
        Weekday::Sat => 138,
        Weekday::Sun => 128,
    }
}

/// The busiest day, in the same measure.
const BUSIEST_PERCENT: u32 = 138;

/// How likely somebody who thinks of coming on such a day does, in hundredths. Half of the rhythm comes from the claims.
pub(super) const fn attraction(weekday: Weekday) -> u32 {
    (BUSIEST_PERCENT + weekday_percent(weekday)) * 50 / BUSIEST_PERCENT
}

/// A minute of the day to claim at.
pub(super) fn claim_minute(chance: &mut Chance) -> u16 {
    minute(chance, &CLAIM_HOURS)
}

/// A minute of the day to come to a store at.
pub(super) fn store_minute(chance: &mut Chance) -> u16 {
    minute(chance, &STORE_HOURS)
}

fn minute(chance: &mut Chance, hours: &[u32; 24]) -> u16 {
    let hour = chance.weighted(hours.iter().copied()).unwrap_or(12);
    let minute = usize::try_from(chance.below(60)).unwrap_or(0);
    u16::try_from(hour * 60 + minute).unwrap_or(720)
}

/// Some seconds within a minute, and some thousandths of one.
pub(super) fn within_minute(chance: &mut Chance) -> TimeDelta {
    TimeDelta::milliseconds(chance.between(0, 59_999))
}

/// Days until a coupon is used.
pub(super) fn delay_days(chance: &mut Chance) -> i64 {
    let span = chance.weighted(DELAYS.iter().map(|(weight, _, _)| *weight));
    let (_, first, last) = span.and_then(|index| DELAYS.get(index)).copied().unwrap_or((0, 0, 0));
    chance.between(first, last)
}

/// How many claims a day brings: the week's rhythm, some growth over the days, and some luck.
pub(super) fn claims_on(chance: &mut Chance, (day, age): (NaiveDate, u32), days: u32, average: u32) -> u32 {
    let growth = 80 + 40 * (days.saturating_sub(age)) / days.max(1);
    let luck = 88 + chance.below(25);
    average * weekday_percent(day.weekday()) / 100 * growth / 100 * luck / 100
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_average_week_is_average() {
        let week = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];
        let total: u32 = week.into_iter().map(weekday_percent).sum();
        assert!((690..=720).contains(&total), "{total}");
        assert_eq!(week.into_iter().map(weekday_percent).max(), Some(BUSIEST_PERCENT));
    }

    #[test]
    fn nobody_comes_to_a_closed_store() {
        let mut chance = Chance::new(3);
        assert!((0..2_000).all(|_| (9 * 60..22 * 60).contains(&store_minute(&mut chance))));
    }
}
