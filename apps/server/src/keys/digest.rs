//! Names that may be counted under but not kept.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::KeyRing;

const DIGEST_DOMAIN: &[u8] = b"huike/subject/v1\0";
/// Half of the HMAC is more than enough to tell subjects apart.
const DIGEST_BYTES: usize = 16;

impl KeyRing {
    /// A keyed digest of a name, in hexadecimal: the same name gives the same text, and the text gives no name.
    pub fn digest(&self, kind: &str, name: &[u8]) -> String {
        // A key filled with zeros to the block size is the same HMAC by definition, and needs no length check.
        let mut block = [0; 64];
        for (slot, byte) in block.iter_mut().zip(self.identity) {
            *slot = byte;
        }
        let mut mac = <Hmac<Sha256> as KeyInit>::new(&block.into());
        for part in [DIGEST_DOMAIN, kind.as_bytes(), b"\0", name] {
            mac.update(part);
        }
        mac.finalize().into_bytes().iter().take(DIGEST_BYTES).map(|byte| format!("{byte:02x}")).collect()
    }
}
