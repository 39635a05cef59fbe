//! Keys: what signs generated codes, and what hides codes in the database. Tags are compared in constant time.

use std::fmt;
use std::hint::black_box;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use super::canonical::CanonicalCode;
use super::error::CodeError;
use super::signed::{ParsedCode, SignedCode};

/// The key id is one symbol of a code: five bits.
const KEY_ID_MAX: u8 = 31;

const LOOKUP_DOMAIN: &[u8] = b"huike/code-lookup/v1\0";

/// One signing key with the id that codes carry. Its `Debug` hides the secret.
#[derive(Clone)]
pub struct CodeKey {
    id: u8,
    secret: [u8; 32],
}

impl CodeKey {
    /// A key with id 0 to 31.
    pub fn new(id: u8, secret: [u8; 32]) -> Result<Self, CodeError> {
        if id > KEY_ID_MAX {
            return Err(CodeError::KeyInvalid { id });
        }
        Ok(Self { id, secret })
    }

    /// The id codes carry.
    pub fn id(&self) -> u8 {
        self.id
    }

    /// HMAC-SHA256 under this key. The first part is always a domain prefix, so that a tag of one use fits no other.
    pub(super) fn sign(&self, parts: &[&[u8]]) -> [u8; 32] {
        hmac_sha256(&self.secret, parts)
    }
}

impl fmt::Debug for CodeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CodeKey").field("id", &self.id).finish_non_exhaustive()
    }
}

/// What the tag of a code proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeProof {
    /// This brand made the code, to the last symbol.
    Genuine,
    /// The tag does not fit: altered or invented.
    Forged,
    /// The code names a key this brand never had.
    UnknownKey,
    /// A plain code carries no tag: nothing is proven and nothing is forged.
    Unsigned,
}

/// The signing keys of a brand: one signs, all verify, so that keys can be changed while printed codes stay good.
#[derive(Debug, Clone)]
pub struct CodeKeys {
    active: CodeKey,
    retired: Vec<CodeKey>,
}

impl CodeKeys {
    /// The key that signs from now on, and those that signed before.
    pub fn new(active: CodeKey, retired: Vec<CodeKey>) -> Result<Self, CodeError> {
        let mut seen = vec![active.id];
        for key in &retired {
            if seen.contains(&key.id) {
                return Err(CodeError::KeyInvalid { id: key.id });
            }
            seen.push(key.id);
        }
        Ok(Self { active, retired })
    }

    /// The key that signs new codes and tokens.
    pub fn active(&self) -> &CodeKey {
        &self.active
    }

    /// The key of that id, active or retired.
    pub fn find(&self, id: u8) -> Option<&CodeKey> {
        std::iter::once(&self.active).chain(&self.retired).find(|key| key.id == id)
    }

    /// Compares the tag of a code with the one this brand would have made.
    pub fn verify(&self, code: &ParsedCode) -> CodeProof {
        let ParsedCode::Signed(code) = code else {
            return CodeProof::Unsigned;
        };
        let key = self.find(code.key_id());
        // An unknown key id costs the same as a known one: the tag is computed all the same.
        let expected = SignedCode::make(*code.random(), key.unwrap_or(&self.active));
        let fits = black_box(expected.tag().ct_eq(code.tag()));
        match key {
            None => CodeProof::UnknownKey,
            Some(_) if bool::from(fits) => CodeProof::Genuine,
            Some(_) => CodeProof::Forged,
        }
    }
}

/// The key under which codes are found in the database. Never the signing key. Its `Debug` hides the secret.
#[derive(Clone)]
pub struct LookupKey {
    secret: [u8; 32],
}

impl LookupKey {
    /// A lookup key. It cannot be changed without hashing every stored code again.
    pub fn new(secret: [u8; 32]) -> Self {
        Self { secret }
    }
}

impl fmt::Debug for LookupKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LookupKey").finish_non_exhaustive()
    }
}

/// What the database finds a code by: an HMAC of its canonical text, so that a stolen table holds no codes.
pub fn lookup_hash(code: &CanonicalCode, key: &LookupKey) -> [u8; 32] {
    hmac_sha256(&key.secret, &[LOOKUP_DOMAIN, code.as_str().as_bytes()])
}

/// A 32-byte key filled with zeros to the block size is the same HMAC by definition, and needs no length check.
fn hmac_sha256(secret: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    let mut block = [0_u8; 64];
    for (slot, byte) in block.iter_mut().zip(secret) {
        *slot = *byte;
    }
    let mut mac = <Hmac<Sha256> as KeyInit>::new(&block.into());
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codes::parse;

    fn key(id: u8) -> CodeKey {
        CodeKey::new(id, [id; 32]).unwrap()
    }

    #[test]
    fn the_mac_is_the_standard_hmac_sha256() {
        let reference = {
            let mut mac = Hmac::<Sha256>::new_from_slice(&[7; 32]).unwrap();
            mac.update(b"abc");
            let bytes: [u8; 32] = mac.finalize().into_bytes().into();
            bytes
        };
        assert_eq!(hmac_sha256(&[7; 32], &[b"a", b"bc"]), reference);
    }

    #[test]
    fn rotated_keys_still_verify_and_dropped_ones_are_unknown() {
        let old = SignedCode::make([3; 10], &key(1));
        let code = ParsedCode::Signed(old);
        let rotated = CodeKeys::new(key(2), vec![key(1)]).unwrap();
        let dropped = CodeKeys::new(key(2), vec![]).unwrap();
        assert_eq!(rotated.active().id(), 2);
        assert_eq!(rotated.verify(&code), CodeProof::Genuine);
        assert_eq!(dropped.verify(&code), CodeProof::UnknownKey);
    }

    #[test]
    fn the_same_key_id_with_another_secret_calls_the_code_forged() {
        let code = ParsedCode::Signed(SignedCode::make([3; 10], &key(1)));
        let other = CodeKeys::new(CodeKey::new(1, [9; 32]).unwrap(), vec![]).unwrap();
        assert_eq!(other.verify(&code), CodeProof::Forged);
    }

    #[test]
    fn plain_codes_are_never_called_forged() {
        let keys = CodeKeys::new(key(0), vec![]).unwrap();
        let plain = parse("SPRING-10").unwrap();
        assert_eq!(keys.verify(&plain), CodeProof::Unsigned);
    }

    #[test]
    fn key_ids_are_five_bits_and_unique() {
        assert!(CodeKey::new(31, [0; 32]).is_ok());
        assert!(CodeKey::new(32, [0; 32]).is_err());
        assert!(CodeKeys::new(key(1), vec![key(1)]).is_err());
        assert!(CodeKeys::new(key(1), vec![key(2), key(2)]).is_err());
    }

    #[test]
    fn secrets_do_not_appear_in_debug_output() {
        let keys = CodeKeys::new(CodeKey::new(1, [222; 32]).unwrap(), vec![]).unwrap();
        let shown = format!("{keys:?} {:?}", LookupKey::new([222; 32]));
        assert!(!shown.contains("222"));
    }

    #[test]
    fn every_way_of_typing_a_code_has_one_lookup_hash() {
        let key = LookupKey::new([1; 32]);
        let typed = CanonicalCode::read("spring 1O").unwrap();
        let printed = CanonicalCode::read("SPRING-10").unwrap();
        let other = CanonicalCode::read("SPRING-11").unwrap();
        assert_eq!(lookup_hash(&typed, &key), lookup_hash(&printed, &key));
        assert_ne!(lookup_hash(&typed, &key), lookup_hash(&other, &key));
        let second = LookupKey::new([2; 32]);
        assert_ne!(lookup_hash(&typed, &key), lookup_hash(&typed, &second));
    }

    /// Computed apart from this crate. If it fails, codes already stored would no longer be found.
    #[test]
    fn stored_lookup_hashes_stay_what_they_are() {
        let hash = lookup_hash(&CanonicalCode::read("SPRING-10").unwrap(), &LookupKey::new([2; 32]));
        let shown: Vec<String> = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(shown.concat(), "bbb98606fabc8b04e53e9a0d9dc7d9265951804a805d81c309cf27b475b60695");
    }
}
