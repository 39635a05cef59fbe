//! When a coupon may be used (有效期).

use chrono::{DateTime, Days, TimeDelta, Utc};
use huike_kernel::{TimeWindow, Zone};
use serde::{Deserialize, Serialize};

/// The longest wait before a coupon begins: a year.
pub const DELAY_MINUTES_MAX: u32 = 525_600;
/// The longest validity counted from the claim: ten years.
pub const DAYS_MAX: u16 = 3_650;

/// The span in which a coupon may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Validity {
    /// The same span for every coupon of the template.
    Fixed {
        /// The first moment of use.
        starts_at: DateTime<Utc>,
        /// The first moment too late.
        ends_at: DateTime<Utc>,
    },
    /// Counted from the claim.
    Relative {
        /// Minutes from the claim to the first moment of use (延迟生效).
        #[serde(default)]
        #[cfg_attr(feature = "openapi", schema(minimum = 0, maximum = 525_600))]
        delay_minutes: u32,
        /// Whole days after the day it begins; it lasts to the end of that local day. `0`: only the day it begins.
        #[cfg_attr(feature = "openapi", schema(minimum = 0, maximum = 3_650, example = 7))]
        days: u16,
    },
}

impl Validity {
    /// The window of a coupon claimed at this moment. A relative window is never empty: it runs to the end of the
    /// local day `days` after the day it begins, so nobody gets less than the days they were promised.
    pub fn window_for(&self, claimed_at: DateTime<Utc>, zone: &Zone) -> TimeWindow {
        match *self {
            Self::Fixed { starts_at, ends_at } => TimeWindow { starts_at, ends_at },
            Self::Relative { delay_minutes, days } => {
                let delay = TimeDelta::minutes(i64::from(delay_minutes));
                // Past the calendar's last day nothing moves: chrono's range ends 260 000 years after ours.
                let starts_at = claimed_at.checked_add_signed(delay).unwrap_or(claimed_at);
                let first_day = zone.local(starts_at).day;
                let last_day = first_day.checked_add_days(Days::new(u64::from(days))).unwrap_or(first_day);
                TimeWindow { starts_at, ends_at: zone.end_of_day(last_day) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn seven_days_end_with_the_seventh_local_day_after_the_claim() {
        let validity = Validity::Relative { delay_minutes: 0, days: 7 };
        // 23:30 in Shanghai on 1 June
        let window = validity.window_for(at("2026-06-01T15:30:00Z"), &Zone::default());
        assert_eq!(window.starts_at, at("2026-06-01T15:30:00Z"));
        assert_eq!(window.ends_at, at("2026-06-08T16:00:00Z"));
    }

    #[test]
    fn no_days_means_the_day_of_the_claim() {
        let validity = Validity::Relative { delay_minutes: 0, days: 0 };
        let window = validity.window_for(at("2026-06-01T15:59:59Z"), &Zone::default());
        assert_eq!(window.ends_at, at("2026-06-01T16:00:00Z"));
        assert!(!window.is_empty());
    }

    #[test]
    fn a_delay_moves_the_day_that_days_are_counted_from() {
        let validity = Validity::Relative { delay_minutes: 120, days: 1 };
        let window = validity.window_for(at("2026-06-01T15:30:00Z"), &Zone::default());
        assert_eq!(window.starts_at, at("2026-06-01T17:30:00Z"));
        assert_eq!(window.ends_at, at("2026-06-03T16:00:00Z"));
    }

    #[test]
    fn json_is_tagged_by_kind() {
        let json = r#"{"kind":"relative","delay_minutes":0,"days":7}"#;
        let validity: Validity = serde_json::from_str(json).unwrap();
        assert_eq!(serde_json::to_string(&validity).unwrap(), json);
        assert!(serde_json::from_str::<Validity>(r#"{"kind":"relative","days":7,"hours":3}"#).is_err());
    }
}
