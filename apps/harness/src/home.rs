//! A folder and a database of one's own, and the real binary run in them.

use std::{
    any::Any,
    fmt,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use tempfile::TempDir;

use crate::{log, port::Port};

/// The owner's name in every home.
pub const OWNER: &str = "owner";
/// The owner's password in every home.
pub const OWNER_PASSWORD: &str = "欲穷千里目更上一层楼";
/// 32 bytes in base64.
pub const MASTER_KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// Where one installation keeps what it keeps: its folder, its database and its port outlive its servers.
pub struct Home {
    binary: PathBuf,
    folder: TempDir,
    database_url: String,
    port: Port,
    environment: Vec<(String, String)>,
    /// Held so that they are dropped with it.
    keeps: Vec<Box<dyn Any + Send + Sync>>,
}

impl Home {
    /// With SQLite in its folder. Nothing is there yet: the binary makes the file.
    pub fn on_sqlite(binary: impl Into<PathBuf>) -> Self {
        Self::on(binary, "sqlite://data/huike.db")
    }

    /// With that database.
    pub fn on(binary: impl Into<PathBuf>, database_url: impl Into<String>) -> Self {
        Self {
            binary: binary.into(),
            folder: tempfile::Builder::new().prefix("huike-home-").tempdir().unwrap(),
            database_url: database_url.into(),
            port: Port::reserve(),
            environment: Vec::new(),
            keeps: Vec::new(),
        }
    }

    /// Holds something for as long as it lives: the guard of a database, a disk.
    #[must_use]
    pub fn keeping(mut self, guard: impl Any + Send + Sync) -> Self {
        self.keeps.push(Box::new(guard));
        self
    }

    /// Sets a variable of every process that it runs.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.environment.push((name.to_owned(), value.into()));
        self
    }

    /// Whether its database is a file.
    pub fn is_sqlite(&self) -> bool {
        self.database_url.starts_with("sqlite:")
    }

    /// The URL, with whatever secret it holds.
    pub fn database_url(&self) -> &str {
        &self.database_url
    }

    /// Its folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The port on which its servers listen, one after the other.
    pub fn port(&self) -> u16 {
        self.port.number()
    }

    /// The binary in this home. What the developer set for their own server does not reach it.
    pub fn huike(&self, arguments: &[&str]) -> Command {
        self.at_home(Command::new(&self.binary), arguments)
    }

    /// The same, prepared for a limit on the size of files ([`crate::Server::limit_files`]): a write past it fails, as
    /// on a full disk, and does not end the process.
    pub fn huike_that_survives_limits(&self, arguments: &[&str]) -> Command {
        let mut shell = Command::new("sh");
        shell.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""]).arg(&self.binary);
        self.at_home(shell, arguments)
    }

    fn at_home(&self, mut command: Command, arguments: &[&str]) -> Command {
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("HUIKE_")) {
            command.env_remove(name);
        }
        command.current_dir(self.path()).args(arguments).stdin(Stdio::null());
        command.env("HUIKE_DATABASE_URL", self.database_url()).env("HUIKE_MASTER_KEY", MASTER_KEY);
        command.env("HUIKE_OWNER", OWNER).env("HUIKE_OWNER_PASSWORD", OWNER_PASSWORD);
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs a command to its end.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(self.huike(arguments).output().unwrap())
    }

    /// Runs `huike verify`, beside a server or without one, and demands that the books add up.
    #[track_caller]
    pub fn verify(&self) {
        let verified = self.run(&["verify"]);
        assert_eq!(verified.code, Some(0), "the books do not add up:\n{}\n{}", verified.out, verified.err);
    }
}

impl fmt::Debug for Home {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Home").field("folder", &self.path()).field("port", &self.port()).finish_non_exhaustive()
    }
}

/// A command that came to its end.
#[derive(Debug)]
pub struct Ran {
    /// What it ended with; nothing where a signal ended it.
    pub code: Option<i32>,
    /// What it printed.
    pub out: String,
    /// What it said and logged.
    pub err: String,
}

impl Ran {
    /// Of the output of a process.
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

    /// Panics and errors in its log, but for lines with one of those words in them.
    pub fn faults(&self, excused: &[&str]) -> Vec<String> {
        log::faults(&self.err, excused)
    }
}
