//! What accounts have: rows that only a guarded write may move.

use std::collections::BTreeMap;

use diesel::{dsl::sql, expression::SqlLiteral, prelude::*, sql_types::BigInt};
use huike_kernel::{LedgerAccountId, LedgerTransactionId};
use huike_ledger::{Balance, Bound, Change};

use crate::{
    Db, Outcome, StoreError,
    cached::Cached,
    db::each,
    schema::ledger_balance::{self, dsl},
    sql_types::DbId,
};

/// Key of the statement that moves a balance.
struct MoveBalance;

/// Rows of an account of the house.
pub(super) const STRIPES: i64 = 16;

/// The row of the account that this transaction moves. The last bytes of a UUID are random, which makes them a hash
/// already.
pub fn stripe_of(bound: Bound, transaction: LedgerTransactionId) -> i64 {
    match bound {
        Bound::Free => i64::from(transaction.as_uuid().as_bytes().last().copied().unwrap_or(0)) % STRIPES,
        Bound::NotNegative | Bound::NotPositive => 0,
    }
}

/// Moves what an account has. Refused when it would stand on the wrong side of zero afterwards, what is held counted as
/// gone, or when less is held than is let go. The bounds are those of [`huike_ledger::AccountKind::bound`].
pub fn apply(db: &mut Db, account: LedgerAccountId, stripe: i64, change: Change) -> Result<Outcome, StoreError> {
    let Change { posted, held } = change;
    let guarded = diesel::update(dsl::ledger_balance.find((DbId::from(account), stripe)))
        .filter((dsl::held + held).ge(0))
        .filter(dsl::bound.ne(Bound::NotNegative.as_str()).or((dsl::held + held).le(dsl::posted + posted)))
        .filter(dsl::bound.ne(Bound::NotPositive.as_str()).or((dsl::posted + posted).le(0)))
        .set((dsl::posted.eq(dsl::posted + posted), dsl::held.eq(dsl::held + held)))
        .returning(dsl::posted);
    let moved = each!(db, |c| Cached::new(MoveBalance, guarded).load::<i64>(c))?;
    Ok(Outcome::of(moved.len()))
}

/// A sum as a number of 64 bits, which PostgreSQL would make a decimal.
pub(super) fn sum_of(text: &str) -> SqlLiteral<BigInt> {
    sql(&format!("CAST(COALESCE(SUM({text}), 0) AS BIGINT)"))
}

/// What the account has.
pub fn find(db: &mut Db, account: LedgerAccountId) -> Result<Balance, StoreError> {
    let (posted, held) = ledger_balance::table
        .filter(ledger_balance::account_id.eq(DbId::from(account)))
        .select((sum_of("posted"), sum_of("held")))
        .first(db)?;
    Ok(Balance { posted, held })
}

/// What each of the accounts has.
pub fn list(db: &mut Db, accounts: &[LedgerAccountId]) -> Result<BTreeMap<LedgerAccountId, Balance>, StoreError> {
    let rows: Vec<(LedgerAccountId, i64, i64)> = ledger_balance::table
        .filter(ledger_balance::account_id.eq_any(DbId::list(accounts)))
        .select((ledger_balance::account_id, ledger_balance::posted, ledger_balance::held))
        .load(db)?;
    let mut balances: BTreeMap<LedgerAccountId, Balance> = BTreeMap::new();
    for (account, posted, held) in rows {
        let balance = balances.entry(account).or_default();
        *balance = Balance { posted: balance.posted + posted, held: balance.held + held };
    }
    Ok(balances)
}
