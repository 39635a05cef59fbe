//! Calls that are signed, and answers that are believed because they are.

use std::sync::Arc;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use huike_kernel::{Clock, RandomSource};
use hyper::{Method, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::sync::Mutex;

use super::{
    Origin,
    hex::hex,
    refusal::{code_of, decide_failure},
    settings::Keys,
    trust::Trust,
    wire::{Answer, Letter, Lost, Wire},
};
use crate::{CallbackError, Trouble, WriteError, callback::is_near};

/// The kind of signature, in both directions.
pub(super) const SCHEME: &str = "WECHATPAY2-SHA256-RSA2048";
/// What a signature begins with that is wrong on purpose, to see whether anybody looks.
const PROBE: &str = "WECHATPAY/SIGNTEST/";
pub(super) const SERIAL_HEADER: &str = "Wechatpay-Serial";
pub(super) const SIGNATURE_HEADER: &str = "Wechatpay-Signature";
pub(super) const TIMESTAMP_HEADER: &str = "Wechatpay-Timestamp";
pub(super) const NONCE_HEADER: &str = "Wechatpay-Nonce";
/// The longest answer that is read, other than a bill.
const ANSWER_BYTES_MAX: usize = 256 * 1_024;

/// What calls are made with.
pub(super) struct Link {
    pub(super) merchant_id: String,
    pub(super) app_id: String,
    pub(super) merchant_serial: String,
    pub(super) keys: Keys,
    pub(super) trust: Trust,
    /// Held by who fetches certificates; the others wait for what they need as well.
    pub(super) fetching: Mutex<()>,
    pub(super) hosts: Vec<Origin>,
    pub(super) wire: Wire,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) random: Arc<dyn RandomSource>,
}

/// A signature of WeChat Pay's and what it is over besides the body.
pub(super) struct Signed<'a> {
    pub(super) serial: &'a str,
    pub(super) timestamp: &'a str,
    pub(super) nonce: &'a str,
    pub(super) signature: &'a str,
}

impl<'a> Signed<'a> {
    /// Reads the four headers; `None` when one is missing.
    pub(super) fn find(header: impl Fn(&str) -> Option<&'a str>) -> Option<Self> {
        Some(Self {
            serial: header(SERIAL_HEADER)?,
            timestamp: header(TIMESTAMP_HEADER)?,
            nonce: header(NONCE_HEADER)?,
            signature: header(SIGNATURE_HEADER)?,
        })
    }

    /// What is signed.
    pub(super) fn text(&self, body: &[u8]) -> Vec<u8> {
        let mut text = format!("{}\n{}\n", self.timestamp, self.nonce).into_bytes();
        text.extend_from_slice(body);
        text.push(b'\n');
        text
    }

    /// What can be said without a key.
    pub(super) fn decide_plausible(&self, now: DateTime<Utc>) -> Result<(), CallbackError> {
        let signed_at = self.timestamp.parse().map_err(|_malformed| CallbackError::Unsigned)?;
        if !is_near(signed_at, now) {
            return Err(CallbackError::TimestampFar);
        }
        if self.signature.starts_with(PROBE) { Err(CallbackError::SignatureProbe) } else { Ok(()) }
    }
}

impl Link {
    /// Asks for something and reads the answer.
    pub(super) async fn get<T: DeserializeOwned>(&self, target: String) -> Result<T, WriteError> {
        read(&self.call(Method::GET, target, Vec::new()).await?)
    }

    /// Sends something and reads the answer.
    pub(super) async fn post<T: DeserializeOwned>(&self, target: &str, body: &Value) -> Result<T, WriteError> {
        read(&self.send(target, body).await?)
    }

    /// Sends something whose answer is empty.
    pub(super) async fn send(&self, target: &str, body: &Value) -> Result<Bytes, WriteError> {
        self.call(Method::POST, target.to_owned(), body.to_string().into_bytes()).await
    }

    async fn call(&self, method: Method, target: String, body: Vec<u8>) -> Result<Bytes, WriteError> {
        self.prepare().await?;
        let letter = self.letter(method, target, body, ANSWER_BYTES_MAX)?;
        let answer = self.wire.send(&self.hosts, &letter).await.map_err(|lost| match lost {
            Lost::Before => WriteError::NotDone(Trouble::Unreachable),
            Lost::After(trouble) => WriteError::Unknown(trouble),
        })?;
        let done = matches!(answer.status, StatusCode::OK | StatusCode::NO_CONTENT);
        // Not every refusal is signed, and TLS says who refuses. But what claims to be signed must be.
        if (done || answer.header(SIGNATURE_HEADER).is_some()) && self.check(&answer).await.is_err() {
            return Err(WriteError::Unknown(Trouble::AnswerForged));
        }
        if done { Ok(answer.body) } else { Err(decide_failure(answer.status, code_of(&answer.body))) }
    }

    /// Sends nothing whose answer could not be checked: it would be done, and nobody would know.
    async fn prepare(&self) -> Result<(), WriteError> {
        let now = self.clock.now();
        if self.trust.is_blind(now) {
            self.refresh(now).await;
        }
        if self.trust.is_blind(now) { Err(WriteError::NotDone(Trouble::KeysMissing)) } else { Ok(()) }
    }

    /// Fetches certificates, unless somebody did a moment ago.
    async fn refresh(&self, now: DateTime<Utc>) {
        let _turn = self.fetching.lock().await;
        if self.trust.take_turn(now)
            && let Some(certificates) = self.fetch_certificates().await
        {
            self.trust.replace(certificates, now);
        }
    }

    async fn check(&self, answer: &Answer) -> Result<(), CallbackError> {
        let signed = Signed::find(|name| answer.header(name)).ok_or(CallbackError::Unsigned)?;
        self.verify(&signed, &answer.body, self.clock.now()).await
    }

    /// Whether WeChat Pay signed this, just now.
    pub(super) async fn verify(
        &self,
        signed: &Signed<'_>,
        body: &[u8],
        now: DateTime<Utc>,
    ) -> Result<(), CallbackError> {
        signed.decide_plausible(now)?;
        if self.trust.wants(signed.serial, now) {
            self.refresh(now).await;
        }
        let key = self.trust.find(signed.serial, now).ok_or(CallbackError::KeyUnknown)?;
        if key.verifies(&signed.text(body), signed.signature) { Ok(()) } else { Err(CallbackError::SignatureWrong) }
    }

    /// A call, signed with the merchant's key at this moment.
    pub(super) fn letter(
        &self,
        method: Method,
        target: String,
        body: Vec<u8>,
        answer_bytes_max: usize,
    ) -> Result<Letter, WriteError> {
        let (timestamp, nonce) = (self.clock.now().timestamp(), self.nonce());
        let mut text = format!("{method}\n{target}\n{timestamp}\n{nonce}\n").into_bytes();
        text.extend_from_slice(&body);
        text.push(b'\n');
        let signature = self.sign(&text)?;
        let (merchant, serial) = (&self.merchant_id, &self.merchant_serial);
        let authorization = format!(
            r#"{SCHEME} mchid="{merchant}",nonce_str="{nonce}",signature="{signature}",timestamp="{timestamp}",serial_no="{serial}""#
        );
        let mut headers = vec![("Authorization", authorization)];
        headers.extend(self.trust.public_key_id().map(|id| (SERIAL_HEADER, id.to_owned())));
        Ok(Letter { method, target, headers, body, answer_bytes_max })
    }

    /// The merchant's signature. It fails only with a key that is no good, and then nothing was sent.
    pub(super) fn sign(&self, text: &[u8]) -> Result<String, WriteError> {
        let refused = || WriteError::NotDone(Trouble::NotAuthorised { code: "MERCHANT_KEY".to_owned() });
        self.keys.merchant.sign(text).ok_or_else(refused)
    }

    /// Thirty-two characters that nobody can foresee.
    pub(super) fn nonce(&self) -> String {
        let mut bytes = [0_u8; 16];
        self.random.fill(&mut bytes);
        hex(&bytes).to_uppercase()
    }
}

/// What an answer says. It was done, so an answer that cannot be read leaves unknown what was.
fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, WriteError> {
    serde_json::from_slice(body).map_err(|_malformed| WriteError::Unknown(Trouble::AnswerBroken))
}
