//! The one place that reads the time.

use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, DurationRound, TimeDelta, Utc};

/// Tells the time. Everything else takes `now` as an argument.
pub trait Clock: Send + Sync {
    /// The present moment in UTC, in whole microseconds: what both databases can hold.
    fn now(&self) -> DateTime<Utc>;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the seam that all other code takes its time from")]
    fn now(&self) -> DateTime<Utc> {
        whole_micros(Utc::now())
    }
}

/// A clock that stands still until it is set, and never goes back.
#[derive(Debug)]
pub struct ManualClock(Mutex<DateTime<Utc>>);

impl ManualClock {
    /// A clock that shows this moment.
    pub fn new(now: DateTime<Utc>) -> Self {
        Self(Mutex::new(whole_micros(now)))
    }

    /// Moves the clock forward and returns what it shows now; an earlier moment is ignored.
    pub fn set(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let mut shown = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *shown = (*shown).max(whole_micros(now));
        *shown
    }
}

impl Clock for ManualClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn whole_micros(now: DateTime<Utc>) -> DateTime<Utc> {
    now.duration_trunc(TimeDelta::microseconds(1)).unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manual_clock_never_goes_back() {
        let start = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let clock = ManualClock::new(start);
        let later = DateTime::from_timestamp(1_800_000_060, 0).unwrap();
        assert_eq!(clock.set(later), later);
        assert_eq!(clock.set(start), later);
    }

    #[test]
    fn time_has_no_more_than_microseconds() {
        assert_eq!(SystemClock.now().timestamp_subsec_nanos() % 1_000, 0);
    }
}
