//! What the seal of an audit row covers.

use chrono::{DateTime, Utc};
use huike_kernel::{Actor, AuditId, NodeId};

use serde_json::Value;

use crate::{ChainFault, Digest};

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

impl AuditEntry {
    /// Whether the payload is the one that was written. A redacted row has none any more, and only a redacted one.
    pub fn check_payload(&self, payload: Option<&Value>, is_redacted: bool) -> Result<(), ChainFault> {
        check_payload(self.payload_digest, payload, is_redacted)
    }
}

/// [`AuditEntry::check_payload`] for whoever has no more than the digest.
pub fn check_payload(digest: Digest, payload: Option<&Value>, is_redacted: bool) -> Result<(), ChainFault> {
    match payload {
        None if is_redacted => Ok(()),
        Some(payload) if !is_redacted && Digest::of(payload).ok() == Some(digest) => Ok(()),
        _ => Err(ChainFault::PayloadDiffers),
    }
}
