//! So many bought, so many reduced.
//!
//! A unit is either bought or reduced, never both. The last round may be short of units to reduce; it is not short of
//! units to buy.

use super::{
    Taken, Target,
    pick::{stocked, take_share},
    units::sort_by_price,
};
use crate::{
    offer::Effect,
    table::{State, Table},
};

struct Stand {
    /// Units to reduce, in the order in which they are picked: (row, units, whether they could be bought as well).
    getable: Vec<(usize, i64, bool)>,
    buyable: i64,
    buy: i64,
    get: i64,
}

pub(super) fn reckon(table: &Table<'_>, target: Target<'_>, state: &State, taken: &mut Taken) {
    let Effect::BuyGet { buy, get, rate_off, select, max_times, max_units, .. } = &target.offer.effect else { return };
    let mut getable: Vec<(usize, i64)> = stocked(table, target.get_rows).collect();
    sort_by_price(table, &mut getable, *select);
    let bought: Vec<(usize, i64)> = stocked(table, target.rows).collect();
    let stand = Stand {
        getable: getable.into_iter().map(|(row, units)| (row, units, target.rows.contains(&row))).collect(),
        buyable: bought.iter().map(|(_, units)| *units).fold(0, i64::saturating_add),
        buy: i64::from(*buy),
        get: i64::from(*get),
    };
    let most = stand.buyable.checked_div(stand.buy).unwrap_or(0);
    let times = stand.rounds(max_times.map_or(most, |times| most.min(i64::from(times))));
    let wanted = times.saturating_mul(stand.get);
    let wanted = max_units.map_or(wanted, |most| wanted.min(i64::from(most)));
    take_share(table, target, state, (&mut stand.pick(times, wanted), *rate_off), taken);
}

impl Stand {
    /// The most rounds of which the last still has a unit to reduce. More rounds leave fewer units to reduce and want
    /// more of them, so the answer is found by halving.
    fn rounds(&self, most: i64) -> i64 {
        let (mut sound, mut beyond) = (0, most.saturating_add(1));
        while beyond.saturating_sub(sound) > 1 {
            let middle = sound.saturating_add(beyond.saturating_sub(sound) / 2);
            let needed = middle.saturating_sub(1).saturating_mul(self.get);
            if self.pickable(middle) > needed {
                sound = middle;
            } else {
                beyond = middle;
            }
        }
        sound
    }

    /// Units that can be reduced when so many rounds are bought.
    fn pickable(&self, times: i64) -> i64 {
        let picked = self.pick(times, times.saturating_mul(self.get));
        picked.into_iter().map(|(_, units)| units).fold(0, i64::saturating_add)
    }

    /// Picks units to reduce, leaving enough to buy.
    fn pick(&self, times: i64, wanted: i64) -> Vec<(usize, i64)> {
        let mut spare = self.buyable.saturating_sub(times.saturating_mul(self.buy)).max(0);
        let mut left = wanted;
        let mut picked = Vec::with_capacity(self.getable.len());
        for (row, units, could_be_bought) in &self.getable {
            let mut units = (*units).min(left);
            if *could_be_bought {
                units = units.min(spare);
                spare = spare.saturating_sub(units);
            }
            left = left.saturating_sub(units);
            picked.push((*row, units));
        }
        picked
    }
}
