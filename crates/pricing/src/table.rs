//! A cart as the engine works on it: lines in the order of their ids, amounts in plain fen.
//!
//! Bounds of the input ([`crate::cart`]) keep every sum far inside 64 bits; arithmetic saturates all the same.

use huike_kernel::Money;

use crate::{
    cart::{
        Cart, CartLine, KEY_CHARS_MAX, LINE_KEYS_MAX, LINES_MAX, QUANTITY_MAX, SHIPPING_MAX, SourcedPrice,
        UNIT_PRICE_MAX_FEN, WEIGHT_MAX_GRAMS,
    },
    error::PricingError,
    offer::{Base, LineScope},
    unit_price,
};

/// A line, measured.
#[derive(Debug)]
pub(crate) struct Row<'a> {
    /// The line as it came.
    pub(crate) line: &'a CartLine,
    /// Units.
    pub(crate) quantity: i64,
    /// Which price counts.
    pub(crate) price: SourcedPrice,
    /// What one unit costs before discounts, a deposit's bonus taken off.
    pub(crate) unit: i64,
    /// All units at the list price.
    pub(crate) list_total: i64,
    /// All units before discounts.
    pub(crate) before_total: i64,
    /// What all units cost at least.
    pub(crate) floor: i64,
}

/// A cart, measured.
#[derive(Debug)]
pub(crate) struct Table<'a> {
    /// Its lines, by id.
    pub(crate) rows: Vec<Row<'a>>,
    /// Its shipping, by method: the fee of each.
    pub(crate) fees: Vec<(&'a str, i64)>,
    /// All lines before discounts.
    pub(crate) before_total: i64,
}

/// What is left to pay while offers are applied.
#[derive(Debug, Clone)]
pub(crate) struct State {
    /// Of each row.
    pub(crate) amounts: Vec<i64>,
    /// Of each shipping method.
    pub(crate) fees: Vec<i64>,
    /// Of all together.
    pub(crate) payable: i64,
}

impl<'a> Table<'a> {
    pub(crate) fn of(cart: &'a Cart) -> Result<Self, PricingError> {
        if cart.lines.len() > LINES_MAX {
            return Err(PricingError::CartTooLong { pointer: "/lines".to_owned() });
        }
        if cart.shipping.len() > SHIPPING_MAX {
            return Err(PricingError::CartTooLong { pointer: "/shipping".to_owned() });
        }
        let mut rows = Vec::with_capacity(cart.lines.len());
        for (position, line) in cart.lines.iter().enumerate() {
            rows.push((measure(line, position)?, position));
        }
        rows.sort_unstable_by(|(a, _), (b, _)| a.line.id.cmp(&b.line.id));
        for (pair, next) in rows.iter().zip(rows.iter().skip(1)) {
            if pair.0.line.id == next.0.line.id {
                return Err(PricingError::LineTwice { line: pair.1.max(next.1) });
            }
        }
        let mut fees = Vec::with_capacity(cart.shipping.len());
        for (position, quote) in cart.shipping.iter().enumerate() {
            check_id(&quote.method, || format!("/shipping/{position}/method"))?;
            let fee = in_range(quote.fee, || format!("/shipping/{position}/fee"))?;
            fees.push((quote.method.as_str(), fee));
        }
        fees.sort_unstable();
        let rows: Vec<Row<'a>> = rows.into_iter().map(|(row, _)| row).collect();
        let before_total = rows.iter().map(|row| row.before_total).fold(0, i64::saturating_add);
        Ok(Self { rows, fees, before_total })
    }

    /// The state before any offer.
    pub(crate) fn begin(&self) -> State {
        let amounts = self.rows.iter().map(|row| row.before_total).collect();
        let fees: Vec<i64> = self.fees.iter().map(|(_, fee)| *fee).collect();
        let payable = fees.iter().fold(self.before_total, |sum, fee| sum.saturating_add(*fee));
        State { amounts, fees, payable }
    }

    /// What a row costs on a base.
    pub(crate) fn amount(&self, row: usize, base: Base, state: &State) -> i64 {
        match base {
            Base::List => self.rows.get(row).map_or(0, |row| row.list_total),
            Base::Before => self.rows.get(row).map_or(0, |row| row.before_total),
            Base::After => state.amounts.get(row).copied().unwrap_or(0),
        }
    }

    /// What may still come off a row.
    pub(crate) fn room(&self, row: usize, state: &State) -> i64 {
        let floor = self.rows.get(row).map_or(0, |row| row.floor);
        state.amounts.get(row).map_or(0, |amount| amount.saturating_sub(floor)).max(0)
    }
}

impl Row<'_> {
    /// Whether the unit is sold below its list price already.
    pub(crate) fn is_reduced(&self) -> bool {
        self.unit < self.line.list_price.fen()
    }

    /// Whether the scope speaks of this line.
    pub(crate) fn is_in(&self, scope: &LineScope) -> bool {
        (scope.include.is_empty() || scope.include.name(self.line))
            && (scope.exclude.is_empty() || !scope.exclude.name(self.line))
            && self.passes_filters(scope)
    }

    /// The part of a scope that is no key: price, quantity, reduced or not.
    pub(crate) fn passes_filters(&self, scope: &LineScope) -> bool {
        scope.unit_price_at_least.is_none_or(|least| self.unit >= least.fen())
            && scope.unit_price_at_most.is_none_or(|most| self.unit <= most.fen())
            && scope.line_quantity_at_least.is_none_or(|least| self.line.quantity >= least)
            && !(scope.full_price_only && self.is_reduced())
    }
}

fn measure(line: &CartLine, position: usize) -> Result<Row<'_>, PricingError> {
    if line.quantity == 0 || line.quantity > QUANTITY_MAX {
        return Err(PricingError::QuantityOutOfRange { line: position });
    }
    if line.weight_grams > WEIGHT_MAX_GRAMS {
        return Err(PricingError::WeightOutOfRange { line: position });
    }
    check_id(&line.id, || format!("/lines/{position}/id"))?;
    check_id(&line.sku, || format!("/lines/{position}/sku"))?;
    if line.categories.len() > LINE_KEYS_MAX || line.tags.len() > LINE_KEYS_MAX || line.prices.len() > LINE_KEYS_MAX {
        return Err(PricingError::CartTooLong { pointer: format!("/lines/{position}") });
    }
    let list = in_range(line.list_price, || format!("/lines/{position}/list_price"))?;
    for (index, price) in line.prices.iter().enumerate() {
        in_range(price.price, || format!("/lines/{position}/prices/{index}/price"))?;
    }
    if let Some(minimum) = line.minimum_price {
        in_range(minimum, || format!("/lines/{position}/minimum_price"))?;
    }
    let bonus = line.deposit.map_or(Ok(0), |deposit| {
        let paid = in_range(deposit.paid, || format!("/lines/{position}/deposit/paid"))?;
        let counts = in_range(deposit.counts, || format!("/lines/{position}/deposit/counts"))?;
        if counts < paid {
            return Err(PricingError::PriceOutOfRange { pointer: format!("/lines/{position}/deposit/counts") });
        }
        Ok(counts.saturating_sub(paid))
    })?;
    let price = unit_price::resolve(line);
    let least = line.minimum_price.unwrap_or(Money::ZERO).fen().min(price.price.fen());
    let unit = price.price.fen().saturating_sub(bonus).max(least);
    let quantity = i64::from(line.quantity);
    Ok(Row {
        line,
        quantity,
        price,
        unit,
        list_total: list.saturating_mul(quantity),
        before_total: unit.saturating_mul(quantity),
        floor: least.saturating_mul(quantity),
    })
}

fn check_id(id: &str, pointer: impl FnOnce() -> String) -> Result<(), PricingError> {
    let length = id.chars().count();
    if length == 0 || length > KEY_CHARS_MAX { Err(PricingError::IdUnsound { pointer: pointer() }) } else { Ok(()) }
}

fn in_range(price: Money, pointer: impl FnOnce() -> String) -> Result<i64, PricingError> {
    let fen = price.fen();
    if (0..=UNIT_PRICE_MAX_FEN).contains(&fen) {
        return Ok(fen);
    }
    Err(PricingError::PriceOutOfRange { pointer: pointer() })
}
