//! Transactions and their entries, which are only ever added to.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use huike_kernel::{Actor, LedgerAccountId, LedgerTransactionId, LocalTime, NodeId};
use huike_ledger::{Amount, PostedLeg, Reason, Source, Unit};
use uuid::Uuid;

use crate::{
    Db, Outcome, StoreError,
    cached::Cached,
    db::{each, lock_row},
    schema::{ledger_entry, ledger_reversed, ledger_transaction},
    sql_types::{DbId, DbTime},
};

/// Key of the statement that adds a transaction.
struct InsertTransaction;

/// A transfer of a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leg {
    /// What moved, from where to where.
    pub moved: PostedLeg<LedgerAccountId>,
    /// What it is counted in.
    pub unit: Unit,
    /// Why it moved.
    pub reason: Reason,
}

/// A transaction without its transfers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transaction {
    /// Its id.
    pub id: LedgerTransactionId,
    /// Where it happened.
    pub site: NodeId,
    /// The transaction it takes back.
    pub reverses: Option<LedgerTransactionId>,
    /// What it follows from.
    pub source: Source,
    /// Who did it.
    pub actor: Actor,
    /// When.
    pub posted_at: DateTime<Utc>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = ledger_transaction, treat_none_as_default_value = false)]
struct Row {
    id: DbId,
    site_id: DbId,
    reverses_id: Option<DbId>,
    source_kind: String,
    source_id: DbId,
    actor_kind: String,
    actor_id: Option<DbId>,
    posted_at: DbTime,
    local_day: String,
    local_hour: i64,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = ledger_entry, treat_none_as_default_value = false)]
struct EntryRow {
    transaction_id: DbId,
    leg: i64,
    account_id: DbId,
    unit: String,
    amount: i64,
    reason: String,
    posted_at: DbTime,
}

fn corrupt(what: impl ToString) -> StoreError {
    StoreError::corrupt("ledger_transaction", what)
}

impl TryFrom<Row> for Transaction {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let actor = Actor::read(&row.actor_kind, row.actor_id.map(Uuid::from));
        Ok(Self {
            id: row.id.into(),
            site: row.site_id.into(),
            reverses: row.reverses_id.map(Into::into),
            source: Source { kind: row.source_kind, id: row.source_id.0 },
            actor: actor.ok_or_else(|| corrupt("nobody posted it"))?,
            posted_at: row.posted_at.into(),
        })
    }
}

/// Adds a transaction, without its transfers. Refused when there is one with that id: then this is a repeat, or the id was
/// used for something else.
pub fn insert(db: &mut Db, new: &Transaction, local: LocalTime) -> Result<Outcome, StoreError> {
    let row = Row {
        id: new.id.into(),
        site_id: new.site.into(),
        reverses_id: new.reverses.map(Into::into),
        source_kind: new.source.kind.clone(),
        source_id: DbId(new.source.id),
        actor_kind: new.actor.kind().to_owned(),
        actor_id: new.actor.id().map(DbId),
        posted_at: new.posted_at.into(),
        local_day: local.day.to_string(),
        local_hour: i64::from(local.hour),
    };
    let insert = diesel::insert_into(ledger_transaction::table).values(&row);
    let made: Vec<DbId> = each!(db, |c| {
        Cached::new(InsertTransaction, insert.on_conflict_do_nothing().returning(ledger_transaction::id)).load(c)
    })?;
    Ok(Outcome::of(made.len()))
}

/// Adds the transfers of a transaction: two entries each.
pub fn insert_legs(db: &mut Db, transaction: &Transaction, legs: &[Leg]) -> Result<(), StoreError> {
    let entry = |leg: &Leg, account: LedgerAccountId, amount: i64| EntryRow {
        transaction_id: transaction.id.into(),
        leg: leg.moved.number,
        account_id: account.into(),
        unit: leg.unit.to_string(),
        amount,
        reason: leg.reason.as_str().to_owned(),
        posted_at: transaction.posted_at.into(),
    };
    let both = |leg: &Leg| {
        let amount = leg.moved.amount.get();
        [entry(leg, leg.moved.debit, -amount), entry(leg, leg.moved.credit, amount)]
    };
    let rows: Vec<EntryRow> = legs.iter().flat_map(both).collect();
    each!(db, |c| diesel::insert_into(ledger_entry::table).values(&rows).execute(c))?;
    Ok(())
}

/// The transaction with that id.
pub fn find(db: &mut Db, id: LedgerTransactionId) -> Result<Option<Transaction>, StoreError> {
    let row: Option<Row> =
        ledger_transaction::table.find(DbId::from(id)).select(Row::as_select()).first(db).optional()?;
    row.map(Transaction::try_from).transpose()
}

/// The same, locked until the transaction ends: whoever takes it back does so alone.
pub fn lock(db: &mut Db, id: LedgerTransactionId) -> Result<Option<Transaction>, StoreError> {
    let row: Option<Row> = lock_row!(db, ledger_transaction::table.find(DbId::from(id)).select(Row::as_select()))?;
    row.map(Transaction::try_from).transpose()
}

/// The transactions that take this one back, oldest first.
pub fn list_reversals(db: &mut Db, of: LedgerTransactionId) -> Result<Vec<LedgerTransactionId>, StoreError> {
    Ok(ledger_transaction::table
        .filter(ledger_transaction::reverses_id.eq(Some(DbId::from(of))))
        .order(ledger_transaction::id)
        .select(ledger_transaction::id)
        .load(db)?)
}

/// The transfers of a transaction, in their order, with what was taken back of each.
pub fn list_legs(db: &mut Db, transaction: LedgerTransactionId) -> Result<Vec<Leg>, StoreError> {
    let rows: Vec<EntryRow> = ledger_entry::table
        .filter(ledger_entry::transaction_id.eq(DbId::from(transaction)))
        .order((ledger_entry::leg, ledger_entry::amount))
        .select(EntryRow::as_select())
        .load(db)?;
    let reversed: BTreeMap<i64, i64> = ledger_reversed::table
        .filter(ledger_reversed::transaction_id.eq(DbId::from(transaction)))
        .select((ledger_reversed::leg, ledger_reversed::reversed))
        .load::<(i64, i64)>(db)?
        .into_iter()
        .collect();
    let leg = |pair: &[EntryRow]| {
        // What left is below zero, so it comes first.
        let [from, to] = pair else { return Err(corrupt("a transfer without two entries")) };
        let moved = PostedLeg {
            number: to.leg,
            debit: from.account_id.into(),
            credit: to.account_id.into(),
            amount: Amount::new(to.amount).map_err(corrupt)?,
            reversed: reversed.get(&to.leg).copied().unwrap_or(0),
        };
        let (unit, reason) = (to.unit.parse().map_err(corrupt)?, to.reason.parse().map_err(corrupt)?);
        Ok(Leg { moved, unit, reason })
    };
    rows.chunks(2).map(leg).collect()
}

/// Notes that so much of a transfer is taken back. Refused when more would be than was posted.
pub fn take_back(
    db: &mut Db,
    of: LedgerTransactionId,
    leg: &PostedLeg<LedgerAccountId>,
    amount: Amount,
) -> Result<Outcome, StoreError> {
    use diesel::query_dsl::methods::FilterDsl;
    let (posted, amount) = (leg.amount.get(), amount.get());
    if amount > posted {
        return Ok(Outcome::Refused);
    }
    let row = (
        ledger_reversed::transaction_id.eq(DbId::from(of)),
        ledger_reversed::leg.eq(leg.number),
        ledger_reversed::amount.eq(posted),
        ledger_reversed::reversed.eq(amount),
    );
    let rows = each!(db, |c| {
        let upsert = diesel::insert_into(ledger_reversed::table)
            .values(row)
            .on_conflict((ledger_reversed::transaction_id, ledger_reversed::leg))
            .do_update()
            .set(ledger_reversed::reversed.eq(ledger_reversed::reversed + amount));
        // Named in full: the prelude's `filter` is for queries only.
        FilterDsl::filter(upsert, ledger_reversed::reversed.le(posted.saturating_sub(amount))).execute(c)
    })?;
    Ok(Outcome::of(rows))
}
