//! What the loop writes: each function is one transaction, or one for each attempt where one of them spoils the rest.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use huike_kernel::{DomainError, ErrorKind, IdSource, WebhookDeliveryId};
use huike_persistence::{
    Db, Outcome, Store, StoreError,
    webhook_deliveries::{self, DueDelivery, TakeDue},
    webhook_fan_out,
};
use huike_usecases::{Caller, UseCaseError, webhooks};
use huike_webhooks::Verdict;

use super::{attempt::Attempt, gauges, slots::Slots};
use crate::server::system_caller;

/// How long a taken delivery is ours. Several times what a call may take: when it ends, somebody else sends the message again.
pub const LEASE: TimeDelta = TimeDelta::seconds(60);
/// Events that are handed out in one transaction: few, because on SQLite everybody's writes wait for it.
const FAN_OUT_CHUNK: i64 = 20;

/// What one round brought.
pub(super) struct Round {
    /// What became of each attempt; `None` where the delivery was not ours any more.
    pub(super) verdicts: Vec<Option<Verdict>>,
    pub(super) due: Vec<DueDelivery>,
    pub(super) has_more_events: bool,
}

/// Whether an attempt needs no more of our attention.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Booked {
    Done,
    /// The database is away; there is time until the lease ends.
    Later,
}

/// One transaction for everything: records what is over, hands the oldest events out to the endpoints that want them, and takes
/// as many deliveries as there are slots.
pub(super) async fn go_round(
    store: &Store,
    ids: Arc<dyn IdSource>,
    over: &[Attempt],
    slots: Slots,
) -> Result<Round, UseCaseError> {
    let (caller, over) = (system_caller(), over.to_vec());
    store
        .write(move |db, now| {
            let verdicts = over.iter().map(|attempt| book(db, &caller, attempt, now)).collect::<Result<_, _>>()?;
            let mut slots = slots.clone();
            for attempt in &over {
                slots.end(attempt.due.endpoint, attempt.went_well(), now);
            }
            let events = webhook_fan_out::fan_out(db, ids.as_ref(), now, FAN_OUT_CHUNK)?;
            let has_more_events = i64::try_from(events).unwrap_or(i64::MAX) >= FAN_OUT_CHUNK;
            Ok(Round { verdicts, due: take_in_turn(db, now, slots)?, has_more_events })
        })
        .await
}

/// One delivery of each endpoint, then a second of each, so that nobody's backlog comes before somebody else's first message.
fn take_in_turn(db: &mut Db, now: DateTime<Utc>, mut slots: Slots) -> Result<Vec<DueDelivery>, StoreError> {
    let mut taken = Vec::new();
    while slots.free() > 0 {
        let ask = TakeDue {
            limit: slots.free(),
            limit_per_endpoint: 1,
            skip_endpoints: slots.full(now),
            after: slots.last(),
        };
        let due = webhook_deliveries::take_due(db, now, LEASE, &ask)?;
        if due.is_empty() {
            break;
        }
        for due in &due {
            slots.begin(due.endpoint);
        }
        taken.extend(due);
    }
    Ok(taken)
}

/// Records attempts in one transaction each: what is wrong with one must not keep the others from being recorded.
pub(super) async fn record_each(store: &Store, over: Vec<Attempt>) -> Vec<(Attempt, Booked)> {
    let caller = system_caller();
    let mut booked = Vec::new();
    for attempt in over {
        let (caller, one) = (caller.clone(), attempt.clone());
        let written = store.write(move |db, now| book(db, &caller, &one, now)).await;
        booked.push(match written {
            Ok(verdict) => {
                note(&attempt, verdict);
                (attempt, Booked::Done)
            }
            Err(error) if may_pass(&error) => (attempt, Booked::Later),
            Err(error) => {
                let delivery = attempt.due.delivery;
                tracing::error!(%error, webhook.delivery.id = %delivery, "a webhook attempt was not recorded: {error}");
                (attempt, Booked::Done)
            }
        });
    }
    booked
}

/// Whether the database is only away.
pub(super) fn may_pass(error: &UseCaseError) -> bool {
    error.kind() == ErrorKind::Unavailable
}

/// Records one attempt and does what follows from it; `None` when the delivery is not ours any more.
fn book(db: &mut Db, caller: &Caller, attempt: &Attempt, now: DateTime<Utc>) -> Result<Option<Verdict>, UseCaseError> {
    let verdict = attempt.verdict(now);
    if webhook_deliveries::record(db, now, &attempt.record(verdict))? == Outcome::Refused {
        return Ok(None);
    }
    if verdict == Verdict::Gone {
        webhooks::disable_gone(db, &caller.act(now), attempt.due.endpoint)?;
    }
    Ok(Some(verdict))
}

/// Counts an attempt that was recorded, and says what is worth saying of it.
pub(super) fn note(attempt: &Attempt, verdict: Option<Verdict>) {
    gauges::count(attempt, verdict);
    let (endpoint, delivery) = (attempt.due.endpoint, attempt.due.delivery);
    match verdict {
        Some(Verdict::Delivered) => {}
        Some(Verdict::RetryAt(_)) => tracing::debug!(
            webhook.endpoint.id = %endpoint, webhook.delivery.id = %delivery, answer = ?attempt.answer,
            "a webhook is tried again later"
        ),
        Some(Verdict::Parked) => tracing::warn!(
            webhook.endpoint.id = %endpoint, webhook.delivery.id = %delivery, answer = ?attempt.answer,
            "a webhook was parked after its last attempt"
        ),
        Some(Verdict::Gone) => tracing::warn!(
            webhook.endpoint.id = %endpoint, "a webhook endpoint was disabled: its receiver said that it is gone"
        ),
        None => tracing::warn!(
            webhook.delivery.id = %delivery, "an attempt came too late: the delivery was taken by somebody else or cancelled"
        ),
    }
}

/// Gives deliveries back that were not sent to the end.
pub(super) async fn give_back(store: &Store, left: Vec<(WebhookDeliveryId, i64)>) {
    let given = store.write(move |db, now| {
        for (delivery, number) in &left {
            // Refused: somebody else has it, and will send it.
            let _theirs = webhook_deliveries::give_back(db, now, *delivery, *number)?;
        }
        Ok::<_, StoreError>(())
    });
    if let Err(error) = given.await {
        tracing::warn!(%error, "webhooks could not be given back; their leases will run out: {error}");
    }
}
