//! The event table: history and outbox in one, append-only.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use huike_kernel::{Actor, EventId, LocalTime, NodeId};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    Db, StoreError,
    db::each,
    outbox,
    schema::event,
    sql_types::{DbId, DbJson, DbTime},
};

/// Rows of one insert; SQLite bounds the number of bound values.
const ROWS_MAX: usize = 500;

/// An event as a use case makes it.
#[derive(Debug, Clone)]
pub struct NewEvent {
    /// Its id.
    pub id: EventId,
    /// Where it happened.
    pub site: NodeId,
    /// The kind of the aggregate: `coupon`, `coupon_template`, ….
    pub aggregate_kind: &'static str,
    /// The aggregate.
    pub aggregate: Uuid,
    /// The aggregate's version after the act.
    pub seq: i64,
    /// What happened, such as `coupon.redeemed`.
    pub kind: &'static str,
    /// Who did it.
    pub actor: Actor,
    /// Ids and figures; never a phone, an openid or a name.
    pub payload: Value,
    /// When.
    pub occurred_at: DateTime<Utc>,
    /// When, on the wall of the site.
    pub local: LocalTime,
}

#[derive(Insertable)]
#[diesel(table_name = event, treat_none_as_default_value = false)]
struct Row {
    id: DbId,
    site_id: DbId,
    aggregate_kind: &'static str,
    aggregate_id: DbId,
    seq: i64,
    shard: i64,
    kind: &'static str,
    actor_kind: &'static str,
    actor_id: Option<DbId>,
    payload: Option<DbJson>,
    occurred_at: DbTime,
    local_day: String,
    local_hour: i64,
}

impl From<&NewEvent> for Row {
    fn from(new: &NewEvent) -> Self {
        Self {
            id: new.id.into(),
            site_id: new.site.into(),
            aggregate_kind: new.aggregate_kind,
            aggregate_id: DbId(new.aggregate),
            seq: new.seq,
            shard: shard_of(new.aggregate),
            kind: new.kind,
            actor_kind: new.actor.kind(),
            actor_id: new.actor.id().map(DbId),
            payload: Some(DbJson(new.payload.clone())),
            occurred_at: new.occurred_at.into(),
            local_day: new.local.day.to_string(),
            local_hour: i64::from(new.local.hour),
        }
    }
}

/// Events of one aggregate share a shard, so that one consumer sees them in order. The last bytes of a UUID v7 are
/// random, which makes them a hash already.
pub fn shard_of(aggregate: Uuid) -> i64 {
    i64::from(aggregate.as_bytes().last().copied().unwrap_or(0) % 16)
}

/// Appends the events, and keeps them for whoever is to be told of them.
pub fn append(db: &mut Db, events: &[NewEvent]) -> Result<(), StoreError> {
    for chunk in events.chunks(ROWS_MAX) {
        let rows: Vec<Row> = chunk.iter().map(Row::from).collect();
        each!(db, |c| diesel::insert_into(event::table).values(&rows).execute(c))?;
        let ids: Vec<DbId> = rows.iter().map(|row| row.id).collect();
        outbox::keep_for_webhooks(db, &ids)?;
    }
    Ok(())
}
