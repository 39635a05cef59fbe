//! A small disk that can be filled and emptied again.

use std::{
    fs::{File, OpenOptions},
    io::{ErrorKind, Write},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;

/// What is written at a time while the disk is filled; smaller pieces at the end.
const PIECE: usize = 64 * 1_024;

/// A file system of its own in memory: what does not fit is refused with `ENOSPC`, as on any disk. Dropping it takes it
/// away.
#[derive(Debug)]
pub struct Disk {
    folder: TempDir,
}

impl Disk {
    /// One of that size, or `None` (said aloud) where file systems cannot be mounted: that takes root on Linux.
    pub fn of_mebibytes(size: u32) -> Option<Self> {
        let folder = tempfile::Builder::new().prefix("huike-disk-").tempdir().unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={size}m,mode=0777"), "huike-disk"]).arg(folder.path());
        match mount.output() {
            Ok(mounted) if mounted.status.success() => Some(Self { folder }),
            refused => {
                eprintln!("SKIPPED: a small disk cannot be mounted here: {refused:?}");
                None
            }
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes until nothing more fits.
    pub fn fill(&self) {
        let mut ballast = OpenOptions::new().create(true).append(true).open(self.ballast()).unwrap();
        let mut piece = PIECE;
        while piece > 0 {
            match ballast.write(&vec![1; piece]) {
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::StorageFull => piece /= 2,
                Err(error) => panic!("the disk cannot be filled: {error}"),
            }
        }
    }

    /// Gives the space back.
    pub fn empty(&self) {
        drop(std::fs::remove_file(self.ballast()));
    }

    /// Whether so much as one more block fits.
    pub fn is_full(&self) -> bool {
        let probe = self.path().join("probe");
        let full = File::create(&probe).and_then(|mut file| file.write_all(&[1; 4_096])).is_err();
        drop(std::fs::remove_file(probe));
        full
    }

    fn ballast(&self) -> PathBuf {
        self.path().join("ballast")
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: a process that still has a file open there does not keep the folder.
        drop(Command::new("umount").arg("--lazy").arg(self.path()).status());
        drop(std::fs::set_permissions(self.path(), PermissionsExt::from_mode(0o700)));
    }
}
