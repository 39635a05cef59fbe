//! Signing and sealing keys, wrapped: what lies here is of no use without the master key.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use crate::{Db, StoreError, db::each, schema::secret_key, sql_types::DbTime};

/// A wrapped key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrappedKey {
    /// What it is for.
    pub purpose: String,
    /// Its number among the keys of the purpose, 0 to 31; the highest is the one in use.
    pub number: i64,
    /// Nonce and ciphertext.
    pub wrapped: Vec<u8>,
}

/// Every key, by purpose and number.
pub fn list(db: &mut Db) -> Result<Vec<WrappedKey>, StoreError> {
    let rows: Vec<(String, i64, Vec<u8>)> = secret_key::table
        .order((secret_key::purpose, secret_key::number))
        .select((secret_key::purpose, secret_key::number, secret_key::wrapped))
        .load(db)?;
    Ok(rows.into_iter().map(|(purpose, number, wrapped)| WrappedKey { purpose, number, wrapped }).collect())
}

/// Keeps a key, unless another instance was first; read again afterwards.
pub fn insert_if_absent(db: &mut Db, key: &WrappedKey, now: DateTime<Utc>) -> Result<(), StoreError> {
    let row = (
        secret_key::purpose.eq(&key.purpose),
        secret_key::number.eq(key.number),
        secret_key::wrapped.eq(&key.wrapped),
        secret_key::created_at.eq(DbTime::from(now)),
    );
    each!(db, |c| diesel::insert_into(secret_key::table).values(row).on_conflict_do_nothing().execute(c))?;
    Ok(())
}
