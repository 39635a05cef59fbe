//! So many units for a price.

use huike_kernel::{Money, money};

use super::{
    Taken, Target,
    pick::stocked,
    units::{part_of, sort_by_price},
};
use crate::{
    offer::Select,
    table::{State, Table},
};

/// What makes a bundle.
pub(super) struct Bundle {
    pub(super) size: u32,
    pub(super) price: Money,
    pub(super) select: Select,
    pub(super) max_times: Option<u32>,
}

/// Fills bundles with units by price. A bundle that is not dearer than its price takes nothing off. What a bundle takes
/// off is spread over its units by what they cost.
pub(super) fn reckon(table: &Table<'_>, target: Target<'_>, state: &State, bundle: &Bundle, taken: &mut Taken) {
    let mut rows: Vec<(usize, i64)> = stocked(table, target.rows).collect();
    let size = i64::from(bundle.size);
    let units = rows.iter().map(|(_, units)| *units).fold(0, i64::saturating_add);
    let possible = units.checked_div(size).unwrap_or(0);
    let mut times = bundle.max_times.map_or(possible, |most| possible.min(i64::from(most)));
    sort_by_price(table, &mut rows, bundle.select);
    let mut off: Vec<(usize, i64)> = Vec::with_capacity(rows.len());
    let mut open: Vec<(usize, i64)> = Vec::new();
    for (row, mut units) in rows {
        while times > 0 && units > 0 {
            let inside = open.iter().map(|(_, units)| *units).fold(0, i64::saturating_add);
            // Many whole bundles of one line are one sum.
            let whole = if inside == 0 { units.checked_div(size).unwrap_or(0).min(times) } else { 0 };
            if whole > 0 {
                let units_inside = whole.saturating_mul(size);
                close(table, target, state, (&[(row, units_inside)], bundle.price, whole), &mut off);
                times = times.saturating_sub(whole);
                units = units.saturating_sub(units_inside);
                continue;
            }
            let more = units.min(size.saturating_sub(inside));
            open.push((row, more));
            units = units.saturating_sub(more);
            if inside.saturating_add(more) == size {
                close(table, target, state, (&open, bundle.price, 1), &mut off);
                open.clear();
                times = times.saturating_sub(1);
            }
        }
    }
    off.sort_unstable();
    for row in target.rows {
        let parts = off.iter().filter(|(of, _)| of == row).map(|(_, fen)| *fen);
        taken.put(*row, parts.fold(0, i64::saturating_add).min(table.room(*row, state)));
    }
}

/// What so many bundles of these units take off.
fn close(
    table: &Table<'_>,
    target: Target<'_>,
    state: &State,
    (units, price, times): (&[(usize, i64)], Money, i64),
    off: &mut Vec<(usize, i64)>,
) {
    let worth = |(row, units): &(usize, i64)| {
        let quantity = table.rows.get(*row).map_or(1, |facts| facts.quantity);
        part_of(table.amount(*row, target.offer.effect_base, state), *units, quantity)
    };
    let worths: Vec<i64> = units.iter().map(worth).collect();
    let total = worths.iter().fold(0_i64, |sum, fen| sum.saturating_add(*fen));
    let saved = total.saturating_sub(price.fen().saturating_mul(times));
    let mut parts = vec![0; worths.len()];
    if saved > 0 && money::allocate_fen(saved, &worths, &mut parts).is_some() {
        off.extend(units.iter().zip(parts).map(|((row, _), part)| (*row, part)));
    }
}
