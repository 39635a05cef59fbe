//! The log of deliveries, as staff read it.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use huike_kernel::{EventId, NodeId, WebhookDeliveryId, WebhookEndpointId, WebhookReplayId};
use huike_webhooks::{DeliveryOrigin, DeliveryState, EventType};
use uuid::Uuid;

use crate::{
    Db, StoreError,
    db::each,
    schema::{webhook_attempt, webhook_delivery},
    scope::subtree,
    sql_types::{DbId, DbTime},
};

/// A delivery (推送).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Its id.
    pub id: WebhookDeliveryId,
    /// To whom.
    pub endpoint: WebhookEndpointId,
    /// The node that owns it: the endpoint's.
    pub site: NodeId,
    /// Of which event; nothing for a test.
    pub event: Option<EventId>,
    /// Where it comes from.
    pub origin: DeliveryOrigin,
    /// The delivery that this one repeats.
    pub replay_of: Option<WebhookDeliveryId>,
    /// The window that this one is part of.
    pub replay: Option<WebhookReplayId>,
    /// The aggregate that the event is about; of a test the endpoint.
    pub aggregate: Uuid,
    /// Its version after the event.
    pub seq: i64,
    /// The event's kind.
    pub kind: String,
    /// Where it stands.
    pub state: DeliveryState,
    /// How often it was tried.
    pub attempts: i64,
    /// When it is looked at next, while it is pending.
    pub due_at: DateTime<Utc>,
    /// Until when somebody is sending it.
    pub lease_until: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it arrived.
    pub delivered_at: Option<DateTime<Utc>>,
    /// The status of the last answer.
    pub last_status: Option<i64>,
    /// What went wrong the last time.
    pub last_error: Option<String>,
}

/// One attempt at a delivery.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Attempt {
    /// Which one; numbers of attempts that nobody recorded, because the sender was killed, are missing.
    pub number: i64,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// How long it took.
    pub took_ms: i64,
    /// The status of the answer, if there was one.
    pub status: Option<i64>,
    /// What went wrong.
    pub error: Option<String>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = webhook_delivery)]
struct Row {
    id: WebhookDeliveryId,
    endpoint_id: WebhookEndpointId,
    site_id: NodeId,
    event_id: Option<DbId>,
    origin: String,
    replay_of: Option<DbId>,
    replay_id: Option<DbId>,
    aggregate_id: Uuid,
    seq: i64,
    kind: String,
    state: String,
    attempts: i64,
    due_at: DateTime<Utc>,
    lease_until: Option<DbTime>,
    created_at: DateTime<Utc>,
    delivered_at: Option<DbTime>,
    last_status: Option<i64>,
    last_error: Option<String>,
}

impl TryFrom<Row> for Delivery {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let corrupt = |error| StoreError::corrupt("webhook_delivery", error);
        Ok(Self {
            id: row.id,
            endpoint: row.endpoint_id,
            site: row.site_id,
            event: row.event_id.map(Into::into),
            origin: row.origin.parse().map_err(corrupt)?,
            replay_of: row.replay_of.map(Into::into),
            replay: row.replay_id.map(Into::into),
            aggregate: row.aggregate_id,
            seq: row.seq,
            kind: row.kind,
            state: row.state.parse().map_err(corrupt)?,
            attempts: row.attempts,
            due_at: row.due_at,
            lease_until: row.lease_until.map(Into::into),
            created_at: row.created_at,
            delivered_at: row.delivered_at.map(Into::into),
            last_status: row.last_status,
            last_error: row.last_error,
        })
    }
}

/// What narrows a list of deliveries.
#[derive(Debug, Clone, Copy, Default)]
pub struct DeliveryFilter {
    /// Only to this endpoint.
    pub endpoint: Option<WebhookEndpointId>,
    /// Only in this state.
    pub state: Option<DeliveryState>,
    /// Only from there.
    pub origin: Option<DeliveryOrigin>,
    /// Only of this kind.
    pub kind: Option<EventType>,
    /// Only of this event.
    pub event: Option<EventId>,
    /// Only about this aggregate.
    pub aggregate: Option<Uuid>,
    /// Only such as were made then or later.
    pub from: Option<DateTime<Utc>>,
    /// Only such as were made before then.
    pub until: Option<DateTime<Utc>>,
}

/// The delivery with that id.
pub fn find(db: &mut Db, id: WebhookDeliveryId) -> Result<Option<Delivery>, StoreError> {
    let row: Option<Row> =
        webhook_delivery::table.find(DbId::from(id)).select(Row::as_select()).first(db).optional()?;
    row.map(Delivery::try_from).transpose()
}

/// Deliveries that nodes at or below the roots own, newest first, `limit` of them before `before`.
pub fn list(
    db: &mut Db,
    roots: &[NodeId],
    filter: &DeliveryFilter,
    before: Option<WebhookDeliveryId>,
    limit: i64,
) -> Result<Vec<Delivery>, StoreError> {
    let rows: Vec<Row> = each!(db, |c| {
        let mut query = webhook_delivery::table
            .filter(webhook_delivery::site_id.eq_any(subtree(roots)))
            .order(webhook_delivery::id.desc())
            .limit(limit)
            .select(Row::as_select())
            .into_boxed();
        if let Some(endpoint) = filter.endpoint {
            query = query.filter(webhook_delivery::endpoint_id.eq(DbId::from(endpoint)));
        }
        if let Some(state) = filter.state {
            query = query.filter(webhook_delivery::state.eq(state.as_str()));
        }
        if let Some(origin) = filter.origin {
            query = query.filter(webhook_delivery::origin.eq(origin.as_str()));
        }
        if let Some(kind) = filter.kind {
            query = query.filter(webhook_delivery::kind.eq(kind.as_str()));
        }
        if let Some(event) = filter.event {
            query = query.filter(webhook_delivery::event_id.eq(DbId::from(event)));
        }
        if let Some(aggregate) = filter.aggregate {
            query = query.filter(webhook_delivery::aggregate_id.eq(DbId(aggregate)));
        }
        if let Some(from) = filter.from {
            query = query.filter(webhook_delivery::created_at.ge(DbTime::from(from)));
        }
        if let Some(until) = filter.until {
            query = query.filter(webhook_delivery::created_at.lt(DbTime::from(until)));
        }
        if let Some(before) = before {
            query = query.filter(webhook_delivery::id.lt(DbId::from(before)));
        }
        query.load(c)
    })?;
    rows.into_iter().map(Delivery::try_from).collect()
}

/// The attempts at a delivery, in order.
pub fn list_attempts(db: &mut Db, delivery: WebhookDeliveryId) -> Result<Vec<Attempt>, StoreError> {
    Ok(webhook_attempt::table
        .filter(webhook_attempt::delivery_id.eq(DbId::from(delivery)))
        .order(webhook_attempt::number)
        .select((
            webhook_attempt::number,
            webhook_attempt::started_at,
            webhook_attempt::took_ms,
            webhook_attempt::status,
            webhook_attempt::error,
        ))
        .load(db)?)
}
