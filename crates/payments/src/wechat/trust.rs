//! Which of WeChat Pay's keys are believed. Platform certificates come and go; they are fetched when one is unknown and when they
//! are old, but not because of every stranger who writes a serial number into a header.

use std::sync::{PoisonError, RwLock};

use chrono::{DateTime, TimeDelta, Utc};

use super::keys::PlatformKey;

/// Certificates are looked at again after so long.
const FRESH_FOR: TimeDelta = TimeDelta::hours(12);
/// They are not asked for more often than that.
const ASK_AGAIN_AFTER: TimeDelta = TimeDelta::minutes(1);
/// Except while there is none at all, and nothing can be done without.
const ASK_AGAIN_BLIND_AFTER: TimeDelta = TimeDelta::seconds(5);

/// The keys that are believed now.
pub(super) struct Trust {
    public: Option<PlatformKey>,
    certificates: bool,
    found: RwLock<Found>,
}

#[derive(Default)]
struct Found {
    keys: Vec<Dated>,
    fetched_at: Option<DateTime<Utc>>,
    asked_at: Option<DateTime<Utc>>,
}

/// A platform certificate's key, and when it is good.
#[derive(Debug, Clone)]
pub(super) struct Dated {
    pub(super) key: PlatformKey,
    pub(super) good_from: DateTime<Utc>,
    pub(super) good_until: DateTime<Utc>,
}

impl Trust {
    pub(super) fn new(public: Option<PlatformKey>, certificates: bool) -> Self {
        Self { public, certificates, found: RwLock::default() }
    }

    /// The id of the public key, which tells WeChat Pay to sign with it.
    pub(super) fn public_key_id(&self) -> Option<&str> {
        self.public.as_ref().map(|key| key.serial.as_str())
    }

    /// The key of this name, if it is good now.
    pub(super) fn find(&self, serial: &str, now: DateTime<Utc>) -> Option<PlatformKey> {
        if let Some(key) = self.public.as_ref().filter(|key| key.serial == serial) {
            return Some(key.clone());
        }
        let found = self.found.read().unwrap_or_else(PoisonError::into_inner);
        find_good(&found.keys, serial, now).cloned()
    }

    /// Whether no signature could be checked now, whoever made it.
    pub(super) fn is_blind(&self, now: DateTime<Utc>) -> bool {
        let found = self.found.read().unwrap_or_else(PoisonError::into_inner);
        self.public.is_none() && !found.keys.iter().any(|dated| dated.is_good(now))
    }

    /// Whether certificates should be fetched before this serial number is looked up: it is unknown, or they are old.
    pub(super) fn wants(&self, serial: &str, now: DateTime<Utc>) -> bool {
        if !self.certificates || self.public_key_id() == Some(serial) {
            return false;
        }
        let found = self.found.read().unwrap_or_else(PoisonError::into_inner);
        let fresh = found.fetched_at.is_some_and(|at| now.signed_duration_since(at) < FRESH_FOR);
        !fresh || find_good(&found.keys, serial, now).is_none()
    }

    /// Takes the turn to ask for certificates. Who hears yes is the one who asks, and nobody else for a while.
    pub(super) fn take_turn(&self, now: DateTime<Utc>) -> bool {
        let mut found = self.found.write().unwrap_or_else(PoisonError::into_inner);
        let pause = if found.keys.is_empty() { ASK_AGAIN_BLIND_AFTER } else { ASK_AGAIN_AFTER };
        if found.asked_at.is_some_and(|at| now.signed_duration_since(at) < pause) {
            return false;
        }
        found.asked_at = Some(now);
        true
    }

    /// These are the certificates now. One that is not among them any more is not believed any more.
    pub(super) fn replace(&self, keys: Vec<Dated>, now: DateTime<Utc>) {
        let mut found = self.found.write().unwrap_or_else(PoisonError::into_inner);
        *found = Found { keys, fetched_at: Some(now), asked_at: Some(now) };
    }
}

impl Dated {
    fn is_good(&self, now: DateTime<Utc>) -> bool {
        (self.good_from..self.good_until).contains(&now)
    }
}

/// The key of this name among those that are good now.
pub(super) fn find_good<'a>(keys: &'a [Dated], serial: &str, now: DateTime<Utc>) -> Option<&'a PlatformKey> {
    keys.iter().find(|dated| dated.key.serial == serial && dated.is_good(now)).map(|dated| &dated.key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap() + TimeDelta::minutes(minutes)
    }

    fn certificate(until: i64) -> Dated {
        let key = PlatformKey::from_certificate(include_bytes!("../testing/keys/platform_a.cert.pem")).unwrap();
        Dated { key, good_from: at(0), good_until: at(until) }
    }

    #[test]
    fn a_stranger_cannot_make_us_ask_more_than_once_a_minute() {
        let trust = Trust::new(None, true);
        assert!(trust.is_blind(at(0)) && trust.wants("A", at(0)) && trust.take_turn(at(0)));
        assert!(!trust.take_turn(at(0)) && trust.take_turn(at(0) + ASK_AGAIN_BLIND_AFTER));
        trust.replace(vec![certificate(10_000)], at(1));
        assert!(!trust.is_blind(at(1)) && trust.wants("A", at(1)));
        assert!(!trust.take_turn(at(1)) && !trust.take_turn(at(1) + ASK_AGAIN_BLIND_AFTER) && trust.take_turn(at(2)));
    }

    #[test]
    fn a_certificate_is_good_between_its_dates_and_asked_for_again_when_old() {
        let (trust, serial) = (Trust::new(None, true), crate::testing::SERIAL_A);
        trust.replace(vec![certificate(10_000)], at(1));
        assert!(trust.find(serial, at(1)).is_some() && trust.find("B", at(1)).is_none());
        assert!(trust.find(serial, at(-1)).is_none() && trust.find(serial, at(10_000)).is_none());
        assert!(!trust.wants(serial, at(700)) && trust.wants(serial, at(721)));
        trust.replace(Vec::new(), at(721));
        assert!(trust.find(serial, at(721)).is_none());
    }

    #[test]
    fn without_certificates_nothing_is_asked_for() {
        let key = PlatformKey::from_public_key("PUB_KEY_ID_1", include_str!("../testing/keys/public_key.pub.pem"));
        let trust = Trust::new(key, false);
        assert!(!trust.is_blind(at(0)) && !trust.wants("A", at(0)) && !trust.wants("PUB_KEY_ID_1", at(0)));
        assert!(trust.find("PUB_KEY_ID_1", at(0)).is_some());
    }
}
