//! A PostgreSQL server of one's own, to be stopped, killed and frozen.

use std::{
    fs::File,
    os::unix::{fs::chown, process::CommandExt},
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};

use tempfile::TempDir;

use crate::{
    disk::Disk,
    poll::poll,
    port::Port,
    process::{self, Account, Signal, find_programs, send},
};

/// Generous: after an immediate stop it recovers first, on a machine that does other things as well.
const READY_MAX: Duration = Duration::from_secs(60);
const STOP_MAX: Duration = Duration::from_secs(30);
const FREEZE_MAX: Duration = Duration::from_secs(5);
/// Another process may take the port between the look and the start.
const PORTS_MAX: usize = 5;

/// How PostgreSQL is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// `pg_ctl stop -m fast`: running transactions are rolled back, everything is written down.
    Fast,
    /// `pg_ctl stop -m immediate`: like a power cut; the next start recovers from the log.
    Immediate,
}

/// A private PostgreSQL in a temporary folder on a free port of 127.0.0.1, with `fsync` on as in production. Dropping it
/// stops it and removes the folder.
#[derive(Debug)]
pub struct PostgresServer {
    /// Removed in the end.
    folder: TempDir,
    programs: PathBuf,
    data: PathBuf,
    log: PathBuf,
    port: Port,
    settings: Vec<String>,
    account: Option<Account>,
    process: Option<Child>,
}

impl PostgresServer {
    /// A new cluster that runs, or `None` (said aloud) where PostgreSQL is not installed.
    pub fn start() -> Option<Self> {
        Self::start_with(&[])
    }

    /// The same with settings of `postgresql.conf`, each `name=value`.
    pub fn start_with(settings: &[&str]) -> Option<Self> {
        let folder = tempfile::Builder::new().prefix("huike-postgres-").tempdir().unwrap();
        let data = folder.path().join("data");
        Self::start_at(folder, data, settings)
    }

    /// The same with its tables on a disk that will be full, and its write-ahead log elsewhere.
    pub fn start_on(disk: &Disk, settings: &[&str]) -> Option<Self> {
        let folder = tempfile::Builder::new().prefix("huike-postgres-").tempdir().unwrap();
        Self::start_at(folder, disk.path().join("postgres"), settings)
    }

    fn start_at(folder: TempDir, data: PathBuf, settings: &[&str]) -> Option<Self> {
        let Some(programs) = find_programs() else {
            eprintln!("SKIPPED: PostgreSQL's initdb was not found in the PATH nor in /usr/lib/postgresql");
            return None;
        };
        let log = folder.path().join("server.log");
        let settings = settings.iter().map(|setting| (*setting).to_owned()).collect();
        let account = Account::to_run_as();
        std::fs::create_dir_all(&data).unwrap();
        if let Some(Account { user, group }) = account {
            chown(folder.path(), Some(user), Some(group)).unwrap();
            chown(&data, Some(user), Some(group)).unwrap();
        }
        let mut server = Self { folder, programs, data, log, port: Port::reserve(), settings, account, process: None };
        server.initialise();
        server.start_somewhere();
        Some(server)
    }

    fn initialise(&self) {
        let mut initdb = self.program("initdb");
        initdb.arg("--pgdata").arg(&self.data).arg("--waldir").arg(self.folder.path().join("wal"));
        let made = initdb.args(["--username=huike", "--auth=trust", "--locale=C", "--encoding=UTF8"]).output().unwrap();
        assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
    }

    fn start_somewhere(&mut self) {
        for _ in 0..PORTS_MAX {
            if self.try_start() {
                return;
            }
            self.port = Port::reserve();
        }
        panic!("PostgreSQL does not start:\n{}", self.log());
    }

    /// Its superuser's URL, with a database that is always there.
    pub fn url(&self) -> String {
        self.url_of("postgres")
    }

    /// The superuser's URL of that database.
    pub fn url_of(&self, database: &str) -> String {
        format!("postgres://huike@127.0.0.1:{}/{database}", self.port())
    }

    /// Makes a new, empty database; its URL.
    pub fn create_database(&self, name: &str) -> String {
        self.query("postgres", &format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'"));
        self.url_of(name)
    }

    /// What a query of a database answers, a line for each row, the fields divided by `|`.
    pub fn query(&self, database: &str, sql: &str) -> String {
        self.try_query(&self.url_of(database), sql).unwrap_or_else(|message| panic!("{sql}: {message}"))
    }

    /// What a query answers through any URL, that of a [`crate::Proxy`] for one, or what went wrong.
    pub fn try_query(&self, url: &str, sql: &str) -> Result<String, String> {
        let mut psql = self.program("psql");
        psql.args(["--no-psqlrc", "--tuples-only", "--no-align", "--quiet", "--set=ON_ERROR_STOP=1"]);
        let answered = psql.arg("--dbname").arg(url).arg("--command").arg(sql).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end().to_owned();
        if answered.status.success() { Ok(text(&answered.stdout)) } else { Err(text(&answered.stderr)) }
    }

    /// Its port of 127.0.0.1, the same all its life.
    pub fn port(&self) -> u16 {
        self.port.number()
    }

    /// What it has written into its log so far.
    pub fn log(&self) -> String {
        std::fs::read(&self.log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }

    /// Whether its first process runs (it may be frozen).
    pub fn is_running(&mut self) -> bool {
        self.process.as_mut().is_some_and(|process| process.try_wait().is_ok_and(|status| status.is_none()))
    }

    /// Stops it and waits until it is gone.
    pub fn stop(&mut self, how: Stop) {
        let Some(mut process) = self.process.take() else { return };
        send(process.id(), if how == Stop::Fast { Signal::INT } else { Signal::QUIT });
        let stopped = poll(STOP_MAX, || process.try_wait().unwrap());
        assert!(stopped.is_some(), "PostgreSQL does not stop:\n{}", self.log());
    }

    /// Starts it on the same port and data, and waits until it takes connections.
    pub fn start_again(&mut self) {
        assert!(!self.is_running(), "PostgreSQL runs already");
        assert!(self.try_start(), "PostgreSQL does not start again:\n{}", self.log());
    }

    /// Stops it and starts it again.
    pub fn restart(&mut self, how: Stop) {
        self.stop(how);
        self.start_again();
    }

    /// SIGSTOP to all its processes: connections stay open and nobody answers. The system still takes new connections.
    pub fn freeze(&self) {
        let Some(first) = self.process.as_ref().map(Child::id) else { return };
        // The first process first, and until it stands: then nobody new is born meanwhile.
        send(first, Signal::STOP);
        let stands = poll(FREEZE_MAX, || process::is_stopped(first).then_some(()));
        assert!(stands.is_some(), "PostgreSQL does not stand still");
        process::children(first).into_iter().for_each(|child| send(child, Signal::STOP));
    }

    /// SIGCONT to all its processes.
    pub fn thaw(&self) {
        let Some(first) = self.process.as_ref().map(Child::id) else { return };
        process::children(first).into_iter().for_each(|child| send(child, Signal::CONT));
        send(first, Signal::CONT);
    }

    fn try_start(&mut self) -> bool {
        let log = File::options().create(true).append(true).open(&self.log).unwrap();
        let mut postgres = self.program("postgres");
        postgres.arg("-D").arg(&self.data);
        for setting in ["listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=100"] {
            postgres.args(["-c", setting]);
        }
        postgres.args(["-c", &format!("port={}", self.port())]);
        for setting in &self.settings {
            postgres.args(["-c", setting]);
        }
        self.process = Some(postgres.stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap());
        let ended = poll(READY_MAX, || match self.is_running() {
            true => self.is_ready().then_some(true),
            false => Some(false),
        });
        ended.unwrap_or_else(|| panic!("PostgreSQL is not ready:\n{}", self.log()))
    }

    /// Whether it takes connections. A frozen one does not.
    pub fn is_ready(&self) -> bool {
        let mut ask = self.program("pg_isready");
        ask.args(["--quiet", "--timeout=1", "--host=127.0.0.1", "--port", &self.port().to_string()]);
        ask.status().is_ok_and(|status| status.success())
    }

    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.programs.join(name));
        command.stdin(Stdio::null()).env("PGCONNECT_TIMEOUT", "5").current_dir(self.folder.path());
        if let Some(Account { user, group }) = self.account {
            command.uid(user).gid(group);
        }
        command
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        if self.is_running() {
            self.thaw();
            self.stop(Stop::Immediate);
        }
    }
}
