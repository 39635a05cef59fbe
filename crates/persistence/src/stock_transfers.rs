//! Goods on their way from one site or store to another (调拨).

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use huike_kernel::{NodeId, StaffId, StockTransferId};
use huike_orders::stock::{TransferLine, TransferState};

use crate::{
    Db, Outcome, StoreError,
    db::{each, lock_row},
    schema::{stock_transfer, stock_transfer_line},
    scope::subtree,
    sql_types::{DbId, DbTime},
};

/// A transfer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// Its id.
    pub id: StockTransferId,
    /// Where the goods go.
    pub to: NodeId,
    /// Where they come from.
    pub from: NodeId,
    /// Where it stands.
    pub state: TransferState,
    /// What was said when they were asked for.
    pub note: Option<String>,
    /// Why fewer arrived than were sent, or why it was given up.
    pub reason: Option<String>,
    /// Counts the changes of this row.
    pub version: i64,
    /// Who asked, and when.
    pub requested: (StaffId, DateTime<Utc>),
    /// Who sent, and when.
    pub sent: Option<(StaffId, DateTime<Utc>)>,
    /// Who received or gave up, and when.
    pub ended: Option<(StaffId, DateTime<Utc>)>,
    /// What.
    pub lines: Vec<TransferLine>,
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = stock_transfer, treat_none_as_null = true, treat_none_as_default_value = false)]
struct Row {
    id: DbId,
    site_id: DbId,
    from_site_id: DbId,
    state: String,
    note: Option<String>,
    reason: Option<String>,
    version: i64,
    requested_by: DbId,
    requested_at: DbTime,
    sent_by: Option<DbId>,
    sent_at: Option<DbTime>,
    ended_by: Option<DbId>,
    ended_at: Option<DbTime>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = stock_transfer_line, treat_none_as_default_value = false)]
struct LineRow {
    transfer_id: DbId,
    sku_id: DbId,
    requested: i64,
    sent: Option<i64>,
    received: Option<i64>,
}

impl From<&Transfer> for Row {
    fn from(it: &Transfer) -> Self {
        Self {
            id: it.id.into(),
            site_id: it.to.into(),
            from_site_id: it.from.into(),
            state: it.state.as_str().to_owned(),
            note: it.note.clone(),
            reason: it.reason.clone(),
            version: it.version,
            requested_by: it.requested.0.into(),
            requested_at: it.requested.1.into(),
            sent_by: it.sent.map(|(by, _)| by.into()),
            sent_at: it.sent.map(|(_, at)| at.into()),
            ended_by: it.ended.map(|(by, _)| by.into()),
            ended_at: it.ended.map(|(_, at)| at.into()),
        }
    }
}

fn line_row(transfer: StockTransferId, line: &TransferLine) -> LineRow {
    LineRow {
        transfer_id: transfer.into(),
        sku_id: line.sku.into(),
        requested: line.requested,
        sent: line.sent,
        received: line.received,
    }
}

fn pair(by: Option<DbId>, at: Option<DbTime>) -> Option<(StaffId, DateTime<Utc>)> {
    by.zip(at).map(|(by, at)| (by.into(), at.into()))
}

fn transfer(row: Row, lines: Vec<TransferLine>) -> Result<Transfer, StoreError> {
    Ok(Transfer {
        id: row.id.into(),
        to: row.site_id.into(),
        from: row.from_site_id.into(),
        state: row.state.parse().map_err(|error| StoreError::corrupt("stock_transfer", error))?,
        note: row.note,
        reason: row.reason,
        version: row.version,
        requested: (row.requested_by.into(), row.requested_at.into()),
        sent: pair(row.sent_by, row.sent_at),
        ended: pair(row.ended_by, row.ended_at),
        lines,
    })
}

/// Adds a transfer with its lines.
pub fn insert(db: &mut Db, new: &Transfer) -> Result<(), StoreError> {
    let row = Row::from(new);
    let lines: Vec<LineRow> = new.lines.iter().map(|line| line_row(new.id, line)).collect();
    each!(db, |c| diesel::insert_into(stock_transfer::table).values(&row).execute(c))?;
    each!(db, |c| diesel::insert_into(stock_transfer_line::table).values(&lines).execute(c))?;
    Ok(())
}

/// The transfer.
pub fn find(db: &mut Db, id: StockTransferId) -> Result<Option<Transfer>, StoreError> {
    let row: Option<Row> = stock_transfer::table.find(DbId::from(id)).select(Row::as_select()).first(db).optional()?;
    with_lines(db, row)
}

/// The transfer, locked until the transaction ends.
pub fn lock(db: &mut Db, id: StockTransferId) -> Result<Option<Transfer>, StoreError> {
    let row: Option<Row> = lock_row!(db, stock_transfer::table.find(DbId::from(id)).select(Row::as_select()))?;
    with_lines(db, row)
}

fn with_lines(db: &mut Db, row: Option<Row>) -> Result<Option<Transfer>, StoreError> {
    let Some(row) = row else { return Ok(None) };
    let lines = lines_of(db, &[row.id])?.into_iter().map(|(_, line)| line).collect();
    transfer(row, lines).map(Some)
}

fn lines_of(db: &mut Db, transfers: &[DbId]) -> Result<Vec<(DbId, TransferLine)>, StoreError> {
    let rows: Vec<LineRow> = stock_transfer_line::table
        .filter(stock_transfer_line::transfer_id.eq_any(transfers.to_vec()))
        .order((stock_transfer_line::transfer_id, stock_transfer_line::sku_id))
        .select(LineRow::as_select())
        .load(db)?;
    let line = |row: LineRow| {
        let LineRow { transfer_id, sku_id, requested, sent, received } = row;
        (transfer_id, TransferLine { sku: sku_id.into(), requested, sent, received })
    };
    Ok(rows.into_iter().map(line).collect())
}

/// Saves a transfer with what is stated on its lines over the version it was read with, which goes up by one. Refused
/// when somebody changed it since.
pub fn update(db: &mut Db, it: &mut Transfer) -> Result<Outcome, StoreError> {
    let read = it.version;
    it.version = read.saturating_add(1);
    let row = Row::from(&*it);
    let rows = each!(db, |c| {
        diesel::update(stock_transfer::table.find(row.id)).filter(stock_transfer::version.eq(read)).set(&row).execute(c)
    })?;
    for line in &it.lines {
        diesel::update(stock_transfer_line::table.find((DbId::from(it.id), DbId::from(line.sku))))
            .set((stock_transfer_line::sent.eq(line.sent), stock_transfer_line::received.eq(line.received)))
            .execute(db)?;
    }
    Ok(Outcome::of(rows))
}

/// What narrows a list of transfers.
#[derive(Debug, Clone, Copy, Default)]
pub struct TransferFilter {
    /// Only in this state.
    pub state: Option<TransferState>,
    /// Only from or to this node or one below it.
    pub under: Option<NodeId>,
}

/// Transfers from or to nodes at or below the roots, newest first, `limit` of them before `before`.
pub fn list(
    db: &mut Db,
    roots: &[NodeId],
    filter: &TransferFilter,
    before: Option<StockTransferId>,
    limit: i64,
) -> Result<Vec<Transfer>, StoreError> {
    use stock_transfer::dsl;
    let seen = dsl::site_id.eq_any(subtree(roots)).or(dsl::from_site_id.eq_any(subtree(roots)));
    let mut query =
        stock_transfer::table.filter(seen).order(dsl::id.desc()).limit(limit).select(Row::as_select()).into_boxed();
    if let Some(state) = filter.state {
        query = query.filter(dsl::state.eq(state.as_str()));
    }
    if let Some(node) = filter.under {
        query = query.filter(dsl::site_id.eq_any(subtree(&[node])).or(dsl::from_site_id.eq_any(subtree(&[node]))));
    }
    if let Some(before) = before {
        query = query.filter(dsl::id.lt(DbId::from(before)));
    }
    let rows: Vec<Row> = query.load(db)?;
    let lines = lines_of(db, &rows.iter().map(|row| row.id).collect::<Vec<_>>())?;
    let of = |row: &Row| lines.iter().filter(|(of, _)| *of == row.id).map(|(_, line)| *line).collect();
    rows.into_iter()
        .map(|row| {
            let of = of(&row);
            transfer(row, of)
        })
        .collect()
}
