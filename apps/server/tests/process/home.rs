//! A folder and a database of one's own, and the real binary run in them.

use std::{
    path::Path,
    process::{Command, Output, Stdio},
};

use huike_persistence::{DatabaseUrl, testing::TestDatabase};
use tempfile::TempDir;

use crate::support::{MASTER_KEY, OWNER_PASSWORD};

/// Where one installation keeps what it keeps.
pub struct Home {
    folder: TempDir,
    /// Held so that it is dropped in the end; SQLite lives in the folder.
    postgres: Option<TestDatabase>,
}

impl Home {
    /// Nothing there yet: the binary makes the file.
    pub fn on_sqlite() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), postgres: None }
    }

    /// A PostgreSQL database, or `None` (said aloud) where there is no server.
    pub fn on_postgres() -> Option<Self> {
        let postgres = Some(TestDatabase::postgres()?);
        Some(Self { folder: tempfile::tempdir().unwrap(), postgres })
    }

    pub fn is_sqlite(&self) -> bool {
        self.postgres.is_none()
    }

    /// The URL, with whatever secret it holds.
    pub fn database_url(&self) -> String {
        match self.postgres.as_ref().map(TestDatabase::url) {
            Some(DatabaseUrl::Postgres(url)) => url.clone(),
            _ => "sqlite://data/huike.db".to_owned(),
        }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The binary in this home. What the developer set for their own server does not reach it.
    pub fn huike(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_huike"));
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("HUIKE_")) {
            command.env_remove(name);
        }
        command.current_dir(self.path()).args(arguments).stdin(Stdio::null());
        command.env("HUIKE_DATABASE_URL", self.database_url()).env("HUIKE_MASTER_KEY", MASTER_KEY);
        command.env("HUIKE_OWNER_PASSWORD", OWNER_PASSWORD);
        command
    }

    /// Runs a command to its end.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(self.huike(arguments).output().unwrap())
    }
}

/// A command that came to its end.
#[derive(Debug)]
pub struct Ran {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Ran {
    pub fn of(output: Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self { code: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
    }

    /// It went well; what it printed.
    #[track_caller]
    pub fn ok(&self) -> &str {
        assert_eq!(self.code, Some(0), "{self:?}");
        &self.out
    }

    /// It was refused; why.
    #[track_caller]
    pub fn refused(&self) -> &str {
        assert_eq!(self.code, Some(1), "{self:?}");
        &self.err
    }
}
