//! The audit log as people read it: rows newest first, each with its seal, and the names of who acted.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use huike_kernel::{Actor, AuditId, NodeId};
use huike_trust::{Digest, Head};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    Db, StoreError,
    audit_seals::actor_of,
    db::each,
    schema::{api_key, audit, audit_seal, staff},
    scope::subtree,
    sql_types::{DbId, DbJson, DbTime},
};

/// Comes after every character that the word for an action may have.
const AFTER_EVERY_LETTER: char = '\u{7f}';

/// A row of the log.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditRow {
    /// Its id.
    pub id: AuditId,
    /// The node whose thing was changed.
    pub site: NodeId,
    /// Who did it.
    pub actor: Actor,
    /// What was done.
    pub action: String,
    /// What kind of thing was changed.
    pub subject_kind: String,
    /// Which one.
    pub subject: String,
    /// What it was and what it is; `None` once it was taken out.
    pub payload: Option<Value>,
    /// The request that did it.
    pub request_id: String,
    /// When.
    pub occurred_at: DateTime<Utc>,
    /// When the payload was taken out.
    pub redacted_at: Option<DateTime<Utc>>,
    /// Its link, once it has one.
    pub seal: Option<Head>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = audit)]
struct Row {
    id: AuditId,
    site_id: DbId,
    actor_kind: String,
    actor_id: Option<DbId>,
    action: String,
    subject_kind: String,
    subject_id: String,
    payload: Option<DbJson>,
    request_id: String,
    occurred_at: DbTime,
    redacted_at: Option<DbTime>,
}

type SealColumns = (Option<i64>, Option<Vec<u8>>);

fn read((row, (seq, hash)): (Row, SealColumns)) -> Result<AuditRow, StoreError> {
    let hash = hash.map(|hash| Digest::from_slice(&hash).unwrap_or(Digest::UNREADABLE));
    Ok(AuditRow {
        id: row.id,
        site: row.site_id.into(),
        actor: actor_of(&row.actor_kind, row.actor_id.map(|id| id.0))?,
        action: row.action,
        subject_kind: row.subject_kind,
        subject: row.subject_id,
        payload: row.payload.map(|payload| payload.0),
        request_id: row.request_id,
        occurred_at: row.occurred_at.into(),
        redacted_at: row.redacted_at.map(Into::into),
        seal: seq.zip(hash).map(|(seq, hash)| Head { seq, hash }),
    })
}

/// What narrows the list.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// Only of things at or below this node.
    pub under: Option<NodeId>,
    /// Only by this kind of actor.
    pub actor_kind: Option<String>,
    /// Only by this member of staff or integration.
    pub actor: Option<Uuid>,
    /// Only actions that begin so: `coupon.` or `coupon_template.approve`.
    pub action: Option<String>,
    /// Only of things of this kind.
    pub subject_kind: Option<String>,
    /// Only of this thing.
    pub subject: Option<String>,
    /// Only of this request.
    pub request: Option<String>,
    /// Only from this moment on.
    pub from: Option<DateTime<Utc>>,
    /// Only before this moment.
    pub to: Option<DateTime<Utc>>,
}

/// By what the list is ordered.
pub type AuditKey = (DateTime<Utc>, AuditId);

impl AuditRow {
    /// Where the row stands in the list.
    pub fn key(&self) -> AuditKey {
        (self.occurred_at, self.id)
    }
}

/// Rows of things at or below the roots, newest first, `limit` of them before `before`.
pub fn list(
    db: &mut Db,
    roots: &[NodeId],
    filter: &AuditFilter,
    before: Option<AuditKey>,
    limit: i64,
) -> Result<Vec<AuditRow>, StoreError> {
    let rows: Vec<(Row, SealColumns)> = each!(db, |c| {
        let mut query = audit::table
            .left_join(audit_seal::table)
            .filter(audit::site_id.eq_any(subtree(roots)))
            .order((audit::occurred_at.desc(), audit::id.desc()))
            .limit(limit)
            .select((Row::as_select(), (audit_seal::seq.nullable(), audit_seal::hash.nullable())))
            .into_boxed();
        if let Some(node) = filter.under {
            query = query.filter(audit::site_id.eq_any(subtree(&[node])));
        }
        if let Some(kind) = &filter.actor_kind {
            query = query.filter(audit::actor_kind.eq(kind));
        }
        if let Some(actor) = filter.actor {
            query = query.filter(audit::actor_id.eq(DbId(actor)));
        }
        if let Some(start) = &filter.action {
            let end = format!("{start}{AFTER_EVERY_LETTER}");
            query = query.filter(audit::action.ge(start).and(audit::action.lt(end)));
        }
        if let Some(kind) = &filter.subject_kind {
            query = query.filter(audit::subject_kind.eq(kind));
        }
        if let Some(subject) = &filter.subject {
            query = query.filter(audit::subject_id.eq(subject));
        }
        if let Some(request) = &filter.request {
            query = query.filter(audit::request_id.eq(request));
        }
        if let Some(from) = filter.from {
            query = query.filter(audit::occurred_at.ge(DbTime::from(from)));
        }
        if let Some(to) = filter.to {
            query = query.filter(audit::occurred_at.lt(DbTime::from(to)));
        }
        if let Some((at, id)) = before {
            let (at, id) = (DbTime::from(at), DbId::from(id));
            let earlier = audit::occurred_at.lt(at).or(audit::occurred_at.eq(at).and(audit::id.lt(id)));
            query = query.filter(audit::occurred_at.le(at).and(earlier));
        }
        query.load(c)
    })?;
    rows.into_iter().map(read).collect()
}

/// The row with that id.
pub fn find(db: &mut Db, id: AuditId) -> Result<Option<AuditRow>, StoreError> {
    let row: Option<(Row, SealColumns)> = audit::table
        .left_join(audit_seal::table)
        .filter(audit::id.eq(DbId::from(id)))
        .select((Row::as_select(), (audit_seal::seq.nullable(), audit_seal::hash.nullable())))
        .first(db)
        .optional()?;
    row.map(read).transpose()
}

/// How staff know somebody who acted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActorName {
    /// The name of a person or an integration.
    pub name: String,
    /// What a person signs in with.
    pub login: Option<String>,
}

/// The names of those who acted in the rows, as far as they belong to a node at or below the roots: somebody who reads the
/// log of one site learns who its own people are, and of everybody else the id.
pub fn list_names(db: &mut Db, roots: &[NodeId], rows: &[AuditRow]) -> Result<BTreeMap<Uuid, ActorName>, StoreError> {
    let of =
        |kind: &str| DbId::list(rows.iter().filter(|row| row.actor.kind() == kind).filter_map(|row| row.actor.id()));
    let people: Vec<(DbId, String, String)> = staff::table
        .filter(staff::id.eq_any(of("staff")).and(staff::site_id.eq_any(subtree(roots))))
        .select((staff::id, staff::name, staff::login))
        .load(db)?;
    let keys: Vec<(DbId, String)> = api_key::table
        .filter(api_key::id.eq_any(of("integration")).and(api_key::site_id.eq_any(subtree(roots))))
        .select((api_key::id, api_key::name))
        .load(db)?;
    let people = people.into_iter().map(|(id, name, login)| (id.0, ActorName { name, login: Some(login) }));
    let keys = keys.into_iter().map(|(id, name)| (id.0, ActorName { name, login: None }));
    Ok(people.chain(keys).collect())
}
