//! Passwords: argon2id, one at a time. Checking one takes a fifth of a second of one core by design, so a crowd at the
//! door must not take the cores from those inside.

use std::sync::Arc;

use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version, password_hash};
use secrecy::{ExposeSecret, SecretString};

use crate::{problem::Problem, turns::Turns};

/// Whoever comes when so many wait is sent away.
const WAITING_MAX: usize = 64;

/// What a hash costs. The default is OWASP's first choice for argon2id; tests take less.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PasswordCost {
    /// Memory, in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
}

impl Default for PasswordCost {
    fn default() -> Self {
        Self { memory_kib: 19 * 1_024, passes: 2 }
    }
}

/// The queue at which passwords are hashed and checked.
#[derive(Clone)]
pub struct Passwords {
    argon2: Argon2<'static>,
    /// Stands in for the hash of somebody who does not exist, so that the answer takes as long.
    nobody: Arc<str>,
    turns: Turns,
}

impl Passwords {
    /// A queue whose new hashes cost so much.
    pub fn new(cost: PasswordCost) -> Result<Self, password_hash::Error> {
        let params = Params::new(cost.memory_kib, cost.passes, 1, None)
            .map_err(|_bounds| password_hash::Error::ParamsInvalid)?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let nobody = argon2.hash_password(b"nobody")?.to_string().into();
        Ok(Self { argon2, nobody, turns: Turns::new(WAITING_MAX) })
    }

    /// Hashes a password, waiting for its turn.
    pub async fn hash(&self, password: SecretString) -> Result<String, Problem> {
        let argon2 = self.argon2.clone();
        let hashed = self.turns.take(move || hash_with(&argon2, &password)).await?;
        hashed.map_err(|error| {
            tracing::error!(%error, "a password cannot be hashed");
            Problem::internal()
        })
    }

    /// Hashes a password on this thread: for the command line and the first start.
    pub fn hash_blocking(&self, password: &SecretString) -> Result<String, password_hash::Error> {
        hash_with(&self.argon2, password)
    }

    /// Whether the password fits the hash. Without a hash the answer is no, after the same work.
    pub async fn check(&self, password: SecretString, hash: Option<String>) -> Result<bool, Problem> {
        let (argon2, nobody) = (self.argon2.clone(), Arc::clone(&self.nobody));
        self.turns
            .take(move || {
                let fits =
                    argon2.verify_password(password.expose_secret().as_bytes(), hash.as_deref().unwrap_or(&nobody));
                fits.is_ok() && hash.is_some()
            })
            .await
    }
}

fn hash_with(argon2: &Argon2<'_>, password: &SecretString) -> Result<String, password_hash::Error> {
    Ok(argon2.hash_password(password.expose_secret().as_bytes())?.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[actix_web::test]
    async fn a_password_fits_its_own_hash_and_nobody_has_one() {
        let passwords = Passwords::new(PasswordCost { memory_kib: 8, passes: 1 }).unwrap();
        let hash = passwords.hash("白日依山尽黄河入海流".into()).await.unwrap();
        assert!(hash.starts_with("$argon2id$"));
        assert!(passwords.check("白日依山尽黄河入海流".into(), Some(hash.clone())).await.unwrap());
        assert!(!passwords.check("白日依山尽".into(), Some(hash)).await.unwrap());
        assert!(!passwords.check("nobody".into(), None).await.unwrap());
    }
}
