//! The audit log: what staff and integrations changed, append-only. Sealing it in a chain is a job of its own
//! ([`crate::audit_seals`]); reading it is [`crate::audit_log`].

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use huike_kernel::{Actor, AuditId, NodeId};
use huike_trust::Digest;
use serde_json::Value;

use crate::{
    Db, Outcome, StoreError,
    db::each,
    schema::{audit, audit_unsealed},
    sql_types::{DbId, DbJson, DbTime},
};

/// Rows of one insert; SQLite bounds the number of bound values.
const ROWS_MAX: usize = 500;

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

#[derive(Insertable)]
#[diesel(table_name = audit, treat_none_as_default_value = false)]
struct Row<'a> {
    id: DbId,
    site_id: DbId,
    actor_kind: &'static str,
    actor_id: Option<DbId>,
    action: &'static str,
    subject_kind: &'static str,
    subject_id: &'a str,
    payload: Option<DbJson>,
    payload_digest: Vec<u8>,
    request_id: &'a str,
    occurred_at: DbTime,
}

impl<'a> TryFrom<&'a NewAudit> for Row<'a> {
    type Error = StoreError;

    /// The digest stays when the payload is redacted, so that the chain over it still holds.
    fn try_from(new: &'a NewAudit) -> Result<Self, StoreError> {
        let digest = Digest::of(&new.payload).map_err(|e| StoreError::corrupt("audit", e))?;
        Ok(Self {
            id: new.id.into(),
            site_id: new.site.into(),
            actor_kind: new.actor.kind(),
            actor_id: new.actor.id().map(DbId),
            action: new.action,
            subject_kind: new.subject_kind,
            subject_id: &new.subject,
            payload: Some(DbJson(new.payload.clone())),
            payload_digest: digest.as_bytes().to_vec(),
            request_id: &new.request_id,
            occurred_at: new.occurred_at.into(),
        })
    }
}

/// Appends one row.
pub fn append(db: &mut Db, new: &NewAudit) -> Result<(), StoreError> {
    append_many(db, std::slice::from_ref(new))
}

/// Appends rows, and queues them for the sealer.
pub fn append_many(db: &mut Db, new: &[NewAudit]) -> Result<(), StoreError> {
    for chunk in new.chunks(ROWS_MAX) {
        let rows = chunk.iter().map(Row::try_from).collect::<Result<Vec<_>, _>>()?;
        each!(db, |c| diesel::insert_into(audit::table).values(&rows).execute(c))?;
        let unsealed: Vec<_> = chunk.iter().map(|new| audit_unsealed::audit_id.eq(DbId::from(new.id))).collect();
        each!(db, |c| diesel::insert_into(audit_unsealed::table).values(&unsealed).execute(c))?;
    }
    Ok(())
}

/// Takes the payload out of a row, for good. Refused where it was taken out before, or there is no such row.
pub fn redact(db: &mut Db, id: AuditId, at: DateTime<Utc>) -> Result<Outcome, StoreError> {
    let rows = diesel::update(audit::table.find(DbId::from(id)))
        .filter(audit::redacted_at.is_null())
        .set((audit::payload.eq(None::<DbJson>), audit::redacted_at.eq(Some(DbTime::from(at)))))
        .execute(db)?;
    Ok(Outcome::of(rows))
}
