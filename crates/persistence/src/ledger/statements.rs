//! What moved on an account in a span of time.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use huike_kernel::{LedgerAccountId, LedgerTransactionId, TimeWindow};
use huike_ledger::{Reason, Source, Turnover};
use serde::{Deserialize, Serialize};

use super::balances::{self, sum_of};
use crate::{
    Db, StoreError,
    db::each,
    schema::{ledger_entry, ledger_transaction},
    sql_types::{DbId, DbTime},
};

/// By what entries of an account are ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryKey {
    /// When.
    pub posted_at: DateTime<Utc>,
    /// By which transaction.
    pub transaction: LedgerTransactionId,
    /// By which of its transfers.
    pub leg: i64,
}

/// One movement of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Where it stands among the others.
    pub key: EntryKey,
    /// How much; below zero when it left.
    pub amount: i64,
    /// Why.
    pub reason: Reason,
    /// What its transaction follows from.
    pub source: Source,
    /// The transaction that was taken back by it.
    pub reverses: Option<LedgerTransactionId>,
}

/// What was there before the span, and what moved in it. Counted back from what is there now, so that the span costs and
/// not the account's whole past.
pub fn turnover(db: &mut Db, account: LedgerAccountId, span: TimeWindow) -> Result<Turnover, StoreError> {
    let now = balances::find(db, account)?.posted;
    let since: i64 = ledger_entry::table
        .filter(ledger_entry::account_id.eq(DbId::from(account)))
        .filter(ledger_entry::posted_at.ge(DbTime::from(span.starts_at)))
        .select(sum_of("amount"))
        .first(db)?;
    let (debits, credits) = ledger_entry::table
        .filter(ledger_entry::account_id.eq(DbId::from(account)))
        .filter(ledger_entry::posted_at.ge(DbTime::from(span.starts_at)))
        .filter(ledger_entry::posted_at.lt(DbTime::from(span.ends_at)))
        .select((
            sum_of("CASE WHEN amount < 0 THEN -amount ELSE 0 END"),
            sum_of("CASE WHEN amount > 0 THEN amount ELSE 0 END"),
        ))
        .first(db)?;
    Ok(Turnover { opening: now.saturating_sub(since), debits, credits })
}

/// Whether an entry comes after the key.
macro_rules! comes_after {
    ($key:expr) => {{
        let (at, transaction) = (DbTime::from($key.posted_at), DbId::from($key.transaction));
        ledger_entry::posted_at.gt(at).or(ledger_entry::posted_at.eq(at).and(
            ledger_entry::transaction_id
                .gt(transaction)
                .or(ledger_entry::transaction_id.eq(transaction).and(ledger_entry::leg.gt($key.leg))),
        ))
    }};
}

/// What was there after the entry with that key.
pub fn balance_after(db: &mut Db, account: LedgerAccountId, key: EntryKey) -> Result<i64, StoreError> {
    let now = balances::find(db, account)?.posted;
    let later: i64 = ledger_entry::table
        .filter(ledger_entry::account_id.eq(DbId::from(account)))
        .filter(comes_after!(key))
        .select(sum_of("amount"))
        .first(db)?;
    Ok(now.saturating_sub(later))
}

type EntryTuple = (DbId, i64, i64, String, DbTime, String, DbId, Option<DbId>);

/// The entries of an account in a span, oldest first, `limit` of them after `after`.
pub fn list_entries(
    db: &mut Db,
    account: LedgerAccountId,
    span: TimeWindow,
    after: Option<EntryKey>,
    limit: i64,
) -> Result<Vec<Entry>, StoreError> {
    let rows: Vec<EntryTuple> = each!(db, |c| {
        let mut query = ledger_entry::table
            .inner_join(ledger_transaction::table.on(ledger_transaction::id.eq(ledger_entry::transaction_id)))
            .filter(ledger_entry::account_id.eq(DbId::from(account)))
            .filter(ledger_entry::posted_at.ge(DbTime::from(span.starts_at)))
            .filter(ledger_entry::posted_at.lt(DbTime::from(span.ends_at)))
            .order((ledger_entry::posted_at, ledger_entry::transaction_id, ledger_entry::leg))
            .limit(limit)
            .select((
                ledger_entry::transaction_id,
                ledger_entry::leg,
                ledger_entry::amount,
                ledger_entry::reason,
                ledger_entry::posted_at,
                ledger_transaction::source_kind,
                ledger_transaction::source_id,
                ledger_transaction::reverses_id,
            ))
            .into_boxed();
        if let Some(key) = after {
            query = query.filter(comes_after!(key));
        }
        query.load(c)
    })?;
    rows.into_iter().map(entry).collect()
}

fn entry(
    (transaction, leg, amount, reason, posted_at, kind, source, reverses): EntryTuple,
) -> Result<Entry, StoreError> {
    Ok(Entry {
        key: EntryKey { posted_at: posted_at.into(), transaction: transaction.into(), leg },
        amount,
        reason: reason.parse().map_err(|error| StoreError::corrupt("ledger_entry", error))?,
        source: Source { kind, id: source.0 },
        reverses: reverses.map(Into::into),
    })
}
