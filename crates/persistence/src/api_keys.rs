//! Keys of integrations. A key is shown once; only its hash and its last characters are kept.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use huike_access::IntegrationScopes;
use huike_kernel::{ApiKeyId, NodeId, StaffId};

use crate::{
    Db, Outcome, StoreError,
    schema::api_key,
    scope::subtree,
    sessions::TokenHash,
    sql_types::{DbId, DbJson, DbTime},
};

/// A key as a use case makes it.
#[derive(Debug, Clone)]
pub struct NewApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// The node it is bound to.
    pub site: NodeId,
    /// What staff call it.
    pub name: String,
    /// The hash of the key.
    pub token_hash: TokenHash,
    /// The last characters, by which staff tell keys apart.
    pub token_tail: String,
    /// What it may do.
    pub scopes: IntegrationScopes,
    /// Who made it.
    pub created_by: StaffId,
    /// When.
    pub created_at: DateTime<Utc>,
    /// When it ends by itself.
    pub expires_at: Option<DateTime<Utc>>,
}

/// A stored key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// The node it is bound to.
    pub site: NodeId,
    /// What staff call it.
    pub name: String,
    /// The last characters.
    pub token_tail: String,
    /// What it may do.
    pub scopes: IntegrationScopes,
    /// Who made it.
    pub created_by: StaffId,
    /// When.
    pub created_at: DateTime<Utc>,
    /// When it ends by itself.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = api_key)]
struct Row {
    id: ApiKeyId,
    site_id: NodeId,
    name: String,
    token_tail: String,
    scopes: DbJson,
    created_by: StaffId,
    created_at: DateTime<Utc>,
    expires_at: Option<DbTime>,
    revoked_at: Option<DbTime>,
}

impl TryFrom<Row> for ApiKey {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id,
            site: row.site_id,
            name: row.name,
            token_tail: row.token_tail,
            scopes: row.scopes.parse().map_err(|error| StoreError::corrupt("api_key", error))?,
            created_by: row.created_by,
            created_at: row.created_at,
            expires_at: row.expires_at.map(Into::into),
            revoked_at: row.revoked_at.map(Into::into),
        })
    }
}

/// Keeps a key.
pub fn insert(db: &mut Db, new: &NewApiKey) -> Result<(), StoreError> {
    let scopes = DbJson::of(&new.scopes).map_err(|error| StoreError::corrupt("api_key", error))?;
    diesel::insert_into(api_key::table)
        .values((
            api_key::id.eq(DbId::from(new.id)),
            api_key::site_id.eq(DbId::from(new.site)),
            api_key::name.eq(&new.name),
            api_key::token_hash.eq(new.token_hash.to_vec()),
            api_key::token_tail.eq(&new.token_tail),
            api_key::scopes.eq(scopes),
            api_key::created_by.eq(DbId::from(new.created_by)),
            api_key::created_at.eq(DbTime::from(new.created_at)),
            api_key::expires_at.eq(new.expires_at.map(DbTime::from)),
        ))
        .execute(db)?;
    Ok(())
}

/// The key with that hash, unless it was revoked. Whether it has expired is for the caller, who knows the time.
pub fn find_by_hash(db: &mut Db, token_hash: &TokenHash) -> Result<Option<ApiKey>, StoreError> {
    api_key::table
        .filter(api_key::token_hash.eq(token_hash.as_slice()).and(api_key::revoked_at.is_null()))
        .select(Row::as_select())
        .first(db)
        .optional()?
        .map(ApiKey::try_from)
        .transpose()
}

/// The key with that id.
pub fn find(db: &mut Db, id: ApiKeyId) -> Result<Option<ApiKey>, StoreError> {
    let row = api_key::table.find(DbId::from(id)).select(Row::as_select()).first(db).optional()?;
    row.map(ApiKey::try_from).transpose()
}

/// Keys bound at or below the roots, by id, newest first, `limit` of them before `before`.
pub fn list(db: &mut Db, roots: &[NodeId], before: Option<ApiKeyId>, limit: i64) -> Result<Vec<ApiKey>, StoreError> {
    let mut query = api_key::table
        .filter(api_key::site_id.eq_any(subtree(roots)))
        .select(Row::as_select())
        .order(api_key::id.desc())
        .limit(limit)
        .into_boxed();
    if let Some(before) = before {
        query = query.filter(api_key::id.lt(DbId::from(before)));
    }
    let rows: Vec<Row> = query.load(db)?;
    rows.into_iter().map(ApiKey::try_from).collect()
}

/// Revokes a key for good. Refused when it was revoked before. Names the hash, so that caches can forget it.
pub fn revoke(db: &mut Db, id: ApiKeyId, now: DateTime<Utc>) -> Result<Option<TokenHash>, StoreError> {
    let rows = diesel::update(api_key::table.find(DbId::from(id)))
        .filter(api_key::revoked_at.is_null())
        .set(api_key::revoked_at.eq(Some(DbTime::from(now))))
        .execute(db)?;
    if Outcome::of(rows) == Outcome::Refused {
        return Ok(None);
    }
    let hash: Vec<u8> = api_key::table.find(DbId::from(id)).select(api_key::token_hash).first(db)?;
    Ok(TokenHash::try_from(hash).ok())
}
