//! The three keys of WeChat Pay: the merchant's, which we sign with; WeChat Pay's, which we verify with; and the shared one,
//! which callbacks and certificates are sealed with. None of them shows itself.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    rand::SystemRandom,
    signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, UnparsedPublicKey},
};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, SubjectPublicKeyInfoDer, pem::PemObject};

use super::der;

/// The merchant's private key (商户 API 私钥).
pub(crate) struct MerchantKey(RsaKeyPair);

impl MerchantKey {
    /// Reads `apiclient_key.pem`.
    pub(crate) fn from_pem(pem: &str) -> Option<Self> {
        let key = match PrivateKeyDer::from_pem_slice(pem.as_bytes()).ok()? {
            PrivateKeyDer::Pkcs8(key) => RsaKeyPair::from_pkcs8(key.secret_pkcs8_der()),
            PrivateKeyDer::Pkcs1(key) => RsaKeyPair::from_der(key.secret_pkcs1_der()),
            _ => return None,
        };
        key.ok().map(Self)
    }

    /// The signature of a text, in base64.
    pub(crate) fn sign(&self, text: &[u8]) -> Option<String> {
        let mut signature = vec![0; self.0.public().modulus_len()];
        self.0.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text, &mut signature).ok()?;
        Some(STANDARD.encode(signature))
    }

    /// Its public half, as PKCS#1.
    #[cfg(feature = "testing")]
    pub(crate) fn public(&self) -> &[u8] {
        self.0.public().as_ref()
    }
}

impl fmt::Debug for MerchantKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MerchantKey(…)")
    }
}

/// A key of WeChat Pay's: of a platform certificate (平台证书), or the public key of a merchant (微信支付公钥).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PlatformKey {
    /// What `Wechatpay-Serial` calls it.
    pub(super) serial: String,
    public_key: Vec<u8>,
}

impl PlatformKey {
    /// The public key of a merchant under its `PUB_KEY_ID_…`.
    pub(super) fn from_public_key(id: &str, pem: &str) -> Option<Self> {
        let der = SubjectPublicKeyInfoDer::from_pem_slice(pem.as_bytes()).ok()?;
        Some(Self { serial: id.to_owned(), public_key: der::read_public_key(&der)? })
    }

    /// The key of a platform certificate.
    pub(super) fn from_certificate(pem: &[u8]) -> Option<Self> {
        let der::Certificate { serial, public_key } =
            der::read_certificate(&CertificateDer::from_pem_slice(pem).ok()?)?;
        Some(Self { serial, public_key })
    }

    /// Whether WeChat Pay signed these words with it.
    pub(super) fn verifies(&self, text: &[u8], signature: &str) -> bool {
        let Ok(signature) = STANDARD.decode(signature) else {
            return false;
        };
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &self.public_key).verify(text, &signature).is_ok()
    }
}

/// The merchant's v3 key (API v3 密钥).
pub(crate) struct SealKey(LessSafeKey);

impl SealKey {
    /// A key of 32 characters.
    pub(crate) fn new(key: &str) -> Option<Self> {
        UnboundKey::new(&AES_256_GCM, key.as_bytes()).ok().map(LessSafeKey::new).map(Self)
    }

    /// What was sealed (`AEAD_AES_256_GCM`); `None` when a bit of it was changed, or it was sealed with another key.
    pub(super) fn open(&self, sealed: &Sealed) -> Option<Vec<u8>> {
        let nonce = Nonce::try_assume_unique_for_key(sealed.nonce.as_bytes()).ok()?;
        let mut text = STANDARD.decode(&sealed.ciphertext).ok()?;
        let length = self.0.open_in_place(nonce, Aad::from(sealed.associated_data.as_bytes()), &mut text).ok()?.len();
        text.truncate(length);
        Some(text)
    }

    /// Seals a text as WeChat Pay does.
    #[cfg(feature = "testing")]
    pub(crate) fn seal(&self, text: &[u8], nonce: &str, associated_data: &str) -> Option<String> {
        let unique = Nonce::try_assume_unique_for_key(nonce.as_bytes()).ok()?;
        let mut text = text.to_vec();
        self.0.seal_in_place_append_tag(unique, Aad::from(associated_data.as_bytes()), &mut text).ok()?;
        Some(STANDARD.encode(text))
    }
}

impl fmt::Debug for SealKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealKey(…)")
    }
}

/// Something sealed, as callbacks and certificates carry it.
#[derive(serde::Deserialize)]
pub(super) struct Sealed {
    ciphertext: String,
    nonce: String,
    #[serde(default)]
    associated_data: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    const MERCHANT: &str = include_str!("../testing/keys/merchant.key.pem");
    const OTHER: &str = include_str!("../testing/keys/platform_a.key.pem");
    const KEY: &str = "0123456789abcdef0123456789abcdef";

    #[test]
    fn a_signature_is_good_for_its_text_and_its_key_only() {
        let key = MerchantKey::from_pem(MERCHANT).unwrap();
        let public = PlatformKey { serial: "A".to_owned(), public_key: key.public().to_vec() };
        let signature = key.sign(b"GET\n/v3/certificates\n").unwrap();
        assert!(public.verifies(b"GET\n/v3/certificates\n", &signature));
        assert!(!public.verifies(b"GET\n/v3/certificates", &signature));
        assert!(!public.verifies(b"GET\n/v3/certificates\n", "no base64"));
        let forged = MerchantKey::from_pem(OTHER).unwrap().sign(b"GET\n/v3/certificates\n").unwrap();
        assert!(!public.verifies(b"GET\n/v3/certificates\n", &forged));
    }

    #[test]
    fn what_was_sealed_opens_only_as_it_was_sealed() {
        let key = SealKey::new(KEY).unwrap();
        let sealed = |text: &str, nonce: &str, data: &str| Sealed {
            ciphertext: key.seal(text.as_bytes(), "fdasflkja484", "transaction").unwrap(),
            nonce: nonce.to_owned(),
            associated_data: data.to_owned(),
        };
        assert_eq!(key.open(&sealed("四分", "fdasflkja484", "transaction")).as_deref(), Some("四分".as_bytes()));
        assert_eq!(key.open(&sealed("a", "fdasflkja484", "refund")), None);
        assert_eq!(key.open(&sealed("a", "fdasflkja485", "transaction")), None);
        assert_eq!(key.open(&sealed("a", "short", "transaction")), None);
        let other = SealKey::new(&KEY.to_uppercase()).unwrap();
        assert_eq!(other.open(&sealed("a", "fdasflkja484", "transaction")), None);
        assert!(SealKey::new("too short").is_none());
    }

    #[test]
    fn no_key_shows_itself() {
        let shown = format!("{:?} {:?}", MerchantKey::from_pem(MERCHANT).unwrap(), SealKey::new(KEY).unwrap());
        assert_eq!(shown, "MerchantKey(…) SealKey(…)");
    }
}
