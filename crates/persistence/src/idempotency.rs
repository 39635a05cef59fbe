//! Idempotency rows: a key is taken first, in the transaction that does the work, and keeps the outcome.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use diesel::{
    pg::PgConnection,
    prelude::*,
    sql_query,
    sql_types::{Array, Binary, Text},
    sqlite::SqliteConnection,
};
use serde_json::Value;

use crate::{
    Db, OnceKey, Outcome, StoreError,
    cached::Cached,
    db::each,
    error::{Fault, fault_of},
    schema::idempotency,
    sql_types::{DbJson, DbTime, Json, Micros},
};

/// Values of one query; SQLite bounds their number.
const KEYS_MAX: usize = 500;

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

/// What is known of the ask under a key.
#[derive(Debug, Clone, PartialEq)]
pub enum Known {
    /// Nothing.
    Nothing,
    /// It was done before, with this outcome.
    Done(Value),
    /// The key was used for another ask.
    OfAnother,
}

/// Takes the keys of several asks together with the outcomes they will have, and says which of the keys were free. On
/// PostgreSQL a concurrent twin holds us up here until it is done. Keys are taken in one order, whatever that of the asks.
/// An ask that is refused after all gives its key back: [`release_many`].
pub fn take_many(db: &mut Db, asks: &[(&OnceKey, Value)], now: DateTime<Utc>) -> Result<Vec<bool>, StoreError> {
    let mut sorted: Vec<&(&OnceKey, Value)> = asks.iter().collect();
    sorted.sort_by_key(|(ask, _)| (&ask.principal, &ask.key));
    let free = match db {
        Db::Postgres(c) => take_on_postgres(c, &sorted, now),
        Db::Sqlite(c) => take_on_sqlite(c, &sorted, now),
    };
    let free = free.map_err(|error| match fault_of(&error) {
        Fault::LockTimeout => StoreError::IdempotencyInProgress,
        _ => error.into(),
    })?;
    Ok(asks.iter().map(|(ask, _)| free.contains(&(ask.principal.clone(), ask.key.clone()))).collect())
}

type Keys = BTreeSet<(String, String)>;

/// Keys of the statements that take and release.
struct TakeOnSqlite;
struct TakeOnPostgres;
struct ReleaseOnSqlite;
struct ReleaseOnPostgres;

fn take_on_postgres(c: &mut PgConnection, asks: &[&(&OnceKey, Value)], now: DateTime<Utc>) -> QueryResult<Keys> {
    #[derive(QueryableByName)]
    struct Taken {
        #[diesel(sql_type = Text)]
        principal: String,
        #[diesel(sql_type = Text)]
        idempotency_key: String,
    }
    let insert = sql_query(
        "INSERT INTO idempotency (principal, idempotency_key, request_hash, outcome, created_at) \
         SELECT *, $5 FROM unnest($1, $2, $3, $4) ON CONFLICT DO NOTHING RETURNING principal, idempotency_key",
    )
    .bind::<Array<Text>, _>(asks.iter().map(|(ask, _)| ask.principal.as_str()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(asks.iter().map(|(ask, _)| ask.key.as_str()).collect::<Vec<_>>())
    .bind::<Array<Binary>, _>(asks.iter().map(|(ask, _)| ask.request_hash.as_slice()).collect::<Vec<_>>())
    .bind::<Array<Json>, _>(asks.iter().map(|(_, outcome)| DbJson(outcome.clone())).collect::<Vec<_>>())
    .bind::<Micros, _>(DbTime::from(now));
    let taken: Vec<Taken> = Cached::new(TakeOnPostgres, insert).load(c)?;
    Ok(taken.into_iter().map(|row| (row.principal, row.idempotency_key)).collect())
}

fn take_on_sqlite(c: &mut SqliteConnection, asks: &[&(&OnceKey, Value)], now: DateTime<Utc>) -> QueryResult<Keys> {
    let mut free = Keys::new();
    for (ask, outcome) in asks {
        let row = (
            idempotency::principal.eq(&ask.principal),
            idempotency::idempotency_key.eq(&ask.key),
            idempotency::request_hash.eq(ask.request_hash.as_slice()),
            idempotency::outcome.eq(Some(DbJson(outcome.clone()))),
            idempotency::created_at.eq(DbTime::from(now)),
        );
        let insert = diesel::insert_into(idempotency::table).values(row).on_conflict_do_nothing();
        if Cached::new(TakeOnSqlite, insert).execute(c)? == 1 {
            free.insert((ask.principal.clone(), ask.key.clone()));
        }
    }
    Ok(free)
}

/// What is known of each of the asks.
pub fn find_many(db: &mut Db, asks: &[&OnceKey]) -> Result<Vec<Known>, StoreError> {
    let mut known = BTreeMap::new();
    for chunk in asks.chunks(KEYS_MAX) {
        // More rows than asks only where one caller's key is also another's, who asks too.
        let rows: Vec<(String, String, Vec<u8>, Option<DbJson>)> = idempotency::table
            .filter(idempotency::principal.eq_any(chunk.iter().map(|ask| ask.principal.as_str()).collect::<Vec<_>>()))
            .filter(idempotency::idempotency_key.eq_any(chunk.iter().map(|ask| ask.key.as_str()).collect::<Vec<_>>()))
            .select((
                idempotency::principal,
                idempotency::idempotency_key,
                idempotency::request_hash,
                idempotency::outcome,
            ))
            .load(db)?;
        known.extend(rows.into_iter().map(|(principal, key, hash, outcome)| ((principal, key), (hash, outcome))));
    }
    let of = |ask: &&OnceKey| match known.get(&(ask.principal.clone(), ask.key.clone())) {
        None => Known::Nothing,
        Some((hash, _)) if *hash != ask.request_hash => Known::OfAnother,
        Some((_, Some(DbJson(outcome)))) => Known::Done(outcome.clone()),
        Some((_, None)) => Known::Nothing,
    };
    Ok(asks.iter().map(of).collect())
}

/// Gives keys back that [`take_many`] took in this transaction.
pub fn release_many(db: &mut Db, asks: &[&OnceKey]) -> Result<(), StoreError> {
    if asks.is_empty() {
        return Ok(());
    }
    match db {
        Db::Postgres(c) => release_on_postgres(c, asks)?,
        Db::Sqlite(c) => {
            for ask in asks {
                let delete = diesel::delete(idempotency::table.find((&ask.principal, &ask.key)));
                Cached::new(ReleaseOnSqlite, delete).execute(c)?;
            }
        }
    }
    Ok(())
}

fn release_on_postgres(c: &mut PgConnection, asks: &[&OnceKey]) -> QueryResult<()> {
    let delete = sql_query(
        "DELETE FROM idempotency USING unnest($1, $2) AS released (principal, idempotency_key) \
         WHERE idempotency.principal = released.principal AND idempotency.idempotency_key = released.idempotency_key",
    )
    .bind::<Array<Text>, _>(asks.iter().map(|ask| ask.principal.as_str()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(asks.iter().map(|ask| ask.key.as_str()).collect::<Vec<_>>());
    Cached::new(ReleaseOnPostgres, delete).execute(c)?;
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
