//! What `/metrics` tells about webhooks. Never by endpoint: there may be thousands.

use std::time::Duration;

use chrono::{DateTime, Utc};
use huike_persistence::{Store, StoreError, outbox, webhook_deliveries};
use huike_webhooks::Verdict;

use super::attempt::Attempt;

/// Attempts, by what came of them.
const ATTEMPTS: &str = "huike_webhook_attempts_total";
/// How long a call took.
const CALLS: &str = "huike_webhook_call_duration_seconds";
/// Events that were not handed out yet.
const OUTBOX: &str = "huike_webhook_outbox_events";
/// How long the oldest of them has waited.
const OUTBOX_LAG: &str = "huike_webhook_outbox_lag_seconds";
/// Deliveries that wait to be sent, or to be sent again.
const PENDING: &str = "huike_webhook_pending_deliveries";
/// How long the delivery has been due that has been due longest.
const LAG: &str = "huike_webhook_lag_seconds";

/// How often the gauges are read from the database.
pub(super) const EVERY: Duration = Duration::from_secs(10);

/// Says what the figures mean.
pub(super) fn describe() {
    metrics::describe_counter!(ATTEMPTS, "Webhook attempts, by what came of them");
    metrics::describe_histogram!(
        CALLS,
        metrics::Unit::Seconds,
        "Time from finding the address to the receiver's answer"
    );
    metrics::describe_gauge!(OUTBOX, "Events not yet handed out to webhook endpoints");
    metrics::describe_gauge!(OUTBOX_LAG, metrics::Unit::Seconds, "How long the oldest of them has waited");
    metrics::describe_gauge!(PENDING, "Webhook deliveries that are still tried");
    metrics::describe_gauge!(
        LAG,
        metrics::Unit::Seconds,
        "How long the delivery has been due that has been due longest"
    );
}

/// Counts one attempt.
pub(super) fn count(attempt: &Attempt, verdict: Option<Verdict>) {
    let outcome = match verdict {
        Some(Verdict::Delivered) => "delivered",
        Some(Verdict::RetryAt(_)) => "failed",
        Some(Verdict::Parked) => "parked",
        Some(Verdict::Gone) => "gone",
        None => "late",
    };
    metrics::counter!(ATTEMPTS, "outcome" => outcome).increment(1);
    metrics::histogram!(CALLS).record(attempt.took);
}

/// Reads the gauges anew.
pub(super) async fn show(store: &Store, now: DateTime<Utc>) {
    let read = store.read(|db| {
        let (events, oldest) = outbox::backlog(db, outbox::WEBHOOK)?;
        let (pending, due_since) = webhook_deliveries::backlog(db)?;
        Ok::<_, StoreError>((events, oldest, pending, due_since))
    });
    match read.await {
        Ok((events, oldest, pending, due_since)) => {
            metrics::gauge!(OUTBOX).set(figure(events));
            metrics::gauge!(OUTBOX_LAG).set(age(oldest, now));
            metrics::gauge!(PENDING).set(figure(pending));
            metrics::gauge!(LAG).set(age(due_since, now));
        }
        Err(error) => tracing::debug!(%error, "the figures of webhooks could not be read: {error}"),
    }
}

fn figure(count: i64) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// Seconds since then; none when it is yet to come.
fn age(since: Option<DateTime<Utc>>, now: DateTime<Utc>) -> f64 {
    since.map_or(0.0, |since| now.signed_duration_since(since).to_std().unwrap_or_default().as_secs_f64())
}
