//! How much there is.

/// The stock of one SKU at one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StockLevel {
    /// What lies there (在库).
    pub on_hand: i64,
    /// What of it is kept for somebody (预占).
    pub reserved: i64,
    /// What should always lie there (安全库存); nobody said where there is none: no figure fits every SKU.
    pub safety: Option<i64>,
}

impl StockLevel {
    /// What may be taken or promised: what lies there and is kept for nobody.
    pub fn available(&self) -> i64 {
        self.on_hand.saturating_sub(self.reserved)
    }

    /// Whether less can be taken than should lie there.
    pub fn is_low(&self) -> bool {
        self.safety.is_some_and(|safety| self.available() < safety)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_reserved_counts_as_gone_when_stock_is_called_low() {
        let level = StockLevel { on_hand: 10, reserved: 6, safety: Some(5) };
        assert_eq!((level.available(), level.is_low()), (4, true));
        assert!(!StockLevel { safety: Some(4), ..level }.is_low());
        assert!(!StockLevel { safety: None, on_hand: 0, reserved: 0 }.is_low());
    }
}
