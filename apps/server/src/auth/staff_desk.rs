//! Where staff sign in, sign out and change their password.

use std::sync::Arc;

use actix_web::HttpRequest;
use chrono::{DateTime, TimeDelta, Utc};
use huike_access::{Login, decide_password};
use huike_kernel::{DomainError, ErrorKind, RandomSource};
use huike_persistence::{Store, staff as staff_rows, staff::Staff as StaffRow};
use huike_usecases::{
    UseCaseError,
    sign_in::{self, SessionAsk},
};
use secrecy::SecretString;

use super::{ClientAddress, Gate, GuessLimit, NewToken, Passwords, StaffContext, TokenKind, TrustedProxies};
use crate::problem::{Problem, Refusal};

/// The name and the password do not belong together. Which of them is wrong is nobody's business.
#[derive(Debug, thiserror::Error)]
#[error("the sign-in name or the password is wrong")]
struct CredentialsWrong;

impl DomainError for CredentialsWrong {
    fn code(&self) -> &'static str {
        "credentials_wrong"
    }

    fn kind(&self) -> ErrorKind {
        ErrorKind::Forbidden
    }
}

/// The password that was given as one's own is not.
#[derive(Debug, thiserror::Error)]
#[error("the present password is wrong")]
struct PasswordWrong;

impl DomainError for PasswordWrong {
    fn code(&self) -> &'static str {
        "password_wrong"
    }

    fn kind(&self) -> ErrorKind {
        ErrorKind::Invalid
    }

    fn pointer(&self) -> Option<String> {
        Some("/current".to_owned())
    }
}

/// Whose guesses are counted together: those at one name from one address.
pub type GuessKey = (String, ClientAddress);

/// The desk.
pub struct StaffDesk {
    /// Where staff and sessions are.
    pub store: Store,
    /// Checks passwords.
    pub passwords: Passwords,
    /// Limits guessing.
    pub guesses: GuessLimit<GuessKey>,
    /// Whose word on the client's address is believed.
    pub proxies: TrustedProxies,
    /// Makes tokens.
    pub random: Arc<dyn RandomSource>,
    /// How long a session lasts.
    pub lasts: TimeDelta,
}

/// A session just begun.
pub struct StaffSession {
    /// Who.
    pub staff: StaffRow,
    /// The token, shown once.
    pub token: NewToken,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
}

impl StaffDesk {
    /// Signs a member of staff in.
    pub async fn sign_in(
        &self,
        request: &HttpRequest,
        name: &str,
        password: SecretString,
    ) -> Result<StaffSession, Problem> {
        let attempt = self.guesses.begin((name.trim().to_ascii_lowercase(), self.proxies.client(request)))?;
        let staff = match name.parse::<Login>() {
            Ok(login) => self.store.read(move |db| staff_rows::find_by_login(db, &login)).await?,
            Err(_no_name) => None,
        };
        // Somebody who does not exist costs the same as a wrong password.
        let hash = staff.as_ref().map(|staff| staff.password_hash.clone());
        let fits = self.passwords.check(password, hash).await?;
        let Some(staff) = staff.filter(|_| fits) else {
            return Err(Problem::from(CredentialsWrong).as_unauthorized());
        };
        attempt.was_right();
        self.begin(staff).await
    }

    async fn begin(&self, staff: StaffRow) -> Result<StaffSession, Problem> {
        let token = NewToken::make(TokenKind::Staff, self.random.as_ref());
        let (checked, ask) = (staff.clone(), SessionAsk { token_hash: token.hash, lasts: self.lasts });
        let expires_at = self.store.write(move |db, now| sign_in::begin_staff_session(db, &checked, &ask, now)).await?;
        Ok(StaffSession { staff, token, expires_at })
    }

    /// Changes one's own password; the other sessions end.
    pub async fn change_password(
        &self,
        gate: &Gate,
        who: &StaffContext,
        current: SecretString,
        new: SecretString,
    ) -> Result<(), Problem> {
        let id = who.staff;
        let staff = self.store.read(move |db| staff_rows::find(db, id)).await?.ok_or(Refusal::Unauthenticated)?;
        decide_password(&staff.login, secrecy::ExposeSecret::expose_secret(&new))?;
        let attempt = self.guesses.begin((staff.id.to_string(), ClientAddress::nowhere()))?;
        if !self.passwords.check(current, Some(staff.password_hash.clone())).await? {
            return Err(PasswordWrong.into());
        }
        attempt.was_right();
        let hash = self.passwords.hash(new).await?;
        let (caller, kept) = (who.caller(), who.session);
        let change =
            self.store.write(move |db, now| sign_in::change_own_password(db, &caller.act(now), &staff, &hash, &kept));
        let ended = change.await?;
        gate.forget(ended.iter().chain([&kept]));
        Ok(())
    }

    /// Ends the session.
    pub async fn sign_out(&self, gate: &Gate, who: &StaffContext) -> Result<(), Problem> {
        let session = who.session;
        // A session that has ended by itself in the meantime is just as well.
        let _outcome = self
            .store
            .write(move |db, now| Ok::<_, UseCaseError>(huike_persistence::sessions::revoke(db, &session, now)?))
            .await?;
        gate.forget([&session]);
        Ok(())
    }
}
