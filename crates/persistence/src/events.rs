//! The event table: history and outbox in one, append-only.

use chrono::{DateTime, Utc};
use diesel::{
    pg::PgConnection,
    prelude::*,
    sql_query,
    sql_types::{Array, BigInt, Nullable, Text},
};
use huike_kernel::{Actor, EventId, LocalTime, NodeId};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    Db, StoreError,
    cached::{Cached, column},
    outbox,
    schema::event,
    sql_types::{DbId, DbJson, DbTime, Id, Json, Micros},
};

/// Values of one query; SQLite bounds their number.
const IDS_MAX: usize = 500;

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

/// Keys of the statements that append events.
struct AppendOnSqlite;
struct AppendOnPostgres;

/// Appends the events, and keeps them for whoever is to be told of them.
pub fn append(db: &mut Db, events: &[NewEvent]) -> Result<(), StoreError> {
    if events.is_empty() {
        return Ok(());
    }
    let rows: Vec<Row> = events.iter().map(Row::from).collect();
    let ids: Vec<DbId> = rows.iter().map(|row| row.id).collect();
    match db {
        Db::Sqlite(c) => {
            for row in &rows {
                Cached::new(AppendOnSqlite, diesel::insert_into(event::table).values(row)).execute(c)?;
            }
        }
        Db::Postgres(c) => append_on_postgres(c, rows)?,
    }
    for chunk in ids.chunks(IDS_MAX) {
        outbox::keep_for_webhooks(db, chunk)?;
    }
    Ok(())
}

/// One text for any number of rows, so that it stays prepared.
fn append_on_postgres(c: &mut PgConnection, mut rows: Vec<Row>) -> QueryResult<()> {
    let payloads: Vec<Option<DbJson>> = rows.iter_mut().map(|row| row.payload.take()).collect();
    let rows = rows.as_slice();
    let insert = sql_query(
        "INSERT INTO event (id, site_id, aggregate_kind, aggregate_id, seq, shard, kind, actor_kind, actor_id, payload, \
         occurred_at, local_day, local_hour) \
         SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
    )
    .bind::<Array<Id>, _>(column(rows, |row| row.id))
    .bind::<Array<Id>, _>(column(rows, |row| row.site_id))
    .bind::<Array<Text>, _>(column(rows, |row| row.aggregate_kind))
    .bind::<Array<Id>, _>(column(rows, |row| row.aggregate_id))
    .bind::<Array<BigInt>, _>(column(rows, |row| row.seq))
    .bind::<Array<BigInt>, _>(column(rows, |row| row.shard))
    .bind::<Array<Text>, _>(column(rows, |row| row.kind))
    .bind::<Array<Text>, _>(column(rows, |row| row.actor_kind))
    .bind::<Array<Nullable<Id>>, _>(column(rows, |row| row.actor_id))
    .bind::<Array<Nullable<Json>>, _>(payloads)
    .bind::<Array<Micros>, _>(column(rows, |row| row.occurred_at))
    .bind::<Array<Text>, _>(column(rows, |row| row.local_day.as_str()))
    .bind::<Array<BigInt>, _>(column(rows, |row| row.local_hour));
    Cached::new(AppendOnPostgres, insert).execute(c)?;
    Ok(())
}
