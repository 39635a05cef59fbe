//! What goes back when goods come back: reckoned from the stored quote, never priced anew by guess.
//!
//! Of a line of `q` units that cost `P`, the first `r` returned give back `⌊P × r ÷ q⌋`, so that the last takes the rest
//! and any split of a return gives back exactly what was paid. What came off those units (offers, coupons, points) goes
//! back to where it came from in the same way, and each unit's price, refund and discounts add up to the fen.

mod error;
mod stream;
mod tender;

use std::collections::BTreeMap;

use huike_kernel::Money;
use serde::{Deserialize, Serialize};

pub use self::{
    error::RefundError,
    tender::{Tender, split_over_tenders},
};
use crate::quote::{Allocation, Quote, QuotedLine, Source};

/// Units of a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LineUnits {
    /// The line of the quote.
    pub line: String,
    /// How many of its units.
    #[cfg_attr(feature = "openapi", schema(minimum = 1))]
    pub units: u32,
}

/// What goes back for the units of one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RefundedLine {
    /// The line.
    pub line: String,
    /// Units that come back now.
    pub units: u32,
    /// Money that goes back.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub amount: Money,
    /// What goes back to the sources of the discounts: budgets, points.
    pub allocations: Vec<Allocation>,
}

/// What goes back for one return.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Refund {
    /// By line.
    pub lines: Vec<RefundedLine>,
    /// Shipping that goes back.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub shipping: Money,
    /// All money that goes back.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub amount: Money,
    /// What goes back to each source, over all lines.
    pub allocations: Vec<Allocation>,
}

/// Reckons a return under [`crate::RefundRule::Apportion`]. `before` are the units that came back earlier; shipping goes
/// back when it is asked for, once, which the caller sees to.
///
/// # Errors
/// [`RefundError`] for a line that is not in the quote, named twice, or of which fewer units are left.
pub fn apportion(
    quote: &Quote,
    before: &[LineUnits],
    returned: &[LineUnits],
    with_shipping: bool,
) -> Result<Refund, RefundError> {
    let before = units_by_line(quote, before)?;
    let now = units_by_line(quote, returned)?;
    let mut lines = Vec::with_capacity(now.len());
    for line in &quote.lines {
        let Some(units) = now.get(line.id.as_str()).copied() else { continue };
        let earlier = before.get(line.id.as_str()).copied().unwrap_or(0);
        let all = earlier.checked_add(units).filter(|all| *all <= line.quantity);
        let all = all.ok_or_else(|| RefundError::TooManyUnits {
            line: line.id.clone(),
            left: line.quantity.saturating_sub(earlier),
        })?;
        lines.push(refund_line(line, earlier, all));
    }
    let fees = quote.shipping.iter().map(|fee| fee.payable.fen()).fold(0, i64::saturating_add);
    let shipping = Money::from_fen(if with_shipping { fees } else { 0 });
    let goods = lines.iter().map(|line| line.amount.fen()).fold(0, i64::saturating_add);
    let mut by_source: BTreeMap<Source, i64> = BTreeMap::new();
    for part in lines.iter().flat_map(|line| &line.allocations) {
        let sum = by_source.entry(part.source).or_default();
        *sum = sum.saturating_add(part.amount.fen());
    }
    let allocations = by_source.into_iter();
    Ok(Refund {
        lines,
        shipping,
        amount: Money::from_fen(goods.saturating_add(shipping.fen())),
        allocations: allocations.map(|(source, fen)| Allocation { source, amount: Money::from_fen(fen) }).collect(),
    })
}

/// What goes back under [`crate::RefundRule::RecomputeThreshold`]: of what is paid and not yet given back, all but what
/// the rest costs by itself. A threshold that the rest no longer reaches so costs the customer its discount; they never
/// owe more than was paid. With nothing left everything goes back.
pub fn recompute(paid_and_not_given_back: Money, rest: Option<&Quote>) -> Money {
    let kept = rest.map_or(Money::ZERO, |rest| rest.totals.payable.min(paid_and_not_given_back));
    paid_and_not_given_back.checked_sub(kept).unwrap_or(Money::ZERO)
}

fn units_by_line<'u>(quote: &Quote, units: &'u [LineUnits]) -> Result<BTreeMap<&'u str, u32>, RefundError> {
    let mut by_line = BTreeMap::new();
    for of in units {
        if !quote.lines.iter().any(|line| line.id == of.line) {
            return Err(RefundError::LineUnknown { line: of.line.clone() });
        }
        if of.units == 0 || by_line.insert(of.line.as_str(), of.units).is_some() {
            return Err(RefundError::UnitsUnsound { line: of.line.clone() });
        }
    }
    Ok(by_line)
}

fn refund_line(line: &QuotedLine, from: u32, to: u32) -> RefundedLine {
    let up_to = |units: u32| stream::part(line.payable.fen(), units, line.quantity);
    let earlier = stream::discounts(line, from);
    let all = stream::discounts(line, to);
    let parts = line.allocations.iter().zip(all.into_iter().zip(earlier)).map(|(part, (all, earlier))| Allocation {
        source: part.source,
        amount: Money::from_fen(all.saturating_sub(earlier)),
    });
    RefundedLine {
        line: line.id.clone(),
        units: to.saturating_sub(from),
        amount: Money::from_fen(up_to(to).saturating_sub(up_to(from))),
        allocations: parts.filter(|part| part.amount > Money::ZERO).collect(),
    }
}
