//! Why a database was not copied.

use crate::{DatabaseUrl, StoreError, migrations::MigrationError};

/// Why a database was not copied. The target is as empty as it was.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// Both are the same.
    #[error("{0} cannot be copied into itself")]
    OneDatabase(DatabaseUrl),
    /// There is nothing to copy.
    #[error("there is no database at {0}")]
    NoDatabase(DatabaseUrl),
    /// A database cannot be opened.
    #[error("{0} cannot be opened: {1}")]
    Connection(DatabaseUrl, diesel::ConnectionError),
    /// A schema that this program does not know.
    #[error("{0} was made by a newer huike (migration {1}); use that one, or a newer one still")]
    Newer(DatabaseUrl, String),
    /// A schema that is to be brought up to date first.
    #[error("{0} has the schema of an older huike; run `huike migrate` on it first")]
    Older(DatabaseUrl),
    /// There is something in the target.
    #[error("{0} is not empty (there are rows in {1}); a copy goes into a database of its own")]
    NotEmpty(DatabaseUrl, &'static str),
    /// A document that no copy could keep as it is.
    #[error(
        "a document in {table}.{column} holds the number {number}, which PostgreSQL would write otherwise; \
         hashes over the document would no longer hold"
    )]
    Unsteady {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// The number.
        number: String,
    },
    /// The target did not take the rows.
    #[error("the target does not take the rows of {table}: {error}")]
    Refused {
        /// The table.
        table: &'static str,
        /// Why.
        error: StoreError,
    },
    /// What was written is not what was read.
    #[error("{table} differs after the copy ({source_rows} rows in the source, {target_rows} in the target)")]
    Differs {
        /// The table.
        table: &'static str,
        /// Rows of the source.
        source_rows: u64,
        /// Rows of the target.
        target_rows: u64,
    },
    /// One side stopped because the other had.
    #[error("the copy ended early")]
    Ended,
    /// Somebody asked to stop.
    #[error("stopped; the target is as empty as it was")]
    Stopped,
    /// The schema of the target.
    #[error(transparent)]
    Migration(#[from] MigrationError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}
