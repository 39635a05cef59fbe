//! The key that makes a repeat of the same ask harmless.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload, web::Data};
use hmac::{Hmac, KeyInit, Mac};
use huike_persistence::OnceKey;
use sha2::Sha256;

use crate::{
    keys::KeyRing,
    problem::{Problem, Refusal},
};

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
/// the [`OnceKey`] of `Store::write_once`. What is kept of the ask is a keyed hash: a body may hold a phone or a code, and
/// whoever steals the table must not find one by trying them all.
#[derive(Debug)]
pub struct IdempotencyKey {
    key: String,
    /// Covers what is asked besides the body.
    place: Hmac<Sha256>,
}

impl IdempotencyKey {
    /// The identity of this ask: who, which key, and a hash over method, route, path, query, site and body.
    pub fn once(&self, caller: &impl Principal, body: &impl Digest) -> OnceKey {
        let mut hash = self.place.clone();
        hash.update(&body.digest());
        let request_hash = hash.finalize().into_bytes().into();
        OnceKey { principal: caller.principal(), key: self.key.clone(), request_hash }
    }

    fn read(request: &HttpRequest, secret: &[u8; 32]) -> Result<Self, Refusal> {
        let mut given = request.headers().get_all(IDEMPOTENCY_KEY_HEADER);
        let key = given.next().ok_or(Refusal::IdempotencyKeyMissing)?;
        let visible = (1..=255).contains(&key.len()) && key.as_bytes().iter().all(u8::is_ascii_graphic);
        if !visible || given.next().is_some() {
            return Err(Refusal::IdempotencyKeyInvalid);
        }
        let key = key.to_str().map_err(|_opaque| Refusal::IdempotencyKeyInvalid)?.to_owned();
        Ok(Self { key, place: place(request, secret) })
    }
}

/// Hashes where the ask goes. Each part is closed by its length, so that no two places run together.
fn place(request: &HttpRequest, secret: &[u8; 32]) -> Hmac<Sha256> {
    // A key filled with zeros to the block size is the same HMAC by definition, and needs no length check.
    let mut block = [0; 64];
    for (slot, byte) in block.iter_mut().zip(secret) {
        *slot = *byte;
    }
    let mut hash = <Hmac<Sha256> as KeyInit>::new(&block.into());
    let mut part = |bytes: &[u8]| {
        hash.update(bytes);
        hash.update(&u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_be_bytes());
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
        let Some(keys) = request.app_data::<Data<KeyRing>>() else {
            tracing::error!("the application has no keys");
            return ready(Err(Problem::internal()));
        };
        ready(Self::read(request, &keys.idempotency).map_err(Problem::from))
    }
}

/// The same header where it may be left out: making something that moves no value. A key that is there must be sound.
#[derive(Debug)]
pub struct OptionalKey(Option<IdempotencyKey>);

impl OptionalKey {
    /// [`IdempotencyKey::once`], if there is a key.
    pub fn once(&self, caller: &impl Principal, body: &impl Digest) -> Option<OnceKey> {
        self.0.as_ref().map(|key| key.once(caller, body))
    }
}

impl FromRequest for OptionalKey {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        if !request.headers().contains_key(IDEMPOTENCY_KEY_HEADER) {
            return ready(Ok(Self(None)));
        }
        ready(IdempotencyKey::from_request(request, payload).into_inner().map(|key| Self(Some(key))))
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

    const SECRET: [u8; 32] = [7; 32];

    fn once(uri: &str, method: actix_web::http::Method) -> OnceKey {
        once_with(&SECRET, uri, method)
    }

    fn once_with(secret: &[u8; 32], uri: &str, method: actix_web::http::Method) -> OnceKey {
        let request =
            TestRequest::with_uri(uri).method(method).insert_header((IDEMPOTENCY_KEY_HEADER, "k1")).to_http_request();
        IdempotencyKey::read(&request, secret).unwrap().once(&Somebody("staff:1"), &())
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
    fn what_is_kept_of_an_ask_says_nothing_without_the_key() {
        use actix_web::http::Method;
        let hash = |secret: u8| once_with(&[secret; 32], "/a?x=1", Method::POST).request_hash;
        assert_eq!(hash(1), hash(1));
        assert_ne!(hash(1), hash(2));
    }

    #[test]
    fn a_key_is_short_and_visible() {
        for key in ["", "a b", "ключ", &"k".repeat(256)] {
            let request = TestRequest::default().insert_header((IDEMPOTENCY_KEY_HEADER, key)).to_http_request();
            assert_eq!(IdempotencyKey::read(&request, &SECRET).unwrap_err(), Refusal::IdempotencyKeyInvalid, "{key}");
        }
        let request = TestRequest::default().to_http_request();
        assert_eq!(IdempotencyKey::read(&request, &SECRET).unwrap_err(), Refusal::IdempotencyKeyMissing);
    }
}
