//! What every posting shares: accounts are found or opened, and balances moved, in the one order.

use std::collections::{BTreeMap, BTreeSet};

use huike_kernel::{LedgerAccountId, LedgerTransactionId};
use huike_ledger::{AccountKey, AccountKind, Bound, Change, LedgerError};
use huike_persistence::{
    Db, Outcome, StoreError,
    ledger::{
        accounts::{self, Account},
        balances::{self, stripe_of},
    },
};

use crate::{Act, UseCaseError};

/// The accounts of these keys; those that are not there yet are opened.
pub(super) fn find_or_open(
    db: &mut Db,
    act: &Act<'_>,
    keys: &BTreeSet<AccountKey>,
) -> Result<BTreeMap<AccountKey, Account>, UseCaseError> {
    let found = accounts::find_by_keys(db, keys)?;
    let missing: Vec<Account> = keys
        .iter()
        .filter(|key| !found.contains_key(*key))
        .map(|key| Account { id: act.new_id(), key: *key, opened_at: act.now })
        .collect();
    if missing.is_empty() {
        return Ok(found);
    }
    accounts::open(db, &missing)?;
    // Somebody else may have opened one of them at this moment; then it is theirs that counts.
    Ok(accounts::find_by_keys(db, keys)?)
}

/// An account that was just found or opened.
pub(super) fn get<K: Ord>(accounts: &BTreeMap<K, Account>, key: &K) -> Result<Account, StoreError> {
    accounts.get(key).copied().ok_or_else(|| StoreError::corrupt("ledger_account", "an account is gone"))
}

/// Moves balances by the account's id; `kinds` knows every account that moves.
pub(super) fn apply_all(
    db: &mut Db,
    transaction: LedgerTransactionId,
    changes: &BTreeMap<LedgerAccountId, Change>,
    kinds: &BTreeMap<LedgerAccountId, AccountKind>,
) -> Result<(), UseCaseError> {
    for (account, change) in changes.iter().filter(|(_, change)| **change != Change::default()) {
        let kind = kinds.get(account).copied().ok_or_else(|| StoreError::corrupt("ledger_account", "of no kind"))?;
        let stripe = stripe_of(kind.bound(), transaction);
        if balances::apply(db, *account, stripe, *change)? == Outcome::Refused {
            return Err(refusal(kind).into());
        }
    }
    Ok(())
}

/// Why an account of that kind does not move.
pub(super) const fn refusal(kind: AccountKind) -> LedgerError {
    match kind.bound() {
        Bound::NotPositive => LedgerError::ReceivableExceeded,
        Bound::NotNegative | Bound::Free => LedgerError::BalanceInsufficient { kind },
    }
}
