//! What PostgreSQL's clock shows, to notice an instance whose own clock is off. Nothing that is stored comes from it.

use chrono::{DateTime, Utc};
use diesel::{QueryableByName, RunQueryDsl};

use crate::{Db, StoreError, sql_types::Micros};

#[derive(QueryableByName)]
struct Shown {
    #[diesel(sql_type = Micros)]
    shown: DateTime<Utc>,
}

/// The time on PostgreSQL's clock; SQLite has none of its own.
pub fn read(db: &mut Db) -> Result<Option<DateTime<Utc>>, StoreError> {
    match db {
        Db::Sqlite(_) => Ok(None),
        Db::Postgres(c) => {
            let row: Shown = diesel::sql_query("SELECT clock_timestamp() AS shown").get_result(c)?;
            Ok(Some(row.shown))
        }
    }
}
