//! The trial balance (试算平衡): every account, by what it is for. In a whole ledger both columns are the same.

use std::collections::BTreeMap;

use crate::{AccountKind, Unit};

/// All accounts of one kind that count the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrialRow {
    /// What they count.
    pub unit: Unit,
    /// What they are for.
    pub kind: AccountKind,
    /// How many there are.
    pub accounts: i64,
    /// What those below zero come to, as a count that is not negative (借方余额).
    pub debit: i64,
    /// What those above zero come to (贷方余额).
    pub credit: i64,
    /// What open holds speak for.
    pub held: i64,
}

/// Both columns of one unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnitTotal {
    /// What is counted.
    pub unit: Unit,
    /// Of all debit balances.
    pub debit: i64,
    /// Of all credit balances.
    pub credit: i64,
}

impl UnitTotal {
    /// Whether both columns are the same, as in a whole ledger they always are.
    pub const fn is_balanced(&self) -> bool {
        self.debit == self.credit
    }
}

/// Adds the rows up, unit by unit.
pub fn totals(rows: &[TrialRow]) -> Vec<UnitTotal> {
    let mut sums: BTreeMap<Unit, (i64, i64)> = BTreeMap::new();
    for row in rows {
        let sum = sums.entry(row.unit).or_default();
        *sum = (sum.0.saturating_add(row.debit), sum.1.saturating_add(row.credit));
    }
    sums.into_iter().map(|(unit, (debit, credit))| UnitTotal { unit, debit, credit }).collect()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn units_are_never_added_to_each_other() {
        let row = |unit, kind, debit, credit| TrialRow { unit, kind, accounts: 1, debit, credit, held: 0 };
        let points = Unit::Points(Uuid::from_u128(9).into());
        let rows = [
            row(Unit::Cny, AccountKind::ClearingPayment, 500, 0),
            row(Unit::Cny, AccountKind::StoredValuePrincipal, 0, 500),
            row(points, AccountKind::Points, 0, 7),
        ];
        let totals = totals(&rows);
        assert_eq!(totals[0], UnitTotal { unit: Unit::Cny, debit: 500, credit: 500 });
        assert_eq!(totals.iter().map(UnitTotal::is_balanced).collect::<Vec<_>>(), [true, false]);
    }
}
