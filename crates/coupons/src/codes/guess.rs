//! Guess limits: how many wrong codes one account, device, address or store may try in a window.
//!
//! One count per subject and window covers wrong codes of both shapes; the cap it is held against depends on the shape
//! being tried now, and is stricter for plain codes, which are shorter and carry no tag. Windows are cut on the clock, so
//! a counter row is named by its subject and [`GuessPolicy::window_at`]; around a border a subject may use two caps.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::error::CodeError;
use super::signed::CodeShape;

const WINDOW_SECONDS_MAX: u32 = 86_400;

/// Who is counted. An act is counted under each that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GuessSubject {
    /// A signed-in customer, member of staff or integration.
    Account,
    /// A device.
    Device,
    /// A network address; many people may share one.
    Ip,
    /// A store's counter.
    Store,
}

impl GuessSubject {
    /// The word it is counted under.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Device => "device",
            Self::Ip => "ip",
            Self::Store => "store",
        }
    }
}

/// The most wrong codes per window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GuessCaps {
    /// Per account.
    pub account: u32,
    /// Per device.
    pub device: u32,
    /// Per network address.
    pub ip: u32,
    /// Per store.
    pub store: u32,
}

impl GuessCaps {
    fn of(&self, subject: GuessSubject) -> u32 {
        match subject {
            GuessSubject::Account => self.account,
            GuessSubject::Device => self.device,
            GuessSubject::Ip => self.ip,
            GuessSubject::Store => self.store,
        }
    }

    fn all_positive(&self) -> bool {
        self.account > 0 && self.device > 0 && self.ip > 0 && self.store > 0
    }
}

/// How much guessing is borne.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GuessPolicy {
    /// Length of a window.
    pub window_seconds: u32,
    /// Caps while generated codes are tried.
    pub signed: GuessCaps,
    /// Caps while plain codes are tried.
    pub plain: GuessCaps,
}

impl Default for GuessPolicy {
    /// Ten minutes; room for honest slips, and for a family or a shop behind one address.
    fn default() -> Self {
        Self {
            window_seconds: 600,
            signed: GuessCaps { account: 10, device: 10, ip: 60, store: 60 },
            plain: GuessCaps { account: 5, device: 5, ip: 20, store: 30 },
        }
    }
}

impl GuessPolicy {
    /// Refuses caps of zero and windows that cannot be counted.
    pub fn validate(&self) -> Result<(), CodeError> {
        let window = 1..=WINDOW_SECONDS_MAX;
        if !window.contains(&self.window_seconds) {
            return Err(CodeError::GuessPolicyInvalid);
        }
        if !self.signed.all_positive() || !self.plain.all_positive() {
            return Err(CodeError::GuessPolicyInvalid);
        }
        Ok(())
    }

    /// The start of the window that contains `now`.
    pub fn window_at(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let length = i64::from(self.window_seconds.max(1));
        let seconds = now.timestamp();
        let into = seconds.checked_rem_euclid(length).unwrap_or(0);
        DateTime::from_timestamp(seconds.saturating_sub(into), 0).unwrap_or(now)
    }

    fn cap(&self, shape: CodeShape, subject: GuessSubject) -> u32 {
        match shape {
            CodeShape::Signed => self.signed.of(subject),
            CodeShape::Plain => self.plain.of(subject),
        }
    }
}

/// Wrong codes of one subject so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GuessWindow {
    /// Whom the count is about.
    pub subject: GuessSubject,
    /// Start of the window counted, from [`GuessPolicy::window_at`].
    pub starts_at: DateTime<Utc>,
    /// Wrong codes in it.
    pub wrong: u32,
}

impl GuessWindow {
    /// The count after one more wrong code at `now`; a window that has passed starts again at one.
    #[must_use]
    pub fn after_wrong(self, policy: &GuessPolicy, now: DateTime<Utc>) -> Self {
        let starts_at = policy.window_at(now);
        let before = if self.starts_at == starts_at { self.wrong } else { 0 };
        Self { subject: self.subject, starts_at, wrong: before.saturating_add(1) }
    }
}

/// Whether the subject may try another code now. A window of the past counts for nothing.
pub fn decide_guess(
    policy: &GuessPolicy,
    shape: CodeShape,
    window: &GuessWindow,
    now: DateTime<Utc>,
) -> Result<(), CodeError> {
    let current = policy.window_at(now);
    if window.starts_at != current || window.wrong < policy.cap(shape, window.subject) {
        return Ok(());
    }
    let passed = now.signed_duration_since(current).num_seconds();
    let left = i64::from(policy.window_seconds).saturating_sub(passed);
    Err(CodeError::TooManyGuesses { retry_after_seconds: u64::try_from(left).unwrap_or(0).max(1) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_767_225_600 + seconds, 0).unwrap()
    }

    fn window(subject: GuessSubject, wrong: u32) -> GuessWindow {
        let starts_at = GuessPolicy::default().window_at(at(0));
        GuessWindow { subject, starts_at, wrong }
    }

    #[test]
    fn plain_codes_are_held_to_a_stricter_cap_than_signed_ones() {
        let policy = GuessPolicy::default();
        let wrong = window(GuessSubject::Account, 5);
        assert!(decide_guess(&policy, CodeShape::Signed, &wrong, at(0)).is_ok());
        assert!(decide_guess(&policy, CodeShape::Plain, &wrong, at(0)).is_err());
        for subject in [GuessSubject::Account, GuessSubject::Device, GuessSubject::Ip, GuessSubject::Store] {
            assert!(policy.plain.of(subject) < policy.signed.of(subject));
        }
    }

    #[test]
    fn the_cap_itself_is_the_first_refusal_and_says_how_long() {
        let policy = GuessPolicy::default();
        let below = window(GuessSubject::Ip, 59);
        let full = window(GuessSubject::Ip, 60);
        assert!(decide_guess(&policy, CodeShape::Signed, &below, at(10)).is_ok());
        let refused = decide_guess(&policy, CodeShape::Signed, &full, at(10));
        let retry_after_seconds = 590;
        assert_eq!(refused, Err(CodeError::TooManyGuesses { retry_after_seconds }));
        let last_moment = at(600) - TimeDelta::microseconds(1);
        let refused = decide_guess(&policy, CodeShape::Signed, &full, last_moment);
        let retry_after_seconds = 1;
        assert_eq!(refused, Err(CodeError::TooManyGuesses { retry_after_seconds }));
        assert!(decide_guess(&policy, CodeShape::Signed, &full, at(600)).is_ok());
    }

    #[test]
    fn wrong_codes_add_up_within_a_window_and_start_again_after_it() {
        let policy = GuessPolicy::default();
        let first = window(GuessSubject::Store, 0).after_wrong(&policy, at(1));
        let second = first.after_wrong(&policy, at(599));
        let later = second.after_wrong(&policy, at(600));
        assert_eq!((first.wrong, second.wrong, later.wrong), (1, 2, 1));
    }

    #[test]
    fn a_policy_that_counts_nothing_is_refused() {
        let good = GuessPolicy::default();
        assert!(good.validate().is_ok());
        let mut no_window = good;
        no_window.window_seconds = 0;
        let mut no_cap = good;
        no_cap.plain.store = 0;
        assert!(no_window.validate().is_err());
        assert!(no_cap.validate().is_err());
        assert!(no_window.window_at(at(5)) <= at(5));
    }
}
