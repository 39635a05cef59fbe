//! A proxy in front of PostgreSQL that cuts connections at a chosen moment of the protocol.

mod frame;
mod plan;

use std::{
    io::{self, BufReader, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

pub use plan::Moment;

use frame::{Frame, Opening, read_opening};
use plan::Plan;

const CONNECT_MAX: Duration = Duration::from_secs(5);
/// To the question whether we speak TLS: no.
const NO_ENCRYPTION: &[u8] = b"N";

/// Listens on a port of 127.0.0.1 and passes everything on to PostgreSQL, until a plan says cut. Dropping it cuts
/// everybody.
///
/// ```no_run
/// use huike_harness::{Moment, PostgresServer, Proxy};
///
/// let Some(postgres) = PostgresServer::start() else { return };
/// let proxy = Proxy::before(postgres.port());
/// let url = proxy.url(&postgres.create_database("shop"));
/// proxy.cut_next(Moment::AfterCommit, 3); // the next three commits stand, and nobody hears of them
/// # drop(url);
/// ```
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    target: SocketAddr,
    plan: Mutex<Plan>,
    open: Mutex<Vec<Arc<Line>>>,
    refuses: AtomicBool,
    closed: AtomicBool,
    commits: AtomicU64,
    cuts: AtomicU64,
}

impl Proxy {
    /// In front of that port of 127.0.0.1. Whether somebody listens there shows when somebody connects here.
    pub fn before(port: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            target: SocketAddr::from(([127, 0, 0, 1], port)),
            plan: Mutex::new(Plan::Pass),
            open: Mutex::default(),
            refuses: AtomicBool::new(false),
            closed: AtomicBool::new(false),
            commits: AtomicU64::new(0),
            cuts: AtomicU64::new(0),
        });
        let accepting = Arc::clone(&shared);
        thread::spawn(move || accepting.accept(&listener));
        Self { address, shared }
    }

    /// A URL of the server behind, led through here.
    pub fn url(&self, url: &str) -> String {
        let behind = self.shared.target.to_string();
        assert!(url.contains(&behind), "{url} does not name {behind}");
        url.replacen(&behind, &self.address.to_string(), 1)
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Cuts the connections of the next so many COMMITs, and lets all later ones pass.
    pub fn cut_next(&self, moment: Moment, count: u32) {
        *self.shared.plan.lock().unwrap() = Plan::Next { moment, left: count };
    }

    /// Cuts one in so many COMMITs, by chance; the seed says which, in the order in which they come.
    pub fn cut_some(&self, moment: Moment, one_in: u32, seed: u64) {
        *self.shared.plan.lock().unwrap() = Plan::some(moment, one_in, seed);
    }

    /// Lets everything pass again, new connections too.
    pub fn pass(&self) {
        *self.shared.plan.lock().unwrap() = Plan::Pass;
        self.shared.refuses.store(false, Ordering::SeqCst);
    }

    /// Cuts all connections and closes each new one at once, until [`Proxy::pass`].
    pub fn refuse(&self) {
        self.shared.refuses.store(true, Ordering::SeqCst);
        self.cut_all();
    }

    /// Cuts all connections as they stand, whatever they are doing.
    pub fn cut_all(&self) {
        for line in self.shared.open.lock().unwrap().drain(..) {
            line.cut();
        }
    }

    /// COMMITs that clients have asked for so far, those that were cut among them.
    pub fn commits(&self) -> u64 {
        self.shared.commits.load(Ordering::SeqCst)
    }

    /// COMMITs at which a connection was cut so far.
    pub fn cuts(&self) -> u64 {
        self.shared.cuts.load(Ordering::SeqCst)
    }

    /// Cuts that [`Proxy::cut_next`] still has to make.
    pub fn cuts_left(&self) -> u32 {
        self.shared.plan.lock().unwrap().left()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.closed.store(true, Ordering::SeqCst);
        self.cut_all();
        // Wakes the thread that accepts, so that it ends.
        drop(TcpStream::connect(self.address));
    }
}

impl Shared {
    fn accept(self: Arc<Self>, listener: &TcpListener) {
        for client in listener.incoming().map_while(Result::ok) {
            if self.closed.load(Ordering::SeqCst) {
                return;
            }
            if self.refuses.load(Ordering::SeqCst) {
                continue;
            }
            let shared = Arc::clone(&self);
            thread::spawn(move || shared.serve(client));
        }
    }

    /// One connection, from its beginning to its end.
    fn serve(self: Arc<Self>, client: TcpStream) {
        let Ok(server) = TcpStream::connect_timeout(&self.target, CONNECT_MAX) else { return };
        let line = Arc::new(Line { client, server, loses_answer: AtomicBool::new(false) });
        self.open.lock().unwrap().push(Arc::clone(&line));
        if self.refuses.load(Ordering::SeqCst) {
            line.cut();
        }
        let (shared, back) = (Arc::clone(&self), Arc::clone(&line));
        let answering = thread::spawn(move || {
            drop(shared.pass_answers(&back));
            back.cut();
        });
        drop(self.pass_asks(&line));
        line.cut();
        drop(answering.join());
        self.open.lock().unwrap().retain(|open| !Arc::ptr_eq(open, &line));
    }

    /// From the client to the server.
    fn pass_asks(&self, line: &Line) -> io::Result<()> {
        line.client.set_nodelay(true)?;
        let mut asks = BufReader::new(&line.client);
        let opening = loop {
            match read_opening(&mut asks)? {
                Opening::Encryption => (&line.client).write_all(NO_ENCRYPTION)?,
                Opening::Start(bytes) => break bytes,
            }
        };
        (&line.server).write_all(&opening)?;
        loop {
            let ask = Frame::read(&mut asks)?;
            if ask.asks_to_commit() {
                self.commits.fetch_add(1, Ordering::SeqCst);
                match self.plan.lock().unwrap().decide() {
                    None => {}
                    Some(Moment::AfterCommit) => line.loses_answer.store(true, Ordering::SeqCst),
                    Some(Moment::BeforeCommit) => {
                        self.cuts.fetch_add(1, Ordering::SeqCst);
                        return Ok(());
                    }
                }
            }
            (&line.server).write_all(ask.bytes())?;
        }
    }

    /// From the server to the client.
    fn pass_answers(&self, line: &Line) -> io::Result<()> {
        line.server.set_nodelay(true)?;
        let mut answers = BufReader::new(&line.server);
        // Answers to one ask go out together, so that a client never hears the half of what is then cut.
        let mut held = Vec::new();
        loop {
            let answer = Frame::read(&mut answers)?;
            if answer.says_committed() && line.loses_answer.load(Ordering::SeqCst) {
                self.cuts.fetch_add(1, Ordering::SeqCst);
                return Ok(());
            }
            if answer.says_ready() {
                // The COMMIT was refused: there is nothing to lose.
                line.loses_answer.store(false, Ordering::SeqCst);
            }
            held.extend_from_slice(answer.bytes());
            if answers.buffer().is_empty() {
                (&line.client).write_all(&held)?;
                held.clear();
            }
        }
    }
}

/// A connection: the client's side and the server's.
#[derive(Debug)]
struct Line {
    client: TcpStream,
    server: TcpStream,
    /// The answer to the COMMIT that is under way shall not be passed on.
    loses_answer: AtomicBool,
}

impl Line {
    fn cut(&self) {
        drop(self.client.shutdown(Shutdown::Both));
        drop(self.server.shutdown(Shutdown::Both));
    }
}
