//! Rows that are known by a number, for tests of the store: they mean nothing.

use diesel::prelude::*;
use huike_persistence::{Db, OnceKey, StoreError, schema::limit_counter, sql_types::DbId};
use uuid::Uuid;

/// Writes one row that is known by its number; a second one with the number breaks the primary key.
pub(crate) fn put(db: &mut Db, number: u128) -> Result<(), StoreError> {
    diesel::insert_into(limit_counter::table)
        .values((
            limit_counter::owner_id.eq(DbId(Uuid::from_u128(number))),
            limit_counter::metric.eq("claims"),
            limit_counter::subject_kind.eq("template"),
            limit_counter::subject_id.eq(DbId(Uuid::nil())),
            limit_counter::period.eq("ever"),
            limit_counter::period_start.eq("1970-01-01"),
            limit_counter::used.eq(0),
        ))
        .execute(db)?;
    Ok(())
}

/// An ask of one and the same person under that key, with a body of which nothing is known but its hash.
pub(crate) fn key(name: &str, hash: u8) -> OnceKey {
    OnceKey { principal: "staff:1".to_owned(), key: name.to_owned(), request_hash: [hash; 32] }
}
