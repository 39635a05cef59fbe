//! Fetching platform certificates. They come sealed with the v3 key, which only WeChat Pay has besides us: that is why the answer
//! that brings the first one can be believed, although its signature is checked with what it brings.

use chrono::{DateTime, Utc};
use hyper::{Method, StatusCode};
use serde::Deserialize;

use super::{
    keys::{PlatformKey, Sealed},
    link::{Link, Signed},
    trust::{Dated, find_good},
};

const TARGET: &str = "/v3/certificates";
const ANSWER_BYTES_MAX: usize = 256 * 1_024;

#[derive(Deserialize)]
struct CertificateList {
    data: Vec<CertificateEntry>,
}

#[derive(Deserialize)]
struct CertificateEntry {
    serial_no: String,
    effective_time: DateTime<Utc>,
    expire_time: DateTime<Utc>,
    encrypt_certificate: Sealed,
}

impl Link {
    /// The platform certificates of now; `None` when they cannot be had, or not be believed.
    pub(super) async fn fetch_certificates(&self) -> Option<Vec<Dated>> {
        let letter = self.letter(Method::GET, TARGET.to_owned(), Vec::new(), ANSWER_BYTES_MAX).ok()?;
        let answer = self.wire.send(&self.hosts, &letter).await.ok()?;
        if answer.status != StatusCode::OK {
            return None;
        }
        let list: CertificateList = serde_json::from_slice(&answer.body).ok()?;
        let certificates: Vec<Dated> = list.data.iter().map(|entry| self.unseal(entry)).collect::<Option<_>>()?;
        let (signed, now) = (Signed::find(|name| answer.header(name))?, self.clock.now());
        signed.decide_plausible(now).ok()?;
        let public = self.trust.find(signed.serial, now);
        let key = public.as_ref().or_else(|| find_good(&certificates, signed.serial, now))?;
        key.verifies(&signed.text(&answer.body), signed.signature).then_some(certificates)
    }

    fn unseal(&self, entry: &CertificateEntry) -> Option<Dated> {
        let key = PlatformKey::from_certificate(&self.keys.seal.open(&entry.encrypt_certificate)?)?;
        let named = key.serial == entry.serial_no;
        named.then_some(Dated { key, good_from: entry.effective_time, good_until: entry.expire_time })
    }
}
