//! The fake's callbacks: sealed and signed as real ones are, and delivered when a test says so.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use url::Url;

use super::FakeWechat;
use crate::Callback;

/// How long a callback waits for its answer.
const PATIENCE: Duration = Duration::from_secs(30);
const SEAL_NONCE: &str = "fdasflkja484";

/// A callback that was signed and not yet delivered. Change what you like: a good provider notices.
#[derive(Clone)]
pub struct SignedCallback {
    /// Names and values of its headers.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: Vec<u8>,
    /// Where it is to be sent.
    pub url: String,
}

impl SignedCallback {
    /// Its headers, as a provider reads them.
    pub fn header_pairs(&self) -> Vec<(&str, &str)> {
        self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }

    /// It, as a provider reads it.
    pub fn with_headers<'a>(&'a self, headers: &'a [(&'a str, &'a str)]) -> Callback<'a> {
        Callback { headers, body: &self.body }
    }

    /// Sets a header to another value.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Sends it to its URL, which must be on loopback without encryption, and says with which status it was answered. It blocks.
    pub fn deliver(&self) -> u16 {
        let url = Url::parse(&self.url).unwrap();
        let (host, port) = (url.host_str().unwrap(), url.port_or_known_default().unwrap());
        let mut stream = TcpStream::connect((host, port)).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut head = format!("POST {} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n", url.path());
        head.push_str("Content-Type: application/json\r\n");
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str(&format!("Content-Length: {}\r\n\r\n", self.body.len()));
        stream.write_all(&[head.as_bytes(), &self.body].concat()).unwrap();
        let mut answer = Vec::new();
        // Who hangs up with a reset after answering has answered.
        drop(stream.read_to_end(&mut answer));
        String::from_utf8_lossy(&answer).split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap()
    }
}

impl FakeWechat {
    /// A callback about anything, sealed and signed now.
    pub fn notice(&self, event_type: &str, resource: &Value, url: String) -> SignedCallback {
        let data = if event_type.starts_with("REFUND") { "refund" } else { "transaction" };
        let sealed = self.shared.seal.seal(resource.to_string().as_bytes(), SEAL_NONCE, data).unwrap();
        let id = format!("{event_type}/{}/{}", text(resource, "out_trade_no"), text(resource, "out_refund_no"));
        let body = json!({
            "id": id, "create_time": self.shared.clock.now(), "event_type": event_type, "resource_type": "encrypt-resource",
            "summary": "支付成功",
            "resource": {
                "original_type": data, "algorithm": "AEAD_AES_256_GCM", "ciphertext": sealed, "associated_data": data, "nonce": SEAL_NONCE,
            },
        });
        self.signed(body.to_string().into_bytes(), self.shared.clock.now(), url)
    }

    /// A body, signed at this moment with the key that callbacks are signed with.
    pub fn signed(&self, body: Vec<u8>, at: DateTime<Utc>, url: String) -> SignedCallback {
        let by_public_key = !self.shared.house().signs_with_certificate;
        let headers = self.shared.sign(by_public_key, &body, at);
        SignedCallback { headers: headers.map(|(name, value)| (name.to_owned(), value)).to_vec(), body, url }
    }
}

fn text<'a>(resource: &'a Value, key: &str) -> &'a str {
    resource[key].as_str().unwrap_or_default()
}
