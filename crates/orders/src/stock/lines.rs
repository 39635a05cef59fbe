//! Lines of whatever moves stock: so many of a SKU each.

use std::collections::BTreeSet;

use huike_kernel::SkuId;

use super::StockError;

/// The most lines of one act: they are moved in one transaction.
pub const LINES_MAX: usize = 200;
/// The most of one line.
pub const QUANTITY_MAX: i64 = 1_000_000;

/// The most that a stock holds: a number that people can still count.
pub const ON_HAND_MAX: i64 = 1_000_000_000;

/// Whether the lines can be moved: some, not too many, each SKU once, each of so many. `least` is zero where it is
/// counted, one where it is moved.
pub fn check_lines(lines: &[(SkuId, i64)], least: i64) -> Result<(), StockError> {
    if lines.is_empty() || lines.len() > LINES_MAX {
        return Err(StockError::LinesOutOfRange);
    }
    let mut seen = BTreeSet::new();
    for (line, (sku, quantity)) in lines.iter().enumerate() {
        if !(least..=QUANTITY_MAX).contains(quantity) {
            return Err(StockError::QuantityOutOfRange { line });
        }
        if !seen.insert(*sku) {
            return Err(StockError::SkuTwice { line });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use huike_kernel::SkuId;

    use super::*;

    fn sku(number: u128) -> SkuId {
        SkuId::from_uuid(format!("{number:032x}").parse().unwrap())
    }

    #[test]
    fn a_sku_is_moved_once_and_never_by_nothing_less_or_too_much() {
        assert_eq!(check_lines(&[], 1), Err(StockError::LinesOutOfRange));
        assert_eq!(check_lines(&[(sku(1), 0)], 1), Err(StockError::QuantityOutOfRange { line: 0 }));
        assert_eq!(check_lines(&[(sku(1), 0)], 0), Ok(()));
        assert_eq!(check_lines(&[(sku(1), QUANTITY_MAX + 1)], 1), Err(StockError::QuantityOutOfRange { line: 0 }));
        assert_eq!(check_lines(&[(sku(1), 1), (sku(1), 2)], 1), Err(StockError::SkuTwice { line: 1 }));
        let many: Vec<(SkuId, i64)> = (0..=LINES_MAX).map(|number| (sku(number as u128), 1)).collect();
        assert_eq!(check_lines(&many, 1), Err(StockError::LinesOutOfRange));
    }
}
