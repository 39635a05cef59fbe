//! One layer of settings, and how the layers lie over each other.

use std::path::{Path, PathBuf};

use config::{Config, ConfigError, Environment, File, FileFormat};
use secrecy::SecretString;
use serde::Deserialize;

use super::Profile;

/// The file that is read where nobody names another.
const FILE: &str = "huike.toml";
/// The prefix of the environment's names.
const PREFIX: &str = "HUIKE";

/// Settings as one layer gives them; what it does not say is left to the layers below. Each field is the text of the
/// setting of that name in [`super::Settings`].
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Layer {
    /// `listen`
    pub listen: Option<String>,
    /// `database_url`
    pub database_url: Option<String>,
    /// `database_wait`, in seconds.
    pub database_wait_seconds: Option<u64>,
    /// `public_url`
    pub public_url: Option<String>,
    /// `profile`
    #[serde(default, deserialize_with = "profile")]
    pub profile: Option<Profile>,
    /// `master_key`
    pub master_key: Option<SecretString>,
    /// `owner`
    pub owner: Option<String>,
    /// `owner_password`
    pub owner_password: Option<SecretString>,
    /// `brand`
    pub brand: Option<String>,
    /// `log`
    pub log: Option<String>,
    /// Separated by commas.
    pub trusted_proxies: Option<String>,
    /// Separated by commas.
    pub cors_origins: Option<String>,
    /// `workers`
    pub workers: Option<usize>,
    /// `gather_claims`
    pub gather_claims: Option<bool>,
    /// `metrics_token`
    pub metrics_token: Option<SecretString>,
    /// `manual_clock`
    pub manual_clock: Option<bool>,
    /// `webhook_ca_file`
    pub webhook_ca_file: Option<String>,
}

/// Why a layer cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum LayerError {
    /// The file.
    #[error("{}: {}", .0.display(), .1)]
    File(PathBuf, Box<ConfigError>),
    /// The environment.
    #[error("environment: {0}")]
    Environment(Box<ConfigError>),
}

impl Layer {
    /// The file's layer with the environment's over it. A file that is named must exist.
    pub fn read(file: Option<PathBuf>) -> Result<Self, LayerError> {
        let required = file.is_some();
        let path = file.unwrap_or_else(|| FILE.into());
        let from_file =
            Self::from_file(&path, required).map_err(|error| LayerError::File(path.clone(), error.into()))?;
        let from_environment = Self::from_environment().map_err(|error| LayerError::Environment(error.into()))?;
        Ok(from_file.under(from_environment))
    }

    fn from_file(path: &Path, required: bool) -> Result<Self, ConfigError> {
        let file = File::from(path).format(FileFormat::Toml).required(required);
        Config::builder().add_source(file).build()?.try_deserialize()
    }

    /// Only names that are settings: others may begin with the prefix for reasons of their own.
    fn from_environment() -> Result<Self, ConfigError> {
        const NAMES: [&str; 17] = [
            "listen",
            "database_url",
            "database_wait_seconds",
            "public_url",
            "profile",
            "master_key",
            "owner",
            "owner_password",
            "brand",
            "log",
            "trusted_proxies",
            "cors_origins",
            "workers",
            "gather_claims",
            "metrics_token",
            "manual_clock",
            "webhook_ca_file",
        ];
        let known = NAMES.into_iter().filter_map(|name| {
            let name = format!("{PREFIX}_{}", name.to_ascii_uppercase());
            std::env::var(&name).ok().map(|value| (name, value))
        });
        let source = Environment::with_prefix(PREFIX).ignore_empty(true).source(Some(known.collect()));
        Config::builder().add_source(source).build()?.try_deserialize()
    }

    /// This layer with another over it.
    #[must_use]
    pub fn under(self, over: Self) -> Self {
        Self {
            listen: over.listen.or(self.listen),
            database_url: over.database_url.or(self.database_url),
            database_wait_seconds: over.database_wait_seconds.or(self.database_wait_seconds),
            public_url: over.public_url.or(self.public_url),
            profile: over.profile.or(self.profile),
            master_key: over.master_key.or(self.master_key),
            owner: over.owner.or(self.owner),
            owner_password: over.owner_password.or(self.owner_password),
            brand: over.brand.or(self.brand),
            log: over.log.or(self.log),
            trusted_proxies: over.trusted_proxies.or(self.trusted_proxies),
            cors_origins: over.cors_origins.or(self.cors_origins),
            workers: over.workers.or(self.workers),
            gather_claims: over.gather_claims.or(self.gather_claims),
            metrics_token: over.metrics_token.or(self.metrics_token),
            manual_clock: over.manual_clock.or(self.manual_clock),
            webhook_ca_file: over.webhook_ca_file.or(self.webhook_ca_file),
        }
    }
}

fn profile<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Profile>, D::Error> {
    let Some(word) = Option::<String>::deserialize(deserializer)? else {
        return Ok(None);
    };
    clap::ValueEnum::from_str(&word, true)
        .map(Some)
        .map_err(|_word| serde::de::Error::custom("profile is production or dev"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_and_a_typing_error_in_it_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("huike.toml");
        std::fs::write(&file, "listen = \"0.0.0.0:80\"\nprofile = \"dev\"\nworkers = 3\n").unwrap();
        let layer = Layer::from_file(&file, true).unwrap();
        assert_eq!(
            (layer.listen.as_deref(), layer.profile, layer.workers),
            (Some("0.0.0.0:80"), Some(Profile::Dev), Some(3))
        );
        std::fs::write(&file, "listn = \"0.0.0.0:80\"\n").unwrap();
        assert!(Layer::from_file(&file, true).is_err());
        assert!(Layer::from_file(&folder.path().join("absent.toml"), true).is_err());
        assert!(Layer::from_file(&folder.path().join("absent.toml"), false).is_ok());
    }

    #[test]
    fn the_upper_layer_wins_where_it_speaks() {
        let lower = Layer { listen: Some("a".to_owned()), log: Some("b".to_owned()), ..Layer::default() };
        let upper = Layer { listen: Some("c".to_owned()), ..Layer::default() };
        let both = lower.under(upper);
        assert_eq!((both.listen.as_deref(), both.log.as_deref()), (Some("c"), Some("b")));
    }
}
