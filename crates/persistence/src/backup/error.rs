//! Why there is no backup, or nothing was restored.

use std::{
    io,
    path::{Path, PathBuf},
};

use crate::{DatabaseUrl, StoreError, migrations::MigrationError};

/// Why there is no backup, or nothing was restored. What was there before is as it was.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// There is such a file already.
    #[error("{} exists; give another name, or --force to replace it", .0.display())]
    Exists(PathBuf),
    /// A folder is no file.
    #[error("{} is a folder; give the name of a file in it", .0.display())]
    Folder(PathBuf),
    /// Somebody else is writing that file.
    #[error("another backup to {} is under way", .0.display())]
    UnderWay(PathBuf),
    /// There is no room.
    #[error("the disk is full: {}; nothing was left there", .0.display())]
    DiskFull(PathBuf),
    /// A file cannot be read or written.
    #[error("{}: {}", .0.display(), .1)]
    File(PathBuf, io::Error),
    /// There is nothing to back up.
    #[error("there is no database at {0}")]
    NoDatabase(DatabaseUrl),
    /// There is a database, and not one of ours.
    #[error("{0} is not a database of huike")]
    NotOurs(DatabaseUrl),
    /// A database cannot be opened.
    #[error("{0} cannot be opened: {1}")]
    Connection(DatabaseUrl, diesel::ConnectionError),
    /// The file is no backup.
    #[error("{} is not a backup of huike", .0.display())]
    NoBackup(PathBuf),
    /// The file is a backup that lost something.
    #[error("{} is broken: {}", .0.display(), .1)]
    Broken(PathBuf, String),
    /// The backup is of the other kind of database.
    #[error(
        "{} is a backup of {kind}, and {url} is not; restore it into a database of its kind, and move it with huike copy",
        .file.display()
    )]
    OtherKind {
        /// The file.
        file: PathBuf,
        /// What it is a backup of.
        kind: &'static str,
        /// Where it was to go.
        url: DatabaseUrl,
    },
    /// A schema that this program does not know.
    #[error("{0} was made by a newer huike (migration {1}); use that one, or a newer one still")]
    Newer(String, String),
    /// There is something where the backup should go.
    #[error("{0} is not empty ({1} is there); restore into {2}")]
    NotEmpty(DatabaseUrl, String, &'static str),
    /// A program of PostgreSQL is missing or too old.
    #[error("{program} of PostgreSQL {major} or newer is needed {found}: apt-get install postgresql-client-{major}")]
    NoProgram {
        /// Which.
        program: &'static str,
        /// The server's version.
        major: u32,
        /// What is there instead.
        found: String,
    },
    /// A program of PostgreSQL failed.
    #[error("{0}: {1}")]
    Program(&'static str, String),
    /// Somebody asked to stop.
    #[error("stopped; nothing was left behind")]
    Stopped,
    /// The schema.
    #[error(transparent)]
    Migration(#[from] MigrationError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl BackupError {
    /// What a failed call about the file means.
    pub(super) fn of_file(file: &Path, error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
                Self::DiskFull(file.to_owned())
            }
            _ => Self::File(file.to_owned(), error),
        }
    }

    /// What an error of SQLite means that wrote the file.
    pub(super) fn of_writing(file: &Path, error: diesel::result::Error) -> Self {
        // Diesel hands on SQLite's text, not its code.
        match error.to_string() {
            text if text.contains("database or disk is full") => Self::DiskFull(file.to_owned()),
            text if text.contains("disk I/O error") => {
                let words = "cannot be written to its end; is there room, and are the disks well?";
                Self::File(file.to_owned(), io::Error::other(words))
            }
            _ => Self::Store(error.into()),
        }
    }
}
