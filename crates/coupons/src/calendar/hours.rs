//! Minutes of a local day and the ranges between them.

use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;
use huike_kernel::LocalTime;
use serde::{Deserialize, Serialize};

pub(super) const DAY_MINUTES: u16 = 1_440;

/// A minute on the wall clock of a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocalMinute {
    /// The local day.
    pub day: NaiveDate,
    /// Minutes since local midnight, 0 to 1439.
    pub minute_of_day: u16,
}

impl From<LocalTime> for LocalMinute {
    fn from(local: LocalTime) -> Self {
        Self { day: local.day, minute_of_day: local.minute_of_day }
    }
}

impl fmt::Display for LocalMinute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}T{}", self.day, MinuteOfDay(self.minute_of_day))
    }
}

/// A minute of the day, `"00:00"` to `"24:00"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MinuteOfDay(u16);

impl MinuteOfDay {
    /// Minutes since midnight, 0 to 1440.
    pub fn minutes(self) -> u16 {
        self.0
    }
}

impl FromStr for MinuteOfDay {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refusal = "a time of day is written HH:MM, from 00:00 to 24:00";
        let (hour, minute) = text.split_once(':').ok_or(refusal)?;
        let hour = two_digits(hour).ok_or(refusal)?;
        let minute = two_digits(minute).filter(|minute| *minute < 60).ok_or(refusal)?;
        let minutes = hour.saturating_mul(60).saturating_add(minute);
        if minutes > DAY_MINUTES {
            return Err(refusal);
        }
        Ok(Self(minutes))
    }
}

fn two_digits(text: &str) -> Option<u16> {
    let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

impl fmt::Display for MinuteOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl TryFrom<String> for MinuteOfDay {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<MinuteOfDay> for String {
    fn from(minute: MinuteOfDay) -> Self {
        minute.to_string()
    }
}

/// A half-open range of the day, `from..to`. When `to` is not after `from` it ends on the next day, and belongs to the
/// day on which it begins: Friday 22:00–02:00 covers Saturday 01:00.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HourRange {
    /// The first minute inside.
    #[cfg_attr(feature = "openapi", schema(value_type = String, pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$", example = "10:00"))]
    pub from: MinuteOfDay,
    /// The first minute after; `24:00` is the end of the day.
    #[cfg_attr(feature = "openapi", schema(value_type = String, pattern = "^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$", example = "14:00"))]
    pub to: MinuteOfDay,
}

impl HourRange {
    /// Whether it ends on the day after it begins.
    pub fn is_over_midnight(self) -> bool {
        // 18:00–00:00 is the evening, not a range over midnight.
        self.to < self.from && self.to.0 > 0
    }

    /// Start and end in minutes since the midnight before the start.
    pub(super) fn span(self) -> (u16, u16) {
        if self.to > self.from {
            return (self.from.0, self.to.0);
        }
        (self.from.0, self.to.0.saturating_add(DAY_MINUTES))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_day_are_two_and_two_digits_up_to_24_00() {
        for (text, minutes) in [("00:00", 0), ("09:05", 545), ("24:00", 1_440)] {
            let minute: MinuteOfDay = text.parse().unwrap();
            assert_eq!((minute.minutes(), minute.to_string().as_str()), (minutes, text));
        }
        for text in ["9:00", "24:01", "23:60", "+1:00", "1000", "10:00:00", ""] {
            assert!(text.parse::<MinuteOfDay>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_range_ending_at_midnight_is_an_evening() {
        let range: HourRange = serde_json::from_str(r#"{"from":"18:00","to":"00:00"}"#).unwrap();
        assert!(!range.is_over_midnight());
        assert_eq!(range.span(), (1_080, 1_440));
        let range: HourRange = serde_json::from_str(r#"{"from":"22:00","to":"02:00"}"#).unwrap();
        assert!(range.is_over_midnight());
        assert_eq!(range.span(), (1_320, 1_560));
    }
}
