//! The fake's HTTP: checks our signatures, signs its own, and misbehaves as it was told.

use std::{collections::BTreeMap, convert::Infallible, io, net::TcpListener, sync::Arc, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use http_body_util::{BodyExt, Full};
use huike_kernel::Clock;
use hyper::{Request, Response, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use ring::{
    digest::{SHA1_FOR_LEGACY_USE_ONLY, digest},
    signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey},
};
use serde_json::{Value, json};
use tokio::{sync::oneshot, time::sleep};

use super::{
    API_V3_KEY, Locked, MERCHANT_ID, MERCHANT_SERIAL, Mischief, PUBLIC_KEY_ID, SERIAL_A, SERIAL_B,
    bill::write_bill,
    house::{House, Said},
};
use crate::wechat::{
    hex::hex,
    keys::{MerchantKey, SealKey},
};

/// More than anybody should read.
const ENDLESS_BYTES: usize = 1_024 * 1_024;

/// What everybody who serves a request shares.
pub(super) struct Shared {
    pub(super) clock: Arc<dyn Clock>,
    pub(super) house: Locked,
    pub(super) seal: SealKey,
    base: String,
    merchant: MerchantKey,
    public_key: MerchantKey,
    certificates: [MerchantKey; 2],
}

/// What goes back, before it is signed.
struct Draft {
    status: u16,
    body: Vec<u8>,
    location: Option<String>,
    signing: Signing,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Signing {
    Good,
    Wrong,
    Missing,
    Old,
    Probe,
}

impl Shared {
    pub(super) fn new(clock: Arc<dyn Clock>, base: String) -> Self {
        let key = |pem| MerchantKey::from_pem(pem).unwrap();
        Self {
            clock,
            base,
            house: Locked::default(),
            seal: SealKey::new(API_V3_KEY).unwrap(),
            merchant: key(include_str!("keys/merchant.key.pem")),
            public_key: key(include_str!("keys/public_key.key.pem")),
            certificates: [key(include_str!("keys/platform_a.key.pem")), key(include_str!("keys/platform_b.key.pem"))],
        }
    }

    /// Signs as WeChat Pay does: the four headers.
    pub(super) fn sign(&self, by_public_key: bool, body: &[u8], at: DateTime<Utc>) -> [(&'static str, String); 4] {
        let [a, b] = &self.certificates;
        let (serial, key) = match (by_public_key, self.house().rotated) {
            (true, _) => (PUBLIC_KEY_ID, &self.public_key),
            (false, false) => (SERIAL_A, a),
            (false, true) => (SERIAL_B, b),
        };
        let (timestamp, nonce) = (at.timestamp().to_string(), "593BEC0C930BF1AFEB40B4A08C8FB242".to_owned());
        let text = [format!("{timestamp}\n{nonce}\n").as_bytes(), body, b"\n"].concat();
        [
            ("Wechatpay-Serial", serial.to_owned()),
            ("Wechatpay-Timestamp", timestamp),
            ("Wechatpay-Nonce", nonce),
            ("Wechatpay-Signature", key.sign(&text).unwrap()),
        ]
    }

    /// Whether the merchant signed this, just now, and for the first time.
    fn is_genuine(&self, authorization: &str, method: &str, target: &str, body: &[u8]) -> bool {
        let Some(rest) = authorization.strip_prefix("WECHATPAY2-SHA256-RSA2048 ") else {
            return false;
        };
        let words: BTreeMap<&str, &str> = rest
            .split(',')
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (name, value.trim_matches('"')))
            .collect();
        let word = |name| words.get(name).copied().unwrap_or_default();
        let (timestamp, nonce) = (word("timestamp"), word("nonce_str"));
        let near = timestamp.parse::<i64>().is_ok_and(|at| at.abs_diff(self.clock.now().timestamp()) <= 300);
        let text = [format!("{method}\n{target}\n{timestamp}\n{nonce}\n").as_bytes(), body, b"\n"].concat();
        let signature = STANDARD.decode(word("signature")).unwrap_or_default();
        let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, self.merchant.public());
        let ours = word("mchid") == MERCHANT_ID && word("serial_no") == MERCHANT_SERIAL;
        let fresh = nonce.len() == 32 && self.house().nonces.insert(nonce.to_owned());
        near && ours && fresh && key.verify(&text, &signature).is_ok()
    }

    fn certificates(&self) -> Value {
        let a = (SERIAL_A, include_str!("keys/platform_a.cert.pem"));
        let b = (SERIAL_B, include_str!("keys/platform_b.cert.pem"));
        let shown: &[(&str, &str)] = if self.house().rotated { &[a, b] } else { &[a] };
        let entry = |(serial, pem): &(&str, &str)| {
            let sealed = self.seal.seal(pem.as_bytes(), "61f9c719728a", "certificate").unwrap();
            json!({
                "serial_no": serial, "effective_time": "2020-01-01T00:00:00+08:00", "expire_time": "2120-01-01T00:00:00+08:00",
                "encrypt_certificate": {
                    "algorithm": "AEAD_AES_256_GCM", "nonce": "61f9c719728a", "associated_data": "certificate", "ciphertext": sealed,
                },
            })
        };
        json!({ "data": shown.iter().map(entry).collect::<Vec<_>>() })
    }

    fn offer_bill(&self, query: &str) -> Said {
        let day = query.split('&').find_map(|pair| pair.strip_prefix("bill_date=")).and_then(|day| day.parse().ok());
        let Some(day) = day else {
            return (400, json!({ "code": "PARAM_ERROR", "message": "bill_date" }));
        };
        let text = write_bill(&self.house(), day);
        let hash = digest(&SHA1_FOR_LEGACY_USE_ONLY, text.as_bytes());
        let hash = hex(hash.as_ref());
        let url = format!("{}/v3/billdownload/file?token={day}", self.base);
        (200, json!({ "hash_type": "SHA1", "hash_value": hash, "download_url": url }))
    }

    fn act(&self, house: &mut House, method: &str, path: &str, body: &[u8]) -> Said {
        let body = serde_json::from_slice(body).unwrap_or(Value::Null);
        house.act(method, path, &body, self.clock.now())
    }

    /// Does what is asked for, unless it is told to do something else.
    fn answer(&self, method: &str, target: &str, body: &[u8]) -> Option<(Draft, Duration)> {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        self.house().asked.push(format!("{method} {path}"));
        if path == "/v3/certificates" {
            let mischief = self.house().certificate_mischief.pop_front();
            return spoil(Draft::of((200, self.certificates())), mischief.as_ref());
        }
        if let Some(day) = query.strip_prefix("token=").filter(|_| path == "/v3/billdownload/file") {
            let house = self.house();
            let text = write_bill(&house, day.parse().unwrap());
            let text = house.damage.map_or(text.clone(), |change| change(text));
            return Some((
                Draft { signing: Signing::Missing, body: text.into_bytes(), ..Draft::of((200, Value::Null)) },
                Duration::ZERO,
            ));
        }
        let mischief = self.house().mischief.pop_front();
        match &mischief {
            Some(Mischief::DropRequest) => return None,
            Some(Mischief::FailBefore(status, code)) => return Some((Draft::failed(*status, *code), Duration::ZERO)),
            Some(Mischief::Redirect(to)) => {
                let draft = Draft { location: Some(to.clone()), ..Draft::failed(302, None) };
                return Some((draft, Duration::ZERO));
            }
            _ => {}
        }
        let said = match path {
            "/v3/bill/tradebill" => self.offer_bill(query),
            _ => self.act(&mut self.house(), method, path, body),
        };
        spoil(Draft::of(said), mischief.as_ref())
    }
}

/// What becomes of an answer that was good.
fn spoil(mut draft: Draft, mischief: Option<&Mischief>) -> Option<(Draft, Duration)> {
    let mut wait = Duration::ZERO;
    match mischief {
        None | Some(Mischief::DropRequest | Mischief::FailBefore(..) | Mischief::Redirect(_)) => {}
        Some(Mischief::DropAnswer) => return None,
        Some(Mischief::Delay(time)) => wait = *time,
        Some(Mischief::FailAfter(status, code)) => draft = Draft::failed(*status, *code),
        Some(Mischief::WrongSignature) => draft.signing = Signing::Wrong,
        Some(Mischief::NoSignature) => draft.signing = Signing::Missing,
        Some(Mischief::OldSignature) => draft.signing = Signing::Old,
        Some(Mischief::Probe) => draft.signing = Signing::Probe,
        Some(Mischief::WrongAmount) => draft.change(|told| {
            for key in ["refund", "total"] {
                if let Some(amount) = told["amount"].get_mut(key) {
                    *amount = amount.as_i64().unwrap_or_default().saturating_add(1).into();
                }
            }
        }),
        Some(Mischief::OtherMerchant) => draft.change(|told| told["mchid"] = "1900000001".into()),
        Some(Mischief::Garbage) => draft.body = b"<html>welcome</html>".to_vec(),
        // Sound JSON, so that nothing but its length speaks against it.
        Some(Mischief::Endless) => draft.body.extend(vec![b' '; ENDLESS_BYTES]),
    }
    Some((draft, wait))
}

impl Draft {
    fn of((status, body): Said) -> Self {
        let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        Self { status, body, location: None, signing: Signing::Good }
    }

    fn failed(status: u16, code: Option<&str>) -> Self {
        let body = code.map_or(Value::Null, |code| json!({ "code": code, "message": "as told" }));
        Self { signing: Signing::Missing, ..Self::of((status, body)) }
    }

    fn change(&mut self, change: impl FnOnce(&mut Value)) {
        let mut told = serde_json::from_slice(&self.body).unwrap();
        change(&mut told);
        self.body = told.to_string().into_bytes();
    }

    fn send(self, shared: &Shared, by_public_key: bool) -> Response<Full<Bytes>> {
        let now = shared.clock.now();
        let at =
            if self.signing == Signing::Old { now.checked_sub_signed(TimeDelta::minutes(6)).unwrap() } else { now };
        let mut response = Response::builder().status(self.status);
        if self.signing != Signing::Missing {
            // A wrong signature is a good one, of other words.
            let words = if self.signing == Signing::Wrong { b"other words".as_slice() } else { &self.body };
            for (name, value) in shared.sign(by_public_key, words, at) {
                let probe = self.signing == Signing::Probe && name == "Wechatpay-Signature";
                response = response.header(name, if probe { format!("WECHATPAY/SIGNTEST/{value}") } else { value });
            }
        }
        if let Some(location) = self.location {
            response = response.header("Location", location);
        }
        response.body(Full::from(self.body)).unwrap()
    }
}

async fn serve(shared: Arc<Shared>, request: Request<Incoming>) -> io::Result<Response<Full<Bytes>>> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
    let (method, target) = (head.method.as_str(), head.uri.to_string());
    let header = |name| head.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !shared.is_genuine(header("Authorization"), method, &target, &body) {
        return Ok(Draft::failed(401, Some("SIGN_ERROR")).send(&shared, false));
    }
    let by_public_key = header("Wechatpay-Serial") == PUBLIC_KEY_ID;
    let hung_up = || io::Error::other("hangs up, as told");
    let (draft, wait) = shared.answer(method, &target, &body).ok_or_else(hung_up)?;
    sleep(wait).await;
    Ok(draft.send(&shared, by_public_key))
}

/// Serves until it is told to stop, or until who could tell is gone.
pub(super) fn run(listener: TcpListener, shared: &Arc<Shared>, stopped: oneshot::Receiver<()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let accept = async {
        listener.set_nonblocking(true).unwrap();
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        while let Ok((stream, _)) = listener.accept().await {
            let shared = Arc::clone(shared);
            let service = service_fn(move |request| serve(Arc::clone(&shared), request));
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
        Ok::<(), Infallible>(())
    };
    runtime.block_on(async {
        tokio::pin!(accept);
        tokio::pin!(stopped);
        std::future::poll_fn(|context| {
            if stopped.as_mut().poll(context).is_ready() {
                return std::task::Poll::Ready(());
            }
            accept.as_mut().poll(context).map(|_ended| ())
        })
        .await;
    });
}
