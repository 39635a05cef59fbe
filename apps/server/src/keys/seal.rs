//! Codes and secrets at rest: encrypted, so that a stolen table holds none, and tied to the row they belong to.

use chacha20poly1305::{
    ChaCha20Poly1305, Nonce,
    aead::{Aead, KeyInit, Payload},
};
use huike_kernel::{RandomSource, WebhookEndpointId};
use uuid::Uuid;

use super::KeyRing;
use crate::sources::random_bytes;

const NONCE_BYTES: usize = 12;
const WEBHOOK_DOMAIN: &[u8] = b"huike/webhook-secret/v1\0";

impl KeyRing {
    /// Seals a code for the row with that id. `None` if the cipher refuses, which it has no reason to.
    pub fn seal_code(&self, code: &str, row: Uuid, random: &dyn RandomSource) -> Option<Vec<u8>> {
        self.seal_text(code, row.as_bytes(), random)
    }

    /// The code of the row with that id; `None` if the bytes were changed or belong to another row.
    pub fn open_code(&self, sealed: &[u8], row: Uuid) -> Option<String> {
        self.open_text(sealed, row.as_bytes())
    }

    /// Seals a secret of a webhook endpoint. `None` if the cipher refuses, which it has no reason to.
    pub fn seal_webhook_secret(
        &self,
        secret: &str,
        endpoint: WebhookEndpointId,
        random: &dyn RandomSource,
    ) -> Option<Vec<u8>> {
        self.seal_text(secret, &webhook_place(endpoint), random)
    }

    /// The secret of that endpoint; `None` if the bytes were changed or belong to another one.
    pub fn open_webhook_secret(&self, sealed: &[u8], endpoint: WebhookEndpointId) -> Option<String> {
        self.open_text(sealed, &webhook_place(endpoint))
    }

    fn seal_text(&self, text: &str, place: &[u8], random: &dyn RandomSource) -> Option<Vec<u8>> {
        let nonce = random_bytes::<NONCE_BYTES>(random);
        let sealed = self.cipher().encrypt(&Nonce::from(nonce), Payload { msg: text.as_bytes(), aad: place }).ok()?;
        Some([nonce.as_slice(), &sealed].concat())
    }

    fn open_text(&self, sealed: &[u8], place: &[u8]) -> Option<String> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>()?;
        let opened = self.cipher().decrypt(&Nonce::from(*nonce), Payload { msg: sealed, aad: place }).ok()?;
        String::from_utf8(opened).ok()
    }

    fn cipher(&self) -> ChaCha20Poly1305 {
        ChaCha20Poly1305::new(&self.seal.into())
    }
}

/// Longer than an id, so that what is sealed for an endpoint opens as nothing else.
fn webhook_place(endpoint: WebhookEndpointId) -> Vec<u8> {
    [WEBHOOK_DOMAIN, endpoint.as_uuid().as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use huike_coupons::codes::{CodeKey, CodeKeys, LookupKey};

    use super::*;
    use crate::sources::SystemRandom;

    fn keys() -> KeyRing {
        KeyRing {
            code_keys: CodeKeys::new(CodeKey::new(1, [1; 32]).unwrap(), Vec::new()).unwrap(),
            lookup: LookupKey::new([2; 32]),
            seal: [3; 32],
            csrf: [4; 32],
            identity: [5; 32],
            idempotency: [6; 32],
        }
    }

    #[test]
    fn a_sealed_code_opens_only_in_its_own_row() {
        let keys = keys();
        let (row, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let sealed = keys.seal_code("SUMMER-10", row, &SystemRandom).unwrap();
        assert_eq!(keys.open_code(&sealed, row).as_deref(), Some("SUMMER-10"));
        assert_eq!(keys.open_code(&sealed, other), None);
        assert_eq!(keys.open_code(&sealed[..8], row), None);
        assert!(!sealed.windows(6).any(|window| window == b"SUMMER"));
    }

    #[test]
    fn a_sealed_webhook_secret_opens_only_for_its_own_endpoint() {
        let keys = keys();
        let (own, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let sealed = keys.seal_webhook_secret("whsec_abc", own.into(), &SystemRandom).unwrap();
        assert_eq!(keys.open_webhook_secret(&sealed, own.into()).as_deref(), Some("whsec_abc"));
        assert_eq!(keys.open_webhook_secret(&sealed, other.into()), None);
        assert_eq!(keys.open_code(&sealed, own), None, "a secret is no code");
    }
}
