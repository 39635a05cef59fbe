//! A server as its own process.

use std::{
    io::{BufRead, BufReader, Read},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex, mpsc},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use serde_json::json;

use super::home::{Home, Ran};
use crate::support::{Client, OWNER, OWNER_PASSWORD, brand::Brand};

/// Generous, for a machine that does other things as well.
const START_MAX: Duration = Duration::from_secs(30);
const STOP_MAX: Duration = Duration::from_secs(30);

/// A server that listens.
pub struct Server {
    child: Child,
    /// Where it is, as it said itself.
    pub base: String,
    /// How long it took from the start of the process to an answer of `/readyz`.
    pub ready_in: Duration,
    out: Reader,
    err: Reader,
}

impl Server {
    /// Starts on a free port with the development profile, and waits until it is ready.
    pub async fn start(home: &Home, flags: &[&str]) -> Self {
        let arguments = [&["serve", "--profile", "dev", "--listen", "127.0.0.1:0"], flags].concat();
        Self::spawn(home.huike(&arguments)).await
    }

    pub async fn spawn(mut command: Command) -> Self {
        let started = Instant::now();
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (tell, told) = mpsc::channel();
        let out = Reader::of(child.stdout.take().unwrap(), Some(tell));
        let err = Reader::of(child.stderr.take().unwrap(), None);
        let Ok(base) = told.recv_timeout(START_MAX) else {
            drop(child.kill());
            panic!("the server did not say where it listens:\n{}\n{}", out.text(), err.text());
        };
        let mut server = Self { child, base, ready_in: Duration::ZERO, out, err };
        server.stranger().get("/readyz").await.ok();
        server.ready_in = started.elapsed();
        server
    }

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
        let owner = self.owner().await;
        let head = owner.get("/admin/v1/me").await.ok()["roles"][0]["site_id"].as_str().unwrap().to_owned();
        Brand::build(self.stranger(), owner, head).await
    }

    /// Asks it to stop, as a service manager does.
    pub fn terminate(&self) {
        self.signal("TERM");
    }

    /// Gives it no time for anything.
    pub fn kill(&self) {
        self.signal("KILL");
    }

    fn signal(&self, name: &str) {
        let kill = format!("kill -{name} {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    }

    /// Waits until it has stopped; what it left behind.
    pub fn stopped(mut self) -> Ran {
        let deadline = Instant::now() + STOP_MAX;
        let status: ExitStatus = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(Instant::now() < deadline, "the server does not stop:\n{}", self.err.text());
            std::thread::sleep(Duration::from_millis(10));
        };
        Ran { code: status.code(), out: self.out.finish(), err: self.err.finish() }
    }

    /// Asks it to stop and waits.
    pub fn stop(self) -> Ran {
        self.terminate();
        self.stopped()
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

/// Reads a stream to its end, so that the process never waits for a reader.
struct Reader {
    lines: Arc<Mutex<String>>,
    thread: Option<JoinHandle<()>>,
}

impl Reader {
    fn of(stream: impl Read + Send + 'static, address: Option<mpsc::Sender<String>>) -> Self {
        let lines = Arc::new(Mutex::new(String::new()));
        let kept = Arc::clone(&lines);
        let thread = std::thread::spawn(move || {
            for line in BufReader::new(stream).lines().map_while(Result::ok) {
                if let (Some(tell), Some(base)) = (&address, line.strip_prefix("listening on ")) {
                    drop(tell.send(base.to_owned()));
                }
                let mut kept = kept.lock().unwrap();
                kept.push_str(&line);
                kept.push('\n');
            }
        });
        Self { lines, thread: Some(thread) }
    }

    fn text(&self) -> String {
        self.lines.lock().unwrap().clone()
    }

    fn finish(&mut self) -> String {
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
        self.text()
    }
}
