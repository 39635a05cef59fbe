//! SHA-256 over canonical bytes.

use std::{fmt, str::FromStr};

use huike_kernel::canonical_json;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// The bytes of a digest.
const BYTES: usize = 32;

/// A SHA-256 digest, spelled in 64 lower-case hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct Digest([u8; BYTES]);

/// The text is no digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a hash has 64 hexadecimal digits")]
pub struct MalformedDigest;

impl Digest {
    /// What stands before the first link: nothing has this hash.
    pub const ZERO: Self = Self([0; BYTES]);

    /// What stands for stored bytes that are no digest at all: nothing has this hash either, so they never match.
    pub const UNREADABLE: Self = Self([0xff; BYTES]);

    /// The digest of a value's canonical JSON, so that the order of its fields and the database it was kept in do not
    /// matter.
    pub fn of<T: Serialize>(value: &T) -> Result<Self, serde_json::Error> {
        Ok(Self(Sha256::digest(canonical_json(value)?).into()))
    }

    /// A digest as it was stored. `None` where it has not the length of one.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The bytes, to be stored.
    pub const fn as_bytes(&self) -> &[u8; BYTES] {
        &self.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for Digest {
    type Err = MalformedDigest;

    fn from_str(text: &str) -> Result<Self, MalformedDigest> {
        let digits: Option<Vec<u8>> =
            text.chars().map(|digit| digit.to_digit(16).and_then(|value| u8::try_from(value).ok())).collect();
        let digits = digits.filter(|digits| digits.len() == BYTES.saturating_mul(2)).ok_or(MalformedDigest)?;
        let bytes: Vec<u8> =
            digits.chunks_exact(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect();
        Self::from_slice(&bytes).ok_or(MalformedDigest)
    }
}

impl TryFrom<String> for Digest {
    type Error = MalformedDigest;

    fn try_from(text: String) -> Result<Self, MalformedDigest> {
        text.parse()
    }
}

impl Serialize for Digest {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_digest_is_that_of_the_canonical_text() {
        // printf '{"a":1,"b":[2,null]}' | sha256sum
        let known = "cc243773f70c3dff1b2058928d222d7edc29130da3f617c0e8ce04096aca153c";
        assert_eq!(Digest::of(&json!({ "b": [2, null], "a": 1 })).unwrap().to_string(), known);
    }

    #[test]
    fn what_is_no_digest_is_refused() {
        for text in ["", "ab", &"g".repeat(64), &"0".repeat(63), &"0".repeat(65), &"零".repeat(64)] {
            assert_eq!(text.parse::<Digest>(), Err(MalformedDigest), "{text}");
        }
        assert_eq!(Digest::from_slice(&[0; 31]), None);
    }

    proptest! {
        #[test]
        fn a_digest_reads_back_from_its_text(bytes: [u8; 32]) {
            let digest = Digest::from_slice(&bytes).unwrap();
            prop_assert_eq!(digest.to_string().parse::<Digest>(), Ok(digest));
            prop_assert_eq!(digest.to_string().to_uppercase().parse::<Digest>(), Ok(digest));
        }
    }
}
