//! Which of a unit's prices counts.

use huike_kernel::Money;

use crate::cart::{CartLine, PriceSource, SourcedPrice};

/// The price of one unit before any discount: a campaign's price where there is one, else the lowest of all others, the
/// list price among them. A price below the minimum price is raised to it, but never above the list price. Ties go to
/// the source that stands first in [`PriceSource`].
pub fn resolve(line: &CartLine) -> SourcedPrice {
    let of_campaign = line.prices.iter().filter(|price| price.source == PriceSource::Activity);
    let chosen = of_campaign.min_by_key(|price| price.price).copied().unwrap_or_else(|| {
        let list = SourcedPrice { source: PriceSource::List, price: line.list_price };
        line.prices.iter().copied().chain([list]).min_by_key(|price| (price.price, price.source)).unwrap_or(list)
    });
    let floor = line.minimum_price.unwrap_or(Money::ZERO).min(line.list_price);
    SourcedPrice { source: chosen.source, price: chosen.price.max(floor) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(prices: &[(PriceSource, i64)]) -> CartLine {
        let prices = prices.iter().map(|(source, fen)| SourcedPrice { source: *source, price: Money::from_fen(*fen) });
        CartLine { prices: prices.collect(), ..CartLine::new("1", "a", 1, Money::from_fen(60_00)) }
    }

    fn price_of(line: &CartLine) -> (PriceSource, i64) {
        let resolved = resolve(line);
        (resolved.source, resolved.price.fen())
    }

    #[test]
    fn without_other_prices_the_list_price_counts() {
        assert_eq!(price_of(&line(&[])), (PriceSource::List, 60_00));
    }

    #[test]
    fn a_campaign_goes_before_a_lower_member_price() {
        let line = line(&[(PriceSource::Member, 40_00), (PriceSource::Activity, 50_00)]);
        assert_eq!(price_of(&line), (PriceSource::Activity, 50_00));
    }

    #[test]
    fn without_a_campaign_the_lowest_counts() {
        let line = line(&[(PriceSource::Member, 57_00), (PriceSource::TimeSlot, 48_00), (PriceSource::Sale, 70_00)]);
        assert_eq!(price_of(&line), (PriceSource::TimeSlot, 48_00));
    }

    #[test]
    fn a_matched_price_never_undercuts_the_minimum() {
        let mut line = line(&[(PriceSource::CompetitorMatch, 30_00)]);
        line.minimum_price = Some(Money::from_fen(45_00));
        assert_eq!(price_of(&line), (PriceSource::CompetitorMatch, 45_00));
    }

    #[test]
    fn a_minimum_above_the_list_price_raises_nothing() {
        let mut line = line(&[]);
        line.minimum_price = Some(Money::from_fen(80_00));
        assert_eq!(price_of(&line), (PriceSource::List, 60_00));
    }
}
