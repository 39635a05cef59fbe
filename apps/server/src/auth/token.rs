//! Opaque tokens: 32 random bytes behind a prefix that says whose they are. The database keeps their hash alone.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use huike_kernel::RandomSource;
use huike_persistence::sessions::TokenHash;
use secrecy::SecretString;
use sha2::{Digest, Sha256};

use crate::sources::random_bytes;

/// Whose token it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// A member of staff who signed in.
    Staff,
    /// A customer who signed in.
    Customer,
    /// A program with a key.
    Integration,
}

impl TokenKind {
    const ALL: [Self; 3] = [Self::Staff, Self::Customer, Self::Integration];

    /// What the token begins with, so that one found in the wrong place is known for what it is.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Staff => "hs_",
            Self::Customer => "hc_",
            Self::Integration => "hk_live_",
        }
    }

    /// Whose token a text would be.
    pub fn of(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| text.starts_with(kind.prefix()))
    }
}

/// A token just made: shown to its owner once, kept as a hash.
pub struct NewToken {
    /// The token itself.
    pub text: SecretString,
    /// What is kept.
    pub hash: TokenHash,
    /// The last four characters, by which its owner tells it from others.
    pub tail: String,
}

impl NewToken {
    /// Makes a token.
    pub fn make(kind: TokenKind, random: &dyn RandomSource) -> Self {
        let secret = URL_SAFE_NO_PAD.encode(random_bytes::<32>(random));
        let text = format!("{}{secret}", kind.prefix());
        let tail = secret.chars().skip(secret.len().saturating_sub(4)).collect();
        Self { hash: hash(&text), tail, text: text.into() }
    }
}

/// What is kept of a token. 256 random bits need no salt and no slow hash.
pub(super) fn hash(text: &str) -> TokenHash {
    Sha256::digest(text.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;
    use crate::sources::SystemRandom;

    #[test]
    fn a_token_says_whose_it_is_and_hashes_to_what_is_kept() {
        for kind in TokenKind::ALL {
            let token = NewToken::make(kind, &SystemRandom);
            let text = token.text.expose_secret();
            assert_eq!(TokenKind::of(text), Some(kind));
            assert_eq!(hash(text), token.hash);
            assert!(text.ends_with(&token.tail) && token.tail.len() == 4);
        }
        assert_eq!(TokenKind::of("hk_test_x"), None);
    }
}
