//! Backups: one file that holds everything but the master key, made beside a server that works, and restored into a place
//! where nothing is yet.
//!
//! A backup of SQLite is a SQLite file, one of PostgreSQL an archive of pg_dump, so that either can be opened without us.

mod address;
mod archive;
mod copy_text;
mod error;
mod file;
mod postgres;
mod programs;
mod restoring;
mod sqlite;

use std::{
    fs::File,
    io::{self, Read},
    ops::ControlFlow,
    path::Path,
    time::{Duration, Instant},
};

use sha2::{Digest, Sha256};

pub use archive::Archive;
pub use error::BackupError;
pub use file::partial_path;
pub use restoring::Restoring;

use self::file::Partial;
use crate::{
    DatabaseUrl, Db, StoreOptions,
    migrations::{self, SchemaState},
    store::{Purpose, connect},
};

/// Bytes that are read in one go.
const READ_AT_ONCE: usize = 1 << 20;

/// Is told how many bytes are written, from any thread; may ask to break off.
pub type Tell<'a> = &'a (dyn Fn(u64) -> ControlFlow<()> + Sync);

/// A backup that was made.
#[derive(Debug, Clone)]
pub struct BackupReport {
    /// How long the file is.
    pub bytes: u64,
    /// How long it took.
    pub took: Duration,
    /// The newest migration of its schema.
    pub schema: String,
    /// What the file adds up to, in hexadecimal.
    pub sha256: String,
}

/// Writes the database into the file, as it is at this moment, and looks the file through before it gets its name.
pub fn backup(
    url: &DatabaseUrl,
    file: &Path,
    may_overwrite: bool,
    tell: Tell<'_>,
) -> Result<BackupReport, BackupError> {
    let started = Instant::now();
    let (mut db, state) = open(url)?;
    let partial = Partial::create(file, may_overwrite)?;
    match (&mut db, url) {
        (Db::Sqlite(connection), _) => {
            sqlite::write(connection, &partial, tell)?;
            sqlite::read(partial.path())?;
        }
        (Db::Postgres(server), DatabaseUrl::Postgres(url)) => {
            let major = postgres::major_of(server)?;
            postgres::write(url, major, &partial, tell)?;
            postgres::check(partial.path(), major)?;
            postgres::read(partial.path(), major)?;
        }
        (Db::Postgres(_), DatabaseUrl::Sqlite(_)) => return Err(BackupError::NotOurs(url.clone())),
    }
    let sha256 = sha256_of(partial.path()).map_err(|error| BackupError::of_file(partial.path(), error))?;
    let bytes = partial.finish()?;
    let schema = state.applied.last().cloned().unwrap_or_default();
    Ok(BackupReport { bytes, took: started.elapsed(), schema, sha256 })
}

/// About how many bytes the backup will have, to show how far it is; only SQLite knows.
pub fn expected_bytes(url: &DatabaseUrl) -> Option<u64> {
    match url {
        DatabaseUrl::Sqlite(file) => file.metadata().ok().map(|metadata| metadata.len()),
        DatabaseUrl::Postgres(_) => None,
    }
}

/// A database of ours that is there and of a schema that this program knows, an older one included.
fn open(url: &DatabaseUrl) -> Result<(Db, SchemaState), BackupError> {
    if let DatabaseUrl::Sqlite(file) = url
        && !file.exists()
    {
        return Err(BackupError::NoDatabase(url.clone()));
    }
    let mut db = connect_to(url, Purpose::Read)?;
    let state = migrations::state(&mut db, url)?;
    if state.applied.is_empty() {
        return Err(BackupError::NotOurs(url.clone()));
    }
    if !state.unknown.is_empty() {
        return Err(BackupError::Newer(url.to_string(), state.unknown.join(", ")));
    }
    Ok((db, state))
}

fn connect_to(url: &DatabaseUrl, purpose: Purpose) -> Result<Db, BackupError> {
    connect(url, purpose, &StoreOptions::default()).map_err(|error| BackupError::Connection(url.clone(), error))
}

fn sha256_of(file: &Path) -> io::Result<String> {
    let (mut hash, mut file) = (Sha256::new(), File::open(file)?);
    let mut buffer = vec![0; READ_AT_ONCE];
    loop {
        let read = file.read(&mut buffer)?;
        match buffer.get(..read) {
            Some(bytes) if read > 0 => hash.update(bytes),
            _ => break,
        }
    }
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}
