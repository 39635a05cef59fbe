//! What can go wrong between a use case and the database, and what each of it means for the caller.

use diesel::result::{DatabaseErrorKind, Error as DieselError};
use huike_kernel::{DomainError, ErrorKind};

/// An error of the store. Use-case errors wrap it; its code and kind reach the caller, its text only the log.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database is busy, full or cut off; nothing was written. Try again.
    #[error("the database cannot be reached or is too busy: {0}")]
    Unavailable(&'static str),
    /// The connection was lost while committing, so nobody knows whether the change stands.
    #[error("it is not known whether the change was saved")]
    OutcomeUnknown,
    /// The same idempotency key is being worked on at this moment.
    #[error("the same request is being worked on")]
    IdempotencyInProgress,
    /// The idempotency key was used for another request.
    #[error("the idempotency key was used for another request")]
    IdempotencyKeyReused,
    /// A stored row cannot be read as what it should be.
    #[error("a row of {table} is corrupt: {what}")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// What is wrong with the row.
        what: String,
    },
    /// A transaction's body panicked and was rolled back.
    #[error("a transaction panicked")]
    Panicked,
    /// The database is not set up as it must be; whoever runs it can mend that.
    #[error("the database cannot be used: {0}")]
    Unfit(String),
    /// Anything else the database said.
    #[error("database: {0}")]
    Database(DieselError),
}

/// What an error means for the transaction it happened in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The body refused or failed; the connection is well.
    None,
    /// 40001 or 40P01: the same body may pass when it is run again.
    Retry,
    /// A lock was not had in time.
    LockTimeout,
    /// The statement took too long, or somebody cancelled it.
    Cancelled,
    /// The connection is gone.
    ConnectionLost,
    /// 25006: the server became a standby, or was told only to read.
    ReadOnly,
    /// The database cannot write or keep its files; on SQLite nothing of the running transaction can be trusted.
    StorageFailed,
}

/// Messages of SQLite's FULL, IOERR, NOMEM, CORRUPT, NOTADB and INTERRUPT, and of PostgreSQL's 53100 and 53200: Diesel
/// hands on their text, not their code.
const STORAGE_FAILURES: [&str; 9] = [
    "database or disk is full",
    "disk I/O error",
    "out of memory",
    "database disk image is malformed",
    "file is not a database",
    "interrupted",
    "No space left on device",
    "could not extend file",
    "out of shared memory",
];

impl StoreError {
    /// A row that cannot be what it should be.
    pub fn corrupt(table: &'static str, what: impl ToString) -> Self {
        Self::Corrupt { table, what: what.to_string() }
    }

    pub(crate) fn fault(&self) -> Fault {
        match self {
            Self::Database(error) => fault_of(error),
            _ => Fault::None,
        }
    }
}

pub(crate) fn fault_of(error: &DieselError) -> Fault {
    match error {
        DieselError::DatabaseError(DatabaseErrorKind::SerializationFailure, _) => Fault::Retry,
        DieselError::DatabaseError(DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand, _)
        | DieselError::BrokenTransactionManager => Fault::ConnectionLost,
        DieselError::DatabaseError(DatabaseErrorKind::ReadOnlyTransaction, _) => Fault::ReadOnly,
        DieselError::DatabaseError(_, info) => fault_of_message(info.message()),
        _ => Fault::None,
    }
}

/// Diesel keeps SQLSTATE to itself but for the kinds above, so 40P01, 55P03 and 57014 are known by PostgreSQL's text. The
/// store opens only where that is English; see `store/connect.rs`.
fn fault_of_message(message: &str) -> Fault {
    if message.contains("deadlock detected") {
        Fault::Retry
    } else if message.contains("lock timeout") || message.contains("database is locked") {
        Fault::LockTimeout
    } else if message.contains("canceling statement") {
        Fault::Cancelled
    } else if message.contains("terminating connection") || message.contains("server closed the connection") {
        Fault::ConnectionLost
    } else if STORAGE_FAILURES.iter().any(|known| message.contains(known)) {
        Fault::StorageFailed
    } else {
        Fault::None
    }
}

impl From<DieselError> for StoreError {
    fn from(error: DieselError) -> Self {
        Self::Database(error)
    }
}

impl DomainError for StoreError {
    fn code(&self) -> &'static str {
        match self {
            Self::OutcomeUnknown => "outcome_unknown",
            Self::IdempotencyInProgress => "idempotency_in_progress",
            Self::IdempotencyKeyReused => "idempotency_key_reused",
            _ if self.kind() == ErrorKind::Unavailable => "store_unavailable",
            _ => "internal",
        }
    }

    fn kind(&self) -> ErrorKind {
        match self {
            Self::Unavailable(_) | Self::OutcomeUnknown => ErrorKind::Unavailable,
            Self::IdempotencyInProgress => ErrorKind::Conflict,
            Self::IdempotencyKeyReused => ErrorKind::Invalid,
            Self::Corrupt { .. } | Self::Panicked | Self::Unfit(_) => ErrorKind::Internal,
            Self::Database(_) if self.fault() != Fault::None => ErrorKind::Unavailable,
            Self::Database(_) => ErrorKind::Internal,
        }
    }
}

/// The error of a transaction's body: a rule's refusal, or the store's own error inside it.
pub trait TxError: From<StoreError> + Send + 'static {
    /// The store's error, if that is what this is. The transaction decides on a retry by it.
    fn store(&self) -> Option<&StoreError>;
}

impl TxError for StoreError {
    fn store(&self) -> Option<&StoreError> {
        Some(self)
    }
}
