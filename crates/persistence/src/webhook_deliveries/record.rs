//! How an attempt ended.

use chrono::{DateTime, Utc};
use diesel::{dsl::sql, prelude::*, sql_types::Bool};
use huike_kernel::WebhookDeliveryId;
use huike_webhooks::{DeliveryOrigin, DeliveryState};
use uuid::Uuid;

use crate::{
    Db, Outcome, StoreError,
    schema::{webhook_attempt, webhook_delivery},
    sql_types::{DbId, DbTime},
};

/// The longest error text that is kept.
const ERROR_CHARACTERS_MAX: usize = 500;

/// One attempt, when it is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptRecord {
    /// The delivery.
    pub delivery: WebhookDeliveryId,
    /// Which attempt: [`super::DueDelivery::attempts`].
    pub number: i64,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// How long it took.
    pub took_ms: i64,
    /// The status of the answer, if there was one.
    pub status: Option<i64>,
    /// What went wrong, in words of ours; never what the other side said.
    pub error: Option<String>,
    /// What follows from it.
    pub verdict: Verdict,
}

/// What becomes of a delivery after an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It has arrived.
    Delivered,
    /// It is tried again.
    RetryAt(DateTime<Utc>),
    /// It is not tried any more.
    Parked,
}

/// Records an attempt, and lets the next delivery of the aggregate go when this one is over. Refused when the delivery is
/// not the sender's any more: its lease ended and somebody else took it, or it was cancelled. Nothing is kept then.
pub fn record(db: &mut Db, now: DateTime<Utc>, attempt: &AttemptRecord) -> Result<Outcome, StoreError> {
    let error = attempt.error.as_deref().map(|text| text.chars().take(ERROR_CHARACTERS_MAX).collect::<String>());
    let (state, due_at, delivered_at) = match attempt.verdict {
        Verdict::Delivered => (DeliveryState::Delivered, now, Some(now)),
        Verdict::RetryAt(at) => (DeliveryState::Pending, at, None),
        Verdict::Parked => (DeliveryState::Parked, now, None),
    };
    let rows = diesel::update(webhook_delivery::table.find(DbId::from(attempt.delivery)))
        .filter(
            webhook_delivery::state
                .eq(DeliveryState::Pending.as_str())
                .and(webhook_delivery::attempts.eq(attempt.number)),
        )
        .filter(webhook_delivery::lease_until.is_not_null())
        .set((
            webhook_delivery::state.eq(state.as_str()),
            webhook_delivery::due_at.eq(DbTime::from(due_at)),
            webhook_delivery::lease_until.eq(None::<DbTime>),
            webhook_delivery::delivered_at.eq(delivered_at.map(DbTime::from)),
            webhook_delivery::last_status.eq(attempt.status),
            webhook_delivery::last_error.eq(&error),
        ))
        .execute(db)?;
    if Outcome::of(rows) == Outcome::Refused {
        return Ok(Outcome::Refused);
    }
    diesel::insert_into(webhook_attempt::table)
        .values((
            webhook_attempt::delivery_id.eq(DbId::from(attempt.delivery)),
            webhook_attempt::number.eq(attempt.number),
            webhook_attempt::started_at.eq(DbTime::from(attempt.started_at)),
            webhook_attempt::took_ms.eq(attempt.took_ms.max(0)),
            webhook_attempt::status.eq(attempt.status),
            webhook_attempt::error.eq(&error),
        ))
        .execute(db)?;
    if state.is_final() {
        wake_next(db, now, attempt.delivery)?;
    }
    Ok(Outcome::Applied)
}

/// Gives a delivery back untried, as if it had not been taken: the sender is stopping. Refused like [`record`].
pub fn give_back(
    db: &mut Db,
    now: DateTime<Utc>,
    delivery: WebhookDeliveryId,
    number: i64,
) -> Result<Outcome, StoreError> {
    let rows = diesel::update(webhook_delivery::table.find(DbId::from(delivery)))
        .filter(webhook_delivery::state.eq(DeliveryState::Pending.as_str()).and(webhook_delivery::attempts.eq(number)))
        .filter(webhook_delivery::lease_until.is_not_null())
        .set((
            webhook_delivery::attempts.eq(webhook_delivery::attempts - 1),
            webhook_delivery::due_at.eq(DbTime::from(now)),
            webhook_delivery::lease_until.eq(None::<DbTime>),
        ))
        .execute(db)?;
    Ok(Outcome::of(rows))
}

/// The next delivery of the same endpoint and aggregate need not wait any longer.
fn wake_next(db: &mut Db, now: DateTime<Utc>, over: WebhookDeliveryId) -> Result<(), StoreError> {
    let (endpoint, aggregate, origin): (DbId, Uuid, String) = webhook_delivery::table
        .find(DbId::from(over))
        .select((webhook_delivery::endpoint_id, webhook_delivery::aggregate_id, webhook_delivery::origin))
        .first(db)?;
    if origin != DeliveryOrigin::Event.as_str() {
        return Ok(());
    }
    let next: Option<DbId> = webhook_delivery::table
        .filter(webhook_delivery::endpoint_id.eq(endpoint).and(webhook_delivery::aggregate_id.eq(DbId(aggregate))))
        .filter(sql::<Bool>("state = 'pending' AND origin = 'event'"))
        .order(webhook_delivery::seq)
        .select(webhook_delivery::id)
        .first(db)
        .optional()?;
    let Some(next) = next else {
        return Ok(());
    };
    diesel::update(webhook_delivery::table.find(next))
        .filter(webhook_delivery::lease_until.is_null())
        .set(webhook_delivery::due_at.eq(DbTime::from(now)))
        .execute(db)?;
    Ok(())
}
