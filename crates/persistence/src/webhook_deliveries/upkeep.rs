//! What ends deliveries that nobody sends, and drops those that are long over.

use chrono::{DateTime, Utc};
use diesel::{
    dsl::{count_star, min, sql},
    prelude::*,
    sql_types::Bool,
};
use huike_kernel::WebhookEndpointId;
use huike_webhooks::{DeliveryState, EndpointState};

use crate::{
    Db, StoreError,
    schema::{webhook_attempt, webhook_delivery, webhook_endpoint},
    sql_types::{DbId, DbTime},
};

/// Cancels at most `limit` deliveries that fell due while their endpoint was not enabled; says how many. Those that fall due
/// later wait: the endpoint may be enabled by then.
pub fn cancel_stranded(db: &mut Db, now: DateTime<Utc>, limit: i64) -> Result<usize, StoreError> {
    let deaf = webhook_endpoint::table
        .filter(webhook_endpoint::state.ne(EndpointState::Enabled.as_str()))
        .select(webhook_endpoint::id);
    let due = webhook_delivery::table
        .filter(webhook_delivery::endpoint_id.eq_any(deaf))
        .filter(sql::<Bool>("webhook_delivery.state = 'pending'"))
        .filter(webhook_delivery::due_at.le(DbTime::from(now)))
        .limit(limit)
        .select(webhook_delivery::id);
    let stranded: Vec<DbId> = match db {
        Db::Sqlite(c) => due.load(c),
        Db::Postgres(c) => due.for_update().skip_locked().load(c),
    }?;
    Ok(diesel::update(webhook_delivery::table.filter(webhook_delivery::id.eq_any(stranded)))
        .set((
            webhook_delivery::state.eq(DeliveryState::Cancelled.as_str()),
            webhook_delivery::lease_until.eq(None::<DbTime>),
        ))
        .execute(db)?)
}

/// How many replays the endpoint has still to be sent, counted up to `limit`.
pub fn count_replays(db: &mut Db, endpoint: WebhookEndpointId, limit: i64) -> Result<usize, StoreError> {
    let waiting: Vec<DbId> = webhook_delivery::table
        .filter(webhook_delivery::endpoint_id.eq(DbId::from(endpoint)))
        .filter(sql::<Bool>("webhook_delivery.state = 'pending' AND webhook_delivery.origin = 'replay'"))
        .limit(limit)
        .select(webhook_delivery::id)
        .load(db)?;
    Ok(waiting.len())
}

/// How many deliveries are pending, and the earliest moment one of them is due: how far senders are behind.
pub fn backlog(db: &mut Db) -> Result<(i64, Option<DateTime<Utc>>), StoreError> {
    let (pending, due_at): (i64, Option<DbTime>) = webhook_delivery::table
        .filter(sql::<Bool>("webhook_delivery.state = 'pending'"))
        .select((count_star(), min(webhook_delivery::due_at)))
        .first(db)?;
    Ok((pending, due_at.map(Into::into)))
}

/// Drops at most `limit` deliveries that were made before `before` and are over, with their attempts; says how many.
pub fn purge(db: &mut Db, before: DateTime<Utc>, limit: i64) -> Result<usize, StoreError> {
    let old: Vec<DbId> = webhook_delivery::table
        .filter(webhook_delivery::state.ne(DeliveryState::Pending.as_str()))
        .filter(webhook_delivery::created_at.lt(DbTime::from(before)))
        .order(webhook_delivery::created_at)
        .limit(limit)
        .select(webhook_delivery::id)
        .load(db)?;
    diesel::delete(webhook_attempt::table.filter(webhook_attempt::delivery_id.eq_any(&old))).execute(db)?;
    Ok(diesel::delete(webhook_delivery::table.filter(webhook_delivery::id.eq_any(&old))).execute(db)?)
}
