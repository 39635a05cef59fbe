//! Figures as screens write them: money, 折, percentages, moments.

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use huike_kernel::{Money, Rate, TimeWindow};

use super::CardContext;

/// Money as screens write it: ¥1,234.00.
pub fn money_on_screen(amount: Money) -> String {
    let plain = amount.to_string();
    let (sign, digits) = plain.strip_prefix('-').map_or(("", plain.as_str()), |digits| ("-", digits));
    let (yuan, fen) = digits.split_once('.').unwrap_or((digits, "00"));
    let mut grouped = String::new();
    for (index, digit) in yuan.chars().enumerate() {
        if index > 0 && yuan.len().saturating_sub(index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{sign}¥{grouped}.{fen}")
}

/// A share off as Chinese screens write it: 0.05 off is 9.5折.
pub fn discount_in_zhe(rate_off: Rate) -> String {
    let left = Rate::WHOLE_PPM.saturating_sub(rate_off.ppm());
    format!("{}折", decimal(left, 100_000))
}

/// A share as a percentage: 0.125 is 12.5%.
pub(super) fn percentage(rate: Rate) -> String {
    format!("{}%", decimal(rate.ppm(), 10_000))
}

/// `amount ÷ unit` as an exact decimal without trailing zeros; the unit is a power of ten.
fn decimal(amount: i64, unit: i64) -> String {
    let whole = amount.checked_div(unit).unwrap_or(0);
    let rest = amount.checked_rem(unit).unwrap_or(0);
    let places = unit.checked_ilog10().and_then(|places| usize::try_from(places).ok()).unwrap_or(0);
    let text = format!("{whole}.{rest:0places$}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The first and the last minute of a window, the last second included: `06-01 00:00`, `12-31 23:59`.
pub(super) fn span(window: &TimeWindow, context: &CardContext<'_>) -> (String, String) {
    // Half-open inside, but people read an end as the last moment they may use: just before it.
    let last = window.ends_at.checked_sub_signed(TimeDelta::microseconds(1)).unwrap_or(window.ends_at);
    (moment(window.starts_at, context), moment(last, context))
}

fn moment(at: DateTime<Utc>, context: &CardContext<'_>) -> String {
    let local = context.zone.local(at);
    let day = if local.day.year() == context.today.year() { "%m-%d" } else { "%Y-%m-%d" };
    let minute = local.minute_of_day.checked_rem(60).unwrap_or(0);
    format!("{} {:02}:{minute:02}", local.day.format(day), local.hour)
}

/// Minutes as days, hours or minutes, whichever is exact.
pub(super) fn delay(minutes: u32) -> (u32, Unit) {
    for (length, unit) in [(1_440, Unit::Day), (60, Unit::Hour)] {
        if minutes.is_multiple_of(length) {
            return (minutes.checked_div(length).unwrap_or(minutes), unit);
        }
    }
    (minutes, Unit::Minute)
}

/// A unit of a delay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Day,
    Hour,
    Minute,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_grouped_by_thousands() {
        for (fen, text) in [(5, "¥0.05"), (123_400, "¥1,234.00"), (100_000_000, "¥1,000,000.00"), (-10_000, "-¥100.00")]
        {
            assert_eq!(money_on_screen(Money::from_fen(fen)), text);
        }
    }

    #[test]
    fn a_share_off_is_a_zhe_and_a_percentage() {
        for (rate, zhe, percent) in
            [("0.1", "9折", "10%"), ("0.05", "9.5折", "5%"), ("0.125", "8.75折", "12.5%"), ("0.999", "0.01折", "99.9%")]
        {
            let rate = rate.parse().unwrap();
            assert_eq!((discount_in_zhe(rate).as_str(), percentage(rate).as_str()), (zhe, percent));
        }
    }

    #[test]
    fn a_delay_is_said_in_its_largest_exact_unit() {
        assert_eq!(delay(2_880), (2, Unit::Day));
        assert_eq!(delay(90), (90, Unit::Minute));
        assert_eq!(delay(120), (2, Unit::Hour));
    }
}
