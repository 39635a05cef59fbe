//! One call to a receiver: bounded in time and in what is read, straight to the address, and never anywhere else. Nothing
//! here can follow a redirect, use a proxy, keep a cookie or unpack an answer: it does not know how.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http_body_util::{BodyExt, Full};
use huike_webhooks::{
    Answer, EndpointUrl, Fault, retry_after,
    signature::{ID_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER},
};
use hyper::{
    Request, Response,
    body::Incoming,
    client::conn::http1,
    header::{self, HeaderValue},
};
use hyper_util::rt::TokioIo;
use tokio::{
    task::JoinHandle,
    time::{Instant, timeout_at},
};
use tokio_rustls::rustls::ClientConfig;

use super::{dial::Dialer, resolver::Resolve};

/// How long everything may take: finding the address, connecting, sending and the answer.
pub const CALL_MAX: Duration = Duration::from_secs(10);
/// So much of an answer's body is read, and dropped.
pub const ANSWER_BYTES_MAX: usize = 16 * 1_024;
/// The longest head of an answer.
const HEAD_BYTES_MAX: usize = 32 * 1_024;
const AGENT: &str = concat!("Huike-Webhooks/", env!("CARGO_PKG_VERSION"));

/// Makes calls.
#[derive(Clone)]
pub struct Sender {
    dialer: Dialer,
    call_max: Duration,
}

/// What is sent. It has no `Debug`: whoever has the body and its signature can send them again.
#[derive(Clone)]
pub struct Letter {
    /// `webhook-id`.
    pub id: String,
    /// `webhook-timestamp`.
    pub timestamp: i64,
    /// `webhook-signature`.
    pub signature: String,
    /// The message.
    pub body: Vec<u8>,
}

/// Ends the task that moves the bytes when the call is over, however it ends.
struct Driver(JoinHandle<()>);

impl Drop for Driver {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Sender {
    /// A sender that finds addresses and encrypts in this way. `allow_loopback` is for development.
    pub fn new(resolver: Arc<dyn Resolve>, tls: Arc<ClientConfig>, allow_loopback: bool) -> Self {
        Self { dialer: Dialer { resolver, tls, allow_loopback }, call_max: CALL_MAX }
    }

    /// The same sender with another patience; tests want less or more.
    #[must_use]
    pub fn with_call_max(self, call_max: Duration) -> Self {
        Self { call_max, ..self }
    }

    /// Sends the letter to the URL, which was good when it was entered and is looked at again. `now` is what a date in
    /// `Retry-After` is held against.
    pub async fn send(&self, url: &str, letter: Letter, now: DateTime<Utc>) -> Answer {
        let Ok(url) = EndpointUrl::parse(url, self.dialer.allow_loopback) else {
            return Answer::Failed(Fault::UrlRefused);
        };
        let deadline = Instant::now() + self.call_max;
        let called = timeout_at(deadline, self.call(&url, letter)).await;
        let (response, _driver) = match called {
            Ok(Ok(answered)) => answered,
            Ok(Err(fault)) => return Answer::Failed(fault),
            Err(_elapsed) => return Answer::Failed(Fault::TimedOut),
        };
        let answer = Answer::Status { code: response.status().as_u16(), retry_after: wait_of(&response, now) };
        // The answer counts from its first line on. The rest is read for the sake of receivers that do not like to be cut
        // off in the middle of a word.
        drop(timeout_at(deadline, drain(response.into_body())).await);
        answer
    }

    async fn call(&self, url: &EndpointUrl, letter: Letter) -> Result<(Response<Incoming>, Driver), Fault> {
        let request = request(url, letter).ok_or(Fault::UrlRefused)?;
        let wire = self.dialer.dial(url).await?;
        let (mut caller, connection) = http1::Builder::new()
            .max_buf_size(HEAD_BYTES_MAX)
            .handshake(TokioIo::new(wire))
            .await
            .map_err(|_broken| Fault::AnswerBroken)?;
        let driver = Driver(tokio::spawn(async move { drop(connection.await) }));
        let response = caller.send_request(request).await.map_err(|_broken| Fault::AnswerBroken)?;
        Ok((response, driver))
    }
}

fn request(url: &EndpointUrl, letter: Letter) -> Option<Request<Full<Bytes>>> {
    Request::post(url.target())
        .header(header::HOST, url.authority())
        .header(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))
        .header(header::USER_AGENT, HeaderValue::from_static(AGENT))
        .header(header::CONNECTION, HeaderValue::from_static("close"))
        .header(ID_HEADER, letter.id)
        .header(TIMESTAMP_HEADER, letter.timestamp)
        .header(SIGNATURE_HEADER, letter.signature)
        .body(Full::from(letter.body))
        .ok()
}

fn wait_of(response: &Response<Incoming>, now: DateTime<Utc>) -> Option<chrono::TimeDelta> {
    retry_after(response.headers().get(header::RETRY_AFTER)?.to_str().ok()?, now)
}

async fn drain(mut body: Incoming) {
    let mut read = 0;
    while read < ANSWER_BYTES_MAX
        && let Some(Ok(frame)) = body.frame().await
    {
        read += frame.data_ref().map_or(0, Bytes::len);
    }
}
