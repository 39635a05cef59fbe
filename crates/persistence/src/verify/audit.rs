//! I36: the audit log is the one that was written. The chain over it holds, no payload was changed, and nothing was kept
//! out of the chain.
//!
//! Whoever has the database in hand can take the newest links off, and then nothing in it is wrong: only a head that was
//! kept elsewhere tells (`huike verify --audit-head`).

use diesel::prelude::*;
use huike_kernel::{AuditId, EventId};
use huike_trust::{Digest, Head, check_payload};
use uuid::Uuid;

use super::{Check, Invariant, offence::Offences};
use crate::{
    Db, StoreError, audit_seals,
    schema::{audit, audit_unsealed, event},
    sql_types::{DbId, DbJson, DbTime},
};

/// Rows that are held in memory at once; payloads are among them.
const PAGE_ROWS: i64 = 2_000;
/// A row that waits for its seal while others are written so much later was forgotten.
const WAIT_MS_MAX: u128 = 10_000;
/// The bits of an id below its milliseconds.
const BITS_BELOW_MS: u32 = 80;

/// The one check that time alone can mend, beside a server.
pub const AUDIT_SEALED: &str = "audit_sealed";

pub(super) const INVARIANTS: &[Invariant] = &[
    Invariant {
        id: "I36",
        name: "audit_chain",
        what: "the links of the audit chain are numbered from one, each follows the one before and seals its row",
        check: Check::Rules(check_chain),
    },
    Invariant {
        id: "I36",
        name: "audit_digest",
        what: "the payload of an audit row is the one that was written, or was taken out and says so",
        check: Check::Rules(check_digests),
    },
    Invariant {
        id: "I36",
        name: AUDIT_SEALED,
        what: "no audit row waits for its seal while others are written more than ten seconds later",
        check: Check::Rules(check_sealed),
    },
    Invariant {
        id: "I36",
        name: "audit_queue",
        what: "every audit row is either sealed or waits for its seal",
        check: Check::Sql(AUDIT_QUEUE),
    },
    Invariant {
        id: "I36",
        name: "audit_redaction",
        what: "whoever took a payload out of an audit row said so in the log",
        check: Check::Sql(AUDIT_REDACTION),
    },
    Invariant {
        id: "I36",
        name: "audit_two_people",
        what: "what takes two people was approved, as the log tells it, by somebody else than asked for it",
        check: Check::Sql(AUDIT_TWO_PEOPLE),
    },
];

const AUDIT_QUEUE: &str = "
    SELECT a.id AS subject, a.action || ' is neither sealed nor waits for it' AS detail
    FROM audit a
    WHERE NOT EXISTS (SELECT 1 FROM audit_seal s WHERE s.audit_id = a.id)
        AND NOT EXISTS (SELECT 1 FROM audit_unsealed u WHERE u.audit_id = a.id)
    UNION ALL
    SELECT u.audit_id, 'is sealed and waits for it' FROM audit_unsealed u JOIN audit_seal s ON s.audit_id = u.audit_id
    UNION ALL
    SELECT u.audit_id, 'waits for its seal and is not there'
    FROM audit_unsealed u WHERE NOT EXISTS (SELECT 1 FROM audit a WHERE a.id = u.audit_id)";

const AUDIT_REDACTION: &str = "
    SELECT a.id AS subject, a.action || ' lost its payload, and nobody says why' AS detail
    FROM audit a
    WHERE a.redacted_at IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM audit r WHERE r.subject_id = uuid_text(a.id) AND r.action = 'audit.redact')";

/// The submission that counts is the last one before the approval. What the policy let somebody publish alone says so in
/// its version.
const AUDIT_TWO_PEOPLE: &str = "
    SELECT d.id AS subject, 'a late undo was approved by whoever asked for it' AS detail
    FROM audit d JOIN audit q ON q.subject_id = d.subject_id AND q.action = 'unredeem_request.create'
    WHERE d.action = 'unredeem_request.approve' AND d.actor_id = q.actor_id
    UNION ALL
    SELECT d.id, 'a version was approved by whoever submitted it'
    FROM audit d JOIN audit q ON q.subject_id = d.subject_id AND q.action = 'coupon_template.submit'
    WHERE d.action = 'coupon_template.approve' AND d.actor_id = q.actor_id AND q.occurred_at <= d.occurred_at
        AND NOT EXISTS (
            SELECT 1 FROM audit later
            WHERE later.subject_id = d.subject_id AND later.action = 'coupon_template.submit'
                AND later.occurred_at > q.occurred_at AND later.occurred_at <= d.occurred_at)
        AND NOT EXISTS (
            SELECT 1 FROM coupon_template_version v
            WHERE uuid_text(v.template_id) = d.subject_id AND v.unreviewed AND v.reviewed_at = d.occurred_at)";

fn check_chain(db: &mut Db) -> Result<Offences, StoreError> {
    let (mut offences, mut head) = (Offences::default(), Head::START);
    loop {
        let rows = audit_seals::list_sealed(db, head.seq, PAGE_ROWS)?;
        let Some(last) = rows.last().map(|row| row.link.head()) else { return Ok(offences) };
        for row in rows {
            if let Err(fault) = head.check(&row.link, row.entry.as_ref().map_err(|fault| *fault)) {
                offences.note(row.audit.as_uuid(), || format!("link {}: {fault}", row.link.seq));
            }
            // From the link as it stands, so that one break is told once.
            head = row.link.head();
        }
        head = last;
    }
}

type PayloadRow = (AuditId, String, Option<DbJson>, Vec<u8>, Option<DbTime>);

fn check_digests(db: &mut Db) -> Result<Offences, StoreError> {
    let (mut offences, mut after) = (Offences::default(), DbId(Uuid::nil()));
    loop {
        let rows: Vec<PayloadRow> = audit::table
            .filter(audit::id.gt(after))
            .order(audit::id)
            .limit(PAGE_ROWS)
            .select((audit::id, audit::action, audit::payload, audit::payload_digest, audit::redacted_at))
            .load(db)?;
        let Some((last, ..)) = rows.last() else { return Ok(offences) };
        after = DbId::from(last);
        for (id, action, payload, digest, redacted_at) in rows {
            let digest = Digest::from_slice(&digest).unwrap_or(Digest::UNREADABLE);
            let payload = payload.map(|payload| payload.0);
            if let Err(fault) = check_payload(digest, payload.as_ref(), redacted_at.is_some()) {
                offences.note(id.as_uuid(), || format!("{action}: {fault}"));
            }
        }
    }
}

/// The database's own idea of now: the newest id of whatever is written all the time. A database that nobody works on
/// has no rows that wait too long, however long ago it was stopped, killed or restored; one that is worked on, and whose
/// rows are not sealed, has. Ids carry the machine's clock, which no clock set by hand moves.
fn check_sealed(db: &mut Db) -> Result<Offences, StoreError> {
    let audited: Option<AuditId> = audit::table.order(audit::id.desc()).select(audit::id).first(db).optional()?;
    let told: Option<EventId> = event::table.order(event::id.desc()).select(event::id).first(db).optional()?;
    let newest = audited.map(|id| made_at_ms(id.as_uuid())).max(told.map(|id| made_at_ms(id.as_uuid())));
    let oldest_allowed = newest.unwrap_or_default().saturating_sub(WAIT_MS_MAX);
    let smallest_allowed = DbId(Uuid::from_u128(oldest_allowed << BITS_BELOW_MS));
    let waiting: Vec<AuditId> = audit_unsealed::table
        .filter(audit_unsealed::audit_id.lt(smallest_allowed))
        .order(audit_unsealed::audit_id)
        .select(audit_unsealed::audit_id)
        .load(db)?;
    let mut offences = Offences::default();
    for id in waiting {
        let waited_ms = newest.unwrap_or_default().saturating_sub(made_at_ms(id.as_uuid()));
        offences.note(id.as_uuid(), || format!("has waited for its seal for {} s", waited_ms / 1_000));
    }
    Ok(offences)
}

/// When the id was made, in milliseconds since 1970: the first 48 bits of a UUID of version 7.
const fn made_at_ms(id: Uuid) -> u128 {
    id.as_u128() >> BITS_BELOW_MS
}
