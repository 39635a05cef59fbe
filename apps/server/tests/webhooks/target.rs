//! Receivers on this machine: real sockets that write down what they hear, and answer as the test wants.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};

use reqwest::header::HeaderMap;
use serde_json::Value;

/// What a receiver was sent.
#[derive(Debug, Clone)]
pub struct Received {
    pub target: String,
    pub headers: HeaderMap,
    pub raw: Vec<u8>,
    pub body: Value,
}

impl Received {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap_or_else(|| panic!("no {name} in {:?}", self.headers)).to_str().unwrap()
    }

    /// What it tells: the kind and version of the aggregate.
    pub fn seq(&self) -> i64 {
        self.body["aggregate"]["seq"].as_i64().unwrap()
    }
}

/// How a receiver answers.
#[derive(Debug, Clone)]
pub enum Reply {
    Status(u16),
    /// With one more header.
    With(u16, &'static str, String),
    /// A body of so many bytes.
    Huge(usize),
    /// Says that all is well, and then one byte after the other for ever.
    Drip,
    /// Not at all.
    Never,
    /// Something that is not HTTP.
    Nonsense,
}

type Script = Box<dyn Fn(&Received, usize) -> Reply + Send + Sync>;

/// A receiver; dropping it hangs up on everybody.
pub struct Target {
    pub address: SocketAddr,
    inner: Arc<Inner>,
    thread: Option<JoinHandle<()>>,
}

struct Inner {
    script: Script,
    calls: AtomicUsize,
    heard: Mutex<Vec<Received>>,
    /// Bytes of answers that went out.
    written: AtomicUsize,
    closing: AtomicBool,
}

impl Target {
    /// Answers what the script says to each message, which is told how many came before.
    pub fn new(script: impl Fn(&Received, usize) -> Reply + Send + Sync + 'static) -> Self {
        Self::at("127.0.0.1:0", script)
    }

    pub fn at(place: &str, script: impl Fn(&Received, usize) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(place).unwrap();
        let address = listener.local_addr().unwrap();
        let inner = Arc::new(Inner {
            script: Box::new(script),
            calls: AtomicUsize::new(0),
            heard: Mutex::default(),
            written: AtomicUsize::new(0),
            closing: AtomicBool::new(false),
        });
        let accepting = Arc::clone(&inner);
        let thread = std::thread::spawn(move || accepting.accept(&listener));
        Self { address, inner, thread: Some(thread) }
    }

    /// Says yes to everything.
    pub fn willing() -> Self {
        Self::new(|_, _| Reply::Status(204))
    }

    pub fn url(&self) -> String {
        format!("http://{}/in?shop=7", self.address)
    }

    /// Connections that were taken, whatever came over them.
    pub fn calls(&self) -> usize {
        self.inner.calls.load(Ordering::SeqCst)
    }

    pub fn heard(&self) -> Vec<Received> {
        self.inner.heard.lock().unwrap().clone()
    }

    /// The versions of the aggregates it heard of, in order.
    pub fn seqs(&self) -> Vec<i64> {
        self.heard().iter().map(Received::seq).collect()
    }

    pub fn written(&self) -> usize {
        self.inner.written.load(Ordering::SeqCst)
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        self.inner.closing.store(true, Ordering::SeqCst);
        drop(TcpStream::connect(self.address));
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

impl Inner {
    fn accept(self: &Arc<Self>, listener: &TcpListener) {
        for stream in listener.incoming() {
            if self.closing.load(Ordering::SeqCst) {
                return;
            }
            let (serving, Ok(stream)) = (Arc::clone(self), stream) else { continue };
            self.calls.fetch_add(1, Ordering::SeqCst);
            // Nobody waits for it: it ends when the caller hangs up.
            std::thread::spawn(move || serving.serve(&stream));
        }
    }

    fn serve(&self, stream: &TcpStream) {
        let Some(received) = read(stream) else { return };
        let nth = {
            let mut heard = self.heard.lock().unwrap();
            heard.push(received.clone());
            heard.len() - 1
        };
        match (self.script)(&received, nth) {
            Reply::Status(status) => self.answer(stream, status, "x-nothing: 1", b""),
            Reply::With(status, name, value) => self.answer(stream, status, &format!("{name}: {value}"), b""),
            Reply::Huge(bytes) => self.answer(stream, 200, &format!("content-length: {bytes}"), &vec![b'x'; bytes]),
            Reply::Nonsense => self.say(stream, b"EHLO hooks.example\r\n\r\n"),
            Reply::Drip => self.drip(stream),
            Reply::Never => wait_for_the_end(stream),
        }
    }

    fn answer(&self, stream: &TcpStream, status: u16, header: &str, body: &[u8]) {
        let length = if header.starts_with("content-length") { "" } else { "content-length: 0\r\n" };
        self.say(stream, format!("HTTP/1.1 {status} X\r\n{header}\r\n{length}\r\n").as_bytes());
        for chunk in body.chunks(64 * 1024) {
            self.say(stream, chunk);
        }
    }

    fn drip(&self, stream: &TcpStream) {
        self.say(stream, b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n");
        while !self.closing.load(Ordering::SeqCst) && self.try_say(stream, b"x") {
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn say(&self, stream: &TcpStream, bytes: &[u8]) {
        self.try_say(stream, bytes);
    }

    fn try_say(&self, mut stream: &TcpStream, bytes: &[u8]) -> bool {
        let went = stream.write_all(bytes).is_ok();
        self.written.fetch_add(if went { bytes.len() } else { 0 }, Ordering::SeqCst);
        went
    }
}

fn wait_for_the_end(mut stream: &TcpStream) {
    while stream.read(&mut [0; 64]).is_ok_and(|read| read > 0) {}
}

/// One request; `None` when the caller hangs up first.
fn read(stream: &TcpStream) -> Option<Received> {
    let mut reader = BufReader::new(stream);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim_end().to_owned();
        if line.is_empty() {
            break;
        }
        lines.push(line);
    }
    let mut headers = HeaderMap::new();
    for (name, value) in lines.iter().skip(1).filter_map(|line| line.split_once(": ")) {
        headers.append(name.parse::<reqwest::header::HeaderName>().unwrap(), value.parse().unwrap());
    }
    let length = headers.get("content-length")?.to_str().ok()?.parse().ok()?;
    let mut raw = vec![0; length];
    reader.read_exact(&mut raw).ok()?;
    let body = serde_json::from_slice(&raw).unwrap_or(Value::Null);
    Some(Received { target: lines.first()?.clone(), headers, raw, body })
}
