//! What is asked for when an order is placed, and what is kept for it until it is paid.

use std::collections::BTreeSet;

use huike_kernel::{Money, SkuId};
use serde::{Deserialize, Serialize};

use super::OrderError;

/// The most SKUs of an order: they are kept in one transaction.
pub const ITEMS_MAX: usize = 200;
/// The most units of one SKU; a cart takes no more.
pub const UNITS_MAX: u32 = 10_000;

huike_kernel::words! {
    /// Why an order was given up.
    CloseReason, "close reason" {
        /// The customer took it back.
        Customer = "customer",
        /// Staff closed it.
        Staff = "staff",
        /// Nobody paid it in time.
        Expired = "expired",
    }
}

huike_kernel::words! {
    /// What a line of an order is.
    LineKind, "kind of line" {
        /// Bought.
        Sold = "sold",
        /// Given beside the order (赠品).
        Gift = "gift",
    }
}

huike_kernel::words! {
    /// What became of the use of an offer or a coupon that an order took.
    UseState, "state of a use" {
        /// Kept for the order until it is paid.
        Held = "held",
        /// The order was paid.
        Used = "used",
        /// The order was given up.
        Released = "released",
    }
}

huike_kernel::words! {
    /// What became of value that an order is paid with.
    TenderState, "state of a tender" {
        /// Kept for the order until it is paid.
        Held = "held",
        /// It moved.
        Captured = "captured",
        /// It was let go.
        Released = "released",
    }
}

/// So many of a SKU.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = OrderItem))]
pub struct Item {
    /// What.
    pub sku_id: SkuId,
    /// How many.
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 10_000, example = 2))]
    pub quantity: u32,
}

/// Whether the items can be ordered: some, not too many, each SKU once, each of so many.
pub fn check_items(items: &[Item]) -> Result<(), OrderError> {
    if items.is_empty() || items.len() > ITEMS_MAX {
        return Err(OrderError::ItemsOutOfRange);
    }
    let mut seen = BTreeSet::new();
    for (index, item) in items.iter().enumerate() {
        if !(1..=UNITS_MAX).contains(&item.quantity) {
            return Err(OrderError::UnitsOutOfRange { index });
        }
        if !seen.insert(item.sku_id) {
            return Err(OrderError::ItemTwice { index });
        }
    }
    Ok(())
}

/// Whether so much stored value may go into an order: no more than it costs.
pub fn check_stored_value(wanted: Money, payable: Money) -> Result<(), OrderError> {
    if wanted.is_negative() || wanted > payable {
        return Err(OrderError::StoredValueExceeds { payable });
    }
    Ok(())
}

/// Whether the order is placed at the price that the customer has seen.
pub fn decide_price(seen: &[u8], now: &[u8; 32], payable: Money) -> Result<(), OrderError> {
    if seen == now { Ok(()) } else { Err(OrderError::PriceChanged { payable }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(number: u128, quantity: u32) -> Item {
        Item { sku_id: SkuId::from_uuid(uuid::Uuid::from_u128(number)), quantity }
    }

    #[test]
    fn a_sku_is_ordered_once_and_never_by_nothing_or_too_much() {
        assert_eq!(check_items(&[]), Err(OrderError::ItemsOutOfRange));
        assert_eq!(check_items(&[item(1, 1), item(2, 0)]), Err(OrderError::UnitsOutOfRange { index: 1 }));
        assert_eq!(check_items(&[item(1, UNITS_MAX + 1)]), Err(OrderError::UnitsOutOfRange { index: 0 }));
        assert_eq!(check_items(&[item(1, 1), item(1, 2)]), Err(OrderError::ItemTwice { index: 1 }));
        let many: Vec<Item> = (0..=ITEMS_MAX).map(|number| item(number as u128, 1)).collect();
        assert_eq!(check_items(&many), Err(OrderError::ItemsOutOfRange));
        assert_eq!(check_items(&many[1..]), Ok(()));
    }

    #[test]
    fn nobody_pays_more_with_stored_value_than_the_order_costs() {
        let payable = Money::from_fen(1_000);
        assert_eq!(check_stored_value(payable, payable), Ok(()));
        for fen in [-1, 1_001] {
            assert_eq!(
                check_stored_value(Money::from_fen(fen), payable),
                Err(OrderError::StoredValueExceeds { payable })
            );
        }
    }

    #[test]
    fn another_price_than_the_one_seen_places_nothing() {
        let payable = Money::from_fen(1_000);
        assert_eq!(decide_price(&[7; 32], &[7; 32], payable), Ok(()));
        for seen in [&[7; 31][..], &[8; 32], &[]] {
            assert_eq!(decide_price(seen, &[7; 32], payable), Err(OrderError::PriceChanged { payable }));
        }
    }
}
