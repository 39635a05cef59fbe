//! One request over one connection: bounded in time and in what is read, to the host that was set and to no other. Nothing
//! here can follow a redirect, use a proxy, keep a cookie or unpack an answer: it does not know how.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::{Method, Request, StatusCode, client::conn::http1, header};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    task::JoinHandle,
    time::{Instant, timeout, timeout_at},
};
use tokio_rustls::{
    TlsConnector,
    rustls::{ClientConfig, pki_types::ServerName},
};

use super::Origin;
use crate::Trouble;

/// How long one host may take to take a call, so that there is time for the other.
const CONNECT_MAX: Duration = Duration::from_secs(3);
/// The longest head of an answer.
const HEAD_BYTES_MAX: usize = 32 * 1_024;
const AGENT: &str = concat!("Huike-Payments/", env!("CARGO_PKG_VERSION"));

/// Makes calls.
#[derive(Clone)]
pub(super) struct Wire {
    pub(super) tls: Arc<ClientConfig>,
    pub(super) call_max: Duration,
}

/// What is sent. It has no `Debug`: it can be sent again by whoever has it.
pub(super) struct Letter {
    pub(super) method: Method,
    /// Path and query.
    pub(super) target: String,
    /// Names and values.
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Vec<u8>,
    /// So much of an answer is read; a longer one is broken.
    pub(super) answer_bytes_max: usize,
}

/// What came back.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    headers: header::HeaderMap,
    pub(super) body: Bytes,
}

impl Answer {
    /// The value of a header that is there exactly once.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.get_all(name).iter();
        match (found.next(), found.next()) {
            (Some(value), None) => value.to_str().ok(),
            _ => None,
        }
    }
}

/// How far a call came that got no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Lost {
    /// Not a byte was sent.
    Before,
    /// It may have arrived.
    After(Trouble),
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// Ends the task that moves the bytes when the call is over, however it ends.
struct Driver(JoinHandle<()>);

impl Drop for Driver {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Wire {
    /// Sends a letter to the first host that can be reached. Once a byte was sent no other is tried: it may have arrived.
    pub(super) async fn send(&self, hosts: &[Origin], letter: &Letter) -> Result<Answer, Lost> {
        let deadline = Instant::now().checked_add(self.call_max).ok_or(Lost::Before)?;
        for host in hosts {
            if let Ok(Some(stream)) =
                timeout_at(deadline, timeout(CONNECT_MAX, self.dial(host))).await.unwrap_or(Ok(None))
            {
                return timeout_at(deadline, call(stream, host, letter))
                    .await
                    .unwrap_or(Err(Lost::After(Trouble::TimedOut)));
            }
        }
        Err(Lost::Before)
    }

    async fn dial(&self, host: &Origin) -> Option<Box<dyn Stream>> {
        let tcp = TcpStream::connect((host.host.as_str(), host.port)).await.ok()?;
        // Small messages, one at a time: waiting for more to send only delays them. It works without, too.
        drop(tcp.set_nodelay(true));
        if !host.https {
            return Some(Box::new(tcp));
        }
        let name = ServerName::try_from(host.host.clone()).ok()?;
        let tls = TlsConnector::from(Arc::clone(&self.tls)).connect(name, tcp).await.ok()?;
        Some(Box::new(tls))
    }
}

async fn call(stream: Box<dyn Stream>, host: &Origin, letter: &Letter) -> Result<Answer, Lost> {
    let broken = || Lost::After(Trouble::AnswerBroken);
    let request = request(host, letter).ok_or(Lost::Before)?;
    let shaken = http1::Builder::new().max_buf_size(HEAD_BYTES_MAX).handshake(TokioIo::new(stream)).await;
    let (mut caller, connection) = shaken.map_err(|_broken| Lost::Before)?;
    let _driver = Driver(tokio::spawn(async move { drop(connection.await) }));
    let response = caller.send_request(request).await.map_err(|_broken| broken())?;
    let (head, body) = response.into_parts();
    let body = Limited::new(body, letter.answer_bytes_max).collect().await.map_err(|_broken| broken())?;
    Ok(Answer { status: head.status, headers: head.headers, body: body.to_bytes() })
}

fn request(host: &Origin, letter: &Letter) -> Option<Request<Full<Bytes>>> {
    let mut request = Request::builder()
        .method(letter.method.clone())
        .uri(letter.target.as_str())
        .header(header::HOST, host.authority())
        .header(header::ACCEPT, "application/json")
        .header(header::USER_AGENT, AGENT)
        .header(header::CONNECTION, "close");
    if letter.method == Method::POST {
        request = request.header(header::CONTENT_TYPE, "application/json");
    }
    for (name, value) in &letter.headers {
        request = request.header(*name, value);
    }
    request.body(Full::from(letter.body.clone())).ok()
}
