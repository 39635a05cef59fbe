//! Idempotency rows: a key is taken first, in the transaction that does the work, and keeps the outcome.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::Value;

use crate::{
    Db, OnceKey, Outcome, StoreError,
    db::each,
    error::{Fault, fault_of},
    schema::idempotency,
    sql_types::{DbJson, DbTime},
};

/// What taking a key found.
#[derive(Debug)]
pub(crate) enum Begun {
    /// The key is ours: do the work.
    Fresh,
    /// The work was done before, with this outcome.
    Replay(Value),
}

/// Takes the key. On PostgreSQL a concurrent twin holds us up here until it is done.
pub(crate) fn begin(db: &mut Db, ask: &OnceKey, now: DateTime<Utc>) -> Result<Begun, StoreError> {
    let row = (
        idempotency::principal.eq(&ask.principal),
        idempotency::idempotency_key.eq(&ask.key),
        idempotency::request_hash.eq(ask.request_hash.as_slice()),
        idempotency::created_at.eq(DbTime::from(now)),
    );
    let inserted =
        each!(db, |c| { diesel::insert_into(idempotency::table).values(row).on_conflict_do_nothing().execute(c) })
            .map_err(|error| match fault_of(&error) {
                Fault::LockTimeout => StoreError::IdempotencyInProgress,
                _ => error.into(),
            })?;
    if inserted == 1 {
        return Ok(Begun::Fresh);
    }
    let (hash, outcome): (Vec<u8>, Option<DbJson>) = idempotency::table
        .find((&ask.principal, &ask.key))
        .select((idempotency::request_hash, idempotency::outcome))
        .first(db)?;
    match outcome {
        _ if hash != ask.request_hash => Err(StoreError::IdempotencyKeyReused),
        Some(DbJson(outcome)) => Ok(Begun::Replay(outcome)),
        None => Err(StoreError::IdempotencyInProgress),
    }
}

/// Keeps the outcome for those who ask again.
pub(crate) fn finish(db: &mut Db, ask: &OnceKey, outcome: Value) -> Result<(), StoreError> {
    diesel::update(idempotency::table.find((&ask.principal, &ask.key)))
        .set(idempotency::outcome.eq(Some(DbJson(outcome))))
        .execute(db)?;
    Ok(())
}

/// Drops at most `limit` rows made before `before`; says how many it dropped.
pub fn purge(db: &mut Db, before: DateTime<Utc>, limit: i64) -> Result<usize, StoreError> {
    let old: Vec<(String, String)> = idempotency::table
        .filter(idempotency::created_at.lt(DbTime::from(before)))
        .order(idempotency::created_at)
        .limit(limit)
        .select((idempotency::principal, idempotency::idempotency_key))
        .load(db)?;
    for (principal, key) in &old {
        diesel::delete(idempotency::table.find((principal, key))).execute(db)?;
    }
    Ok(old.len())
}

/// Uses up a nonce: something that may take effect once, whoever shows it. Refused when it was used before. It lives
/// as an idempotency row whose principal is the kind of nonce, so that it is dropped with them, long after it went bad.
pub fn use_nonce(
    db: &mut Db,
    kind: &str,
    nonce: &str,
    used_for: Value,
    now: DateTime<Utc>,
) -> Result<Outcome, StoreError> {
    let row = (
        idempotency::principal.eq(kind),
        idempotency::idempotency_key.eq(nonce),
        idempotency::request_hash.eq([0; 32].as_slice()),
        idempotency::outcome.eq(Some(DbJson(used_for))),
        idempotency::created_at.eq(DbTime::from(now)),
    );
    let rows = each!(db, |c| diesel::insert_into(idempotency::table).values(row).on_conflict_do_nothing().execute(c))?;
    Ok(Outcome::of(rows))
}
