//! How long to wait before another attempt.

use chrono::{DateTime, TimeDelta, Utc};

/// The waits after the first, second, … attempt that failed; after one more failure nobody tries again.
pub const SCHEDULE: [TimeDelta; 9] = [
    TimeDelta::seconds(5),
    TimeDelta::minutes(5),
    TimeDelta::minutes(30),
    TimeDelta::hours(2),
    TimeDelta::hours(5),
    TimeDelta::hours(10),
    TimeDelta::hours(14),
    TimeDelta::hours(20),
    TimeDelta::hours(24),
];

/// A receiver may ask us to wait so long, and no longer.
pub const RETRY_AFTER_MAX: TimeDelta = TimeDelta::hours(24);

/// The wait is up to a tenth shorter or longer, so that what failed together does not come back together.
const JITTER_PERMILLE: u64 = 100;

/// The wait before the next attempt, when so many have failed; `None` when that was the last. The seed, any number, decides
/// by how much the wait differs from the schedule.
pub fn next_attempt(failed_attempts: u32, seed: u64) -> Option<TimeDelta> {
    let index = usize::try_from(failed_attempts.checked_sub(1)?).ok()?;
    SCHEDULE.get(index).map(|wait| jittered(*wait, seed))
}

fn jittered(wait: TimeDelta, seed: u64) -> TimeDelta {
    let span = JITTER_PERMILLE.saturating_mul(2).saturating_add(1);
    let shift = i64::try_from(seed.checked_rem(span).unwrap_or_default()).unwrap_or_default();
    let permille = shift.saturating_add(900);
    let millis = wait.num_milliseconds().saturating_mul(permille);
    TimeDelta::milliseconds(millis.checked_div(1_000).unwrap_or_default())
}

/// What a `Retry-After` header asks for: seconds, or the time of an HTTP date. `None` when it is neither, or in the past; never
/// more than [`RETRY_AFTER_MAX`].
pub fn retry_after(header: &str, now: DateTime<Utc>) -> Option<TimeDelta> {
    let header = header.trim();
    let wait = if !header.is_empty() && header.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than fit are more than the most, too.
        TimeDelta::try_seconds(header.parse().unwrap_or(i64::MAX)).unwrap_or(RETRY_AFTER_MAX)
    } else {
        DateTime::parse_from_rfc2822(header).ok()?.to_utc().signed_duration_since(now)
    };
    (wait > TimeDelta::zero()).then(|| wait.min(RETRY_AFTER_MAX))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_schedule_is_kept_and_ends() {
        let waits: Vec<_> = (1..=10).map(|failed| next_attempt(failed, 100)).collect();
        let seconds = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];
        let wanted: Vec<_> = seconds.into_iter().map(|s| Some(TimeDelta::seconds(s))).chain([None]).collect();
        assert_eq!(waits, wanted);
        assert_eq!((next_attempt(0, 1), next_attempt(u32::MAX, 1)), (None, None));
    }

    #[test]
    fn what_failed_together_does_not_come_back_together() {
        let waits: std::collections::BTreeSet<_> = (0..1_000).filter_map(|seed| next_attempt(2, seed)).collect();
        assert_eq!(waits.len(), 201);
        assert_eq!(waits.first().copied(), Some(TimeDelta::seconds(270)));
        assert_eq!(waits.last().copied(), Some(TimeDelta::seconds(330)));
    }

    #[test]
    fn a_receiver_says_when_to_come_again_in_seconds_or_by_date() {
        let now: DateTime<Utc> = "2026-11-22T08:00:00Z".parse().unwrap();
        let seconds = |header: &str| retry_after(header, now).map(|wait| wait.num_seconds());
        assert_eq!(seconds("120"), Some(120));
        assert_eq!(seconds(" 120 "), Some(120));
        assert_eq!(seconds("Sun, 22 Nov 2026 08:30:00 GMT"), Some(1_800));
        for beyond in ["86401", "99999999999", "999999999999999999999999", "Wed, 25 Nov 2026 08:00:00 GMT"] {
            assert_eq!(seconds(beyond), Some(86_400), "{beyond}");
        }
        for nothing in ["", "0", "-5", "soon", "1.5", "Sun, 22 Nov 2026 07:59:59 GMT", "２０"] {
            assert_eq!(seconds(nothing), None, "{nothing}");
        }
    }

    proptest! {
        #[test]
        fn no_seed_moves_a_wait_by_more_than_a_tenth(failed in 1_u32..=9, seed: u64) {
            let (exact, wait) = (SCHEDULE[failed as usize - 1], next_attempt(failed, seed).unwrap());
            prop_assert!(exact * 9 / 10 <= wait && wait <= exact * 11 / 10);
        }

        #[test]
        fn no_header_makes_us_wait_longer_than_a_day_or_fall_over(header in ".*", now in 0_i64..4_000_000_000) {
            let wait = retry_after(&header, DateTime::from_timestamp(now, 0).unwrap());
            prop_assert!(wait.is_none_or(|wait| TimeDelta::zero() < wait && wait <= RETRY_AFTER_MAX));
        }
    }
}
