//! Keys of integrations: made and revoked. The key itself is made and shown by the shell; only its hash comes here.

use chrono::{DateTime, Utc};
use huike_access::{IntegrationScopes, Permission, decide_new_key};
use huike_kernel::{ApiKeyId, NodeId, Text};
use huike_persistence::{
    Db,
    api_keys::{self, ApiKey, NewApiKey},
    sessions::TokenHash,
};
use serde_json::{Value, json};

use crate::{
    Act, UseCaseError,
    record::{self, Change},
    sites::lock_node,
};

/// A key to make.
#[derive(Debug, Clone)]
pub struct KeyAsk {
    /// The node it is bound to.
    pub site: NodeId,
    /// What staff call it.
    pub name: Text<40>,
    /// What it may do.
    pub scopes: IntegrationScopes,
    /// When it ends by itself.
    pub expires_at: Option<DateTime<Utc>>,
    /// The hash of the key.
    pub token_hash: TokenHash,
    /// Its last characters.
    pub token_tail: String,
}

/// Makes a key.
pub fn create(db: &mut Db, act: &Act<'_>, ask: &KeyAsk) -> Result<ApiKey, UseCaseError> {
    let created_by = act.staff(Permission::ApiKeyManage)?;
    let node = lock_node(db, act, ask.site, Permission::ApiKeyManage)?;
    node.decide_active()?;
    decide_new_key(&ask.scopes, ask.expires_at, act.now)?;
    let new = NewApiKey {
        id: act.new_id(),
        site: node.id,
        name: ask.name.to_string(),
        token_hash: ask.token_hash,
        token_tail: ask.token_tail.clone(),
        scopes: ask.scopes.clone(),
        created_by,
        created_at: act.now,
        expires_at: ask.expires_at,
    };
    api_keys::insert(db, &new)?;
    let key = api_keys::find(db, new.id)?.ok_or(UseCaseError::NotFound("key"))?;
    audit(db, act, &key, ("api_key.create", Value::Null, facts(&key)))?;
    Ok(key)
}

/// Revokes a key for good. Names its hash, so that caches can forget it.
pub fn revoke(db: &mut Db, act: &Act<'_>, id: ApiKeyId) -> Result<TokenHash, UseCaseError> {
    let key = api_keys::find(db, id)?.ok_or(UseCaseError::NotFound("key"))?;
    act.reach(db, key.site, Permission::ApiKeyManage, "key")?;
    // One guarded write decides: of two who revoke at once, one finds that it is done.
    let Some(hash) = api_keys::revoke(db, id, act.now)? else {
        return Err(UseCaseError::NotFound("key"));
    };
    audit(db, act, &key, ("api_key.revoke", facts(&key), json!({ "revoked": true })))?;
    Ok(hash)
}

fn audit(
    db: &mut Db,
    act: &Act<'_>,
    key: &ApiKey,
    (action, before, after): (&'static str, Value, Value),
) -> Result<(), UseCaseError> {
    let change = Change { action, subject_kind: "api_key", subject: key.id.to_string(), before, after };
    record::audit(db, act, key.site, change)?;
    Ok(())
}

fn facts(key: &ApiKey) -> Value {
    json!({ "name": key.name, "tail": key.token_tail, "scopes": key.scopes, "expires_at": key.expires_at })
}
