//! What an offer takes off, given what earlier offers left. Every effect is a function from the state to parts; nothing
//! here changes the state.

mod bundle;
mod buy_get;
mod pick;
mod spread;
mod units;

use huike_kernel::{Money, OfferClass, Rate, money};

use self::spread::spread;
use crate::{
    offer::{Effect, Offer, Tier, TierGift},
    table::{State, Table},
};

/// What comes off: (row or shipping method, fen), and the sum.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    pub(crate) parts: Vec<(usize, i64)>,
    pub(crate) total: i64,
    /// Work space, kept from one offer to the next.
    weights: Vec<i64>,
    shares: Vec<i64>,
    given: Vec<i64>,
    units: Vec<(usize, i64)>,
}

/// An offer, and the rows of the cart it speaks of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Target<'a> {
    pub(crate) offer: &'a Offer,
    /// Rows of its scope, or shipping methods for an offer on shipping.
    pub(crate) rows: &'a [usize],
    /// Rows that a buy-get reduces.
    pub(crate) get_rows: &'a [usize],
}

impl Taken {
    fn clear(&mut self) {
        self.parts.clear();
        self.total = 0;
    }

    /// Notes a part; nothing for nothing.
    fn put(&mut self, row: usize, fen: i64) {
        if fen > 0 {
            self.parts.push((row, fen));
            self.total = self.total.saturating_add(fen);
        }
    }

    /// Lowers the whole to a cap, each part in proportion.
    fn lower_to(&mut self, cap: i64) {
        if self.total <= cap {
            return;
        }
        self.weights.clear();
        self.weights.extend(self.parts.iter().map(|(_, fen)| *fen));
        self.shares.clear();
        self.shares.resize(self.weights.len(), 0);
        if money::allocate_fen(cap.max(0), &self.weights, &mut self.shares).is_none() {
            self.shares.fill(0);
        }
        for ((_, fen), part) in self.parts.iter_mut().zip(&self.shares) {
            *fen = *part;
        }
        self.parts.retain(|(_, fen)| *fen > 0);
        self.total = cap.max(0);
    }
}

/// Reckons what the offer takes off in this state. Conditions and budget are not looked at.
pub(crate) fn reckon(table: &Table<'_>, target: Target<'_>, state: &State, taken: &mut Taken) {
    taken.clear();
    if target.offer.class == OfferClass::Shipping {
        reckon_shipping(target, state, taken);
    } else {
        reckon_rows(table, target, state, taken);
    }
    if let Some(cap) = target.offer.cap {
        taken.lower_to(cap.fen());
    }
}

fn reckon_rows(table: &Table<'_>, target: Target<'_>, state: &State, taken: &mut Taken) {
    let offer = target.offer;
    match &offer.effect {
        Effect::AmountOff { amount } => spread(table, target, state, amount.fen(), taken),
        Effect::PercentOff { rate_off } => percent(table, target, state, *rate_off, taken),
        Effect::Tiers { steps } => match reached(table, target, state, steps) {
            Some(TierGift::AmountOff(amount)) => spread(table, target, state, amount.fen(), taken),
            Some(TierGift::RateOff(rate)) => percent(table, target, state, rate, taken),
            None => {}
        },
        Effect::UnitAmountOff { amount } => {
            units::each(table, target, state, taken, |units, base| amount.fen().saturating_mul(units).min(base));
        }
        Effect::NewPrice { price } => units::each(table, target, state, taken, |units, base| {
            base.saturating_sub(price.fen().saturating_mul(units))
        }),
        Effect::LineAmountOff { amount } => {
            for row in target.rows {
                taken.put(*row, amount.fen().min(table.room(*row, state)));
            }
        }
        Effect::NthItem { n, rate_off, select, max_times } => {
            pick::nth_item(table, target, state, (*n, *rate_off, *select, *max_times), taken);
        }
        Effect::BuyGet { .. } => buy_get::reckon(table, target, state, taken),
        Effect::BundlePrice { quantity, price, select, max_times } => {
            let bundle = bundle::Bundle { size: *quantity, price: *price, select: *select, max_times: *max_times };
            bundle::reckon(table, target, state, &bundle, taken);
        }
        Effect::Gift { .. } | Effect::PointsMultiplier { .. } => {}
    }
}

fn reckon_shipping(target: Target<'_>, state: &State, taken: &mut Taken) {
    let fee = |method: &usize| state.fees.get(*method).copied().unwrap_or(0);
    match &target.offer.effect {
        Effect::PercentOff { rate_off } => {
            for method in target.rows {
                taken.put(*method, share(*rate_off, fee(method)));
            }
        }
        Effect::LineAmountOff { amount } => {
            for method in target.rows {
                taken.put(*method, amount.fen().min(fee(method)));
            }
        }
        Effect::AmountOff { amount } => {
            for method in target.rows {
                taken.put(*method, fee(method));
            }
            taken.lower_to(amount.fen());
        }
        _ => {}
    }
}

/// On items each line by itself; on the order once over all, then spread.
fn percent(table: &Table<'_>, target: Target<'_>, state: &State, rate: Rate, taken: &mut Taken) {
    if target.offer.class == OfferClass::Item {
        return units::each(table, target, state, taken, |_, base| share(rate, base));
    }
    let base = target.rows.iter().map(|row| table.amount(*row, target.offer.effect_base, state));
    let total = share(rate, base.fold(0, i64::saturating_add));
    spread(table, target, state, total, taken);
}

/// The highest step that the rows of the scope reach.
fn reached(table: &Table<'_>, target: Target<'_>, state: &State, steps: &[Tier]) -> Option<TierGift> {
    let base = target.offer.condition_base;
    let amount = target.rows.iter().map(|row| table.amount(*row, base, state)).fold(0, i64::saturating_add);
    let units = target.rows.iter().filter_map(|row| table.rows.get(*row)).map(|row| row.quantity);
    let units = units.fold(0, i64::saturating_add);
    let is_reached = |step: &&Tier| amount >= step.amount.fen() && units >= i64::from(step.quantity);
    steps.iter().filter(is_reached).max_by_key(|step| (step.amount, step.quantity)).map(|step| step.gift)
}

/// A share of an amount, rounded half down at the fen, in 64 bits where they suffice.
pub(crate) fn share(rate: Rate, fen: i64) -> i64 {
    const WHOLE: u64 = 1_000_000;
    match (u64::try_from(fen), u64::try_from(rate.ppm())) {
        (Ok(fen), Ok(ppm)) => match fen.checked_mul(ppm) {
            // The double of the rest exceeds the whole from 500 001 parts on.
            Some(product) => {
                let floor = product / WHOLE;
                let up = u64::from(product % WHOLE > WHOLE / 2);
                i64::try_from(floor.saturating_add(up)).unwrap_or(i64::MAX)
            }
            None => rate.of(Money::from_fen(i64::try_from(fen).unwrap_or(i64::MAX))).fen(),
        },
        _ => 0,
    }
}

/// Whether the effect is reckoned over all rows and then spread: then what one row gets hangs, by a fen, on the others.
pub(crate) fn spreads(offer: &Offer) -> bool {
    offer.cap.is_some()
        || match offer.effect {
            Effect::AmountOff { .. } | Effect::Tiers { .. } | Effect::BundlePrice { .. } => true,
            Effect::PercentOff { .. } => offer.class != OfferClass::Item,
            _ => false,
        }
}
