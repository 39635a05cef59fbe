//! The audit log (操作日志): who changed what, as a list and as a file, and taking a payload out of it.

use actix_web::web::{Data, Json};
use chrono::{DateTime, SecondsFormat, Utc};
use huike_kernel::{AuditId, NodeId, format_row};
use huike_persistence::{
    Store, StoreError,
    audit_log::{self, AuditFilter, AuditKey, AuditRow},
};
use huike_usecases::{UseCaseError, audit};
use serde_json::Value;

use super::{
    audit_view::{AuditQuery, AuditView, Names, RedactRequest},
    transact::transact,
};
use crate::{
    api::{CsvFile, CsvPage, CsvPages, Reading},
    auth::{Staff, may},
    extract::{Listing, Page, Path, Query, Valid},
    problem::Problem,
};

/// Rows read at once for a file.
const PAGE: i64 = 500;
/// The columns of the file.
const COLUMNS: [&str; 14] = [
    "seq",
    "hash",
    "occurred_at",
    "site_id",
    "actor_kind",
    "actor_id",
    "actor_name",
    "action",
    "subject_kind",
    "subject_id",
    "request_id",
    "before",
    "after",
    "redacted_at",
];

/// `GET /audit`
pub async fn list(
    who: Staff<may::AuditView>,
    store: Data<Store>,
    listing: Listing<AuditQuery>,
) -> Result<Json<Page<AuditView>>, Problem> {
    let Listing { page, filter } = listing;
    let (before, limit) = (page.after()?, page.fetch());
    let (roots, filter) = (who.scope.permitted.clone(), AuditFilter::from(filter));
    let (rows, names) = store.read(move |db| read(db, &roots, &filter, before, limit)).await?;
    Ok(Json(Page::cut(rows, &page, AuditRow::key, |row| AuditView::new(row, &names))))
}

fn read(
    db: &mut huike_persistence::Db,
    roots: &[NodeId],
    filter: &AuditFilter,
    before: Option<AuditKey>,
    limit: i64,
) -> Result<(Vec<AuditRow>, Names), StoreError> {
    let rows = audit_log::list(db, roots, filter, before, limit)?;
    let names = audit_log::list_names(db, roots, &rows)?;
    Ok((rows, names))
}

/// `POST /audit/{audit_id}/redact`
pub async fn redact(
    who: Staff<may::AuditRedact>,
    store: Data<Store>,
    path: Path<AuditId>,
    body: Valid<RedactRequest>,
) -> Result<Json<AuditView>, Problem> {
    let (ask, roots) = (body.into_inner().about(*path), who.scope.permitted.clone());
    let done = transact(&store, who.caller(), move |db, act| {
        let row = audit::redact(db, act, &ask)?;
        let names = audit_log::list_names(db, &roots, std::slice::from_ref(&row))?;
        Ok::<_, UseCaseError>((row, names))
    });
    let (row, names) = done.await?;
    Ok(Json(AuditView::new(row, &names)))
}

/// `GET /audit/export`
pub async fn export(
    who: Staff<may::AuditView>,
    store: Data<Store>,
    query: Query<AuditQuery>,
) -> Result<CsvFile<AuditPages>, Problem> {
    let query = query.into_inner();
    let narrowed_by = query.narrowed_by();
    transact(&store, who.caller(), move |db, act| audit::begin_export(db, act, &narrowed_by)).await?;
    let pages = AuditPages { store, roots: who.scope.permitted.clone(), filter: query.into() };
    Ok(CsvFile { name: "audit.csv".to_owned(), pages })
}

/// The rows of a file, newest first.
pub struct AuditPages {
    store: Data<Store>,
    roots: Vec<NodeId>,
    filter: AuditFilter,
}

impl CsvPages for AuditPages {
    type Key = AuditKey;

    fn header(&self) -> String {
        format_row(&COLUMNS)
    }

    fn read(&self, before: Option<AuditKey>) -> Reading<AuditKey> {
        let (store, roots, filter) = (self.store.clone(), self.roots.clone(), self.filter.clone());
        Box::pin(async move {
            let (rows, names) = store.read(move |db| read(db, &roots, &filter, before, PAGE)).await?;
            let next = rows.last().map(AuditRow::key);
            Ok(CsvPage { rows: rows.iter().map(|row| csv_row(row, &names)).collect(), next })
        })
    }
}

fn csv_row(row: &AuditRow, names: &Names) -> String {
    let time = |moment: DateTime<Utc>| moment.to_rfc3339_opts(SecondsFormat::Micros, true);
    let part = |name: &str| match row.payload.as_ref().and_then(|payload| payload.get(name)) {
        None | Some(Value::Null) => String::new(),
        Some(value) => value.to_string(),
    };
    let name = row.actor.id().and_then(|id| names.get(&id)).map(|actor| actor.name.as_str());
    format_row(&[
        &row.seal.map(|seal| seal.seq.to_string()).unwrap_or_default(),
        &row.seal.map(|seal| seal.hash.to_string()).unwrap_or_default(),
        &time(row.occurred_at),
        &row.site.to_string(),
        row.actor.kind(),
        &row.actor.id().map(|id| id.to_string()).unwrap_or_default(),
        name.unwrap_or_default(),
        &row.action,
        &row.subject_kind,
        &row.subject,
        &row.request_id,
        &part("before"),
        &part("after"),
        &row.redacted_at.map(time).unwrap_or_default(),
    ])
}
