//! Which events a consumer has still to see: rows written with the event and dropped by the consumer, so that commit order,
//! which is neither the order of ids nor that of clocks, does not matter.

use chrono::{DateTime, Utc};
use diesel::{
    dsl::{exists, sql},
    prelude::*,
    sql_types::{Bool, Text},
};
use huike_kernel::{EventId, NodeId};
use uuid::Uuid;

use crate::{
    Db, StoreError,
    db::each,
    schema::{event, outbox, webhook_endpoint},
    sql_types::DbId,
};

/// The consumer that makes deliveries to webhook endpoints.
pub const WEBHOOK: &str = "webhook";

/// An event that the consumer has still to see.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Waiting {
    /// The event.
    pub event: EventId,
    /// Where it happened.
    pub site: NodeId,
    /// What happened.
    pub kind: String,
    /// To which aggregate.
    pub aggregate: Uuid,
    /// Its version after that.
    pub seq: i64,
    /// When.
    pub at: DateTime<Utc>,
}

/// Keeps events that were just appended for webhooks, if there is anybody to tell: one statement, which reads a single
/// entry of a small index where there is nobody.
pub(crate) fn keep_for_webhooks(db: &mut Db, events: &[DbId]) -> Result<(), StoreError> {
    let columns =
        (outbox::consumer, outbox::event_id, outbox::aggregate_id, outbox::seq, outbox::shard, outbox::created_at);
    let listener = webhook_endpoint::table.filter(sql::<Bool>("webhook_endpoint.state = 'enabled'"));
    let kept = event::table.filter(exists(listener)).select((
        WEBHOOK.into_sql::<Text>(),
        event::id,
        event::aggregate_id,
        event::seq,
        event::shard,
        event::occurred_at,
    ));
    // A single event, which is what a claim makes, has a statement of its own: one that stays prepared on SQLite.
    each!(db, |c| match events {
        [one] => kept.filter(event::id.eq(one)).insert_into(outbox::table).into_columns(columns).execute(c),
        many => kept.filter(event::id.eq_any(many)).insert_into(outbox::table).into_columns(columns).execute(c),
    })?;
    Ok(())
}

/// Takes events of the consumer for this transaction, oldest first. On PostgreSQL two that take at once take different ones
/// (SKIP LOCKED), and what the other has dropped meanwhile is gone.
pub fn take(db: &mut Db, consumer: &str, limit: i64) -> Result<Vec<Waiting>, StoreError> {
    let query = outbox::table
        .filter(outbox::consumer.eq(consumer))
        .order((outbox::created_at, outbox::event_id))
        .limit(limit)
        .select(outbox::event_id);
    let taken: Vec<DbId> = match db {
        Db::Sqlite(c) => query.load(c),
        Db::Postgres(c) => query.for_update().skip_locked().load(c),
    }?;
    Ok(event::table
        .filter(event::id.eq_any(taken))
        .order((event::occurred_at, event::aggregate_id, event::seq))
        .select((event::id, event::site_id, event::kind, event::aggregate_id, event::seq, event::occurred_at))
        .load(db)?)
}

/// Drops events that the consumer is done with.
pub fn drop_many(db: &mut Db, consumer: &str, events: &[EventId]) -> Result<(), StoreError> {
    let done = outbox::table.filter(outbox::consumer.eq(consumer).and(outbox::event_id.eq_any(DbId::list(events))));
    diesel::delete(done).execute(db)?;
    Ok(())
}

/// How many events the consumer has still to see, and since when the oldest of them waits.
pub fn backlog(db: &mut Db, consumer: &str) -> Result<(i64, Option<DateTime<Utc>>), StoreError> {
    use diesel::dsl::{count_star, min};
    let waiting = outbox::table.filter(outbox::consumer.eq(consumer));
    let (count, oldest): (i64, Option<crate::sql_types::DbTime>) =
        waiting.select((count_star(), min(outbox::created_at))).first(db)?;
    Ok((count, oldest.map(Into::into)))
}
