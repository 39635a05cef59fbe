//! HTTP/1.1 by hand.

use std::{
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    time::Duration,
};

use huike_harness::Server;
use serde_json::Value;

/// Longer than the server lets anybody hesitate.
const SILENCE_MAX: Duration = Duration::from_secs(15);

/// Words that only the inside of the house would write.
const OURS: [&str; 8] = ["SELECT", "INSERT", "constraint", "diesel", "panicked", "sqlite", "postgres", "src/"];

/// A connection of our own.
pub struct Wire {
    stream: TcpStream,
}

/// One answer, as it came.
#[derive(Debug)]
pub struct Heard {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Wire {
    pub fn to(server: &Server) -> Self {
        let stream = TcpStream::connect(server.base.trim_start_matches("http://")).unwrap();
        stream.set_read_timeout(Some(SILENCE_MAX)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream }
    }

    /// Sends bytes. The server may have answered and hung up before it has them all: that is its right.
    pub fn send(mut self, bytes: impl AsRef<[u8]>) -> Self {
        drop(self.try_send(bytes.as_ref()));
        self
    }

    /// Sends bytes, if the server still takes any.
    pub fn try_send(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.stream.write_all(bytes)
    }

    /// Says that nothing more will come.
    pub fn finish(self) -> Self {
        drop(self.stream.shutdown(std::net::Shutdown::Write));
        self
    }

    /// Everything that is answered until the server hangs up.
    pub fn answers(mut self) -> Vec<Heard> {
        let (mut bytes, mut part) = (Vec::new(), [0; 8_192]);
        loop {
            match self.stream.read(&mut part) {
                Ok(0) => break,
                Ok(read) => bytes.extend_from_slice(&part[..read]),
                Err(error) if error.kind() == ErrorKind::ConnectionReset => break,
                Err(error) => panic!("the server neither answers nor hangs up: {error}; so far {:?}", text(&bytes)),
            }
        }
        heard(&bytes)
    }

    /// The one answer there is.
    #[track_caller]
    pub fn answer(self) -> Heard {
        let mut all = self.answers();
        assert_eq!(all.len(), 1, "{all:?}");
        all.remove(0)
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Takes the answers apart. Nobody asked for compression, so each has a length.
fn heard(mut bytes: &[u8]) -> Vec<Heard> {
    let mut all = Vec::new();
    while !bytes.is_empty() {
        let end =
            bytes.windows(4).position(|window| window == b"\r\n\r\n").unwrap_or_else(|| panic!("{}", text(bytes)));
        let head = text(&bytes[..end]).to_ascii_lowercase();
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_else(|| panic!("{head}"));
        let length = header_of(&head, "content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        let rest = &bytes[end + 4..];
        let (body, after) = rest.split_at(usize::min(length, rest.len()));
        all.push(Heard { status, head, body: body.to_vec() });
        bytes = after;
    }
    all
}

fn header_of<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).map(str::trim)
}

impl Heard {
    pub fn header(&self, name: &str) -> &str {
        header_of(&self.head, name).unwrap_or_default()
    }

    /// A problem document with that status and code.
    #[track_caller]
    pub fn problem(&self, status: u16, code: &str, what: &str) {
        let document: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        let told = (self.status, document["code"].as_str().unwrap_or_default());
        assert_eq!(told, (status, code), "{what}: {self}");
        self.assert_civil(what);
    }

    /// No document: the server's HTTP layer could make no request of the bytes, so nobody was asked anything.
    #[track_caller]
    pub fn bare(&self, status: u16, what: &str) {
        assert_eq!((self.status, self.body.len()), (status, 0), "{what}: {self}");
        assert_eq!(self.header("connection"), "close", "{what}: {self}");
    }

    /// Whatever it is, it is neither a fault of ours nor does it tell of us.
    #[track_caller]
    pub fn assert_civil(&self, what: &str) {
        assert!(self.status < 500, "{what}: {self}");
        let body = text(&self.body);
        let told = OURS.iter().find(|ours| body.contains(**ours));
        assert_eq!(told, None, "{what}: {self}");
        if self.status >= 400 && !self.body.is_empty() {
            assert_eq!(self.header("content-type"), "application/problem+json", "{what}: {self}");
            let document: Value = serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{what}: {self}"));
            assert_eq!(document["status"], self.status, "{what}: {self}");
            assert_eq!(document["request_id"], self.header("x-request-id"), "{what}: {self}");
        }
    }
}

impl std::fmt::Display for Heard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}\n\n{}", self.head, text(&self.body))
    }
}
