//! Where customers sign in and out.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit, Mac};
use huike_kernel::{CustomerId, NodeId, RandomSource, new_id};
use huike_persistence::{Store, customers::Identity, sessions};
use huike_usecases::{
    UseCaseError,
    sign_in::{self, CustomerAsk, SessionAsk},
};
use sha2::Sha256;

use super::{Customer, Gate, NewToken, Proof, SignInProviders, TokenKind, Vouched};
use crate::problem::Problem;

/// The desk.
pub struct CustomerDesk {
    /// Where customers and sessions are.
    pub store: Store,
    /// The ways to sign in.
    pub providers: SignInProviders,
    /// Hashes what providers call a person.
    pub identity_key: [u8; 32],
    /// Makes tokens.
    pub random: Arc<dyn RandomSource>,
    /// How long a session lasts.
    pub lasts: TimeDelta,
}

/// A session just begun.
pub struct CustomerSession {
    /// Who.
    pub customer: CustomerId,
    /// Whether they are new to the brand.
    pub is_new: bool,
    /// The token, shown once.
    pub token: NewToken,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
}

impl CustomerDesk {
    /// Signs a customer in at the site they are visiting.
    pub async fn sign_in(
        &self,
        gate: &Gate,
        site: NodeId,
        provider: &str,
        proof: &Proof,
    ) -> Result<CustomerSession, Problem> {
        let provider = self.providers.find(provider)?;
        let vouched = provider.vouch(proof).await?;
        let token = NewToken::make(TokenKind::Customer, self.random.as_ref());
        let ask = CustomerAsk {
            identity: self.identity(provider.name(), vouched),
            new_id: new_id(gate.ids().as_ref()),
            head: gate.head(),
            site,
            session: SessionAsk { token_hash: token.hash, lasts: self.lasts },
        };
        let begin = || {
            let ask = ask.clone();
            self.store.write(move |db, now| sign_in::begin_customer_session(db, &ask, now))
        };
        // Somebody else made this very customer at the same moment: now there is one to be found.
        let signed_in = match begin().await {
            Err(UseCaseError::VersionConflict) => begin().await,
            answer => answer,
        }?;
        let sign_in::SignedIn { customer, is_new, expires_at } = signed_in;
        Ok(CustomerSession { customer, is_new, token, expires_at })
    }

    /// Ends the session.
    pub async fn sign_out(&self, gate: &Gate, who: &Customer) -> Result<(), Problem> {
        let session = who.session;
        let _outcome =
            self.store.write(move |db, now| Ok::<_, UseCaseError>(sessions::revoke(db, &session, now)?)).await?;
        gate.forget([&session]);
        Ok(())
    }

    fn identity(&self, provider: &'static str, vouched: Vouched) -> Identity {
        // 32 bytes filled with zeros to the block size are the same HMAC key by definition, and need no length check.
        let mut block = [0; 64];
        block.iter_mut().zip(self.identity_key).for_each(|(slot, byte)| *slot = byte);
        let mut mac = <Hmac<Sha256> as KeyInit>::new(&block.into());
        for part in ["huike/identity/v1", provider, &vouched.subject] {
            mac.update(part.as_bytes());
            mac.update(b"\0");
        }
        Identity { provider, subject_hash: mac.finalize().into_bytes().into(), phone: vouched.phone }
    }
}
