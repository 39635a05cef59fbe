//! A backup as a file: what kind it is, what schema it holds, and the keys that its codes are sealed with.

use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

use super::{BackupError, connect_to, postgres, sqlite};
use crate::{DatabaseUrl, Db, migrations::SchemaState, secret_keys::WrappedKey, store::Purpose};

const SQLITE_MARK: &[u8] = b"SQLite format 3\0";
const POSTGRES_MARK: &[u8] = b"PGDMP";

/// What is known of a backup without restoring it.
#[derive(Debug)]
pub(super) struct Facts {
    /// The migrations of its schema.
    pub(super) applied: Vec<String>,
    /// Its keys, wrapped.
    pub(super) keys: Vec<WrappedKey>,
}

/// A backup that was looked through and may be restored where it was opened for.
#[derive(Debug)]
pub struct Archive {
    pub(super) file: PathBuf,
    facts: Facts,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ArchiveKind {
    Sqlite,
    Postgres,
}

impl Archive {
    /// Looks through the file: is it whole, of the kind of that database, and of a schema that this program knows?
    pub fn open(file: &Path, to: &DatabaseUrl) -> Result<Self, BackupError> {
        let other = |kind| BackupError::OtherKind { file: file.to_owned(), kind, url: to.clone() };
        let facts = match (kind_of(file)?, to) {
            (ArchiveKind::Sqlite, DatabaseUrl::Postgres(_)) => return Err(other("SQLite")),
            (ArchiveKind::Postgres, DatabaseUrl::Sqlite(_)) => return Err(other("PostgreSQL")),
            (ArchiveKind::Sqlite, DatabaseUrl::Sqlite(_)) => sqlite::read(file)?,
            (ArchiveKind::Postgres, DatabaseUrl::Postgres(_)) => match connect_to(to, Purpose::Read)? {
                Db::Postgres(mut server) => postgres::read(file, postgres::major_of(&mut server)?)?,
                Db::Sqlite(_) => return Err(other("PostgreSQL")),
            },
        };
        let state = SchemaState::of(facts.applied.clone(), to)?;
        if !state.unknown.is_empty() {
            return Err(BackupError::Newer(file.display().to_string(), state.unknown.join(", ")));
        }
        Ok(Self { file: file.to_owned(), facts })
    }

    /// The keys in it, as they lie there: of no use without the master key.
    pub fn keys(&self) -> &[WrappedKey] {
        &self.facts.keys
    }

    /// The newest migration of its schema.
    pub fn schema(&self) -> &str {
        self.facts.applied.last().map(String::as_str).unwrap_or_default()
    }
}

/// Goes by the first bytes, not by the name.
fn kind_of(file: &Path) -> Result<ArchiveKind, BackupError> {
    let mut start = Vec::new();
    let opened = File::open(file).map_err(|error| BackupError::of_file(file, error))?;
    opened.take(16).read_to_end(&mut start).map_err(|error| BackupError::of_file(file, error))?;
    if start == SQLITE_MARK {
        Ok(ArchiveKind::Sqlite)
    } else if start.starts_with(POSTGRES_MARK) {
        Ok(ArchiveKind::Postgres)
    } else {
        Err(BackupError::NoBackup(file.to_owned()))
    }
}
