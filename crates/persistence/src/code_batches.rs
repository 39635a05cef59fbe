//! Batches of codes that were made before anybody owned them.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
pub use huike_coupons::codes::{BatchKind, BatchState};
use huike_kernel::{ChannelId, CodeBatchId, NodeId, StaffId, TemplateId};
use serde_json::Value;

use crate::{
    Db, Outcome, StoreError,
    db::{each, lock_row},
    schema::code_batch,
    scope::subtree,
    sql_types::{DbId, DbJson, DbTime},
};

/// A batch (券码批次).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeBatch {
    /// Its id.
    pub id: CodeBatchId,
    /// The node it was made for.
    pub site: NodeId,
    /// The node that owns the template.
    pub template_site: NodeId,
    /// The template.
    pub template: TemplateId,
    /// The version its codes are issued under.
    pub template_version: i64,
    /// The channel its codes count under.
    pub channel: ChannelId,
    /// How its codes are made.
    pub kind: BatchKind,
    /// The pattern, of a patterned batch.
    pub pattern: Option<String>,
    /// How many codes are wanted.
    pub quantity: i64,
    /// How many were made.
    pub made: i64,
    /// Where it stands.
    pub state: BatchState,
    /// What there is to say about it: why it failed, which rows of a file were refused.
    pub report: Option<Value>,
    /// Who wanted it.
    pub created_by: StaffId,
    /// When.
    pub created_at: DateTime<Utc>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = code_batch, treat_none_as_default_value = false)]
struct Row {
    id: DbId,
    site_id: DbId,
    template_site_id: DbId,
    template_id: DbId,
    template_version: i64,
    channel_id: DbId,
    kind: String,
    pattern: Option<String>,
    quantity: i64,
    made: i64,
    state: String,
    report: Option<DbJson>,
    created_by: DbId,
    created_at: DbTime,
}

fn corrupt(what: impl ToString) -> StoreError {
    StoreError::corrupt("code_batch", what)
}

impl TryFrom<Row> for CodeBatch {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id.into(),
            site: row.site_id.into(),
            template_site: row.template_site_id.into(),
            template: row.template_id.into(),
            template_version: row.template_version,
            channel: row.channel_id.into(),
            kind: row.kind.parse().map_err(corrupt)?,
            pattern: row.pattern,
            quantity: row.quantity,
            made: row.made,
            state: row.state.parse().map_err(corrupt)?,
            report: row.report.map(|document| document.0),
            created_by: row.created_by.into(),
            created_at: row.created_at.into(),
        })
    }
}

/// Adds a batch.
pub fn insert(db: &mut Db, batch: &CodeBatch) -> Result<(), StoreError> {
    let row = Row {
        id: batch.id.into(),
        site_id: batch.site.into(),
        template_site_id: batch.template_site.into(),
        template_id: batch.template.into(),
        template_version: batch.template_version,
        channel_id: batch.channel.into(),
        kind: batch.kind.as_str().to_owned(),
        pattern: batch.pattern.clone(),
        quantity: batch.quantity,
        made: batch.made,
        state: batch.state.as_str().to_owned(),
        report: batch.report.clone().map(DbJson),
        created_by: batch.created_by.into(),
        created_at: batch.created_at.into(),
    };
    each!(db, |c| diesel::insert_into(code_batch::table).values(&row).execute(c))?;
    Ok(())
}

/// The batch, as it stands in this snapshot.
pub fn find(db: &mut Db, id: CodeBatchId) -> Result<Option<CodeBatch>, StoreError> {
    let row: Option<Row> = code_batch::table.find(DbId::from(id)).select(Row::as_select()).first(db).optional()?;
    row.map(CodeBatch::try_from).transpose()
}

/// The batch, locked until the transaction ends: of several workers one makes its next codes.
pub fn lock(db: &mut Db, id: CodeBatchId) -> Result<Option<CodeBatch>, StoreError> {
    let row: Option<Row> = lock_row!(db, code_batch::table.find(DbId::from(id)).select(Row::as_select()))?;
    row.map(CodeBatch::try_from).transpose()
}

/// Saves how far the batch is; its row is locked by the caller.
pub fn save(db: &mut Db, batch: &CodeBatch) -> Result<Outcome, StoreError> {
    let rows = diesel::update(code_batch::table.find(DbId::from(batch.id)))
        .set((
            code_batch::made.eq(batch.made),
            code_batch::state.eq(batch.state.as_str()),
            code_batch::report.eq(batch.report.clone().map(DbJson)),
        ))
        .execute(db)?;
    Ok(Outcome::of(rows))
}

/// How many codes were asked of a pattern so far, whatever the template: its space is one.
pub fn codes_of_pattern(db: &mut Db, pattern: &str) -> Result<i64, StoreError> {
    let quantities: Vec<i64> =
        code_batch::table.filter(code_batch::pattern.eq(pattern)).select(code_batch::quantity).load(db)?;
    Ok(quantities.into_iter().fold(0, i64::saturating_add))
}

/// The batches of nodes at or below the roots, newest first, `limit` of them before `before`; of one template, if said.
pub fn list(
    db: &mut Db,
    roots: &[NodeId],
    template: Option<TemplateId>,
    before: Option<CodeBatchId>,
    limit: i64,
) -> Result<Vec<CodeBatch>, StoreError> {
    let mut query = code_batch::table
        .filter(code_batch::site_id.eq_any(subtree(roots)))
        .select(Row::as_select())
        .order(code_batch::id.desc())
        .limit(limit)
        .into_boxed();
    if let Some(template) = template {
        query = query.filter(code_batch::template_id.eq(DbId::from(template)));
    }
    if let Some(before) = before {
        query = query.filter(code_batch::id.lt(DbId::from(before)));
    }
    let rows: Vec<Row> = query.load(db)?;
    rows.into_iter().map(CodeBatch::try_from).collect()
}
