//! Proof that a request with a cookie comes from our own page: an HMAC of the session that only the page was told.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use huike_persistence::sessions::TokenHash;
use sha2::Sha256;

/// The header.
pub(super) const CSRF_HEADER: &str = "x-csrf-token";

/// The key these tokens are made with.
#[derive(Clone)]
pub(super) struct CsrfKey([u8; 32]);

impl CsrfKey {
    pub(super) fn new(key: [u8; 32]) -> Self {
        Self(key)
    }

    /// The token of a session.
    pub(super) fn token(&self, session: &TokenHash) -> String {
        URL_SAFE_NO_PAD.encode(self.mac(session).finalize().into_bytes())
    }

    /// Whether the token is that of the session, compared in constant time.
    pub(super) fn accepts(&self, session: &TokenHash, token: &str) -> bool {
        URL_SAFE_NO_PAD.decode(token).is_ok_and(|bytes| self.mac(session).verify_slice(&bytes).is_ok())
    }

    fn mac(&self, session: &TokenHash) -> Hmac<Sha256> {
        // 32 bytes filled with zeros to the block size are the same HMAC key by definition, and need no length check.
        let mut block = [0; 64];
        block.iter_mut().zip(self.0).for_each(|(slot, byte)| *slot = byte);
        let mut mac = <Hmac<Sha256> as KeyInit>::new(&block.into());
        mac.update(b"huike/csrf/v1\0");
        mac.update(session);
        mac
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_fits_one_session_only() {
        let key = CsrfKey::new([7; 32]);
        let token = key.token(&[1; 32]);
        assert!(key.accepts(&[1; 32], &token));
        assert!(!key.accepts(&[2; 32], &token));
        assert!(!CsrfKey::new([8; 32]).accepts(&[1; 32], &token));
        assert!(!key.accepts(&[1; 32], ""));
    }
}
