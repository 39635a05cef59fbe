//! The audit log: what staff and integrations changed, append-only. Sealing it in a chain is a job of its own.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use huike_kernel::{Actor, AuditId, NodeId, canonical_json};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{
    Db, StoreError,
    schema::audit,
    sql_types::{DbId, DbJson, DbTime},
};

/// A row of the log as a use case makes it.
#[derive(Debug, Clone)]
pub struct NewAudit {
    /// Its id.
    pub id: AuditId,
    /// The node whose thing was changed.
    pub site: NodeId,
    /// Who did it.
    pub actor: Actor,
    /// What was done, such as `coupon_template.approve`.
    pub action: &'static str,
    /// What kind of thing was changed.
    pub subject_kind: &'static str,
    /// Which one.
    pub subject: String,
    /// `{"before": …, "after": …}`, masked: never a phone, an openid or a name of a customer.
    pub payload: Value,
    /// The request that did it.
    pub request_id: String,
    /// When.
    pub occurred_at: DateTime<Utc>,
}

/// Appends one row. The digest stays when the payload is redacted, so that the chain over it still holds.
pub fn append(db: &mut Db, new: &NewAudit) -> Result<(), StoreError> {
    let canonical = canonical_json(&new.payload).map_err(|e| StoreError::corrupt("audit", e))?;
    diesel::insert_into(audit::table)
        .values((
            audit::id.eq(DbId::from(new.id)),
            audit::site_id.eq(DbId::from(new.site)),
            audit::actor_kind.eq(new.actor.kind()),
            audit::actor_id.eq(new.actor.id().map(DbId)),
            audit::action.eq(new.action),
            audit::subject_kind.eq(new.subject_kind),
            audit::subject_id.eq(&new.subject),
            audit::payload.eq(Some(DbJson(new.payload.clone()))),
            audit::payload_digest.eq(Sha256::digest(canonical).as_slice().to_vec()),
            audit::request_id.eq(&new.request_id),
            audit::occurred_at.eq(DbTime::from(new.occurred_at)),
        ))
        .execute(db)?;
    Ok(())
}
