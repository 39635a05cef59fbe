//! The key that makes a repeat of the same ask harmless.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use huike_persistence::OnceKey;
use sha2::{Digest as _, Sha256};

use crate::problem::{Problem, Refusal};

/// The header.
pub const IDEMPOTENCY_KEY_HEADER: &str = "idempotency-key";

/// Whoever asks. Keys of different principals never meet.
pub trait Principal {
    /// The kind and the id, such as `staff:0193…`.
    fn principal(&self) -> String;
}

/// A body, as far as two asks are told apart.
pub trait Digest {
    /// A hash of what was asked.
    fn digest(&self) -> [u8; 32];
}

/// For operations without a body.
impl Digest for () {
    fn digest(&self) -> [u8; 32] {
        [0; 32]
    }
}

/// The `Idempotency-Key` header, required: 1 to 255 visible ASCII characters. With the caller and the body it becomes
/// the [`OnceKey`] of `Store::write_once`.
#[derive(Debug)]
pub struct IdempotencyKey {
    key: String,
    /// Covers what is asked besides the body.
    place: Sha256,
}

impl IdempotencyKey {
    /// The identity of this ask: who, which key, and a hash over method, route, path, query, site and body.
    pub fn once(&self, caller: &impl Principal, body: &impl Digest) -> OnceKey {
        let mut hash = self.place.clone();
        hash.update(body.digest());
        OnceKey { principal: caller.principal(), key: self.key.clone(), request_hash: hash.finalize().into() }
    }

    fn read(request: &HttpRequest) -> Result<Self, Refusal> {
        let mut given = request.headers().get_all(IDEMPOTENCY_KEY_HEADER);
        let key = given.next().ok_or(Refusal::IdempotencyKeyMissing)?;
        let visible = (1..=255).contains(&key.len()) && key.as_bytes().iter().all(u8::is_ascii_graphic);
        if !visible || given.next().is_some() {
            return Err(Refusal::IdempotencyKeyInvalid);
        }
        let key = key.to_str().map_err(|_opaque| Refusal::IdempotencyKeyInvalid)?.to_owned();
        Ok(Self { key, place: place(request) })
    }
}

/// Hashes where the ask goes. Each part is closed by its length, so that no two places run together.
fn place(request: &HttpRequest) -> Sha256 {
    let mut hash = Sha256::new();
    let mut part = |bytes: &[u8]| {
        hash.update(bytes);
        hash.update(u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_be_bytes());
    };
    part(request.method().as_str().as_bytes());
    part(request.match_pattern().unwrap_or_default().as_bytes());
    for (name, value) in request.match_info().iter() {
        part(name.as_bytes());
        part(value.as_bytes());
    }
    part(request.query_string().as_bytes());
    part(request.headers().get(crate::auth::SITE_HEADER).map_or(b"", |site| site.as_bytes()));
    hash
}

impl FromRequest for IdempotencyKey {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(Self::read(request).map_err(Problem::from))
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    struct Somebody(&'static str);

    impl Principal for Somebody {
        fn principal(&self) -> String {
            self.0.to_owned()
        }
    }

    fn once(uri: &str, method: actix_web::http::Method) -> OnceKey {
        let request =
            TestRequest::with_uri(uri).method(method).insert_header((IDEMPOTENCY_KEY_HEADER, "k1")).to_http_request();
        IdempotencyKey::read(&request).unwrap().once(&Somebody("staff:1"), &())
    }

    #[test]
    fn another_method_query_or_body_is_another_ask() {
        use actix_web::http::Method;
        let base = once("/a?x=1", Method::POST);
        assert_eq!(base.request_hash, once("/a?x=1", Method::POST).request_hash);
        assert_ne!(base.request_hash, once("/a?x=2", Method::POST).request_hash);
        assert_ne!(base.request_hash, once("/a?x=1", Method::PUT).request_hash);
    }

    #[test]
    fn a_key_is_short_and_visible() {
        for key in ["", "a b", "ключ", &"k".repeat(256)] {
            let request = TestRequest::default().insert_header((IDEMPOTENCY_KEY_HEADER, key)).to_http_request();
            assert_eq!(IdempotencyKey::read(&request).unwrap_err(), Refusal::IdempotencyKeyInvalid, "{key}");
        }
        let request = TestRequest::default().to_http_request();
        assert_eq!(IdempotencyKey::read(&request).unwrap_err(), Refusal::IdempotencyKeyMissing);
    }
}
