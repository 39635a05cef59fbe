//! A backup on its way back into a database.

use diesel::connection::SimpleConnection;

use super::{Archive, BackupError, Tell, connect_to, file::Partial, postgres, sqlite};
use crate::{DatabaseUrl, Db, StoreError, migrations, store::Purpose};

/// A database that was restored and does not serve yet. On SQLite it has another name until [`Restoring::finish`], and
/// dropping it removes it; on PostgreSQL its rows are there.
pub struct Restoring {
    // Closed before the file is given its name, or removed.
    db: Db,
    file: Option<Partial>,
    applied: Vec<String>,
}

impl Restoring {
    /// Restores into a place where nothing is yet, and brings the schema up to date. The caller keeps other processes
    /// away.
    pub fn begin(archive: &Archive, to: &DatabaseUrl, tell: Tell<'_>) -> Result<Self, BackupError> {
        let (mut db, file) = match to {
            DatabaseUrl::Sqlite(path) => {
                if let Some(there) = sqlite::find_in_the_way(path) {
                    return Err(not_empty(to, there.display().to_string(), "a folder without a database"));
                }
                let mut file = Partial::create(path, false)?;
                sqlite::copy(&archive.file, &mut file, tell)?;
                (sqlite::open_new(file.path())?, Some(file))
            }
            DatabaseUrl::Postgres(url) => {
                let mut db = connect_to(to, Purpose::Write)?;
                if let Db::Postgres(server) = &mut db {
                    if let Some(there) = postgres::find_in_the_way(server)? {
                        return Err(not_empty(to, there, "a new database (createdb)"));
                    }
                    postgres::restore(&archive.file, url, postgres::major_of(server)?, tell)?;
                }
                (db, None)
            }
        };
        let applied = migrations::run(&mut db)?;
        Ok(Self { db, file, applied })
    }

    /// The migrations that were applied to it, oldest first.
    pub fn applied(&self) -> &[String] {
        &self.applied
    }

    /// One transaction on it.
    pub fn write<T, E: From<StoreError>>(&mut self, body: impl FnOnce(&mut Db) -> Result<T, E>) -> Result<T, E> {
        let begin = match self.db {
            Db::Sqlite(_) => "BEGIN IMMEDIATE",
            Db::Postgres(_) => "BEGIN",
        };
        self.within(begin, "COMMIT", body)
    }

    /// One snapshot of it.
    pub fn read<T, E: From<StoreError>>(&mut self, body: impl FnOnce(&mut Db) -> Result<T, E>) -> Result<T, E> {
        let begin = match self.db {
            Db::Sqlite(_) => "BEGIN",
            Db::Postgres(_) => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        };
        self.within(begin, "ROLLBACK", body)
    }

    fn within<T, E: From<StoreError>>(
        &mut self,
        begin: &str,
        end: &str,
        body: impl FnOnce(&mut Db) -> Result<T, E>,
    ) -> Result<T, E> {
        self.db.batch_execute(begin).map_err(StoreError::from)?;
        let done = body(&mut self.db);
        let end = if done.is_ok() { end } else { "ROLLBACK" };
        self.db.batch_execute(end).map_err(StoreError::from)?;
        done
    }

    /// Hands it over.
    pub fn finish(mut self) -> Result<(), BackupError> {
        self.db.batch_execute("ANALYZE").map_err(StoreError::from)?;
        drop(self.db);
        self.file.map_or(Ok(0), Partial::finish).map(drop)
    }
}

fn not_empty(url: &DatabaseUrl, there: String, instead: &'static str) -> BackupError {
    BackupError::NotEmpty(url.clone(), there, instead)
}
