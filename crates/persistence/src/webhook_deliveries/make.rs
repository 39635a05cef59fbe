//! How deliveries come to be.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use huike_kernel::{EventId, NodeId, WebhookDeliveryId, WebhookEndpointId, WebhookReplayId};
use huike_webhooks::{DeliveryOrigin, DeliveryState};
use uuid::Uuid;

use crate::{
    Db, StoreError,
    db::each,
    schema::webhook_delivery,
    sql_types::{DbId, DbTime},
};

/// Rows of one insert; SQLite bounds the number of bound values.
const ROWS_MAX: usize = 500;

/// A delivery to be made, due at once.
#[derive(Debug, Clone)]
pub struct NewDelivery {
    /// Its id.
    pub id: WebhookDeliveryId,
    /// To whom.
    pub endpoint: WebhookEndpointId,
    /// The endpoint's node, which owns the delivery.
    pub site: NodeId,
    /// Why.
    pub origin: NewOrigin,
    /// The aggregate that the event is about; of a test the endpoint.
    pub aggregate: Uuid,
    /// Its version after the event.
    pub seq: i64,
    /// The event's kind.
    pub kind: String,
    /// When it is made.
    pub created_at: DateTime<Utc>,
}

/// Where a new delivery comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NewOrigin {
    /// The event happened.
    Event(EventId),
    /// A delivery is made once more: of the event, if it was about one, and the delivery that was first.
    Again(Option<EventId>, WebhookDeliveryId),
    /// A window is sent once more.
    Window(EventId, WebhookReplayId),
    /// Staff try the endpoint out.
    Test,
}

#[derive(Insertable)]
#[diesel(table_name = webhook_delivery, treat_none_as_default_value = false)]
struct Row<'a> {
    id: DbId,
    endpoint_id: DbId,
    site_id: DbId,
    event_id: Option<DbId>,
    origin: &'static str,
    replay_of: Option<DbId>,
    replay_id: Option<DbId>,
    aggregate_id: DbId,
    seq: i64,
    kind: &'a str,
    state: &'static str,
    attempts: i64,
    due_at: DbTime,
    created_at: DbTime,
}

impl<'a> From<&'a NewDelivery> for Row<'a> {
    fn from(new: &'a NewDelivery) -> Self {
        let (origin, event, replay_of, replay) = match new.origin {
            NewOrigin::Event(event) => (DeliveryOrigin::Event, Some(event), None, None),
            NewOrigin::Again(event, first) => (DeliveryOrigin::Replay, event, Some(first), None),
            NewOrigin::Window(event, replay) => (DeliveryOrigin::Replay, Some(event), None, Some(replay)),
            NewOrigin::Test => (DeliveryOrigin::Test, None, None, None),
        };
        Self {
            id: new.id.into(),
            endpoint_id: new.endpoint.into(),
            site_id: new.site.into(),
            event_id: event.map(Into::into),
            origin: origin.as_str(),
            replay_of: replay_of.map(Into::into),
            replay_id: replay.map(Into::into),
            aggregate_id: DbId(new.aggregate),
            seq: new.seq,
            kind: &new.kind,
            state: DeliveryState::Pending.as_str(),
            attempts: 0,
            due_at: new.created_at.into(),
            created_at: new.created_at.into(),
        }
    }
}

/// Makes deliveries. What an endpoint has of an event already, or of a window's event, it does not get again; says how many were made.
pub fn insert_many(db: &mut Db, new: &[NewDelivery]) -> Result<usize, StoreError> {
    let mut made = 0_usize;
    for chunk in new.chunks(ROWS_MAX) {
        let rows: Vec<Row<'_>> = chunk.iter().map(Row::from).collect();
        let inserted = each!(db, |c| {
            diesel::insert_into(webhook_delivery::table).values(&rows).on_conflict_do_nothing().execute(c)
        })?;
        made = made.saturating_add(inserted);
    }
    Ok(made)
}
