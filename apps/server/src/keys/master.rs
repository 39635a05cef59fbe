//! The master key, which wraps all others: from `HUIKE_MASTER_KEY`, or a file that only the owner of the process reads.

use std::{
    fs::OpenOptions,
    io::{self, Write},
    path::{Path, PathBuf},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chacha20poly1305::{
    ChaCha20Poly1305, Nonce,
    aead::{Aead, KeyInit, Payload},
};
use huike_kernel::RandomSource;
use huike_persistence::DatabaseUrl;
use secrecy::{ExposeSecret, SecretString};

use crate::{
    settings::{Profile, Settings},
    sources::random_bytes,
};

const NONCE_BYTES: usize = 12;

/// Why there is no master key.
#[derive(Debug, thiserror::Error)]
pub enum MasterKeyError {
    /// It is not 32 bytes in base64.
    #[error("the master key is not 32 bytes in base64 (make one with: openssl rand -base64 32)")]
    Malformed,
    /// PostgreSQL may be shared by several machines, so no file of one of them will do.
    #[error("with PostgreSQL, HUIKE_MASTER_KEY must be set (make one with: openssl rand -base64 32)")]
    NotSet,
    /// The database has keys that were wrapped with a file that is gone.
    #[error("{} is missing, and the keys in the database cannot be read without it; put it back", .0.display())]
    FileGone(PathBuf),
    /// The file cannot be read or made.
    #[error("{}: {}", .0.display(), .1)]
    File(PathBuf, io::Error),
}

/// The key that wraps keys.
pub struct MasterKey(ChaCha20Poly1305);

/// Where a master key lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MasterKeyPlace {
    /// In `HUIKE_MASTER_KEY`, or wherever else settings come from.
    Settings,
    /// In a file.
    File(PathBuf),
}

impl std::fmt::Display for MasterKeyPlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Settings => f.write_str("HUIKE_MASTER_KEY"),
            Self::File(file) => write!(f, "{}", file.display()),
        }
    }
}

/// Where the master key of these settings lies, or would.
pub fn place_of_master_key(settings: &Settings) -> Result<MasterKeyPlace, MasterKeyError> {
    if settings.master_key.is_some() {
        return Ok(MasterKeyPlace::Settings);
    }
    match &settings.database_url {
        DatabaseUrl::Sqlite(database) => Ok(MasterKeyPlace::File(beside(database, "key"))),
        DatabaseUrl::Postgres(_) if settings.profile == Profile::Dev => {
            Ok(MasterKeyPlace::File(PathBuf::from("data/master.key")))
        }
        DatabaseUrl::Postgres(_) => Err(MasterKeyError::NotSet),
    }
}

/// Where the master key is, or makes one where that is allowed. `has_wrapped` says whether keys are waiting for it: then
/// a new one would only hide that the old one is gone.
pub fn locate(settings: &Settings, has_wrapped: bool, random: &dyn RandomSource) -> Result<MasterKey, MasterKeyError> {
    if let Some(text) = &settings.master_key {
        return MasterKey::parse(text);
    }
    let MasterKeyPlace::File(file) = place_of_master_key(settings)? else { return Err(MasterKeyError::NotSet) };
    match std::fs::read_to_string(&file) {
        Ok(text) => MasterKey::parse(&text.into()),
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(MasterKeyError::File(file, error)),
        Err(_) if has_wrapped => Err(MasterKeyError::FileGone(file)),
        Err(_) => {
            let text = STANDARD.encode(random_bytes::<32>(random));
            write_private(&file, &text).map_err(|error| MasterKeyError::File(file, error))?;
            MasterKey::parse(&text.into())
        }
    }
}

/// `huike.db` and `key` make `huike.db.key`.
pub(crate) fn beside(database: &Path, ending: &str) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    name.into()
}

fn write_private(file: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)?;
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut written = options.open(file)?;
    writeln!(written, "{text}")?;
    written.sync_all()
}

impl MasterKey {
    /// Reads the key as written by `openssl rand -base64 32`.
    pub fn parse(text: &SecretString) -> Result<Self, MasterKeyError> {
        let bytes = STANDARD.decode(text.expose_secret().trim()).map_err(|_text| MasterKeyError::Malformed)?;
        ChaCha20Poly1305::new_from_slice(&bytes).map(Self).map_err(|_length| MasterKeyError::Malformed)
    }

    /// Wraps a key for that place. What is wrapped for one place does not open in another.
    pub(super) fn wrap(&self, key: &[u8; 32], place: &str, random: &dyn RandomSource) -> Option<Vec<u8>> {
        let nonce = random_bytes::<NONCE_BYTES>(random);
        let sealed = self.0.encrypt(&Nonce::from(nonce), Payload { msg: key, aad: place.as_bytes() }).ok()?;
        Some([nonce.as_slice(), &sealed].concat())
    }

    /// Opens what was wrapped for that place; `None` if this is another key, or the bytes were changed.
    pub(super) fn unwrap(&self, wrapped: &[u8], place: &str) -> Option<[u8; 32]> {
        let (nonce, sealed) = wrapped.split_first_chunk::<NONCE_BYTES>()?;
        let opened = self.0.decrypt(&Nonce::from(*nonce), Payload { msg: sealed, aad: place.as_bytes() }).ok()?;
        opened.try_into().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::SystemRandom;

    #[test]
    fn a_wrapped_key_opens_only_in_its_place_with_its_master_key() {
        let master = |byte: u8| MasterKey::parse(&STANDARD.encode([byte; 32]).into()).unwrap();
        let wrapped = master(1).wrap(&[7; 32], "csrf:1", &SystemRandom).unwrap();
        assert_eq!(master(1).unwrap(&wrapped, "csrf:1"), Some([7; 32]));
        assert_eq!(master(1).unwrap(&wrapped, "seal:1"), None);
        assert_eq!(master(2).unwrap(&wrapped, "csrf:1"), None);
        assert_eq!(master(1).unwrap(&wrapped[..5], "csrf:1"), None);
    }

    #[test]
    fn a_key_of_another_length_is_refused() {
        assert!(MasterKey::parse(&STANDARD.encode([1; 16]).into()).is_err());
        assert!(MasterKey::parse(&"not base64".into()).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn the_file_is_for_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("data/huike.db.key");
        write_private(&file, "secret").unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        assert!(write_private(&file, "other").is_err(), "an existing key is never overwritten");
    }
}
