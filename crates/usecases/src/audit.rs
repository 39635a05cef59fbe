//! The audit log (操作日志): sealing it in a chain, checking the chain a piece at a time, and taking a payload out.

use chrono::{DateTime, Utc};
use huike_access::Permission;
use huike_kernel::{AuditId, Text};
use huike_persistence::{
    Db, Outcome, StoreError,
    audit::redact as take_payload_out,
    audit_log::{self, AuditRow},
    audit_seals,
};
use huike_trust::{ChainFault, Head, Link, TrustError, seal_all};
use serde_json::json;

use crate::{
    Act, UseCaseError,
    record::{self, Change},
};

/// Why a payload is taken out of a row.
pub type RedactReason = Text<200>;

/// A piece of the chain that was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sealing {
    /// How many rows were sealed.
    pub sealed: usize,
    /// The head after it.
    pub head: Head,
}

/// Seals rows that wait, at most `limit` of them. Fewer than that: nothing waits any more.
///
/// The order of the seals is that in which rows are found, not that in which they were written: a row whose transaction
/// took long is sealed after rows that came later, and all of them are sealed.
pub fn seal_chunk(db: &mut Db, now: DateTime<Utc>, limit: i64) -> Result<Sealing, StoreError> {
    audit_seals::lock_chain(db)?;
    let entries = audit_seals::list_unsealed(db, limit)?;
    let head = audit_seals::head(db)?;
    let links = seal_all(head, &entries).map_err(|error| StoreError::corrupt("audit", error))?;
    let sealed: Vec<(AuditId, Link)> = entries.iter().map(|entry| entry.id).zip(links).collect();
    audit_seals::append(db, &sealed, now)?;
    Ok(Sealing { sealed: sealed.len(), head: sealed.last().map_or(head, |(_, link)| link.head()) })
}

/// Rows of one piece, where everything is sealed in one transaction.
const REST_CHUNK: i64 = 1_000;

/// Seals everything that waits in the transaction that wrote it: for what is made in one go where no server runs.
pub fn seal_rest(db: &mut Db, now: DateTime<Utc>) -> Result<Head, StoreError> {
    loop {
        let done = seal_chunk(db, now, REST_CHUNK)?;
        if done.sealed == 0 {
            return Ok(done.head);
        }
    }
}

/// Where a chain does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FoundFault {
    /// At which link.
    pub seq: i64,
    /// The row it seals; `None` where there is no such link.
    pub audit: Option<AuditId>,
    /// What is wrong.
    pub fault: ChainFault,
}

/// A piece of the chain that was checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checking {
    /// The last link that was looked at and holds, as far as links were looked at.
    pub head: Head,
    /// The first link that does not.
    pub fault: Option<FoundFault>,
    /// Whether nothing comes after it.
    pub is_end: bool,
}

/// Where a check is to begin: after a link whose hash the caller knows, or after whatever link has that number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckFrom {
    /// After this link, which has to be there with this hash.
    Known(Head),
    /// After the link with this number; zero is the start.
    Number(i64),
}

/// The link to begin after.
pub fn begin_check(db: &mut Db, from: CheckFrom) -> Result<Checking, StoreError> {
    let (seq, known) = match from {
        CheckFrom::Known(head) => (head.seq, Some(head.hash)),
        CheckFrom::Number(seq) => (seq, None),
    };
    let found = if seq == 0 { Some(Head::START) } else { audit_seals::find_link(db, seq)? };
    let fault = match found {
        None => Some(ChainFault::LinkMissing),
        Some(found) if known.is_some_and(|known| known != found.hash) => Some(ChainFault::KnownDiffers),
        Some(_) => None,
    };
    let head = found.unwrap_or(Head::START);
    Ok(Checking { head, fault: fault.map(|fault| FoundFault { seq, audit: None, fault }), is_end: false })
}

/// Checks the links after that one, at most `limit` of them. It ends at the first fault.
pub fn check_chunk(db: &mut Db, after: Head, limit: i64) -> Result<Checking, StoreError> {
    let rows = audit_seals::list_sealed(db, after.seq, limit)?;
    let is_end = i64::try_from(rows.len()).unwrap_or(i64::MAX) < limit;
    let mut head = after;
    for row in rows {
        if let Err(fault) = row.check(&head) {
            let fault = FoundFault { seq: row.link.seq, audit: Some(row.audit), fault };
            return Ok(Checking { head, fault: Some(fault), is_end });
        }
        head = row.link.head();
    }
    Ok(Checking { head, fault: None, is_end })
}

/// Why a payload is taken out of a row of the log.
#[derive(Debug, Clone)]
pub struct RedactAsk {
    /// The row.
    pub audit: AuditId,
    /// Why; it stays in the log.
    pub reason: RedactReason,
}

/// Takes what was before and after out of a row, for good, and says so in the log. The chain still holds: it covers a
/// digest of the payload.
pub fn redact(db: &mut Db, act: &Act<'_>, ask: &RedactAsk) -> Result<AuditRow, UseCaseError> {
    act.reach_head(db, Permission::AuditRedact)?;
    let row = audit_log::find(db, ask.audit)?.ok_or(UseCaseError::NotFound("audit row"))?;
    if take_payload_out(db, row.id, act.now)? == Outcome::Refused {
        return Err(TrustError::AuditRedacted.into());
    }
    let change = Change {
        action: "audit.redact",
        subject_kind: "audit",
        subject: row.id.to_string(),
        before: json!(null),
        after: json!({ "action": row.action, "subject_id": row.subject, "reason": ask.reason.as_str() }),
    };
    record::audit(db, act, row.site, change)?;
    Ok(AuditRow { payload: None, redacted_at: Some(act.now), ..row })
}

/// Says in the log of every node that the caller may read from that a part of it was taken along.
pub fn begin_export(db: &mut Db, act: &Act<'_>, narrowed_by: &[&'static str]) -> Result<(), UseCaseError> {
    for root in &act.caller.scope.permitted {
        let change = Change {
            action: "audit.export",
            subject_kind: "node",
            subject: root.to_string(),
            before: json!(null),
            after: json!({ "narrowed_by": narrowed_by }),
        };
        record::audit(db, act, *root, change)?;
    }
    Ok(())
}
