//! The one function: cart, customer, offers and policy to a price.

use huike_kernel::{Money, OfferClass, Rate, money};
use serde::{Deserialize, Serialize};

use crate::{
    apply,
    cart::Cart,
    choose::{self, Chosen, walk},
    compiled::CompiledOffers,
    error::PricingError,
    explain,
    facts::{CouponChoice, Facts, HeldCoupon},
    offer::Effect,
    play::Field,
    policy::Policy,
    quote::{Allocation, Applied, GiftLine, Quote, QuotedLine, QuotedShipping, Source, Totals},
    table::{State, Table},
};

/// Points spent as money, off the goods, after all offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PointsOff {
    /// What the points are worth that may be spent.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub worth: Money,
    /// The largest share of the goods they may pay.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub share_max: Rate,
}

/// What is to be priced.
#[derive(Debug)]
pub struct Ask<'a> {
    /// The cart.
    pub cart: &'a Cart,
    /// Who buys, where and when.
    pub facts: &'a Facts,
    /// The coupons in hand.
    pub held: &'a [HeldCoupon],
    /// Which of them are used.
    pub choice: &'a CouponChoice,
    /// Points spent as money.
    pub points_off: Option<PointsOff>,
}

/// Prices a cart. The same ask gives the same quote, whatever the order of lines, offers and coupons.
///
/// # Errors
/// [`PricingError`] when the cart itself is unsound.
pub fn quote(offers: &CompiledOffers, policy: &Policy, ask: &Ask<'_>) -> Result<Quote, PricingError> {
    quote_holding((offers, offers), policy, ask)
}

/// [`quote`] for somebody whose coupons give offers of their own: those of the site come first, those of the coupons
/// second. So a site's offers are compiled once for everybody, and a customer's with the question.
///
/// # Errors
/// As [`quote`].
pub fn quote_holding(
    (offers, of_coupons): (&CompiledOffers, &CompiledOffers),
    policy: &Policy,
    ask: &Ask<'_>,
) -> Result<Quote, PricingError> {
    let table = Table::of(ask.cart)?;
    let field = Field::of(&table, (offers, of_coupons), ask);
    let chosen = choose::choose(&field, policy.selection, ask.choice);
    Ok(Builder::new(&field, policy).build(&chosen, ask.points_off))
}

struct Builder<'b, 'f> {
    field: &'b Field<'f>,
    policy: &'b Policy,
    state: State,
    line_parts: Vec<Vec<Allocation>>,
    fee_parts: Vec<Vec<Allocation>>,
    points_percent: Vec<u32>,
    applied: Vec<Applied>,
    gifts: Vec<GiftLine>,
}

impl<'b, 'f> Builder<'b, 'f> {
    fn new(field: &'b Field<'f>, policy: &'b Policy) -> Self {
        let (rows, fees) = (field.table.rows.len(), field.table.fees.len());
        Self {
            field,
            policy,
            state: field.table.begin(),
            line_parts: (0..rows).map(|_| Vec::new()).collect(),
            fee_parts: vec![Vec::new(); fees],
            points_percent: vec![100; rows],
            applied: Vec::new(),
            gifts: Vec::new(),
        }
    }

    fn build(mut self, chosen: &Chosen, points_off: Option<PointsOff>) -> Quote {
        let rejected = explain::rejected(self.field, chosen);
        self.make_room(chosen);
        for (position, parts) in chosen.steps() {
            self.apply(position, parts);
        }
        if let Some(points) = points_off {
            self.spend_points(points);
        }
        let lines: Vec<QuotedLine> = (0..self.field.table.rows.len()).filter_map(|row| self.line(row)).collect();
        let shipping: Vec<QuotedShipping> = (0..self.field.table.fees.len()).filter_map(|fee| self.fee(fee)).collect();
        let totals = totals(self.field.table, &lines, &shipping);
        Quote {
            policy: self.policy.id.clone(),
            lines,
            shipping,
            applied: self.applied,
            rejected,
            gifts: self.gifts,
            totals,
            optimal: chosen.is_optimal,
            choices: chosen.choices,
        }
    }

    /// Makes each list as long as it will be.
    fn make_room(&mut self, chosen: &Chosen) {
        self.applied.reserve_exact(chosen.applied.len());
        let average = chosen.parts.len().checked_div(self.line_parts.len()).unwrap_or(0).saturating_add(2);
        for list in &mut self.line_parts {
            list.reserve(average);
        }
    }

    fn apply(&mut self, position: usize, parts: &[(usize, i64)]) {
        let Some(play) = self.field.plays.get(position) else { return };
        walk::take_off(play, parts, &mut self.state);
        let is_shipping = play.offer.class == OfferClass::Shipping;
        let lists = if is_shipping { &mut self.fee_parts } else { &mut self.line_parts };
        for (index, fen) in parts {
            if let Some(list) = lists.get_mut(*index) {
                list.push(Allocation { source: play.source, amount: Money::from_fen(*fen) });
            }
        }
        match &play.offer.effect {
            Effect::Gift { sku, quantity } => {
                self.gifts.push(GiftLine { source: play.source, sku: sku.clone(), quantity: *quantity });
            }
            Effect::PointsMultiplier { percent } => {
                for row in self.field.rows(play) {
                    if let Some(of_row) = self.points_percent.get_mut(*row) {
                        *of_row = (*of_row).max(*percent);
                    }
                }
            }
            _ => {}
        }
        let discount = parts.iter().map(|(_, fen)| *fen).fold(0, i64::saturating_add);
        let discount = Money::from_fen(discount);
        self.applied.push(Applied { source: play.source, class: play.offer.class, discount });
    }

    /// Points pay goods in proportion to what is left of each line, never below its minimum price.
    fn spend_points(&mut self, points: PointsOff) {
        let table = self.field.table;
        let rooms: Vec<i64> = (0..table.rows.len()).map(|row| table.room(row, &self.state)).collect();
        let goods = self.state.amounts.iter().fold(0_i64, |sum, amount| sum.saturating_add(*amount));
        let room = rooms.iter().fold(0_i64, |sum, room| sum.saturating_add(*room));
        let worth = points.worth.fen().max(0).min(apply::share(points.share_max, goods)).min(room);
        let mut parts = vec![0; rooms.len()];
        if worth <= 0 || money::allocate_fen(worth, &rooms, &mut parts).is_none() {
            return;
        }
        for (index, part) in parts.into_iter().enumerate().filter(|(_, part)| *part > 0) {
            if let (Some(amount), Some(list)) = (self.state.amounts.get_mut(index), self.line_parts.get_mut(index)) {
                *amount = amount.saturating_sub(part);
                list.push(Allocation { source: Source::Points, amount: Money::from_fen(part) });
            }
        }
    }

    fn line(&mut self, index: usize) -> Option<QuotedLine> {
        let row = self.field.table.rows.get(index)?;
        let payable = self.state.amounts.get(index).copied()?;
        let deposit = row.line.deposit.map_or(0, |deposit| deposit.paid.fen().saturating_mul(row.quantity));
        let percent = i64::from(self.points_percent.get(index).copied().unwrap_or(100));
        Some(QuotedLine {
            id: row.line.id.clone(),
            sku: row.line.sku.clone(),
            quantity: row.line.quantity,
            list_price: row.line.list_price,
            unit_price: row.price,
            subtotal: Money::from_fen(row.before_total),
            allocations: std::mem::take(self.line_parts.get_mut(index)?),
            discount: Money::from_fen(row.before_total.saturating_sub(payable)),
            payable: Money::from_fen(payable),
            deposit_paid: Money::from_fen(deposit.min(payable)),
            points: points_for(payable, self.policy.points_per_yuan, percent),
        })
    }

    fn fee(&mut self, index: usize) -> Option<QuotedShipping> {
        let (method, fee) = self.field.table.fees.get(index)?;
        Some(QuotedShipping {
            method: (*method).to_owned(),
            fee: Money::from_fen(*fee),
            allocations: std::mem::take(self.fee_parts.get_mut(index)?),
            payable: Money::from_fen(self.state.fees.get(index).copied()?),
        })
    }
}

/// Whole points for what is paid; fractions are dropped line by line.
fn points_for(payable: i64, per_yuan: u32, percent: i64) -> i64 {
    let hundredths = payable.saturating_mul(i64::from(per_yuan)).saturating_mul(percent);
    hundredths.checked_div(10_000).unwrap_or(0)
}

fn totals(table: &Table<'_>, lines: &[QuotedLine], shipping: &[QuotedShipping]) -> Totals {
    let sum = |amounts: &mut dyn Iterator<Item = i64>| amounts.fold(0_i64, i64::saturating_add);
    let goods = sum(&mut lines.iter().map(|line| line.payable.fen()));
    let fees = sum(&mut shipping.iter().map(|fee| fee.fee.fen()));
    let fees_payable = sum(&mut shipping.iter().map(|fee| fee.payable.fen()));
    let deposit = sum(&mut lines.iter().map(|line| line.deposit_paid.fen()));
    let payable = goods.saturating_add(fees_payable);
    Totals {
        list: Money::from_fen(sum(&mut table.rows.iter().map(|row| row.list_total))),
        subtotal: Money::from_fen(table.before_total),
        discount: Money::from_fen(table.before_total.saturating_sub(goods)),
        shipping: Money::from_fen(fees),
        shipping_discount: Money::from_fen(fees.saturating_sub(fees_payable)),
        payable: Money::from_fen(payable),
        deposit_paid: Money::from_fen(deposit),
        due: Money::from_fen(payable.saturating_sub(deposit)),
        points: sum(&mut lines.iter().map(|line| line.points)),
    }
}
