//! Opening connections, with the settings that durability and fairness need.

use std::{path::PathBuf, str::FromStr};

use diesel::{
    Connection, ConnectionResult, RunQueryDsl, connection::SimpleConnection, pg::PgConnection, select, sql_types::Text,
    sqlite::SqliteConnection,
};

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

/// Passwords of a PostgreSQL URL are left out, wherever they stand, so that the URL can be logged.
impl std::fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite://{}", path.display()),
            Self::Postgres(url) => f.write_str(&masked(url)),
        }
    }
}

/// The URL without its user and without parameters that may be passwords.
fn masked(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("postgres", url));
    let (who, place) = rest.rsplit_once('@').map_or((None, rest), |(who, place)| (Some(who), place));
    if who.is_some_and(|who| who.contains('?')) {
        // Of what stands before the last @, nobody can say where a password ends.
        return format!("{scheme}://***");
    }
    let who = if who.is_some() { "***@" } else { "" };
    let Some((place, parameters)) = place.split_once('?') else {
        return format!("{scheme}://{who}{place}");
    };
    // Names may be spelled with percent signs.
    let is_secret = |name: &str| name.to_ascii_lowercase().contains("pass") || name.contains('%');
    let shown = parameters.split('&').map(|parameter| match parameter.split_once('=') {
        Some((name, _)) if is_secret(name) => format!("{name}=***"),
        _ => parameter.to_owned(),
    });
    format!("{scheme}://{who}{place}?{}", shown.collect::<Vec<_>>().join("&"))
}

impl std::fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

/// What a connection is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To answer callers who do not wait for ever.
    Serve,
    /// To read and write for as long as it takes: migrations.
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
                .batch_execute(&postgres_settings(purpose, options))
                .map_err(diesel::ConnectionError::CouldntSetupConfiguration)?;
            // Some faults are known by their English text. Only a superuser may set this; see `require_english`.
            drop(connection.batch_execute("SET lc_messages = 'C'"));
            Ok(Db::Postgres(connection))
        }
    }
}

/// What the server does by itself when we do not come back.
///
/// - `lock_timeout`: shorter than a caller waits, so that whoever waits for a twin is told so.
/// - `statement_timeout`: what a caller no longer waits for ends, and lets go of its locks. Above all after the server
///   was frozen: its timers fire when it wakes up. Jobs lift it for their transaction.
/// - `idle_in_transaction_session_timeout`: a body computes for milliseconds between its statements; one that says
///   nothing for so long is on a machine that hangs, and must not keep its locks.
/// - `tcp_…`: a machine of ours that has vanished is noticed within ten seconds, and its locks are released.
fn postgres_settings(purpose: Purpose, options: &StoreOptions) -> String {
    let lock_ms = (options.wait_max * 3 / 4).as_millis().max(1);
    let statement_ms = match purpose {
        Purpose::Serve => options.wait_max.as_millis().max(1),
        Purpose::Write | Purpose::Read => 0,
    };
    format!(
        "SET lock_timeout = {lock_ms}; SET statement_timeout = {statement_ms}; \
         SET idle_in_transaction_session_timeout = '10s'; SET tcp_keepalives_idle = 5; \
         SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3; SET tcp_user_timeout = '10s'; \
         SET TIME ZONE 'UTC'"
    )
}

#[diesel::declare_sql_function]
extern "SQL" {
    /// The value of a setting in this session.
    fn current_setting(name: Text) -> Text;
}

/// Diesel hands on what PostgreSQL says, not its SQLSTATE, so deadlocks and time-outs are known by their English text.
/// A server that speaks another language to us would have them answered as defects.
fn require_english(db: &mut Db) -> Result<(), StoreError> {
    let Db::Postgres(connection) = db else {
        return Ok(());
    };
    let spoken: String = select(current_setting("lc_messages")).get_result(connection)?;
    if is_english(&spoken) {
        return Ok(());
    }
    Err(StoreError::Unfit(format!(
        "PostgreSQL's messages are in {spoken}, and Huike knows faults by their English text. As a superuser, once: \
         ALTER ROLE <the role Huike connects as> SET lc_messages = 'C'"
    )))
}

/// As PostgreSQL names locales on any system; nothing means that of the server's environment, most often none.
fn is_english(locale: &str) -> bool {
    let language = locale.split(['_', '.', '-', '@']).next().unwrap_or_default();
    ["", "C", "POSIX", "en", "English"].contains(&language)
}

fn tune_sqlite(connection: &mut SqliteConnection, purpose: Purpose, options: &StoreOptions) -> diesel::QueryResult<()> {
    // busy_timeout first: the change to WAL itself may find the file busy.
    connection.batch_execute("PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = ON; PRAGMA recursive_triggers = ON; PRAGMA temp_store = MEMORY")?;
    match purpose {
        Purpose::Read => connection.batch_execute("PRAGMA query_only = ON"),
        Purpose::Serve | Purpose::Write => {
            connection.batch_execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")?;
            match options.sqlite_page_count_max {
                Some(pages) => connection.batch_execute(&format!("PRAGMA max_page_count = {pages}")),
                None => Ok(()),
            }
        }
    }
}

/// What libpq does when the server's machine does not come back, where the URL says nothing of it: it gives up
/// connecting after 2 s, and a connection when nothing it sent was acknowledged for 5 s, or when nothing was heard from
/// the other machine for about 11 s. A server that is frozen on a machine that lives acknowledges everything; no option of
/// libpq's ends the wait for it, which is why callers leave and threads are watched.
const LIBPQ_OPTIONS: [(&str, &str); 6] = [
    ("connect_timeout", "2"),
    ("tcp_user_timeout", "5000"),
    ("keepalives_idle", "5"),
    ("keepalives_interval", "2"),
    ("keepalives_count", "3"),
    ("application_name", "huike"),
];

fn bounded(url: &str) -> String {
    let mut url = url.to_owned();
    for (option, value) in LIBPQ_OPTIONS {
        if !url.contains(option) {
            url.push(if url.contains('?') { '&' } else { '?' });
            url.push_str(&format!("{option}={value}"));
        }
    }
    url
}

/// One connection to check at start that the database can be had at all.
pub(super) fn probe(url: &DatabaseUrl, purpose: Purpose, options: &StoreOptions) -> Result<Db, StoreError> {
    let mut db = connect(url, purpose, options).map_err(|error| {
        tracing::error!(%error, "the database cannot be opened");
        StoreError::Unavailable("the database cannot be opened")
    })?;
    require_english(&mut db)?;
    Ok(db)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_password_of_a_url_is_shown_wherever_it_stands() {
        let cases = [
            ("postgres://huike:secret@db:5432/shop", "postgres://***@db:5432/shop"),
            ("postgres://huike@db/shop?sslmode=require", "postgres://***@db/shop?sslmode=require"),
            ("postgresql://db/shop?user=huike&password=secret", "postgresql://db/shop?user=huike&password=***"),
            ("postgres://db/shop?sslpassword=secret&port=1", "postgres://db/shop?sslpassword=***&port=1"),
            ("postgres://db/shop?pass%77ord=secret", "postgres://db/shop?pass%77ord=***"),
            ("postgres://db/shop?PASSWORD=secret", "postgres://db/shop?PASSWORD=***"),
            ("postgres://db/shop?password=sec@ret", "postgres://***"),
            ("postgres://huike:sec?ret@db/shop", "postgres://***"),
            ("postgres:///shop?host=/run/postgresql", "postgres:///shop?host=/run/postgresql"),
            ("sqlite://data/huike.db", "sqlite://data/huike.db"),
        ];
        for (url, shown) in cases {
            let url: DatabaseUrl = url.parse().unwrap();
            assert_eq!((url.to_string(), format!("{url:?}")), (shown.to_owned(), shown.to_owned()));
        }
    }

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
    fn a_server_must_speak_english() {
        for locale in ["C", "POSIX", "C.UTF-8", "en_US.UTF-8", "en_GB", "English_United States.1252", ""] {
            assert!(is_english(locale), "{locale}");
        }
        for locale in ["zh_CN.UTF-8", "de_DE", "Chinese (Simplified)_China.936", "cs_CZ.UTF-8"] {
            assert!(!is_english(locale), "{locale}");
        }
    }

    #[test]
    fn what_the_url_says_is_kept() {
        let url = bounded("postgres://u@h/d?connect_timeout=10");
        assert!(url.contains("connect_timeout=10&tcp_user_timeout=5000"), "{url}");
        assert!(!url.contains("connect_timeout=2"), "{url}");
    }

    #[test]
    fn a_url_is_shown_without_its_password() {
        let url: DatabaseUrl = "postgres://huike:s3cret@db.example/huike".parse().unwrap();
        assert_eq!(url.to_string(), "postgres://***@db.example/huike");
    }
}
