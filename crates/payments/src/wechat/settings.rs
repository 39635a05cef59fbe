//! What a merchant enters.

use std::{fmt, sync::Arc, time::Duration};

use secrecy::{ExposeSecret, SecretString};
use tokio_rustls::rustls::{self, ClientConfig, RootCertStore, crypto::ring};

use super::{
    Origin,
    keys::{MerchantKey, PlatformKey, SealKey},
};

/// WeChat Pay's own hosts: the nearest, and another for when it cannot be reached.
pub const HOSTS: [&str; 2] = ["https://api.mch.weixin.qq.com", "https://api2.mch.weixin.qq.com"];
/// How long a call may take, from finding the address to the last byte of the answer.
pub const CALL_MAX: Duration = Duration::from_secs(10);

/// What a merchant has from WeChat Pay (商户平台 → API 安全).
#[derive(Debug, Clone)]
pub struct WechatSettings {
    /// The merchant (商户号).
    pub merchant_id: String,
    /// The mini-program or account (`AppID`).
    pub app_id: String,
    /// The serial number of the merchant's certificate (商户证书序列号).
    pub merchant_serial: String,
    /// `apiclient_key.pem`.
    pub merchant_key_pem: SecretString,
    /// The v3 key (API v3 密钥), 32 characters.
    pub api_v3_key: SecretString,
    /// How WeChat Pay's own signatures are checked.
    pub platform: PlatformTrust,
    /// Where WeChat Pay is. [`HOSTS`], except where a fake stands in for it.
    pub hosts: Vec<Origin>,
    /// How long a call may take. [`CALL_MAX`] is good.
    pub call_max: Duration,
}

/// How WeChat Pay's own signatures are checked. New merchants have a public key, old ones certificates; who moves from one to the
/// other has both for a while, and `Wechatpay-Serial` says which one it is.
#[derive(Debug, Clone)]
pub struct PlatformTrust {
    /// The public key (微信支付公钥) and its `PUB_KEY_ID_…`.
    pub public_key: Option<PublicKey>,
    /// Whether platform certificates (平台证书) are fetched and believed too.
    pub certificates: bool,
}

/// A public key of WeChat Pay's.
#[derive(Debug, Clone)]
pub struct PublicKey {
    /// `PUB_KEY_ID_…`
    pub id: String,
    /// `pub_key.pem`.
    pub pem: String,
}

/// What is wrong with the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// An id is empty or holds what no id holds.
    #[error("{0} is not valid")]
    IdInvalid(&'static str),
    /// The merchant's key cannot be read.
    #[error("the merchant's private key is no RSA key in PEM")]
    MerchantKeyInvalid,
    /// The v3 key does not have 32 bytes.
    #[error("the v3 key does not have 32 characters")]
    ApiKeyInvalid,
    /// WeChat Pay's public key cannot be read.
    #[error("the public key of WeChat Pay is no RSA key in PEM")]
    PublicKeyInvalid,
    /// There is nothing to check signatures with.
    #[error("neither a public key nor certificates are to be believed")]
    NobodyTrusted,
    /// There is nobody to call.
    #[error("no host is set")]
    NoHost,
}

/// The keys of the settings, read.
pub(super) struct Keys {
    pub(super) merchant: MerchantKey,
    pub(super) seal: SealKey,
    pub(super) public: Option<PlatformKey>,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(…)")
    }
}

impl WechatSettings {
    /// Reads the keys, and says what is wrong with the rest.
    pub(super) fn check(&self) -> Result<Keys, SettingsError> {
        let ids =
            [("merchant_id", &self.merchant_id), ("app_id", &self.app_id), ("merchant_serial", &self.merchant_serial)];
        for (name, id) in ids {
            // They stand in headers and paths as they are.
            if !is_id(id) {
                return Err(SettingsError::IdInvalid(name));
            }
        }
        if self.hosts.is_empty() {
            return Err(SettingsError::NoHost);
        }
        let public = match &self.platform.public_key {
            Some(key) if !is_id(&key.id) => return Err(SettingsError::IdInvalid("public_key")),
            Some(key) => Some(PlatformKey::from_public_key(&key.id, &key.pem).ok_or(SettingsError::PublicKeyInvalid)?),
            None if self.platform.certificates => None,
            None => return Err(SettingsError::NobodyTrusted),
        };
        let merchant =
            MerchantKey::from_pem(self.merchant_key_pem.expose_secret()).ok_or(SettingsError::MerchantKeyInvalid)?;
        let seal = SealKey::new(self.api_v3_key.expose_secret()).ok_or(SettingsError::ApiKeyInvalid)?;
        Ok(Keys { merchant, seal, public })
    }

    /// WeChat Pay's own hosts.
    pub fn own_hosts() -> Vec<Origin> {
        HOSTS.iter().filter_map(|host| Origin::parse(host)).collect()
    }
}

fn is_id(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

/// How calls are encrypted when nobody says otherwise: TLS 1.2 and 1.3, with the roots that are compiled in.
pub fn own_tls() -> Result<Arc<ClientConfig>, rustls::Error> {
    let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}
