//! One amount over many rows.

use huike_kernel::money;

use super::{Taken, Target};
use crate::table::{State, Table};

/// Spreads an amount over the rows in proportion to what each costs on the offer's base. A row that would fall below
/// its minimum price takes what it can, and the others the rest.
pub(super) fn spread(table: &Table<'_>, target: Target<'_>, state: &State, amount: i64, taken: &mut Taken) {
    let base = target.offer.effect_base;
    let rooms = target.rows.iter().map(|row| table.room(*row, state));
    let mut left = amount.min(rooms.fold(0, i64::saturating_add));
    if left <= 0 {
        return;
    }
    taken.weights.clear();
    taken.weights.extend(target.rows.iter().map(|row| table.amount(*row, base, state)));
    for space in [&mut taken.shares, &mut taken.given] {
        space.clear();
        space.resize(target.rows.len(), 0);
    }
    // Each turn fills at least one row to its room, or ends.
    for _turn in 0..=target.rows.len() {
        if left <= 0 || money::allocate_fen(left, &taken.weights, &mut taken.shares).is_none() {
            break;
        }
        let mut is_full = false;
        for (index, row) in target.rows.iter().enumerate() {
            let (Some(part), Some(share), Some(weight)) =
                (taken.given.get_mut(index), taken.shares.get(index), taken.weights.get_mut(index))
            else {
                continue;
            };
            let room = table.room(*row, state).saturating_sub(*part);
            if *share >= room && *share > 0 {
                is_full |= *share > room;
                *weight = 0;
            }
            let given = (*share).min(room);
            *part = part.saturating_add(given);
            left = left.saturating_sub(given);
        }
        if !is_full {
            break;
        }
    }
    for (index, row) in target.rows.iter().enumerate() {
        taken.put(*row, taken.given.get(index).copied().unwrap_or(0));
    }
}
