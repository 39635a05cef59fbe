//! The secret that a receiver knows us by.

use std::{fmt, str::FromStr};

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::WebhookError;

const PREFIX: &str = "whsec_";
/// What Standard Webhooks asks for, in bytes.
const BYTES_MIN: usize = 24;
const BYTES_MAX: usize = 64;

/// A signing secret (签名密钥). It shows itself to nobody by accident: [`Secret::expose`] is the only way to its text.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Vec<u8>);

impl Secret {
    /// A secret of these random bytes.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes.to_vec())
    }

    /// Its text, `whsec_…`, for the one who may know it.
    pub fn expose(&self) -> String {
        format!("{PREFIX}{}", STANDARD.encode(&self.0))
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl FromStr for Secret {
    type Err = WebhookError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let encoded = text.strip_prefix(PREFIX).ok_or(WebhookError::SecretMalformed)?;
        let bytes = STANDARD.decode(encoded).map_err(|_undecodable| WebhookError::SecretMalformed)?;
        if !(BYTES_MIN..=BYTES_MAX).contains(&bytes.len()) {
            return Err(WebhookError::SecretMalformed);
        }
        Ok(Self(bytes))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_reads_back_from_its_text_and_is_never_shown_by_accident() {
        let secret = Secret::from_bytes([7; 32]);
        let text = secret.expose();
        assert_eq!(text.parse::<Secret>().unwrap(), secret);
        assert_eq!(format!("{secret:?}"), "Secret(…)");
        assert!(!format!("{:?}", (&secret, 1)).contains(&text[PREFIX.len()..]));
    }

    #[test]
    fn what_is_no_secret_is_refused() {
        let of = |bytes: usize| format!("{PREFIX}{}", STANDARD.encode(vec![1; bytes]));
        assert!(of(24).parse::<Secret>().is_ok() && of(64).parse::<Secret>().is_ok());
        let bare = of(32).split_off(PREFIX.len());
        for text in ["", "whsec_", "whsec_not base64", &bare, &of(23), &of(65)] {
            assert!(matches!(text.parse::<Secret>(), Err(WebhookError::SecretMalformed)), "{text:?}");
        }
    }
}
