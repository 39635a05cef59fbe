//! One connection type over both databases, and the answer of a guarded write.
#![expect(missing_docs, reason = "the derive makes public items of its own")]

use diesel::{pg::PgConnection, sqlite::SqliteConnection};

/// A connection to either database. Every repository function takes `&mut Db`, so one transaction spans any of them.
#[derive(diesel::MultiConnection)]
pub enum Db {
    /// SQLite, the default.
    Sqlite(SqliteConnection),
    /// PostgreSQL.
    Postgres(PgConnection),
}

/// Runs one body on the concrete connection, for what the two-database connection of Diesel cannot express: batch
/// inserts, ON CONFLICT, `returning(…)`.
macro_rules! each {
    ($db:expr, |$conn:ident| $body:expr) => {
        match $db {
            $crate::Db::Sqlite($conn) => $body,
            $crate::Db::Postgres($conn) => $body,
        }
    };
}
pub(crate) use each;

/// What a guarded write decided. It cannot be dropped unread.
#[must_use]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The guard held and the row was written.
    Applied,
    /// The guard refused; nothing was written.
    Refused,
}

impl Outcome {
    /// Reads the count of rows that a guarded write touched.
    pub fn of(rows: usize) -> Self {
        if rows == 0 { Self::Refused } else { Self::Applied }
    }
}

/// Loads at most one row and, on PostgreSQL, locks it until the transaction ends. SQLite has one writer and needs no
/// lock. `FOR NO KEY UPDATE`, so that rows which only refer to the locked one by a foreign key can still be written. The
/// query is written out in the call, because it is typed once for each database.
macro_rules! lock_row {
    ($db:expr, $query:expr) => {
        match $db {
            $crate::Db::Sqlite(c) => diesel::OptionalExtension::optional($query.first(c)),
            $crate::Db::Postgres(c) => diesel::OptionalExtension::optional($query.for_no_key_update().first(c)),
        }
    };
}
pub(crate) use lock_row;

/// The same for any number of rows, in the order of the query.
macro_rules! lock_rows {
    ($db:expr, $query:expr) => {
        match $db {
            $crate::Db::Sqlite(c) => $query.load(c),
            $crate::Db::Postgres(c) => $query.for_no_key_update().load(c),
        }
    };
}
pub(crate) use lock_rows;
