//! Effects on units, each line by itself.

use super::{Taken, Target};
use crate::{
    offer::{Base, Select, UnitLimit},
    table::{State, Table},
};

/// Reckons each row by itself: `reckon` is given the units that count and what they cost, and says what comes off.
pub(super) fn each(
    table: &Table<'_>,
    target: Target<'_>,
    state: &State,
    taken: &mut Taken,
    reckon: impl Fn(i64, i64) -> i64,
) {
    let limit = target.offer.units;
    if limit == UnitLimit::default() {
        for row in target.rows {
            let units = table.rows.get(*row).map_or(0, |row| row.quantity);
            let off = reckon(units, table.amount(*row, target.offer.effect_base, state));
            taken.put(*row, off.min(table.room(*row, state)));
        }
        return;
    }
    for (row, units) in limited(table, target.rows, limit) {
        let off = reckon(units, worth(table, target, state, row, units));
        taken.put(row, off.min(table.room(row, state)));
    }
}

/// How many units of each row count, in the order of the rows.
fn limited(table: &Table<'_>, rows: &[usize], limit: UnitLimit) -> Vec<(usize, i64)> {
    let of_row = |row: &usize| {
        let quantity = table.rows.get(*row).map_or(0, |row| row.quantity);
        let grouped = limit.groups_of.map_or(quantity, |size| {
            let rest = quantity.checked_rem(i64::from(size)).unwrap_or(quantity);
            quantity.saturating_sub(rest)
        });
        (*row, limit.per_line.map_or(grouped, |most| grouped.min(i64::from(most))))
    };
    let mut counted: Vec<(usize, i64)> = rows.iter().map(of_row).collect();
    let Some(total) = limit.total else { return counted };
    sort_by_price(table, &mut counted, limit.select);
    let mut left = i64::from(total);
    for (_, units) in &mut counted {
        *units = (*units).min(left);
        left = left.saturating_sub(*units);
    }
    counted.retain(|(_, units)| *units > 0);
    counted.sort_unstable();
    counted
}

/// What so many units of a row cost on the offer's base. Under a limit per line, what came off the line before is
/// counted against these units first; else each unit carries its share.
fn worth(table: &Table<'_>, target: Target<'_>, state: &State, row: usize, units: i64) -> i64 {
    let base = target.offer.effect_base;
    let (amount, facts) = (table.amount(row, base, state), table.rows.get(row));
    let Some(facts) = facts.filter(|facts| units < facts.quantity) else { return amount };
    if target.offer.units.per_line.is_some() && base == Base::After {
        let off_before = facts.before_total.saturating_sub(amount);
        return facts.unit.saturating_mul(units).saturating_sub(off_before).max(0);
    }
    part_of(amount, units, facts.quantity)
}

/// `amount × units ÷ quantity`, rounded down.
pub(super) fn part_of(amount: i64, units: i64, quantity: i64) -> i64 {
    match amount.checked_mul(units) {
        Some(product) => product.checked_div(quantity).unwrap_or(0),
        None => i128::from(amount)
            .saturating_mul(i128::from(units))
            .checked_div(i128::from(quantity))
            .and_then(|part| i64::try_from(part).ok())
            .unwrap_or(0),
    }
}

/// Rows by the price of their unit before discounts; ties in the order of the lines.
pub(super) fn sort_by_price(table: &Table<'_>, rows: &mut [(usize, i64)], select: Select) {
    let unit = |row: usize| table.rows.get(row).map_or(0, |row| row.unit);
    rows.sort_by(|(a, _), (b, _)| {
        let by_price = match select {
            Select::Cheapest => unit(*a).cmp(&unit(*b)),
            Select::Dearest => unit(*b).cmp(&unit(*a)),
        };
        by_price.then(a.cmp(b))
    });
}
