//! The days that are played, counted from the day of the seeding.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use huike_coupons::rules::Validity;
use huike_kernel::{TimeWindow, Zone};

/// The present, and the past and the future around it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dates {
    /// The moment of the seeding: nothing happens after it.
    pub(super) now: DateTime<Utc>,
    /// The zone of the brand.
    pub(super) zone: Zone,
    today: NaiveDate,
}

impl Dates {
    pub(super) fn new(now: DateTime<Utc>) -> Self {
        let zone = Zone::default();
        Self { now, zone, today: zone.local(now).day }
    }

    /// The day so many days from today.
    pub(super) fn day(&self, from_today: i64) -> NaiveDate {
        let days = Days::new(from_today.unsigned_abs());
        let moved = if from_today < 0 { self.today.checked_sub_days(days) } else { self.today.checked_add_days(days) };
        moved.unwrap_or(self.today)
    }

    /// A minute of that day, never in the future.
    pub(super) fn past(&self, from_today: i64, (hour, minute): (u16, u16)) -> DateTime<Utc> {
        self.at(from_today, (hour, minute)).min(self.now)
    }

    /// A minute of that day.
    pub(super) fn at(&self, from_today: i64, (hour, minute): (u16, u16)) -> DateTime<Utc> {
        self.zone.moment(self.day(from_today), hour * 60 + minute)
    }

    /// From the beginning of one day to the end of another.
    pub(super) fn window(&self, first: i64, last: i64) -> TimeWindow {
        TimeWindow { starts_at: self.zone.start_of_day(self.day(first)), ends_at: self.zone.end_of_day(self.day(last)) }
    }

    /// The same span for every coupon.
    pub(super) fn fixed(&self, first: i64, last: i64) -> Validity {
        let TimeWindow { starts_at, ends_at } = self.window(first, last);
        Validity::Fixed { starts_at, ends_at }
    }

    /// Whether it has happened.
    pub(super) fn is_past(&self, moment: DateTime<Utc>) -> bool {
        moment <= self.now
    }

    /// A little later.
    pub(super) fn later(moment: DateTime<Utc>, minutes: i64) -> DateTime<Utc> {
        moment + TimeDelta::minutes(minutes)
    }
}
