//! How what came off a line is spread over its units, one after the other.

use crate::quote::QuotedLine;

/// `⌊whole × units ÷ quantity⌋`.
pub(super) fn part(whole: i64, units: u32, quantity: u32) -> i64 {
    let product = i128::from(whole).saturating_mul(i128::from(units));
    product.checked_div(i128::from(quantity)).and_then(|part| i64::try_from(part).ok()).unwrap_or(0)
}

/// What goes back to each allocation of the line when its first `units` came back.
///
/// Unit by unit: what came off a unit is its price less its share of what was paid, and goes to the allocations that lag
/// furthest behind their own share. So each only ever grows, they add up with every unit, and all are whole at the end,
/// however the return is split.
pub(super) fn discounts(line: &QuotedLine, units: u32) -> Vec<i64> {
    let wholes: Vec<i64> = line.allocations.iter().map(|part| part.amount.fen()).collect();
    let mut given = vec![0_i64; wholes.len()];
    if units >= line.quantity {
        return wholes;
    }
    let subtotal = line.subtotal.fen();
    let off_after = |units: u32| {
        part(subtotal, units, line.quantity).saturating_sub(part(line.payable.fen(), units, line.quantity))
    };
    for unit in 1..=units {
        let mut left = off_after(unit).saturating_sub(off_after(unit.saturating_sub(1)));
        // First whole fen by share, then single ones to whoever lags most.
        for (given, whole) in given.iter_mut().zip(&wholes) {
            let lag = part(*whole, unit, line.quantity).saturating_sub(*given).clamp(0, left);
            *given = given.saturating_add(lag);
            left = left.saturating_sub(lag);
        }
        while left > 0 {
            let lag = |(given, whole): (&i64, &i64)| {
                let due = i128::from(*whole).saturating_mul(i128::from(unit));
                let room = whole.saturating_sub(*given) > 0;
                room.then(|| due.saturating_sub(i128::from(*given).saturating_mul(i128::from(line.quantity))))
            };
            let lags = given.iter().zip(&wholes).map(lag).enumerate();
            let most = lags.filter_map(|(index, lag)| Some((lag?, std::cmp::Reverse(index)))).max();
            let Some(most) = most.and_then(|(_, index)| given.get_mut(index.0)) else { break };
            *most = most.saturating_add(1);
            left = left.saturating_sub(1);
        }
    }
    given
}
