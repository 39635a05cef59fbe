//! Which means of payment the money goes back to.

use huike_kernel::Money;
use serde::{Deserialize, Serialize};

/// A means of payment of an order, and what it paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Tender {
    /// Which: `wechat`, `stored_value_principal`, ….
    pub id: String,
    /// What it paid.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub paid: Money,
}

/// Splits a refund over the tenders in their order: the first gets back all it paid before the next gets any. What went
/// back before decides where the order stands, so that no split of the returns gives a tender more than it paid.
/// `None` when more would go back than was paid.
pub fn split_over_tenders(tenders: &[Tender], given_back: Money, refund: Money) -> Option<Vec<Money>> {
    let after = given_back.checked_add(refund)?;
    let mut from = 0_i64;
    let mut parts = Vec::with_capacity(tenders.len());
    for tender in tenders {
        let to = from.checked_add(tender.paid.fen())?;
        let within = |amount: Money| amount.fen().clamp(from, to).saturating_sub(from);
        parts.push(Money::from_fen(within(after).saturating_sub(within(given_back))));
        from = to;
    }
    (after.fen() <= from && !refund.is_negative() && !given_back.is_negative()).then_some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tenders() -> Vec<Tender> {
        let tender = |id: &str, fen| Tender { id: id.into(), paid: Money::from_fen(fen) };
        vec![tender("wechat", 500), tender("stored_value", 300)]
    }

    fn split(given_back: i64, refund: i64) -> Option<Vec<i64>> {
        let parts = split_over_tenders(&tenders(), Money::from_fen(given_back), Money::from_fen(refund));
        parts.map(|parts| parts.into_iter().map(Money::fen).collect())
    }

    #[test]
    fn the_first_tender_is_filled_first() {
        assert_eq!(split(0, 400), Some(vec![400, 0]));
        assert_eq!(split(400, 250), Some(vec![100, 150]));
        assert_eq!(split(650, 150), Some(vec![0, 150]));
    }

    #[test]
    fn more_than_was_paid_never_goes_back() {
        assert_eq!(split(650, 151), None);
        assert_eq!(split(0, -1), None);
    }
}
