//! Reads whole tables as they stream, so that a table of any size takes the memory of one chunk.

use diesel::{
    RunQueryDsl, connection::DefaultLoadingMode, pg::PgRowByRowLoadingMode, prelude::*, sql_query, sql_types::BigInt,
};

use super::{
    digest::TableDigest,
    row::{Row, select},
    tables::CopiedTable,
    write::ROWS_MAX,
};
use crate::{Db, StoreError, db::each};

/// Hands every row of the table over, so many at a time, and says what they add up to.
pub(super) fn read<E: From<StoreError>>(
    db: &mut Db,
    table: &CopiedTable,
    mut take: impl FnMut(Vec<Row>) -> Result<(), E>,
) -> Result<TableDigest, E> {
    let (mut digest, mut chunk) = (TableDigest::default(), Vec::with_capacity(ROWS_MAX));
    let mut next = |row: QueryResult<Row>| -> Result<(), E> {
        let row = row.map_err(StoreError::from)?;
        digest.add(&row)?;
        chunk.push(row);
        if chunk.len() == ROWS_MAX { take(std::mem::replace(&mut chunk, Vec::with_capacity(ROWS_MAX))) } else { Ok(()) }
    };
    let query = sql_query(select(table));
    match db {
        Db::Sqlite(connection) => {
            for row in query.load_iter::<Row, DefaultLoadingMode>(connection).map_err(StoreError::from)? {
                next(row)?;
            }
        }
        Db::Postgres(connection) => {
            for row in query.load_iter::<Row, PgRowByRowLoadingMode>(connection).map_err(StoreError::from)? {
                next(row)?;
            }
        }
    }
    if !chunk.is_empty() {
        take(chunk)?;
    }
    Ok(digest)
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    rows: i64,
}

/// How many rows the table has.
pub(super) fn count(db: &mut Db, table: &CopiedTable) -> Result<u64, StoreError> {
    let query = sql_query(format!("SELECT count(*) AS rows FROM \"{}\"", table.name));
    let count: Count = each!(db, |c| query.get_result(c))?;
    Ok(u64::try_from(count.rows).unwrap_or(0))
}
