//! Codes at rest: encrypted, so that a stolen table holds no codes, and tied to the row they belong to.

use chacha20poly1305::{
    ChaCha20Poly1305, Nonce,
    aead::{Aead, KeyInit, Payload},
};
use huike_kernel::RandomSource;
use uuid::Uuid;

use super::KeyRing;
use crate::sources::random_bytes;

const NONCE_BYTES: usize = 12;

impl KeyRing {
    /// Seals a code for the row with that id. `None` if the cipher refuses, which it has no reason to.
    pub fn seal_code(&self, code: &str, row: Uuid, random: &dyn RandomSource) -> Option<Vec<u8>> {
        let nonce = random_bytes::<NONCE_BYTES>(random);
        let payload = Payload { msg: code.as_bytes(), aad: row.as_bytes() };
        let sealed = self.cipher().encrypt(&Nonce::from(nonce), payload).ok()?;
        Some([nonce.as_slice(), &sealed].concat())
    }

    /// The code of the row with that id; `None` if the bytes were changed or belong to another row.
    pub fn open_code(&self, sealed: &[u8], row: Uuid) -> Option<String> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>()?;
        let opened = self.cipher().decrypt(&Nonce::from(*nonce), Payload { msg: sealed, aad: row.as_bytes() }).ok()?;
        String::from_utf8(opened).ok()
    }

    fn cipher(&self) -> ChaCha20Poly1305 {
        ChaCha20Poly1305::new(&self.seal.into())
    }
}

#[cfg(test)]
mod tests {
    use huike_coupons::codes::{CodeKey, CodeKeys, LookupKey};

    use super::*;
    use crate::sources::SystemRandom;

    #[test]
    fn a_sealed_code_opens_only_in_its_own_row() {
        let keys = KeyRing {
            code_keys: CodeKeys::new(CodeKey::new(1, [1; 32]).unwrap(), Vec::new()).unwrap(),
            lookup: LookupKey::new([2; 32]),
            seal: [3; 32],
            csrf: [4; 32],
            identity: [5; 32],
            idempotency: [6; 32],
        };
        let (row, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let sealed = keys.seal_code("SUMMER-10", row, &SystemRandom).unwrap();
        assert_eq!(keys.open_code(&sealed, row).as_deref(), Some("SUMMER-10"));
        assert_eq!(keys.open_code(&sealed, other), None);
        assert_eq!(keys.open_code(&sealed[..8], row), None);
        assert!(!sealed.windows(6).any(|window| window == b"SUMMER"));
    }
}
