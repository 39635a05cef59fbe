//! The migrations of both databases, compiled in, so that the binary carries its schema with it.
//!
//! On SQLite the caller keeps other processes away (one process owns the file). On PostgreSQL several instances may
//! start at once: an advisory lock lets one migrate while the others wait for it.

use std::{
    error::Error,
    thread,
    time::{Duration, Instant},
};

use diesel::{
    QueryResult, QueryableByName, RunQueryDsl,
    backend::Backend,
    migration::MigrationSource,
    pg::{Pg, PgConnection},
    select, sql_query,
    sql_types::{BigInt, Text},
    sqlite::Sqlite,
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::{
    DatabaseUrl, Db, StoreOptions,
    db::each,
    store::{Purpose, connect},
};

const SQLITE: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");

/// The number of our advisory lock: "huike" in ASCII.
const LOCK: i64 = 0x0068_7569_6b65;
const LOCK_WAIT_MAX: Duration = Duration::from_secs(120);
const LOCK_POLL: Duration = Duration::from_millis(100);

/// Why the schema could not be brought to where it should be.
#[derive(Debug, thiserror::Error)]
pub enum MigrationError {
    /// The database refused; the failed migration left nothing behind.
    #[error("migration failed: {0}")]
    Failed(Box<dyn Error + Send + Sync>),
    /// Another instance has been migrating for too long.
    #[error("another instance is still migrating after {} s", LOCK_WAIT_MAX.as_secs())]
    Locked,
}

impl From<Box<dyn Error + Send + Sync>> for MigrationError {
    fn from(error: Box<dyn Error + Send + Sync>) -> Self {
        Self::Failed(error)
    }
}

impl From<diesel::ConnectionError> for MigrationError {
    fn from(error: diesel::ConnectionError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<diesel::result::Error> for MigrationError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Failed(error.into())
    }
}

/// [`run`] on a connection of its own: what starts a server or the `migrate` command.
pub fn run_at(url: &DatabaseUrl) -> Result<Vec<String>, MigrationError> {
    run(&mut connect(url, Purpose::Write, &StoreOptions::default())?)
}

/// Brings the schema up to date and names the versions it applied, oldest first.
pub fn run(db: &mut Db) -> Result<Vec<String>, MigrationError> {
    match db {
        Db::Sqlite(connection) => run_pending(connection, SQLITE),
        Db::Postgres(connection) => locked(connection, |connection| run_pending(connection, POSTGRES)),
    }
}

/// Names the migrations that have not been applied yet, oldest first.
pub fn pending(db: &mut Db) -> Result<Vec<String>, MigrationError> {
    match db {
        Db::Sqlite(connection) => list_pending(connection, SQLITE),
        Db::Postgres(connection) => list_pending(connection, POSTGRES),
    }
}

/// How the schema of a database stands to what this binary knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaState {
    /// What was applied, oldest first; empty where nothing ever was.
    pub applied: Vec<String>,
    /// What was applied and this binary does not know: a newer one was here.
    pub unknown: Vec<String>,
    /// What this binary would apply, oldest first.
    pub pending: Vec<String>,
}

impl SchemaState {
    /// How a database with these migrations stands.
    pub fn of(applied: Vec<String>, url: &DatabaseUrl) -> Result<Self, MigrationError> {
        let known = match url {
            DatabaseUrl::Sqlite(_) => versions::<Sqlite>(&SQLITE)?,
            DatabaseUrl::Postgres(_) => versions::<Pg>(&POSTGRES)?,
        };
        let unknown = applied.iter().filter(|version| !known.contains(version)).cloned().collect();
        let pending = known.into_iter().filter(|version| !applied.contains(version)).collect();
        Ok(Self { applied, unknown, pending })
    }
}

/// How the schema stands. Only reads, unlike [`pending`], and asks no lock.
pub fn state(db: &mut Db, url: &DatabaseUrl) -> Result<SchemaState, MigrationError> {
    SchemaState::of(applied(db)?, url)
}

#[derive(QueryableByName)]
struct Version {
    #[diesel(sql_type = Text)]
    version: String,
}

/// Names the migrations that were applied, oldest first; none where nothing ever was.
pub(crate) fn applied(db: &mut Db) -> Result<Vec<String>, MigrationError> {
    const TABLES: &str = "SELECT name AS version FROM sqlite_master WHERE name = '__diesel_schema_migrations'";
    const RELATIONS: &str = "SELECT relname::text AS version FROM pg_class
        WHERE oid = to_regclass('__diesel_schema_migrations')";
    const APPLIED: &str = "SELECT version FROM __diesel_schema_migrations ORDER BY version";
    let tables: Vec<Version> = match db {
        Db::Sqlite(c) => sql_query(TABLES).load(c)?,
        Db::Postgres(c) => sql_query(RELATIONS).load(c)?,
    };
    if tables.is_empty() {
        return Ok(Vec::new());
    }
    let versions: Vec<Version> = each!(db, |c| sql_query(APPLIED).load(c))?;
    Ok(versions.into_iter().map(|row| row.version).collect())
}

/// The versions of a source, oldest first.
fn versions<DB: Backend>(source: &EmbeddedMigrations) -> Result<Vec<String>, MigrationError> {
    let migrations = MigrationSource::<DB>::migrations(source)?;
    let mut versions: Vec<String> = migrations.iter().map(|migration| migration.name().version().to_string()).collect();
    versions.sort();
    Ok(versions)
}

/// Takes every migration back, newest first, and all data with them. For tests.
pub fn revert_all(db: &mut Db) -> Result<Vec<String>, MigrationError> {
    match db {
        Db::Sqlite(connection) => revert(connection, SQLITE),
        Db::Postgres(connection) => locked(connection, |connection| revert(connection, POSTGRES)),
    }
}

fn run_pending<DB: Backend>(
    connection: &mut impl MigrationHarness<DB>,
    source: EmbeddedMigrations,
) -> Result<Vec<String>, MigrationError> {
    let versions = connection.run_pending_migrations(source)?;
    Ok(versions.iter().map(ToString::to_string).collect())
}

fn list_pending<DB: Backend>(
    connection: &mut impl MigrationHarness<DB>,
    source: EmbeddedMigrations,
) -> Result<Vec<String>, MigrationError> {
    let migrations = connection.pending_migrations(source)?;
    Ok(migrations.iter().map(|migration| migration.name().version().to_string()).collect())
}

fn revert<DB: Backend>(
    connection: &mut impl MigrationHarness<DB>,
    source: EmbeddedMigrations,
) -> Result<Vec<String>, MigrationError> {
    let versions = connection.revert_all_migrations(source)?;
    Ok(versions.iter().map(ToString::to_string).collect())
}

#[diesel::declare_sql_function]
extern "SQL" {
    /// Takes the lock for the session, or answers false at once.
    fn pg_try_advisory_lock(key: BigInt) -> Bool;
    /// Gives the lock back.
    fn pg_advisory_unlock(key: BigInt) -> Bool;
}

/// Holds the advisory lock of the session while the body runs. It asks again and again instead of waiting in the
/// database: a waiting statement would fall to `lock_timeout` and hold up an index built concurrently.
fn locked<T>(
    connection: &mut PgConnection,
    body: impl FnOnce(&mut PgConnection) -> Result<T, MigrationError>,
) -> Result<T, MigrationError> {
    let started = Instant::now();
    while !select(pg_try_advisory_lock(LOCK)).get_result::<bool>(connection)? {
        if started.elapsed() > LOCK_WAIT_MAX {
            return Err(MigrationError::Locked);
        }
        thread::sleep(LOCK_POLL);
    }
    let done = body(connection);
    let released: QueryResult<bool> = select(pg_advisory_unlock(LOCK)).get_result(connection);
    let done = done?;
    released?;
    Ok(done)
}
