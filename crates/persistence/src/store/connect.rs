//! Opening connections, with the settings that durability and fairness need.

use std::{path::PathBuf, str::FromStr, time::Duration};

use diesel::{Connection, ConnectionResult, connection::SimpleConnection, pg::PgConnection, sqlite::SqliteConnection};
use r2d2::ManageConnection;

use super::StoreOptions;
use crate::{Db, StoreError};

/// Where the database is. No other scheme is known, so a typing error is a start-up error, not a new empty file.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// `sqlite://path/to/file.db`.
    Sqlite(PathBuf),
    /// `postgres://…` or `postgresql://…`, as libpq reads it.
    Postgres(String),
}

/// The text is no database URL that we know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DatabaseUrlError {
    /// Another scheme, or none.
    #[error("a database URL begins with sqlite:// or postgres://")]
    Scheme,
    /// SQLite without a file, or in memory, where a restart would lose everything.
    #[error("sqlite:// needs the path of a file")]
    Path,
}

impl FromStr for DatabaseUrl {
    type Err = DatabaseUrlError;

    fn from_str(text: &str) -> Result<Self, DatabaseUrlError> {
        if let Some(path) = text.strip_prefix("sqlite://") {
            let sound = !path.is_empty() && !path.contains([':', '?']) && !path.ends_with('/');
            return if sound { Ok(Self::Sqlite(path.into())) } else { Err(DatabaseUrlError::Path) };
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(text.to_owned()));
        }
        Err(DatabaseUrlError::Scheme)
    }
}

/// The password of a PostgreSQL URL is left out, so that the URL can be logged.
impl std::fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite://{}", path.display()),
            Self::Postgres(url) => match (url.split_once("://"), url.rsplit_once('@')) {
                (Some((scheme, _)), Some((_, place))) => write!(f, "{scheme}://***@{place}"),
                _ => f.write_str(url),
            },
        }
    }
}

impl std::fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

/// What a connection is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To read and write.
    Write,
    /// SQLite: to read only, enforced by the connection itself. PostgreSQL: the transaction says so.
    Read,
}

/// Opens one connection.
pub(crate) fn connect(url: &DatabaseUrl, purpose: Purpose, options: &StoreOptions) -> ConnectionResult<Db> {
    match url {
        DatabaseUrl::Sqlite(path) => {
            let mut connection = SqliteConnection::establish(&path.to_string_lossy())?;
            tune_sqlite(&mut connection, purpose, options)
                .map_err(diesel::ConnectionError::CouldntSetupConfiguration)?;
            Ok(Db::Sqlite(connection))
        }
        DatabaseUrl::Postgres(url) => {
            let mut connection = PgConnection::establish(&bounded(url))?;
            connection
                .batch_execute(
                    "SET lock_timeout = '2s'; SET idle_in_transaction_session_timeout = '30s'; SET TIME ZONE 'UTC'",
                )
                .map_err(diesel::ConnectionError::CouldntSetupConfiguration)?;
            // Faults are known by their English text. Only a superuser may set this; others keep the server's choice.
            drop(connection.batch_execute("SET lc_messages = 'C'"));
            Ok(Db::Postgres(connection))
        }
    }
}

fn tune_sqlite(connection: &mut SqliteConnection, purpose: Purpose, options: &StoreOptions) -> diesel::QueryResult<()> {
    // busy_timeout first: the change to WAL itself may find the file busy.
    connection.batch_execute("PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = ON; PRAGMA recursive_triggers = ON; PRAGMA temp_store = MEMORY")?;
    match purpose {
        Purpose::Read => connection.batch_execute("PRAGMA query_only = ON"),
        Purpose::Write => {
            connection.batch_execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")?;
            match options.sqlite_page_count_max {
                Some(pages) => connection.batch_execute(&format!("PRAGMA max_page_count = {pages}")),
                None => Ok(()),
            }
        }
    }
}

/// Adds a bound on connecting and on unanswered packets where the URL does not set one.
fn bounded(url: &str) -> String {
    let mut url = url.to_owned();
    for (option, value) in [("connect_timeout", "2"), ("tcp_user_timeout", "5000"), ("application_name", "huike")] {
        if !url.contains(option) {
            url.push(if url.contains('?') { '&' } else { '?' });
            url.push_str(&format!("{option}={value}"));
        }
    }
    url
}

/// Makes connections for a pool.
pub(super) struct Connector {
    pub(super) url: DatabaseUrl,
    pub(super) purpose: Purpose,
    pub(super) options: StoreOptions,
}

impl ManageConnection for Connector {
    type Connection = Db;
    type Error = diesel::r2d2::Error;

    fn connect(&self) -> Result<Db, Self::Error> {
        connect(&self.url, self.purpose, &self.options).map_err(diesel::r2d2::Error::ConnectionError)
    }

    fn is_valid(&self, db: &mut Db) -> Result<(), Self::Error> {
        db.batch_execute("SELECT 1").map_err(diesel::r2d2::Error::QueryError)
    }

    fn has_broken(&self, db: &mut Db) -> bool {
        diesel::r2d2::R2D2Connection::is_broken(db)
    }
}

/// A pool of so many connections, opened as they are first needed. A thread of the store keeps its connection until
/// it breaks, so the pool's part is to open new ones with a back-off and to hold the number down.
pub(super) fn pool(connector: Connector, size: u32) -> r2d2::Pool<Connector> {
    r2d2::Pool::builder()
        .max_size(size)
        .min_idle(Some(0))
        .test_on_check_out(false)
        .idle_timeout(None)
        .max_lifetime(None)
        .connection_timeout(Duration::from_secs(2))
        .error_handler(Box::new(LogErrors))
        .build_unchecked(connector)
}

#[derive(Debug)]
struct LogErrors;

impl<E: std::fmt::Display> r2d2::HandleError<E> for LogErrors {
    fn handle_error(&self, error: E) {
        tracing::warn!(%error, "the database refused a connection");
    }
}

/// One connection to check at start that the database can be had at all.
pub(super) fn probe(url: &DatabaseUrl, purpose: Purpose, options: &StoreOptions) -> Result<Db, StoreError> {
    connect(url, purpose, options).map_err(|error| {
        tracing::error!(%error, "the database cannot be opened");
        StoreError::Unavailable("the database cannot be opened")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_two_schemes_are_known() {
        assert!(matches!("sqlite://data/huike.db".parse(), Ok(DatabaseUrl::Sqlite(_))));
        assert!(matches!("postgres://u@h/d".parse(), Ok(DatabaseUrl::Postgres(_))));
        for text in ["mysql://h/d", "huike.db", ""] {
            assert_eq!(text.parse::<DatabaseUrl>(), Err(DatabaseUrlError::Scheme), "{text}");
        }
        for text in ["sqlite://", "sqlite://:memory:", "sqlite://data/", "sqlite://a.db?mode=ro"] {
            assert_eq!(text.parse::<DatabaseUrl>(), Err(DatabaseUrlError::Path), "{text}");
        }
    }

    #[test]
    fn a_url_is_shown_without_its_password() {
        let url: DatabaseUrl = "postgres://huike:s3cret@db.example/huike".parse().unwrap();
        assert_eq!(url.to_string(), "postgres://***@db.example/huike");
    }
}
