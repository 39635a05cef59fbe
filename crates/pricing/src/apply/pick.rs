//! Units picked one by one over all rows, and a share taken off each.

use huike_kernel::Rate;

use super::{
    Taken, Target, share,
    units::{part_of, sort_by_price},
};
use crate::{
    offer::Select,
    table::{State, Table},
};

/// Each n-th unit at a share off: as many units as there are whole groups of n.
pub(super) fn nth_item(
    table: &Table<'_>,
    target: Target<'_>,
    state: &State,
    (n, rate_off, select, max_times): (u32, Rate, Select, Option<u32>),
    taken: &mut Taken,
) {
    let mut rows = std::mem::take(&mut taken.units);
    rows.clear();
    rows.extend(stocked(table, target.rows));
    let units = rows.iter().map(|(_, units)| *units).fold(0, i64::saturating_add);
    let groups = units.checked_div(i64::from(n)).unwrap_or(0);
    let mut left = max_times.map_or(groups, |most| groups.min(i64::from(most)));
    sort_by_price(table, &mut rows, select);
    for (_, units) in &mut rows {
        *units = (*units).min(left);
        left = left.saturating_sub(*units);
    }
    take_share(table, target, state, (&mut rows, rate_off), taken);
    taken.units = rows;
}

/// The rows with their units.
pub(super) fn stocked<'t>(table: &'t Table<'_>, rows: &'t [usize]) -> impl Iterator<Item = (usize, i64)> + 't {
    rows.iter().filter_map(|row| table.rows.get(*row).map(|facts| (*row, facts.quantity)))
}

/// Takes a share off so many units of each row.
pub(super) fn take_share(
    table: &Table<'_>,
    target: Target<'_>,
    state: &State,
    (picked, rate_off): (&mut Vec<(usize, i64)>, Rate),
    taken: &mut Taken,
) {
    picked.retain(|(_, units)| *units > 0);
    picked.sort_unstable();
    for (row, units) in picked.drain(..) {
        let Some(facts) = table.rows.get(row) else { continue };
        let worth = part_of(table.amount(row, target.offer.effect_base, state), units, facts.quantity);
        taken.put(row, share(rate_off, worth).min(table.room(row, state)));
    }
}
