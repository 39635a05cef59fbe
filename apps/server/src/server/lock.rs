//! One process owns a SQLite file. An operating-system lock says so: it ends with the process, however that ends.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io,
    path::PathBuf,
};

use huike_persistence::DatabaseUrl;

use crate::keys::beside;

/// Why the lock cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Somebody has it.
    #[error("another huike process is using {}; stop it first, or give this one another --database-url", .0.display())]
    Taken(PathBuf),
    /// The file beside the database.
    #[error("{}: {}", .0.display(), .1)]
    File(PathBuf, io::Error),
}

/// The lock, held until dropped. PostgreSQL needs none: it is the arbiter between processes itself.
#[derive(Debug)]
pub struct DatabaseLock {
    _file: Option<File>,
}

impl DatabaseLock {
    /// Takes the lock, and makes the folder of the database where there is none yet.
    pub fn take(url: &DatabaseUrl) -> Result<Self, LockError> {
        let DatabaseUrl::Sqlite(database) = url else {
            return Ok(Self { _file: None });
        };
        let path = beside(database, "lock");
        let failed = |error| LockError::File(path.clone(), error);
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(failed)?;
        }
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: Some(file) }),
            Err(TryLockError::WouldBlock) => Err(LockError::Taken(database.clone())),
            Err(TryLockError::Error(error)) => Err(failed(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_process_is_told_who_is_in_the_way() {
        let folder = tempfile::tempdir().unwrap();
        let url = DatabaseUrl::Sqlite(folder.path().join("data/huike.db"));
        let held = DatabaseLock::take(&url).unwrap();
        assert!(matches!(DatabaseLock::take(&url), Err(LockError::Taken(_))));
        drop(held);
        assert!(DatabaseLock::take(&url).is_ok());
    }
}
