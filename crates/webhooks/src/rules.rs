//! What staff may do with endpoints and deliveries.

use chrono::{DateTime, TimeDelta, Utc};

use crate::{DeliveryState, EndpointState, EventType, WebhookError};

/// How many endpoints a node may have.
pub const ENDPOINTS_MAX: i64 = 50;
/// How many secrets of an endpoint may sign at the same time: each makes every message longer.
pub const SECRETS_MAX: i64 = 5;
/// How long a secret signs after another has taken its place.
pub const OLD_SECRET_KEPT: TimeDelta = TimeDelta::hours(24);
/// The longest window that is replayed in one go.
pub const REPLAY_DAYS_MAX: i64 = 31;

/// Whether an endpoint that asks for these types wants to hear of that kind. Asking for nothing is asking for everything, also
/// for kinds that come later.
pub fn asks_for(types: &[EventType], kind: &str) -> bool {
    types.is_empty() || types.iter().any(|asked| asked.as_str() == kind)
}

/// Whether something may be sent to an endpoint: only while it is enabled.
pub const fn decide_send(state: EndpointState) -> Result<(), WebhookError> {
    match state {
        EndpointState::Enabled => Ok(()),
        EndpointState::Disabled | EndpointState::Removed => Err(WebhookError::EndpointDisabled),
    }
}

/// Whether a delivery may be made once more: not while it is still tried by itself.
pub fn decide_replay(state: DeliveryState) -> Result<(), WebhookError> {
    if state.is_final() { Ok(()) } else { Err(WebhookError::DeliveryPending) }
}

/// A stretch of past time, from its first moment to before its last (half-open), whose events are sent once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReplayWindow {
    /// Its first moment.
    pub from: DateTime<Utc>,
    /// The moment it ends before.
    pub until: DateTime<Utc>,
}

impl ReplayWindow {
    /// A window that begins before it ends, is over, and is not too long.
    pub fn decide(from: DateTime<Utc>, until: DateTime<Utc>, now: DateTime<Utc>) -> Result<Self, WebhookError> {
        let length = until.signed_duration_since(from);
        let fits = length > TimeDelta::zero() && length <= TimeDelta::days(REPLAY_DAYS_MAX);
        if fits && until <= now { Ok(Self { from, until }) } else { Err(WebhookError::ReplayWindowInvalid) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asking_for_nothing_is_asking_for_everything() {
        assert!(asks_for(&[], "coupon_claimed") && asks_for(&[], "invented_tomorrow"));
        let types = [EventType::CouponRedeemed, EventType::CouponVoided];
        assert!(asks_for(&types, "coupon_voided") && !asks_for(&types, "coupon_claimed"));
    }

    #[test]
    fn only_an_enabled_endpoint_is_sent_anything() {
        for state in EndpointState::ALL {
            assert_eq!(decide_send(*state).is_ok(), *state == EndpointState::Enabled);
        }
    }

    #[test]
    fn what_is_still_tried_is_not_replayed() {
        for state in DeliveryState::ALL {
            assert_eq!(decide_replay(*state).is_ok(), *state != DeliveryState::Pending);
        }
    }

    #[test]
    fn a_window_is_over_begins_before_it_ends_and_is_not_too_long() {
        let now: DateTime<Utc> = "2026-11-22T08:00:00Z".parse().unwrap();
        let decide = |from: TimeDelta, until: TimeDelta| ReplayWindow::decide(now - from, now - until, now);
        let (zero, second, longest) = (TimeDelta::zero(), TimeDelta::seconds(1), TimeDelta::days(REPLAY_DAYS_MAX));
        assert!(decide(second, zero).is_ok() && decide(longest, zero).is_ok());
        for (from, until) in [(zero, zero), (zero, second), (longest + second, zero), (second, -second)] {
            assert_eq!(decide(from, until), Err(WebhookError::ReplayWindowInvalid), "{from} to {until}");
        }
        assert!(decide(longest + second, second).is_ok());
    }
}
