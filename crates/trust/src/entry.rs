//! What the seal of an audit row covers.

use chrono::{DateTime, Utc};
use huike_kernel::{Actor, AuditId, NodeId};

use crate::Digest;

/// A row of the audit log (操作日志) as its seal covers it: all of it but the payload, of which the digest stands in, so
/// that a payload can be taken out for a person's sake and the chain still holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its id.
    pub id: AuditId,
    /// The node whose thing was changed.
    pub site: NodeId,
    /// Who did it.
    pub actor: Actor,
    /// What was done, such as `coupon_template.approve`.
    pub action: String,
    /// What kind of thing was changed.
    pub subject_kind: String,
    /// Which one.
    pub subject: String,
    /// The request that did it.
    pub request_id: String,
    /// When, to the microsecond.
    pub occurred_at: DateTime<Utc>,
    /// The digest of the payload's canonical JSON.
    pub payload_digest: Digest,
}
