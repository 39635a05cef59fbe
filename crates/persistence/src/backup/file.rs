//! A file that appears whole or not at all: written under another name, brought to the disk, renamed.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io,
    path::{Path, PathBuf},
};

use super::BackupError;

/// What is added to the name while the file is being written.
const UNFINISHED: &str = ".partial";

/// A file that is being written. Dropping it unfinished removes it.
#[derive(Debug)]
pub(super) struct Partial {
    target: PathBuf,
    path: PathBuf,
    // Holds the lock that keeps a second writer away.
    file: File,
    finished: bool,
}

impl io::Write for Partial {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Where the file is written before it gets its name.
pub fn partial_path(target: &Path) -> PathBuf {
    let mut name = target.as_os_str().to_owned();
    name.push(UNFINISHED);
    name.into()
}

impl Partial {
    /// Begins to write what will be `target`, readable by its owner alone: there are customers in it. What a writer that
    /// was killed left behind is written over.
    pub(super) fn create(target: &Path, may_overwrite: bool) -> Result<Self, BackupError> {
        if target.is_dir() {
            return Err(BackupError::Folder(target.to_owned()));
        }
        if target.exists() && !may_overwrite {
            return Err(BackupError::Exists(target.to_owned()));
        }
        let path = partial_path(target);
        let failed = |error| BackupError::of_file(&path, error);
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => file.set_len(0).map_err(failed)?,
            Err(TryLockError::WouldBlock) => return Err(BackupError::UnderWay(target.to_owned())),
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        Ok(Self { target: target.to_owned(), path, file, finished: false })
    }

    /// Where it is being written.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// How much has been written.
    pub(super) fn bytes(&self) -> u64 {
        self.file.metadata().map_or(0, |metadata| metadata.len())
    }

    /// Brings it to the disk and gives it its name. Says how long it is.
    pub(super) fn finish(mut self) -> Result<u64, BackupError> {
        let failed = |error| BackupError::of_file(&self.target, error);
        self.file.sync_all().map_err(failed)?;
        std::fs::rename(&self.path, &self.target).map_err(failed)?;
        sync_folder(&self.target).map_err(failed)?;
        let bytes = self.bytes();
        self.finished = true;
        Ok(bytes)
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        if !self.finished {
            drop(std::fs::remove_file(&self.path));
        }
    }
}

/// Brings the names in the folder of the file to the disk.
pub(super) fn sync_folder(file: &Path) -> io::Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn folder() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("b");
        (folder, target)
    }

    fn names(folder: &Path) -> Vec<String> {
        let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_appears_whole_or_not_at_all() {
        let (folder, target) = folder();
        let mut partial = Partial::create(&target, false).unwrap();
        partial.file.write_all(b"whole").unwrap();
        assert_eq!(names(folder.path()), ["b.partial"]);
        assert_eq!(partial.finish().unwrap(), 5);
        assert_eq!(names(folder.path()), ["b"]);
        drop(Partial::create(&target, true).unwrap());
        assert_eq!(std::fs::read(&target).unwrap(), b"whole", "what was there stays until the new one is whole");
        assert_eq!(names(folder.path()), ["b"]);
    }

    #[test]
    fn a_file_that_is_there_is_overwritten_only_when_told() {
        let (_folder, target) = folder();
        std::fs::write(&target, "old").unwrap();
        assert!(matches!(Partial::create(&target, false), Err(BackupError::Exists(_))));
        Partial::create(&target, true).unwrap().finish().unwrap();
        assert_eq!(std::fs::read(&target).unwrap(), b"");
    }

    #[test]
    fn two_do_not_write_one_file_and_what_a_killed_one_left_does_no_harm() {
        let (folder, target) = folder();
        std::fs::write(folder.path().join("b.partial"), "left behind").unwrap();
        let first = Partial::create(&target, false).unwrap();
        assert_eq!(first.bytes(), 0);
        assert!(matches!(Partial::create(&target, false), Err(BackupError::UnderWay(_))));
        first.finish().unwrap();
        assert_eq!(names(folder.path()), ["b"]);
    }

    #[cfg(unix)]
    #[test]
    fn the_file_is_for_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt;
        let (_folder, target) = folder();
        Partial::create(&target, false).unwrap().finish().unwrap();
        assert_eq!(target.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
}
