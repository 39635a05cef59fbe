//! Signing in and out, and one's own password. Hashing and checking of passwords happens outside, before the
//! transaction: it takes longer than any transaction may.

use chrono::{DateTime, TimeDelta, Utc};
use huike_kernel::{Actor, CustomerId, NodeId, StaffId};
use huike_persistence::{
    Db, Outcome,
    customers::{self, Identity},
    sessions::{self, NewSession, TokenHash},
    staff::{self, Staff},
};
use serde_json::json;

use crate::{
    Act, UseCaseError,
    record::{self, Change},
};

/// A session to begin.
#[derive(Debug, Clone, Copy)]
pub struct SessionAsk {
    /// The hash of its token.
    pub token_hash: TokenHash,
    /// How long it lasts.
    pub lasts: TimeDelta,
}

impl SessionAsk {
    fn begin(&self, db: &mut Db, principal: Actor, now: DateTime<Utc>) -> Result<DateTime<Utc>, UseCaseError> {
        let expires_at = now.checked_add_signed(self.lasts).unwrap_or(now);
        let session = NewSession { token_hash: self.token_hash, principal, created_at: now, expires_at };
        sessions::insert(db, &session)?;
        Ok(expires_at)
    }
}

/// Begins a session for a member of staff whose password was right. They are read again: in the meantime the account
/// may have been disabled or the password changed. Says when the session ends.
pub fn begin_staff_session(
    db: &mut Db,
    checked: &Staff,
    ask: &SessionAsk,
    now: DateTime<Utc>,
) -> Result<DateTime<Utc>, UseCaseError> {
    // Locked: of a reset at the same moment, either this session is seen and ended, or the new password is seen here.
    let present = staff::lock(db, checked.id)?.ok_or(UseCaseError::NotFound("member of staff"))?;
    if present.password_hash != checked.password_hash {
        return Err(UseCaseError::VersionConflict);
    }
    present.state.decide_sign_in()?;
    ask.begin(db, Actor::Staff(present.id), now)
}

/// Sets one's own password and ends every other session, which a thief may hold. Names the ended sessions.
pub fn change_own_password(
    db: &mut Db,
    act: &Act<'_>,
    checked: &Staff,
    new_hash: &str,
    kept: &TokenHash,
) -> Result<Vec<TokenHash>, UseCaseError> {
    if staff::set_password(db, checked, new_hash, false, act.now)? == Outcome::Refused {
        return Err(UseCaseError::VersionConflict);
    }
    let ended = sessions::revoke_others(db, checked.id.as_uuid(), Some(kept), act.now)?;
    let changed = Staff { version: checked.version.saturating_add(1), ..checked.clone() };
    crate::staff::emit(db, act, &changed, ("staff_password_changed", json!({})))?;
    record::audit(db, act, checked.site, password_change("staff.change_password", checked.id))?;
    Ok(ended)
}

/// Sets a password for somebody else, who has to change it before anything else. Ends all their sessions.
pub fn reset_password(
    db: &mut Db,
    act: &Act<'_>,
    target: &Staff,
    new_hash: &str,
) -> Result<Vec<TokenHash>, UseCaseError> {
    if staff::set_password(db, target, new_hash, true, act.now)? == Outcome::Refused {
        return Err(UseCaseError::VersionConflict);
    }
    let ended = sessions::revoke_others(db, target.id.as_uuid(), None, act.now)?;
    record::audit(db, act, target.site, password_change("staff.reset_password", target.id))?;
    Ok(ended)
}

fn password_change(action: &'static str, who: StaffId) -> Change {
    let subject = who.to_string();
    Change { action, subject_kind: "staff", subject, before: json!({}), after: json!({ "password": "changed" }) }
}

/// A customer to sign in.
#[derive(Debug, Clone)]
pub struct CustomerAsk {
    /// What the provider vouches for.
    pub identity: Identity,
    /// The id they get if they are new.
    pub new_id: CustomerId,
    /// The head, which every customer belongs to.
    pub head: NodeId,
    /// The site they are visiting.
    pub site: NodeId,
    /// The session to begin.
    pub session: SessionAsk,
}

/// A customer who is signed in.
#[derive(Debug, Clone, Copy)]
pub struct SignedIn {
    /// Who.
    pub customer: CustomerId,
    /// Whether they are new to the brand.
    pub is_new: bool,
    /// When the session ends.
    pub expires_at: DateTime<Utc>,
}

/// Signs a customer in: found by identity, else by a phone number the provider has checked, else new. Two first
/// sign-ins at once make one customer: the unique key decides, and the one who came second is told to ask again.
pub fn begin_customer_session(db: &mut Db, ask: &CustomerAsk, now: DateTime<Utc>) -> Result<SignedIn, UseCaseError> {
    let (customer, is_new) = match customers::find_by_identity(db, &ask.identity)? {
        Some(known) => (known, false),
        None => meet(db, ask, now)?,
    };
    customers::note_visit(db, ask.site, customer, "sign_in", now)?;
    let expires_at = ask.session.begin(db, Actor::Customer(customer), now)?;
    Ok(SignedIn { customer, is_new, expires_at })
}

fn meet(db: &mut Db, ask: &CustomerAsk, now: DateTime<Utc>) -> Result<(CustomerId, bool), UseCaseError> {
    let phone = ask.identity.phone.as_ref();
    let by_phone = phone.map(|phone| customers::find_by_phone(db, phone)).transpose()?.flatten();
    let (customer, is_new) = match by_phone {
        Some(known) => (known, false),
        None if customers::insert(db, ask.new_id, ask.head, phone, now)? == Outcome::Applied => (ask.new_id, true),
        None => return Err(UseCaseError::VersionConflict),
    };
    if customers::insert_identity(db, &ask.identity, customer, now)? == Outcome::Refused {
        return Err(UseCaseError::VersionConflict);
    }
    Ok((customer, is_new))
}
