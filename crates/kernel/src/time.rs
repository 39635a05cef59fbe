//! Windows of time, and the zone that cuts days.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, TimeDelta, TimeZone, Timelike, Utc, Weekday};
use serde::{Deserialize, Serialize};

/// A half-open span of time, `starts_at..ends_at`, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimeWindow {
    /// The first moment inside.
    pub starts_at: DateTime<Utc>,
    /// The first moment after.
    pub ends_at: DateTime<Utc>,
}

impl TimeWindow {
    /// Whether the moment lies inside.
    pub fn contains(&self, moment: DateTime<Utc>) -> bool {
        self.starts_at <= moment && moment < self.ends_at
    }

    /// Whether no moment lies inside.
    pub fn is_empty(&self) -> bool {
        self.ends_at <= self.starts_at
    }
}

/// A time zone, used to cut days and to show hours. The default is Asia/Shanghai.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Zone(chrono_tz::Tz);

/// What a clock on the wall of a site shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LocalTime {
    /// The local day.
    pub day: NaiveDate,
    /// The local hour, 0 to 23.
    pub hour: u8,
    /// Minutes since local midnight, 0 to 1439.
    pub minute_of_day: u16,
    /// The weekday of the local day.
    pub weekday: Weekday,
}

/// To the minute: `2026-11-22 18:00`.
impl fmt::Display for LocalTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:02}:{:02}", self.day, self.hour, self.minute_of_day % 60)
    }
}

/// The text names no time zone of the IANA database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a time zone is an IANA name such as \"Asia/Shanghai\"")]
pub struct ZoneError;

impl Zone {
    /// 北京时间.
    pub const SHANGHAI: Self = Self(chrono_tz::Asia::Shanghai);

    /// What the clock on the wall shows at this moment.
    pub fn local(&self, now: DateTime<Utc>) -> LocalTime {
        let local = now.with_timezone(&self.0);
        let hour = u8::try_from(local.hour()).unwrap_or(0);
        let minute_of_day = local.hour().saturating_mul(60).saturating_add(local.minute());
        LocalTime {
            day: local.date_naive(),
            hour,
            minute_of_day: u16::try_from(minute_of_day).unwrap_or(0),
            weekday: local.weekday(),
        }
    }

    /// The first moment of the local day. Where a zone skips midnight, the first moment that exists.
    pub fn start_of_day(&self, day: NaiveDate) -> DateTime<Utc> {
        self.moment(day, 0)
    }

    /// The first moment after the local day.
    pub fn end_of_day(&self, day: NaiveDate) -> DateTime<Utc> {
        self.start_of_day(day.succ_opt().unwrap_or(day))
    }

    /// The moment when the wall shows this minute of this day; a minute that a zone skips becomes the next hour that
    /// exists, one that comes twice is the earlier.
    pub fn moment(&self, day: NaiveDate, minute_of_day: u16) -> DateTime<Utc> {
        let midnight = day.and_time(NaiveTime::MIN);
        let wanted = midnight.checked_add_signed(TimeDelta::minutes(i64::from(minute_of_day))).unwrap_or(midnight);
        (0..=24)
            .filter_map(|hours| wanted.checked_add_signed(TimeDelta::hours(hours)))
            .find_map(|wall| self.0.from_local_datetime(&wall).earliest())
            .map_or_else(|| midnight.and_utc(), |local| local.with_timezone(&Utc))
    }
}

impl Default for Zone {
    fn default() -> Self {
        Self::SHANGHAI
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.name())
    }
}

impl FromStr for Zone {
    type Err = ZoneError;

    fn from_str(text: &str) -> Result<Self, ZoneError> {
        text.parse().map(Self).map_err(|_unknown| ZoneError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_day_in_shanghai_begins_at_sixteen_hours_utc() {
        let zone = Zone::default();
        let local = zone.local(at("2026-11-21T16:05:00Z"));
        assert_eq!(
            (local.day, local.hour, local.minute_of_day),
            (NaiveDate::from_ymd_opt(2026, 11, 22).unwrap(), 0, 5)
        );
        assert_eq!(local.to_string(), "2026-11-22 00:05");
        assert_eq!(zone.start_of_day(local.day), at("2026-11-21T16:00:00Z"));
        assert_eq!(zone.end_of_day(local.day), at("2026-11-22T16:00:00Z"));
    }

    #[test]
    fn a_zone_that_skips_midnight_begins_its_day_at_one() {
        let zone: Zone = "America/Sao_Paulo".parse().unwrap();
        let day = NaiveDate::from_ymd_opt(2018, 11, 4).unwrap();
        assert_eq!(zone.start_of_day(day), at("2018-11-04T03:00:00Z"));
    }

    #[test]
    fn windows_are_half_open() {
        let window = TimeWindow { starts_at: at("2026-01-01T00:00:00Z"), ends_at: at("2026-01-02T00:00:00Z") };
        assert!(window.contains(window.starts_at));
        assert!(!window.contains(window.ends_at));
    }

    #[test]
    fn an_unknown_zone_is_refused() {
        assert_eq!("Mars/Olympus".parse::<Zone>(), Err(ZoneError));
    }
}
