//! All accounts by what they are for.

use std::collections::BTreeMap;

use diesel::prelude::*;
use huike_kernel::{LedgerAccountId, NodeId};
use huike_ledger::{AccountKind, Bound, TrialRow, Unit};

use super::balances::sum_of;
use crate::{
    Db, StoreError,
    schema::{ledger_account, ledger_balance},
    scope::subtree,
};

/// The accounts at or below the roots, and at or below the node, if one is named.
pub fn list(db: &mut Db, roots: &[NodeId], under: Option<NodeId>) -> Result<Vec<TrialRow>, StoreError> {
    let under = under.map_or_else(|| roots.to_vec(), |node| vec![node]);
    let mut rows: BTreeMap<(Unit, AccountKind), TrialRow> = BTreeMap::new();
    for (unit, kind, accounts, debit, credit, held) in list_of_people(db, roots, &under)? {
        let row = row_of(&mut rows, &unit, &kind)?;
        *row = TrialRow { accounts, debit, credit, held, ..*row };
    }
    for (_, unit, kind, posted) in list_of_house(db, roots, &under)? {
        let row = row_of(&mut rows, &unit, &kind)?;
        row.accounts += 1;
        row.debit += posted.min(0).saturating_neg();
        row.credit += posted.max(0);
    }
    Ok(rows.into_values().collect())
}

fn row_of<'r>(
    rows: &'r mut BTreeMap<(Unit, AccountKind), TrialRow>,
    unit: &str,
    kind: &str,
) -> Result<&'r mut TrialRow, StoreError> {
    let corrupt = |what: String| StoreError::corrupt("ledger_account", what);
    let unit: Unit = unit.parse().map_err(|_unknown| corrupt(format!("no unit is {unit}")))?;
    let kind: AccountKind = kind.parse().map_err(|_unknown| corrupt(format!("no kind is {kind}")))?;
    let nothing = TrialRow { unit, kind, accounts: 0, debit: 0, credit: 0, held: 0 };
    Ok(rows.entry((unit, kind)).or_insert(nothing))
}

type PeopleRow = (String, String, i64, i64, i64, i64);

/// An account of somebody is one row, so the database adds them up.
fn list_of_people(db: &mut Db, roots: &[NodeId], under: &[NodeId]) -> Result<Vec<PeopleRow>, StoreError> {
    Ok(ledger_balance::table
        .inner_join(ledger_account::table)
        .filter(ledger_balance::bound.ne(Bound::Free.as_str()))
        .filter(ledger_account::site_id.eq_any(subtree(roots)))
        .filter(ledger_account::site_id.eq_any(subtree(under)))
        .group_by((ledger_account::unit, ledger_account::kind))
        .select((
            ledger_account::unit,
            ledger_account::kind,
            sum_of("1"),
            sum_of("CASE WHEN ledger_balance.posted < 0 THEN -ledger_balance.posted ELSE 0 END"),
            sum_of("CASE WHEN ledger_balance.posted > 0 THEN ledger_balance.posted ELSE 0 END"),
            sum_of("ledger_balance.held"),
        ))
        .load(db)?)
}

/// An account of the house is several rows that may stand on both sides of zero; there are few such accounts.
fn list_of_house(
    db: &mut Db,
    roots: &[NodeId],
    under: &[NodeId],
) -> Result<Vec<(LedgerAccountId, String, String, i64)>, StoreError> {
    Ok(ledger_balance::table
        .inner_join(ledger_account::table)
        .filter(ledger_balance::bound.eq(Bound::Free.as_str()))
        .filter(ledger_account::site_id.eq_any(subtree(roots)))
        .filter(ledger_account::site_id.eq_any(subtree(under)))
        .group_by((ledger_account::id, ledger_account::unit, ledger_account::kind))
        .select((ledger_account::id, ledger_account::unit, ledger_account::kind, sum_of("ledger_balance.posted")))
        .load(db)?)
}
