//! Why a stock changed.

use huike_kernel::SkuId;

use super::{StockError, StockLevel};

huike_kernel::words! {
    /// Why a stock changed (库存变动).
    MovementKind, "stock movement" {
        /// Goods came in from a supplier (入库).
        Receipt = "receipt",
        /// Goods were spoilt, broken or lost (报损).
        Damage = "damage",
        /// Somebody counted (盘点).
        StockTake = "stock_take",
        /// Goods left for another place (调出).
        TransferOut = "transfer_out",
        /// Goods came from another place (调入).
        TransferIn = "transfer_in",
        /// Goods were sold, or given for a coupon (售出).
        Sale = "sale",
        /// Goods came back (退回).
        Return = "return",
    }
}

/// Whether so much may leave: never what is kept for somebody else.
pub fn decide_outflow(sku: SkuId, level: &StockLevel, wanted: i64) -> Result<(), StockError> {
    let available = level.available();
    if available < wanted {
        return Err(StockError::Short { sku, available, wanted });
    }
    Ok(())
}

/// What a count changes. Fewer than customers were promised cannot be counted: whoever counts has the orders cancelled
/// first, so that somebody tells the customers.
pub fn decide_count(sku: SkuId, level: &StockLevel, counted: i64) -> Result<i64, StockError> {
    if counted < level.reserved {
        return Err(StockError::BelowReserved { sku, reserved: level.reserved });
    }
    Ok(counted.saturating_sub(level.on_hand))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sku() -> SkuId {
        "00000000-0000-7000-8000-000000000001".parse().unwrap()
    }

    #[test]
    fn what_is_kept_for_somebody_neither_leaves_nor_is_counted_away() {
        let level = StockLevel { on_hand: 5, reserved: 3, safety: None };
        assert_eq!(decide_outflow(sku(), &level, 2), Ok(()));
        assert_eq!(decide_outflow(sku(), &level, 3), Err(StockError::Short { sku: sku(), available: 2, wanted: 3 }));
        assert_eq!(decide_count(sku(), &level, 3), Ok(-2));
        assert_eq!(decide_count(sku(), &level, 2), Err(StockError::BelowReserved { sku: sku(), reserved: 3 }));
    }

    proptest! {
        #[test]
        fn a_count_makes_what_is_on_hand_what_was_counted(on_hand in 0..1_000_i64, reserved in 0..1_000_i64, counted in 0..1_000_i64) {
            prop_assume!(reserved <= on_hand);
            let level = StockLevel { on_hand, reserved, safety: None };
            match decide_count(sku(), &level, counted) {
                Ok(difference) => prop_assert_eq!(on_hand + difference, counted),
                Err(_) => prop_assert!(counted < reserved),
            }
        }
    }
}
