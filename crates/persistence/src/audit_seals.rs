//! The chain over the audit log: the rows that wait for their seal, the links, and both together for whoever checks them.

use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_query, sql_types::BigInt};
use huike_kernel::{Actor, AuditId};
use huike_trust::{AuditEntry, ChainFault, Digest, Head, Link};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    Db, StoreError,
    db::each,
    schema::{audit, audit_seal, audit_unsealed},
    sql_types::{DbId, DbJson, DbTime},
};

/// The number of the lock that one sealer at a time holds on PostgreSQL: "audit" in ASCII.
const CHAIN_LOCK: i64 = 0x0061_7564_6974;
/// Rows of one insert; SQLite bounds the number of bound values.
const ROWS_MAX: usize = 500;

/// What the seal of a row covers, as it lies in the database.
#[derive(Queryable, Selectable)]
#[diesel(table_name = audit)]
struct EntryRow {
    id: AuditId,
    site_id: DbId,
    actor_kind: String,
    actor_id: Option<DbId>,
    action: String,
    subject_kind: String,
    subject_id: String,
    request_id: String,
    occurred_at: DbTime,
    payload_digest: Vec<u8>,
}

fn corrupt(what: impl ToString) -> StoreError {
    StoreError::corrupt("audit", what)
}

/// Bytes that are no digest match nothing, which is what a check of the chain has to find.
fn digest(bytes: &[u8]) -> Digest {
    Digest::from_slice(bytes).unwrap_or(Digest::UNREADABLE)
}

/// The actor of a row.
pub(crate) fn actor_of(kind: &str, id: Option<Uuid>) -> Result<Actor, StoreError> {
    Actor::read(kind, id).ok_or_else(|| corrupt(format!("the actor is {kind} {id:?}")))
}

impl TryFrom<EntryRow> for AuditEntry {
    type Error = StoreError;

    fn try_from(row: EntryRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id,
            site: row.site_id.into(),
            actor: actor_of(&row.actor_kind, row.actor_id.map(|id| id.0))?,
            action: row.action,
            subject_kind: row.subject_kind,
            subject: row.subject_id,
            request_id: row.request_id,
            occurred_at: row.occurred_at.into(),
            payload_digest: digest(&row.payload_digest),
        })
    }
}

/// Makes this transaction the only one that seals, until it ends. SQLite has one writer anyway.
///
/// It comes before the head is read: the next sealer waits here, and then sees the links of this one.
pub fn lock_chain(db: &mut Db) -> Result<(), StoreError> {
    if let Db::Postgres(c) = db {
        sql_query("SELECT pg_advisory_xact_lock($1)").bind::<BigInt, _>(CHAIN_LOCK).execute(c)?;
    }
    Ok(())
}

/// The last link's place; the start where nothing is sealed yet.
pub fn head(db: &mut Db) -> Result<Head, StoreError> {
    Ok(last(db)?.map_or(Head::START, |(head, _)| head))
}

/// The last link's place, and when it was made.
pub fn last(db: &mut Db) -> Result<Option<(Head, DateTime<Utc>)>, StoreError> {
    let row: Option<(i64, Vec<u8>, DateTime<Utc>)> = audit_seal::table
        .order(audit_seal::seq.desc())
        .select((audit_seal::seq, audit_seal::hash, audit_seal::sealed_at))
        .first(db)
        .optional()?;
    Ok(row.map(|(seq, hash, at)| (Head { seq, hash: digest(&hash) }, at)))
}

/// Rows that wait for their seal, in the order of their ids: about the order in which they were written.
pub fn list_unsealed(db: &mut Db, limit: i64) -> Result<Vec<AuditEntry>, StoreError> {
    let rows: Vec<EntryRow> = audit_unsealed::table
        .inner_join(audit::table)
        .order(audit_unsealed::audit_id)
        .limit(limit)
        .select(EntryRow::as_select())
        .load(db)?;
    rows.into_iter().map(AuditEntry::try_from).collect()
}

/// Appends links to the chain; their rows wait no more. A link whose number is taken breaks the whole insert: the unique
/// key is the last word on there being one chain.
pub fn append(db: &mut Db, links: &[(AuditId, Link)], now: DateTime<Utc>) -> Result<(), StoreError> {
    for chunk in links.chunks(ROWS_MAX) {
        let row = |(audit, link): &(AuditId, Link)| {
            (
                audit_seal::seq.eq(link.seq),
                audit_seal::audit_id.eq(DbId::from(audit)),
                audit_seal::prev_hash.eq(link.prev.as_bytes().to_vec()),
                audit_seal::hash.eq(link.hash.as_bytes().to_vec()),
                audit_seal::sealed_at.eq(DbTime::from(now)),
            )
        };
        let rows: Vec<_> = chunk.iter().map(row).collect();
        each!(db, |c| diesel::insert_into(audit_seal::table).values(&rows).execute(c))?;
        let sealed = DbId::list(chunk.iter().map(|(audit, _)| *audit));
        diesel::delete(audit_unsealed::table.filter(audit_unsealed::audit_id.eq_any(sealed))).execute(db)?;
    }
    Ok(())
}

/// How many rows wait for their seal, and since when the one that has waited longest.
pub fn count_unsealed(db: &mut Db) -> Result<(i64, Option<DateTime<Utc>>), StoreError> {
    let count = audit_unsealed::table.count().get_result(db)?;
    let oldest: Option<DateTime<Utc>> = audit_unsealed::table
        .inner_join(audit::table)
        .order(audit_unsealed::audit_id)
        .select(audit::occurred_at)
        .first(db)
        .optional()?;
    Ok((count, oldest))
}

/// The link with that number.
pub fn find_link(db: &mut Db, seq: i64) -> Result<Option<Head>, StoreError> {
    let hash: Option<Vec<u8>> = audit_seal::table.find(seq).select(audit_seal::hash).first(db).optional()?;
    Ok(hash.map(|hash| Head { seq, hash: digest(&hash) }))
}

/// The link with that hash. There is no index for it: whoever asks looks through the whole chain.
pub fn find_hash(db: &mut Db, hash: Digest) -> Result<Option<Head>, StoreError> {
    let seq: Option<i64> = audit_seal::table
        .filter(audit_seal::hash.eq(hash.as_bytes().to_vec()))
        .select(audit_seal::seq)
        .first(db)
        .optional()?;
    Ok(seq.map(|seq| Head { seq, hash }))
}

/// A link with the row it seals.
#[derive(Debug, Clone)]
pub struct SealedRow {
    /// The row's id.
    pub audit: AuditId,
    /// The link.
    pub link: Link,
    /// The row, or why there is none that can be read.
    pub entry: Result<AuditEntry, ChainFault>,
    /// Its payload, unless it was taken out.
    pub payload: Option<Value>,
    /// Whether the payload was taken out.
    pub is_redacted: bool,
}

impl SealedRow {
    /// Whether it follows the head, and its row and payload are what was sealed.
    pub fn check(&self, head: &Head) -> Result<(), ChainFault> {
        let entry = self.entry.as_ref().map_err(|fault| *fault);
        head.check(&self.link, entry)?;
        entry?.check_payload(self.payload.as_ref(), self.is_redacted)
    }
}

type SealColumns = (i64, AuditId, Vec<u8>, Vec<u8>);
type PayloadColumns = (Option<DbJson>, Option<DbTime>);

/// Links after that number, in order, with their rows.
pub fn list_sealed(db: &mut Db, after: i64, limit: i64) -> Result<Vec<SealedRow>, StoreError> {
    let rows: Vec<(SealColumns, Option<EntryRow>, PayloadColumns)> = audit_seal::table
        .left_join(audit::table)
        .filter(audit_seal::seq.gt(after))
        .order(audit_seal::seq)
        .limit(limit)
        .select((
            (audit_seal::seq, audit_seal::audit_id, audit_seal::prev_hash, audit_seal::hash),
            Option::<EntryRow>::as_select(),
            (audit::payload.nullable(), audit::redacted_at.nullable()),
        ))
        .load(db)?;
    Ok(rows.into_iter().map(sealed_row).collect())
}

fn sealed_row(
    ((seq, audit, prev, hash), entry, (payload, redacted_at)): (SealColumns, Option<EntryRow>, PayloadColumns),
) -> SealedRow {
    // A row whose words fit no actor is not the one that was sealed.
    let read = |row: EntryRow| AuditEntry::try_from(row).map_err(|_unreadable| ChainFault::HashDiffers);
    SealedRow {
        audit,
        link: Link { seq, prev: digest(&prev), hash: digest(&hash) },
        entry: entry.map_or(Err(ChainFault::RowMissing), read),
        payload: payload.map(|payload| payload.0),
        is_redacted: redacted_at.is_some(),
    }
}
