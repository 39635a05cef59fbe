//! The machine's clock, for one home: it may go back, as no manual clock does.

use std::{fs, path::PathBuf};

use chrono::TimeDelta;
use tempfile::TempDir;

use crate::home::Home;

/// What the processes of a home take for the machine's clock (through libfaketime). Their sense of how much time has
/// passed stays true, as it does when somebody sets a real clock.
#[derive(Debug)]
pub struct MachineClock {
    folder: TempDir,
    library: PathBuf,
}

impl MachineClock {
    /// One that shows the right time, or `None` (said aloud) where libfaketime is not installed.
    pub fn find() -> Option<Self> {
        let libraries = fs::read_dir("/usr/lib").into_iter().flatten().filter_map(Result::ok);
        let mut candidates = libraries.map(|entry| entry.path().join("faketime/libfaketimeMT.so.1"));
        let Some(library) = candidates.find(|path| path.is_file()) else {
            eprintln!("SKIPPED: libfaketime is not installed (on Debian: apt-get install libfaketime)");
            return None;
        };
        let clock = Self { folder: tempfile::tempdir().unwrap(), library };
        clock.shift(TimeDelta::zero());
        Some(clock)
    }

    /// The home with this clock on its wall.
    pub fn on(&self, home: Home) -> Home {
        home.with("LD_PRELOAD", self.library.to_string_lossy())
            .with("FAKETIME_TIMESTAMP_FILE", self.file().to_string_lossy())
            .with("FAKETIME_NO_CACHE", "1")
            .with("FAKETIME_DONT_FAKE_MONOTONIC", "1")
            .with("DONT_FAKE_MONOTONIC", "1")
    }

    /// From now on it shows the right time and so much more, or less.
    pub fn shift(&self, by: TimeDelta) {
        let next = self.folder.path().join("next");
        fs::write(&next, format!("{:+}s\n", by.num_seconds())).unwrap();
        fs::rename(next, self.file()).unwrap();
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("shift")
    }
}
