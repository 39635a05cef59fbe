//! Requests for manual adjustments: asked for by one person of finance, approved or rejected by another.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use huike_kernel::{LedgerAccountId, LedgerAdjustmentId, LedgerTransactionId, NodeId, StaffId};
use huike_ledger::{AdjustmentState, Amount, Direction};

use crate::{
    Db, Outcome, StoreError,
    db::{each, lock_row},
    schema::ledger_adjustment,
    scope::subtree,
    sql_types::{DbId, DbTime},
};

/// One request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adjustment {
    /// Its id.
    pub id: LedgerAdjustmentId,
    /// The node that keeps the account.
    pub site: NodeId,
    /// The account.
    pub account: LedgerAccountId,
    /// Which way.
    pub direction: Direction,
    /// How much.
    pub amount: Amount,
    /// Why.
    pub reason: String,
    /// Where it stands.
    pub state: AdjustmentState,
    /// Whoever asked approved it too, because there was nobody else.
    pub unreviewed: bool,
    /// Who asked, and when.
    pub requested: (StaffId, DateTime<Utc>),
    /// Who decided, and when.
    pub decided: Option<(StaffId, DateTime<Utc>)>,
    /// What was posted, if it was approved.
    pub transaction: Option<LedgerTransactionId>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = ledger_adjustment, treat_none_as_default_value = false)]
struct Row {
    id: DbId,
    site_id: DbId,
    account_id: DbId,
    direction: String,
    amount: i64,
    reason: String,
    state: String,
    unreviewed: bool,
    requested_by: DbId,
    requested_at: DbTime,
    decided_by: Option<DbId>,
    decided_at: Option<DbTime>,
    transaction_id: Option<DbId>,
}

fn corrupt(what: impl ToString) -> StoreError {
    StoreError::corrupt("ledger_adjustment", what)
}

impl TryFrom<Row> for Adjustment {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id.into(),
            site: row.site_id.into(),
            account: row.account_id.into(),
            direction: row.direction.parse().map_err(corrupt)?,
            amount: Amount::new(row.amount).map_err(corrupt)?,
            reason: row.reason,
            state: row.state.parse().map_err(corrupt)?,
            unreviewed: row.unreviewed,
            requested: (row.requested_by.into(), row.requested_at.into()),
            decided: row.decided_by.zip(row.decided_at).map(|(by, at)| (by.into(), at.into())),
            transaction: row.transaction_id.map(Into::into),
        })
    }
}

/// Adds an open request.
pub fn insert(db: &mut Db, new: &Adjustment) -> Result<(), StoreError> {
    let row = Row {
        id: new.id.into(),
        site_id: new.site.into(),
        account_id: new.account.into(),
        direction: new.direction.as_str().to_owned(),
        amount: new.amount.get(),
        reason: new.reason.clone(),
        state: new.state.as_str().to_owned(),
        unreviewed: new.unreviewed,
        requested_by: new.requested.0.into(),
        requested_at: new.requested.1.into(),
        decided_by: None,
        decided_at: None,
        transaction_id: None,
    };
    each!(db, |c| diesel::insert_into(ledger_adjustment::table).values(&row).execute(c))?;
    Ok(())
}

/// The request with that id.
pub fn find(db: &mut Db, id: LedgerAdjustmentId) -> Result<Option<Adjustment>, StoreError> {
    let row: Option<Row> =
        ledger_adjustment::table.find(DbId::from(id)).select(Row::as_select()).first(db).optional()?;
    row.map(Adjustment::try_from).transpose()
}

/// The same, locked until the transaction ends.
pub fn lock(db: &mut Db, id: LedgerAdjustmentId) -> Result<Option<Adjustment>, StoreError> {
    let row: Option<Row> = lock_row!(db, ledger_adjustment::table.find(DbId::from(id)).select(Row::as_select()))?;
    row.map(Adjustment::try_from).transpose()
}

/// Writes down how a request was decided. Refused when it was decided before.
pub fn decide(db: &mut Db, decided: &Adjustment) -> Result<Outcome, StoreError> {
    let rows = diesel::update(ledger_adjustment::table.find(DbId::from(decided.id)))
        .filter(ledger_adjustment::state.eq(AdjustmentState::Open.as_str()))
        .set((
            ledger_adjustment::state.eq(decided.state.as_str()),
            ledger_adjustment::unreviewed.eq(decided.unreviewed),
            ledger_adjustment::decided_by.eq(decided.decided.map(|(by, _)| DbId::from(by))),
            ledger_adjustment::decided_at.eq(decided.decided.map(|(_, at)| DbTime::from(at))),
            ledger_adjustment::transaction_id.eq(decided.transaction.map(DbId::from)),
        ))
        .execute(db)?;
    Ok(Outcome::of(rows))
}

/// Requests about accounts at or below the roots, newest first, `limit` of them before `before`.
pub fn list(
    db: &mut Db,
    roots: &[NodeId],
    state: Option<AdjustmentState>,
    before: Option<LedgerAdjustmentId>,
    limit: i64,
) -> Result<Vec<Adjustment>, StoreError> {
    let rows: Vec<Row> = each!(db, |c| {
        let mut query = ledger_adjustment::table
            .filter(ledger_adjustment::site_id.eq_any(subtree(roots)))
            .order(ledger_adjustment::id.desc())
            .limit(limit)
            .select(Row::as_select())
            .into_boxed();
        if let Some(state) = state {
            query = query.filter(ledger_adjustment::state.eq(state.as_str()));
        }
        if let Some(before) = before {
            query = query.filter(ledger_adjustment::id.lt(DbId::from(before)));
        }
        query.load(c)
    })?;
    rows.into_iter().map(Adjustment::try_from).collect()
}
