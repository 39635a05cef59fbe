//! What the server is told from outside: defaults, then `huike.toml`, then `HUIKE_*`, then the command line.

mod layer;

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use chrono::TimeDelta;
use huike_access::{AccessError, Login};
use huike_persistence::{DatabaseUrl, DatabaseUrlError};
use secrecy::SecretString;

pub use layer::{Layer, LayerError};

use crate::auth::{Network, PasswordCost, TrustedProxies};

/// How careful the server is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Profile {
    /// For customers: nothing that helps only developers.
    #[default]
    Production,
    /// For development and demonstrations: plain http, a sign-in that believes any phone, readable logs.
    Dev,
}

/// Everything the server needs to know to run.
#[derive(Clone)]
pub struct Settings {
    /// Where it listens.
    pub listen: SocketAddr,
    /// Where the data is.
    pub database_url: DatabaseUrl,
    /// How long a start waits for PostgreSQL, which may be starting itself.
    pub database_wait: Duration,
    /// How the outside reaches it; decides whether cookies are secure.
    pub public_url: String,
    /// How careful it is.
    pub profile: Profile,
    /// The key that wraps all others, where it is not in a file.
    pub master_key: Option<SecretString>,
    /// The sign-in name of the owner, on the first start.
    pub owner: Login,
    /// The owner's password, on the first start.
    pub owner_password: Option<SecretString>,
    /// The brand's name, on the first start.
    pub brand: String,
    /// What is logged, as `tracing-subscriber` reads it.
    pub log: String,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: TrustedProxies,
    /// Other origins whose pages may call the API; none by default.
    pub cors_origins: Vec<String>,
    /// Threads that serve requests; as many as cores by default.
    pub workers: Option<usize>,
    /// Whether claims of one template that come at the same time share a transaction. Off only to measure what that gives.
    pub gather_claims: bool,
    /// What whoever reads the metrics has to show; without it anybody may who reaches the port.
    pub metrics_token: Option<SecretString>,
    /// How long staff stay signed in.
    pub staff_session: TimeDelta,
    /// How long customers stay signed in.
    pub customer_session: TimeDelta,
    /// How long the body of a request may take to come in.
    pub body_wait: Duration,
    /// How long a request in flight may take once the server is told to stop.
    pub shutdown_wait: Duration,
    /// What a password's hash costs. Not to be set from outside; tests take less.
    pub password_cost: PasswordCost,
    /// Whether time stands still until it is set over HTTP.
    pub manual_clock: bool,
    /// Whom webhooks may be sent to.
    pub webhooks: WebhookSettings,
}

/// Whom webhooks may be sent to.
#[derive(Debug, Clone)]
pub struct WebhookSettings {
    /// Whether the machine itself may be called, and plain http: in development only.
    pub allow_loopback: bool,
    /// A PEM file of roots that are believed besides those that came with this version.
    pub ca_file: Option<PathBuf>,
}

/// Why the server does not start as told.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// A layer cannot be read.
    #[error(transparent)]
    Layer(#[from] LayerError),
    /// The database URL.
    #[error("database_url {0:?}: {1}")]
    DatabaseUrl(String, DatabaseUrlError),
    /// The public URL.
    #[error("public_url {0:?} must begin with http:// or https:// and end after the host")]
    PublicUrl(String),
    /// Plain http where passwords and tokens would travel in the clear.
    #[error(
        "profile production needs an https public_url; over plain http set trusted_proxies (a proxy that speaks https \
         stands in front), or use --profile dev to try Huike out"
    )]
    PlainHttp,
    /// A setting is not of its form.
    #[error("{0} {1:?} is not valid: {2}")]
    Invalid(&'static str, String, String),
    /// A development aid in production.
    #[error("{0} is for profile dev only")]
    DevOnly(&'static str),
}

const STAFF_SESSION_HOURS: i64 = 12;
const CUSTOMER_SESSION_DAYS: i64 = 30;
const SHUTDOWN_WAIT: Duration = Duration::from_secs(20);
const DATABASE_WAIT_SECONDS: u64 = 30;
const BODY_WAIT: Duration = Duration::from_secs(20);

impl Settings {
    /// Reads the file and the environment and lays the command line over them.
    pub fn load(file: Option<PathBuf>, flags: Layer) -> Result<Self, SettingsError> {
        Self::from_layer(Layer::read(file)?.under(flags))
    }

    /// Checks one layer, with the defaults below it.
    pub fn from_layer(layer: Layer) -> Result<Self, SettingsError> {
        let listen = or_default(layer.listen, "127.0.0.1:8080");
        let listen: SocketAddr = listen.parse().map_err(|error| invalid("listen", &listen, &error))?;
        let database_url = or_default(layer.database_url, "sqlite://data/huike.db");
        let owner = or_default(layer.owner, "owner");
        let profile = layer.profile.unwrap_or_default();
        let settings = Self {
            listen,
            public_url: public_url(layer.public_url.unwrap_or_else(|| format!("http://{listen}")))?,
            database_url: database_url.parse().map_err(|error| SettingsError::DatabaseUrl(database_url, error))?,
            database_wait: Duration::from_secs(layer.database_wait_seconds.unwrap_or(DATABASE_WAIT_SECONDS)),
            profile,
            master_key: layer.master_key,
            owner: owner.parse().map_err(|error: AccessError| invalid("owner", &owner, &error))?,
            owner_password: layer.owner_password,
            brand: or_default(layer.brand, "我的品牌"),
            log: or_default(layer.log, "info"),
            trusted_proxies: TrustedProxies::new(networks(layer.trusted_proxies.as_deref())?),
            cors_origins: list(layer.cors_origins.as_deref()).map(str::to_owned).collect(),
            workers: layer.workers,
            gather_claims: layer.gather_claims.unwrap_or(true),
            metrics_token: layer.metrics_token,
            staff_session: TimeDelta::hours(STAFF_SESSION_HOURS),
            customer_session: TimeDelta::days(CUSTOMER_SESSION_DAYS),
            body_wait: BODY_WAIT,
            shutdown_wait: SHUTDOWN_WAIT,
            password_cost: PasswordCost::default(),
            manual_clock: layer.manual_clock.unwrap_or_default(),
            webhooks: WebhookSettings {
                allow_loopback: profile == Profile::Dev,
                ca_file: layer.webhook_ca_file.map(PathBuf::from),
            },
        };
        settings.check()
    }

    fn check(self) -> Result<Self, SettingsError> {
        if self.profile == Profile::Dev {
            return Ok(self);
        }
        if self.manual_clock {
            return Err(SettingsError::DevOnly("manual_clock"));
        }
        if !self.is_https() && self.trusted_proxies.is_empty() {
            return Err(SettingsError::PlainHttp);
        }
        Ok(self)
    }

    /// Whether staff and customers come over https.
    pub fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }
}

fn or_default(given: Option<String>, default: &str) -> String {
    given.unwrap_or_else(|| default.to_owned())
}

fn public_url(text: String) -> Result<String, SettingsError> {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    match host.map(|host| host.trim_end_matches('/')) {
        Some(host) if !host.is_empty() && !host.contains(['/', '?', '#', '@', ' ']) => {
            Ok(text.trim_end_matches('/').to_owned())
        }
        _ => Err(SettingsError::PublicUrl(text)),
    }
}

fn list(text: Option<&str>) -> impl Iterator<Item = &str> {
    text.unwrap_or_default().split(',').map(str::trim).filter(|item| !item.is_empty())
}

fn networks(text: Option<&str>) -> Result<Vec<Network>, SettingsError> {
    list(text).map(|item| item.parse().map_err(|error| invalid("trusted_proxies", item, &error))).collect()
}

fn invalid(name: &'static str, value: &str, error: &impl ToString) -> SettingsError {
    SettingsError::Invalid(name, value.to_owned(), error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layer(url: &str, profile: Profile) -> Layer {
        Layer { public_url: Some(url.to_owned()), profile: Some(profile), ..Layer::default() }
    }

    #[test]
    fn production_refuses_plain_http_unless_a_proxy_stands_in_front() {
        let plain = || layer("http://huike.example", Profile::Production);
        assert!(matches!(Settings::from_layer(plain()), Err(SettingsError::PlainHttp)));
        let proxied = Layer { trusted_proxies: Some("10.0.0.0/8, ::1".to_owned()), ..plain() };
        assert!(Settings::from_layer(proxied).is_ok());
        assert!(Settings::from_layer(layer("https://huike.example/", Profile::Production)).is_ok());
        assert!(Settings::from_layer(layer("http://127.0.0.1:8080", Profile::Dev)).is_ok());
    }

    #[test]
    fn what_cannot_be_meant_is_a_start_up_error() {
        let dev = || layer("http://127.0.0.1", Profile::Dev);
        for wrong in [
            Layer { database_url: Some("mysql://h/d".to_owned()), ..dev() },
            Layer { listen: Some("everywhere".to_owned()), ..dev() },
            Layer { owner: Some("a b".to_owned()), ..dev() },
            Layer { trusted_proxies: Some("10.0.0.0/99".to_owned()), ..dev() },
            layer("ftp://huike.example", Profile::Dev),
            layer("https://huike.example/shop", Profile::Dev),
            Layer { manual_clock: Some(true), ..layer("https://huike.example", Profile::Production) },
        ] {
            assert!(Settings::from_layer(wrong).is_err());
        }
    }
}
