//! Sign-ins of staff and customers. Only a hash of the token is kept, so a stolen table signs nobody in.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use huike_kernel::Actor;
use uuid::Uuid;

use crate::{
    Db, Outcome, StoreError,
    schema::session,
    sql_types::{DbId, DbTime},
};

/// SHA-256 of a token.
pub type TokenHash = [u8; 32];

/// A sign-in as a use case makes it.
#[derive(Debug, Clone, Copy)]
pub struct NewSession {
    /// The hash of its token.
    pub token_hash: TokenHash,
    /// Whose it is: staff or a customer.
    pub principal: Actor,
    /// When it began.
    pub created_at: DateTime<Utc>,
    /// When it ends by itself.
    pub expires_at: DateTime<Utc>,
}

/// A sign-in that has not been revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Session {
    /// Whose it is.
    pub principal: Actor,
    /// When it ends by itself.
    pub expires_at: DateTime<Utc>,
}

/// Begins a session.
pub fn insert(db: &mut Db, new: &NewSession) -> Result<(), StoreError> {
    let Some(principal) = new.principal.id() else {
        return Err(StoreError::corrupt("session", "only staff and customers sign in"));
    };
    diesel::insert_into(session::table)
        .values((
            session::token_hash.eq(new.token_hash.to_vec()),
            session::principal_kind.eq(new.principal.kind()),
            session::principal_id.eq(DbId(principal)),
            session::created_at.eq(DbTime::from(new.created_at)),
            session::expires_at.eq(DbTime::from(new.expires_at)),
        ))
        .execute(db)?;
    Ok(())
}

/// The session of a token, unless it was revoked. Whether it has expired is for the caller, who knows the time.
pub fn find(db: &mut Db, token_hash: &TokenHash) -> Result<Option<Session>, StoreError> {
    let row: Option<(String, Uuid, DateTime<Utc>)> = session::table
        .find(token_hash.as_slice())
        .filter(session::revoked_at.is_null())
        .select((session::principal_kind, session::principal_id, session::expires_at))
        .first(db)
        .optional()?;
    row.map(|(kind, id, expires_at)| {
        let principal = match kind.as_str() {
            "staff" => Actor::Staff(id.into()),
            "customer" => Actor::Customer(id.into()),
            _ => return Err(StoreError::corrupt("session", "unknown kind of principal")),
        };
        Ok(Session { principal, expires_at })
    })
    .transpose()
}

/// Ends one session. Refused when there is none to end.
pub fn revoke(db: &mut Db, token_hash: &TokenHash, now: DateTime<Utc>) -> Result<Outcome, StoreError> {
    let rows = diesel::update(session::table.find(token_hash.as_slice()))
        .filter(session::revoked_at.is_null())
        .set(session::revoked_at.eq(Some(DbTime::from(now))))
        .execute(db)?;
    Ok(Outcome::of(rows))
}

/// Ends every session of the principal but one, and names those it ended so that caches can forget them.
pub fn revoke_others(
    db: &mut Db,
    principal: Uuid,
    kept: Option<&TokenHash>,
    now: DateTime<Utc>,
) -> Result<Vec<TokenHash>, StoreError> {
    let live: Vec<Vec<u8>> = session::table
        .filter(session::principal_id.eq(DbId(principal)).and(session::revoked_at.is_null()))
        .select(session::token_hash)
        .load(db)?;
    let hashes = live.into_iter().filter_map(|hash| TokenHash::try_from(hash).ok());
    let ended: Vec<TokenHash> = hashes.filter(|hash| Some(hash) != kept).collect();
    for hash in &ended {
        diesel::update(session::table.find(hash.as_slice()))
            .set(session::revoked_at.eq(Some(DbTime::from(now))))
            .execute(db)?;
    }
    Ok(ended)
}

/// Ends every session there is; says how many were ended.
pub fn revoke_all(db: &mut Db, now: DateTime<Utc>) -> Result<usize, StoreError> {
    let live = session::table.filter(session::revoked_at.is_null()).filter(session::expires_at.gt(DbTime::from(now)));
    Ok(diesel::update(live).set(session::revoked_at.eq(Some(DbTime::from(now)))).execute(db)?)
}

/// Drops at most `limit` sessions that ended before; says how many it dropped.
pub fn purge(db: &mut Db, before: DateTime<Utc>, limit: i64) -> Result<usize, StoreError> {
    let ended: Vec<Vec<u8>> = session::table
        .filter(session::expires_at.lt(DbTime::from(before)))
        .order(session::expires_at)
        .limit(limit)
        .select(session::token_hash)
        .load(db)?;
    for hash in &ended {
        diesel::delete(session::table.find(hash)).execute(db)?;
    }
    Ok(ended.len())
}
