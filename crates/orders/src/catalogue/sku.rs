//! A SKU (规格): what is sold of a product, with its prices and its weight.

use huike_kernel::{Money, Text};
use serde::{Deserialize, Serialize};

use super::{ArticleCode, Barcode, CatalogueFault, CatalogueProblem};

/// The dearest unit that a cart takes: ten million yuan.
pub const UNIT_PRICE_MAX_FEN: i64 = 1_000_000_000;
/// The heaviest unit that a cart takes: a hundred tons.
pub const WEIGHT_MAX_GRAMS: u32 = 100_000_000;

huike_kernel::words! {
    /// What is done about a SKU that runs low (低库存策略). One for each SKU, so never both.
    LowStockPolicy, "low-stock policy" {
        /// Order more (补货).
        Replenish = "replenish",
        /// Sell what is left and order no more (清仓).
        ClearOut = "clear_out",
    }
}

/// What a unit costs whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SkuPrices {
    /// The list price (划线价).
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "298.00"))]
    pub list: Money,
    /// The price it is sold for, where that is less.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, example = "268.00"))]
    pub sale: Option<Money>,
    /// A unit is never sold for less (最低售价), whatever comes off.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, example = "220.00"))]
    pub minimum: Option<Money>,
    /// What the brand pays for it (成本价). Shown only to whoever may see it.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, example = "180.00"))]
    pub cost: Option<Money>,
}

/// What is said of a SKU.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SkuForm {
    /// The code it is known by, unique in the brand.
    pub code: ArticleCode,
    /// What tells it from the other SKUs of the product: 900克.
    pub name: Text<60>,
    /// What a scanner reads, unique in the brand.
    pub barcode: Option<Barcode>,
    /// Its prices.
    pub prices: SkuPrices,
    /// What a unit weighs.
    pub weight_grams: u32,
    /// What is done when it runs low; nothing has been decided where there is none.
    pub low_stock_policy: Option<LowStockPolicy>,
}

impl SkuForm {
    /// Every fault of the form.
    pub fn validate(&self) -> Vec<CatalogueProblem> {
        let mut found = self.prices.validate();
        if self.weight_grams > WEIGHT_MAX_GRAMS {
            let pointer = "/weight_grams".to_owned();
            found.push(CatalogueProblem { pointer, fault: CatalogueFault::WeightOutOfRange });
        }
        found
    }
}

impl SkuPrices {
    /// Every fault of the prices. What it costs bounds nothing: goods are sold below cost, knowingly.
    pub fn validate(&self) -> Vec<CatalogueProblem> {
        let in_range = |price: Money| (0..=UNIT_PRICE_MAX_FEN).contains(&price.fen());
        let mut found = Vec::new();
        let mut note = |name: &str, fault| found.push(CatalogueProblem { pointer: format!("/prices/{name}"), fault });
        let named = [("list", Some(self.list)), ("sale", self.sale), ("minimum", self.minimum), ("cost", self.cost)];
        for (name, price) in named {
            if price.is_some_and(|price| !in_range(price)) {
                note(name, CatalogueFault::PriceOutOfRange);
            }
        }
        for (name, price) in [("sale", self.sale), ("minimum", self.minimum)] {
            if price.is_some_and(|price| price > self.list) {
                note(name, CatalogueFault::PriceAboveList);
            }
        }
        if let (Some(sale), Some(minimum)) = (self.sale, self.minimum)
            && sale < minimum
        {
            note("sale", CatalogueFault::PriceBelowMinimum);
        }
        found
    }

    /// What a customer pays where nothing else is said.
    pub fn selling(&self) -> Money {
        self.sale.unwrap_or(self.list)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn prices(list: i64, sale: Option<i64>, minimum: Option<i64>) -> SkuPrices {
        let money = Money::from_fen;
        SkuPrices { list: money(list), sale: sale.map(money), minimum: minimum.map(money), cost: None }
    }

    #[test]
    fn every_fault_of_the_prices_is_told_at_its_place() {
        let found = prices(100, Some(120), Some(130)).validate();
        let told: Vec<(&str, &str)> = found.iter().map(|it| (it.pointer.as_str(), it.fault.code())).collect();
        assert_eq!(
            told,
            [
                ("/prices/sale", "price_above_list"),
                ("/prices/minimum", "price_above_list"),
                ("/prices/sale", "price_below_minimum"),
            ]
        );
        assert_eq!(prices(-1, None, None).validate().len(), 1);
    }

    proptest! {
        #[test]
        fn sound_prices_are_ordered(list in -5..200_i64, sale in prop::option::of(-5..200_i64), minimum in prop::option::of(-5..200_i64)) {
            let prices = prices(list, sale, minimum);
            if prices.validate().is_empty() {
                prop_assert!(prices.selling() <= prices.list);
                prop_assert!(prices.minimum.is_none_or(|minimum| minimum <= prices.selling()));
                prop_assert!(!prices.selling().is_negative());
            }
        }
    }
}
