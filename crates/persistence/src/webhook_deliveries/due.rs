//! What is due: taken under a lease, in the order of each aggregate.
//!
//! A delivery waits while an earlier one of its endpoint and aggregate is pending, and while an earlier event of its
//! aggregate is still in the outbox. Both are looked at in the statement that takes it, and neither can come up later: the
//! transaction of an earlier event was over before that of a later one could begin.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::{
    dsl::{exists, max, not, sql},
    prelude::*,
    sql_types::Bool,
};
use huike_kernel::{NodeId, WebhookDeliveryId, WebhookEndpointId};
use huike_webhooks::DeliveryOrigin;
use serde_json::Value;
use uuid::Uuid;

use crate::{
    Db, StoreError,
    outbox::WEBHOOK,
    schema::{event, outbox, webhook_delivery, webhook_endpoint},
    sql_types::{DbId, DbJson, DbTime},
    webhook_secrets,
};

/// How many of an endpoint's deliveries one look sees.
const LOOK: i64 = 200;
/// How many looks one taking has at an endpoint whose deliveries all wait for others.
const LOOKS_MAX: usize = 5;
/// How long a delivery is put off that waits for an earlier event still in the outbox, or for one that is due itself.
const PUT_OFF: TimeDelta = TimeDelta::seconds(1);

diesel::alias!(webhook_delivery as earlier: Earlier);

/// What a sender can take.
#[derive(Debug, Clone)]
pub struct TakeDue {
    /// So many at most.
    pub limit: usize,
    /// So many of one endpoint at most.
    pub limit_per_endpoint: usize,
    /// Endpoints that are not to be called now.
    pub skip_endpoints: Vec<WebhookEndpointId>,
    /// Endpoints have their turn by id, from the one after this on, and round again: the busiest does not come first each
    /// time. Give the endpoint that was taken last.
    pub after: Option<WebhookEndpointId>,
}

/// One message to send now.
#[derive(Debug, Clone, PartialEq)]
pub struct DueDelivery {
    /// The delivery.
    pub delivery: WebhookDeliveryId,
    /// To whom.
    pub endpoint: WebhookEndpointId,
    /// Where that is at this moment.
    pub url: String,
    /// How often it was taken, this time included: the number of this attempt, and the right to record it.
    pub attempts: i64,
    /// What to send.
    pub message: Message,
    /// The endpoint's secrets that sign now, sealed, the newest first.
    pub secrets: Vec<Vec<u8>>,
}

/// The pieces of a body.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// What the receiver tells repetitions by: the event's id, also in a replay; of a test the delivery's own.
    pub id: Uuid,
    /// What happened.
    pub kind: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Where.
    pub site: NodeId,
    /// To what kind of thing.
    pub aggregate_kind: String,
    /// To which.
    pub aggregate: Uuid,
    /// Its version after that.
    pub seq: i64,
    /// Ids and figures; null when they were redacted.
    pub data: Value,
}

/// Takes what is due, for the length of the lease. On PostgreSQL several senders pass each other by (SKIP LOCKED); SQLite
/// has one writer. A taken delivery falls due again when the lease ends, unless its attempt is recorded before.
pub fn take_due(
    db: &mut Db,
    now: DateTime<Utc>,
    lease: TimeDelta,
    ask: &TakeDue,
) -> Result<Vec<DueDelivery>, StoreError> {
    let mut taken = Vec::new();
    for endpoint in endpoints_in_turn(db, now, ask)? {
        let room = ask.limit.saturating_sub(taken.len()).min(ask.limit_per_endpoint);
        if room == 0 {
            break;
        }
        taken.extend(free_of(db, now, endpoint, room)?);
    }
    let until = Some(DbTime::from(now + lease));
    diesel::update(webhook_delivery::table.filter(webhook_delivery::id.eq_any(&taken)))
        .set((
            webhook_delivery::attempts.eq(webhook_delivery::attempts + 1),
            webhook_delivery::lease_until.eq(until),
            webhook_delivery::due_at.eq(DbTime::from(now + lease)),
        ))
        .execute(db)?;
    load(db, now, &taken)
}

/// Enabled endpoints that have something due, each in its turn.
fn endpoints_in_turn(db: &mut Db, now: DateTime<Utc>, ask: &TakeDue) -> Result<Vec<DbId>, StoreError> {
    let due = webhook_delivery::table
        .filter(webhook_delivery::endpoint_id.eq(webhook_endpoint::id))
        .filter(sql::<Bool>("webhook_delivery.state = 'pending'"))
        .filter(webhook_delivery::due_at.le(DbTime::from(now)));
    let mut found: Vec<DbId> = webhook_endpoint::table
        .filter(sql::<Bool>("webhook_endpoint.state = 'enabled'"))
        .filter(not(webhook_endpoint::id.eq_any(DbId::list(ask.skip_endpoints.iter().copied()))))
        .filter(exists(due))
        .order(webhook_endpoint::id)
        .select(webhook_endpoint::id)
        .load(db)?;
    if let Some(after) = ask.after.map(DbId::from) {
        let turn = found.partition_point(|id| *id <= after);
        found.rotate_left(turn);
    }
    Ok(found)
}

/// Deliveries of the endpoint that wait for nothing, longest due first, locked. Those that wait are put off until what they
/// wait for is looked at again, so that nobody looks at them in vain before.
fn free_of(db: &mut Db, now: DateTime<Utc>, endpoint: DbId, room: usize) -> Result<Vec<DbId>, StoreError> {
    let mut free = Vec::new();
    for _look in 0..LOOKS_MAX {
        let seen = look(db, now, endpoint)?;
        let is_last = i64::try_from(seen.len()).unwrap_or(i64::MAX) < LOOK;
        for Seen { id, waits_until, waits_for_outbox } in seen {
            match waits_until {
                None if !waits_for_outbox => free.push(id),
                until => put_off(db, id, until.map_or(now, DateTime::from).max(now + PUT_OFF))?,
            }
        }
        if is_last || !free.is_empty() {
            break;
        }
    }
    free.truncate(room);
    Ok(free)
}

#[derive(Queryable)]
struct Seen {
    id: DbId,
    waits_until: Option<DbTime>,
    waits_for_outbox: bool,
}

fn look(db: &mut Db, now: DateTime<Utc>, endpoint: DbId) -> Result<Vec<Seen>, StoreError> {
    let waits_until = earlier
        .filter(earlier.field(webhook_delivery::endpoint_id).eq(webhook_delivery::endpoint_id))
        .filter(earlier.field(webhook_delivery::aggregate_id).eq(webhook_delivery::aggregate_id))
        .filter(earlier.field(webhook_delivery::seq).lt(webhook_delivery::seq))
        .filter(sql::<Bool>("earlier.state = 'pending' AND earlier.origin = 'event'"))
        .filter(webhook_delivery::origin.eq(DeliveryOrigin::Event.as_str()))
        .select(max(earlier.field(webhook_delivery::due_at)))
        .single_value();
    let in_outbox = outbox::table
        .filter(outbox::consumer.eq(WEBHOOK))
        .filter(outbox::aggregate_id.eq(webhook_delivery::aggregate_id))
        .filter(outbox::seq.lt(webhook_delivery::seq))
        .filter(webhook_delivery::origin.eq(DeliveryOrigin::Event.as_str()));
    let due = webhook_delivery::table
        .filter(webhook_delivery::endpoint_id.eq(endpoint))
        .filter(sql::<Bool>("webhook_delivery.state = 'pending'"))
        .filter(webhook_delivery::due_at.le(DbTime::from(now)))
        .order((webhook_delivery::due_at, webhook_delivery::id))
        .limit(LOOK)
        .select((webhook_delivery::id, waits_until, exists(in_outbox)));
    Ok(match db {
        Db::Sqlite(c) => due.load(c),
        Db::Postgres(c) => due.for_update().skip_locked().load(c),
    }?)
}

fn put_off(db: &mut Db, id: DbId, until: DateTime<Utc>) -> Result<(), StoreError> {
    diesel::update(webhook_delivery::table.find(id))
        .set(webhook_delivery::due_at.eq(DbTime::from(until)))
        .execute(db)?;
    Ok(())
}

/// Id, site, kind of the aggregate, payload, and when it happened.
type LoadedEvent = (DbId, NodeId, String, Option<DbJson>, DateTime<Utc>);

#[derive(Queryable)]
struct Loaded {
    id: DbId,
    endpoint: WebhookEndpointId,
    url: String,
    attempts: i64,
    site: NodeId,
    kind: String,
    aggregate: Uuid,
    seq: i64,
    replay_of: Option<DbId>,
    created_at: DateTime<Utc>,
    event: Option<LoadedEvent>,
}

fn load(db: &mut Db, now: DateTime<Utc>, taken: &[DbId]) -> Result<Vec<DueDelivery>, StoreError> {
    let rows: Vec<Loaded> = webhook_delivery::table
        .inner_join(webhook_endpoint::table)
        .left_join(event::table)
        .filter(webhook_delivery::id.eq_any(taken))
        .select((
            webhook_delivery::id,
            webhook_delivery::endpoint_id,
            webhook_endpoint::url,
            webhook_delivery::attempts,
            webhook_delivery::site_id,
            webhook_delivery::kind,
            webhook_delivery::aggregate_id,
            webhook_delivery::seq,
            webhook_delivery::replay_of,
            webhook_delivery::created_at,
            (event::id, event::site_id, event::aggregate_kind, event::payload, event::occurred_at).nullable(),
        ))
        .load(db)?;
    let endpoints: Vec<WebhookEndpointId> = rows.iter().map(|row| row.endpoint).collect();
    let secrets = webhook_secrets::list_signing(db, &endpoints, now)?;
    let of = |endpoint| secrets.get(&endpoint).cloned().unwrap_or_default();
    let mut due: Vec<DueDelivery> = rows.into_iter().map(|row| row.with_secrets(of)).collect();
    due.sort_by_key(|due| taken.iter().position(|id| *id == DbId::from(due.delivery)));
    Ok(due)
}

impl Loaded {
    fn with_secrets(self, of: impl Fn(WebhookEndpointId) -> Vec<Vec<u8>>) -> DueDelivery {
        let message = match self.event {
            Some((id, site, aggregate_kind, payload, at)) => Message {
                id: id.0,
                kind: self.kind,
                at,
                site,
                aggregate_kind,
                aggregate: self.aggregate,
                seq: self.seq,
                data: payload.map_or(Value::Null, |payload| payload.0),
            },
            None => Message {
                id: self.replay_of.unwrap_or(self.id).0,
                kind: self.kind,
                at: self.created_at,
                site: self.site,
                aggregate_kind: "webhook_endpoint".to_owned(),
                aggregate: self.aggregate,
                seq: self.seq,
                data: Value::Object(serde_json::Map::new()),
            },
        };
        DueDelivery {
            delivery: self.id.into(),
            endpoint: self.endpoint,
            url: self.url,
            attempts: self.attempts,
            message,
            secrets: of(self.endpoint),
        }
    }
}
