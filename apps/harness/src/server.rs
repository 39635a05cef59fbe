//! A server as its own process.

use std::{
    process::{Child, Command, Stdio},
    sync::mpsc,
    time::{Duration, Instant},
};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use crate::{
    brand::{Brand, Ground},
    client::Client,
    home::{Home, OWNER, OWNER_PASSWORD, Ran},
    log::{Reader, faults},
    poll::poll,
    process::{Signal, limit_files, send},
};

/// Generous, for a machine that does other things as well.
const START_MAX: Duration = Duration::from_secs(60);
const STOP_MAX: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// A server that listens. Dropping it kills it.
#[derive(Debug)]
pub struct Server {
    child: Child,
    /// Where it is, as it said itself, without a slash at the end.
    pub base: String,
    /// How long it took from the start of the process to a good answer of `/readyz`.
    pub ready_in: Duration,
    out: Reader,
    err: Reader,
}

impl Server {
    /// Starts on the home's port with the development profile, and waits until it is ready.
    pub async fn start(home: &Home, flags: &[&str]) -> Self {
        Self::spawn(Self::command(home, flags)).await
    }

    /// The command that [`Server::start`] runs, to be changed first.
    pub fn command(home: &Home, flags: &[&str]) -> Command {
        Self::command_of(home, flags, Home::huike)
    }

    /// The same for a server that [`Server::limit_files`] will be used on.
    pub fn command_that_survives_limits(home: &Home, flags: &[&str]) -> Command {
        Self::command_of(home, flags, Home::huike_that_survives_limits)
    }

    fn command_of(home: &Home, flags: &[&str], huike: fn(&Home, &[&str]) -> Command) -> Command {
        let listen = format!("127.0.0.1:{}", home.port());
        huike(home, &[&["serve", "--profile", "dev", "--listen", &listen], flags].concat())
    }

    /// Runs a command that serves, and waits until it is ready.
    pub async fn spawn(command: Command) -> Self {
        Self::try_spawn(command).await.unwrap_or_else(|ran| panic!("the server ended by itself: {ran:#?}"))
    }

    /// The same, or what it left behind when it ended by itself.
    pub async fn try_spawn(mut command: Command) -> Result<Self, Ran> {
        let started = Instant::now();
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (tell, told) = mpsc::channel();
        let out = Reader::of(child.stdout.take().unwrap(), Some(tell));
        let err = Reader::of(child.stderr.take().unwrap(), None);
        let mut server = Self { child, base: String::new(), ready_in: Duration::ZERO, out, err };
        loop {
            // The channel closes with the process's output, so an early end is noticed at once.
            match told.try_recv() {
                Ok(base) => break server.base = base,
                Err(mpsc::TryRecvError::Disconnected) => return Err(server.stopped()),
                Err(mpsc::TryRecvError::Empty) => tokio::time::sleep(LOOK_EVERY).await,
            }
            assert!(started.elapsed() < START_MAX, "it does not say where it listens:\n{}", server.log());
        }
        server.ready().await;
        server.ready_in = started.elapsed();
        Ok(server)
    }

    /// Waits until `/readyz` says that it serves.
    pub async fn ready(&self) {
        let deadline = Instant::now() + START_MAX;
        while !self.is_ready().await {
            assert!(Instant::now() < deadline, "the server is not ready:\n{}", self.log());
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Whether `/readyz` says that it serves.
    pub async fn is_ready(&self) -> bool {
        self.stranger().try_get("/readyz").await.is_ok_and(|answer| answer.status == 200)
    }

    /// Somebody who has not signed in.
    pub fn stranger(&self) -> Client {
        Client::new(&self.base)
    }

    /// The owner, signed in.
    pub async fn owner(&self) -> Client {
        let ask = json!({ "login": OWNER, "password": OWNER_PASSWORD });
        let session = self.stranger().post("/admin/v1/session", &ask).await.created();
        self.stranger().with_token(session["token"].as_str().unwrap())
    }

    /// A small brand on it.
    pub async fn brand(&self) -> Brand {
        Brand::of(self).await
    }

    /// What its clock shows, with `--manual-clock`.
    pub async fn now(&self) -> DateTime<Utc> {
        let clock = self.stranger().get("/test/clock").await.ok();
        clock["now"].as_str().unwrap().parse().unwrap()
    }

    /// Moves its clock, with `--manual-clock`; what it shows now. It never goes back.
    pub async fn set_clock(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let clock = self.stranger().put("/test/clock", &json!({ "now": now.to_rfc3339() })).await.ok();
        clock["now"].as_str().unwrap().parse().unwrap()
    }

    /// Moves its clock forward, with `--manual-clock`. Sessions of staff last twelve hours.
    pub async fn pass(&self, time: TimeDelta) -> DateTime<Utc> {
        self.set_clock(self.now().await + time).await
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        self.err.text()
    }

    /// Panics and errors in its log so far, but for lines with one of those words in them.
    pub fn faults(&self, excused: &[&str]) -> Vec<String> {
        faults(&self.log(), excused)
    }

    /// Asks it to stop, as a service manager does.
    pub fn terminate(&self) {
        self.signal(Signal::TERM);
    }

    /// Gives it no time for anything.
    pub fn kill(&self) {
        self.signal(Signal::KILL);
    }

    /// Lets it stand still: it answers nobody, and the system still takes connections for it.
    pub fn freeze(&self) {
        self.signal(Signal::STOP);
    }

    /// Lets it go on.
    pub fn thaw(&self) {
        self.signal(Signal::CONT);
    }

    /// From now on none of its files may grow past so many bytes (`RLIMIT_FSIZE`), or as they like again. For a server
    /// that was started through [`Home::huike_that_survives_limits`].
    pub fn limit_files(&self, bytes: Option<u64>) {
        limit_files(self.child.id(), bytes);
    }

    /// Sends it any signal.
    pub fn signal(&self, signal: Signal) {
        send(self.child.id(), signal);
    }

    /// Waits until it has stopped; what it left behind.
    pub fn stopped(mut self) -> Ran {
        let ended = poll(STOP_MAX, || self.child.try_wait().unwrap());
        let Some(status) = ended else { panic!("the server does not stop:\n{}", self.log()) };
        Ran { code: status.code(), out: self.out.finish(), err: self.err.finish() }
    }

    /// Asks it to stop and waits.
    pub fn stop(self) -> Ran {
        self.terminate();
        self.stopped()
    }

    /// Kills it and waits.
    pub fn stop_dead(self) -> Ran {
        self.kill();
        self.stopped()
    }
}

impl Ground for Server {
    fn stranger(&self) -> Client {
        Self::stranger(self)
    }

    async fn owner(&self) -> Client {
        Self::owner(self).await
    }
}

/// A test that fails leaves no server behind.
impl Drop for Server {
    fn drop(&mut self) {
        if self.child.try_wait().is_ok_and(|status| status.is_none()) {
            drop(self.child.kill());
            drop(self.child.wait());
        }
    }
}
