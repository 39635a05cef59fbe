//! What of an order is paid out of accounts of the ledger.

use diesel::prelude::*;
use huike_kernel::{LedgerHoldId, LedgerTransactionId, Money, NodeId, OrderId};
use huike_ledger::AccountKind;
use huike_orders::order::TenderState;

use crate::{Db, Outcome, StoreError, db::each, schema::order_tender, sql_types::DbId};

/// What is paid out of one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tender {
    /// What the account is for.
    pub kind: AccountKind,
    /// The node that keeps the account.
    pub account_site: NodeId,
    /// How much.
    pub amount: Money,
    /// What became of it.
    pub state: TenderState,
    /// The hold.
    pub hold: LedgerHoldId,
    /// The transaction that captured it.
    pub transaction: Option<LedgerTransactionId>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = order_tender, treat_none_as_default_value = false)]
struct Row {
    order_id: DbId,
    kind: String,
    account_site_id: DbId,
    amount_fen: i64,
    state: String,
    hold_id: DbId,
    transaction_id: Option<DbId>,
}

/// Adds tenders whose holds were made.
pub fn insert_tenders(db: &mut Db, order: OrderId, tenders: &[Tender]) -> Result<(), StoreError> {
    let row = |it: &Tender| Row {
        order_id: order.into(),
        kind: it.kind.as_str().to_owned(),
        account_site_id: it.account_site.into(),
        amount_fen: it.amount.fen(),
        state: it.state.as_str().to_owned(),
        hold_id: it.hold.into(),
        transaction_id: it.transaction.map(Into::into),
    };
    let rows: Vec<Row> = tenders.iter().map(row).collect();
    each!(db, |c| diesel::insert_into(order_tender::table).values(&rows).execute(c))?;
    Ok(())
}

/// The tenders of an order.
pub fn list_tenders(db: &mut Db, order: OrderId) -> Result<Vec<Tender>, StoreError> {
    let rows: Vec<Row> = order_tender::table
        .filter(order_tender::order_id.eq(DbId::from(order)))
        .order(order_tender::kind)
        .select(Row::as_select())
        .load(db)?;
    let corrupt = |what: &str| StoreError::corrupt("order_tender", what);
    rows.into_iter()
        .map(|row| {
            Ok(Tender {
                kind: row.kind.parse().map_err(|_word| corrupt("kind"))?,
                account_site: row.account_site_id.into(),
                amount: Money::from_fen(row.amount_fen),
                state: row.state.parse().map_err(|_word| corrupt("state"))?,
                hold: row.hold_id.into(),
                transaction: row.transaction_id.map(Into::into),
            })
        })
        .collect()
}

/// Marks all tenders of an order as captured. Refused when one of them was not held.
pub fn capture_tenders(
    db: &mut Db,
    order: OrderId,
    transaction: LedgerTransactionId,
    count: usize,
) -> Result<Outcome, StoreError> {
    let rows = diesel::update(order_tender::table)
        .filter(order_tender::order_id.eq(DbId::from(order)))
        .filter(order_tender::state.eq(TenderState::Held.as_str()))
        .set((
            order_tender::state.eq(TenderState::Captured.as_str()),
            order_tender::transaction_id.eq(Some(DbId::from(transaction))),
        ))
        .execute(db)?;
    Ok(if rows == count { Outcome::Applied } else { Outcome::Refused })
}

/// Puts another hold behind a tender that was let go. Refused where it was not.
pub fn hold_tender_again(
    db: &mut Db,
    order: OrderId,
    kind: AccountKind,
    hold: LedgerHoldId,
) -> Result<Outcome, StoreError> {
    let rows = diesel::update(order_tender::table.find((DbId::from(order), kind.as_str())))
        .filter(order_tender::state.eq(TenderState::Released.as_str()))
        .set((order_tender::state.eq(TenderState::Held.as_str()), order_tender::hold_id.eq(DbId::from(hold))))
        .execute(db)?;
    Ok(Outcome::of(rows))
}

/// Marks all tenders of an order as let go. Refused when one of them was not held.
pub fn release_tenders(db: &mut Db, order: OrderId, count: usize) -> Result<Outcome, StoreError> {
    let rows = diesel::update(order_tender::table)
        .filter(order_tender::order_id.eq(DbId::from(order)))
        .filter(order_tender::state.eq(TenderState::Held.as_str()))
        .set(order_tender::state.eq(TenderState::Released.as_str()))
        .execute(db)?;
    Ok(if rows == count { Outcome::Applied } else { Outcome::Refused })
}
