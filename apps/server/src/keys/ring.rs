//! The ring of keys, each for one purpose.

use std::collections::BTreeMap;

use huike_coupons::codes::{CodeError, CodeKey, CodeKeys, LookupKey};
use huike_kernel::RandomSource;
use huike_persistence::{
    Store, StoreError,
    secret_keys::{self, WrappedKey},
};

use super::MasterKey;
use crate::sources::random_bytes;

const CODE_SIGNING: &str = "code_signing";
const CODE_LOOKUP: &str = "code_lookup";
const SEAL: &str = "seal";
const CSRF: &str = "csrf";
const IDENTITY: &str = "identity";
const IDEMPOTENCY: &str = "idempotency";
const PURPOSES: [&str; 6] = [CODE_SIGNING, CODE_LOOKUP, SEAL, CSRF, IDENTITY, IDEMPOTENCY];

/// Why the keys cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The stored keys were wrapped with another master key.
    #[error("the master key does not open the keys in the database; use the one this database was begun with")]
    WrongMasterKey,
    /// A key that should be there is not.
    #[error("the key for {0} is missing")]
    Missing(&'static str),
    /// A stored key has a number that codes cannot carry.
    #[error(transparent)]
    Code(#[from] CodeError),
}

/// The keys in use. It has no `Debug`, so it cannot be logged.
#[derive(Clone)]
pub struct KeyRing {
    /// Signs and verifies coupon codes.
    pub code_keys: CodeKeys,
    /// Finds a code by its hash.
    pub lookup: LookupKey,
    /// Seals the random bits of codes at rest.
    pub seal: [u8; 32],
    /// Makes CSRF tokens.
    pub csrf: [u8; 32],
    /// Hashes what sign-in providers call a person.
    pub identity: [u8; 32],
    /// Hashes what was asked under an idempotency key.
    pub idempotency: [u8; 32],
}

impl KeyRing {
    /// Loads the keys, and makes those that are not there yet. Of several instances that start at once one makes each.
    pub fn load(store: &Store, master: &MasterKey, random: &dyn RandomSource) -> Result<Self, KeyError> {
        let present = store.read_blocking(secret_keys::list)?;
        for purpose in PURPOSES {
            if present.iter().any(|key| key.purpose == purpose) {
                continue;
            }
            let fresh = random_bytes::<32>(random);
            let wrapped = master.wrap(&fresh, &place(purpose, 1), random).ok_or(KeyError::WrongMasterKey)?;
            let key = WrappedKey { purpose: purpose.to_owned(), number: 1, wrapped };
            store.write_blocking(move |db, now| secret_keys::insert_if_absent(db, &key, now))?;
        }
        Self::open(&store.read_blocking(secret_keys::list)?, master)
    }

    fn open(wrapped: &[WrappedKey], master: &MasterKey) -> Result<Self, KeyError> {
        let mut keys: BTreeMap<(&str, i64), [u8; 32]> = BTreeMap::new();
        for key in wrapped {
            let opened = master.unwrap(&key.wrapped, &place(&key.purpose, key.number));
            keys.insert((&key.purpose, key.number), opened.ok_or(KeyError::WrongMasterKey)?);
        }
        let newest = |purpose: &'static str| {
            let of_purpose = keys.iter().rev().find(|((name, _), _)| *name == purpose);
            of_purpose.map(|(_, key)| *key).ok_or(KeyError::Missing(purpose))
        };
        let mut signing = Vec::new();
        for ((_, number), key) in keys.iter().filter(|((purpose, _), _)| *purpose == CODE_SIGNING) {
            signing.push(CodeKey::new(u8::try_from(*number).unwrap_or(u8::MAX), *key)?);
        }
        let active = signing.pop().ok_or(KeyError::Missing(CODE_SIGNING))?;
        Ok(Self {
            code_keys: CodeKeys::new(active, signing)?,
            lookup: LookupKey::new(newest(CODE_LOOKUP)?),
            seal: newest(SEAL)?,
            csrf: newest(CSRF)?,
            identity: newest(IDENTITY)?,
            idempotency: newest(IDEMPOTENCY)?,
        })
    }
}

/// Whether the master key opens every one of the keys.
pub fn check_opens(wrapped: &[WrappedKey], master: &MasterKey) -> Result<(), KeyError> {
    let opens = |key: &WrappedKey| master.unwrap(&key.wrapped, &place(&key.purpose, key.number)).is_some();
    if wrapped.iter().all(opens) { Ok(()) } else { Err(KeyError::WrongMasterKey) }
}

fn place(purpose: &str, number: i64) -> String {
    format!("{purpose}:{number}")
}
