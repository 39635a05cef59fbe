//! The shape of the case files.

use serde::Deserialize;
use serde_json::Value;

#[derive(Debug, Deserialize)]
pub(crate) struct Case {
    pub(crate) id: String,
    pub(crate) source_repo: String,
    pub(crate) portability: Portability,
    pub(crate) currency: Option<String>,
    pub(crate) channel: Option<String>,
    pub(crate) customer_group: Option<String>,
    pub(crate) completed_orders: Option<u32>,
    #[serde(default)]
    pub(crate) codes: Vec<String>,
    pub(crate) stack_mode: Option<String>,
    pub(crate) shipping: Option<String>,
    #[serde(default)]
    pub(crate) shipping_methods: Vec<Method>,
    pub(crate) apportion: Option<Apportion>,
    #[serde(default)]
    pub(crate) cart: Vec<Line>,
    #[serde(default)]
    pub(crate) promotions: Vec<Promotion>,
    pub(crate) expected: Value,
    pub(crate) loyalty: Option<Value>,
    pub(crate) parallel: Option<Value>,
    pub(crate) tenders: Option<Value>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Portability {
    pub(crate) class: String,
    #[serde(default)]
    pub(crate) matches_when: Option<Value>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Method {
    pub(crate) id: String,
    pub(crate) price: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Apportion {
    pub(crate) weights: Vec<i64>,
    pub(crate) amount: i64,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Line {
    pub(crate) sku: String,
    pub(crate) unit_price: String,
    pub(crate) qty: u32,
    pub(crate) category: Option<String>,
    pub(crate) min_unit_price: Option<String>,
    pub(crate) sale_unit_price: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScopeWords {
    #[serde(default)]
    pub(crate) skus: Vec<String>,
    #[serde(default)]
    pub(crate) categories: Vec<String>,
    pub(crate) unit_price_min: Option<String>,
    pub(crate) unit_price_max: Option<String>,
    pub(crate) min_unit_price: Option<String>,
    pub(crate) line_min_qty: Option<u32>,
    #[serde(default)]
    pub(crate) shipping_methods: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Conditions {
    pub(crate) min_qty: Option<u32>,
    pub(crate) min_subtotal: Option<String>,
    pub(crate) min_subtotal_exclusive: Option<String>,
    pub(crate) max_subtotal: Option<String>,
    #[serde(default)]
    pub(crate) contains_skus: Vec<String>,
    #[serde(default)]
    pub(crate) contains_categories: Vec<String>,
    pub(crate) category_min_total: Option<CategoryTotal>,
    pub(crate) category_min_qty: Option<CategoryQuantity>,
    pub(crate) any_line_min_qty: Option<u32>,
    pub(crate) customer_group: Option<String>,
    pub(crate) nth_order: Option<u32>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct CategoryTotal {
    pub(crate) category: String,
    pub(crate) amount: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct CategoryQuantity {
    pub(crate) category: String,
    pub(crate) qty: u32,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Budget {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) limit: String,
    pub(crate) used: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Step {
    pub(crate) min: String,
    pub(crate) value: String,
}

/// Fields that only describe are read past; any other unknown field makes the case unreadable rather than wrong.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Promotion {
    pub(crate) kind: String,
    pub(crate) value: Option<String>,
    #[serde(default)]
    pub(crate) scope: ScopeWords,
    #[serde(default)]
    pub(crate) conditions: Conditions,
    pub(crate) condition_base: Option<String>,
    pub(crate) base: Option<String>,
    pub(crate) priority: Option<i32>,
    #[serde(default)]
    pub(crate) exclusive: bool,
    pub(crate) best_of_group: Option<String>,
    pub(crate) requires_code: Option<String>,
    pub(crate) usage_limit: Option<u32>,
    #[serde(default)]
    pub(crate) used: u32,
    pub(crate) per_customer_limit: Option<u32>,
    #[serde(default)]
    pub(crate) used_by_customer: u32,
    pub(crate) budget: Option<Budget>,
    pub(crate) max_discount: Option<String>,
    pub(crate) max_units_per_line: Option<u32>,
    pub(crate) max_units_total: Option<u32>,
    pub(crate) unit_selection: Option<String>,
    #[serde(default)]
    pub(crate) exclude_sale_items: bool,
    #[serde(default)]
    pub(crate) reject_if_sale_items: bool,
    pub(crate) tiers: Option<Vec<Step>>,
    pub(crate) buy_qty: Option<u32>,
    pub(crate) get_qty: Option<u32>,
    pub(crate) buy_scope: Option<ScopeWords>,
    pub(crate) get_scope: Option<ScopeWords>,
    pub(crate) select: Option<String>,
    pub(crate) max_occurrence: Option<u32>,
    pub(crate) max_free_units: Option<u32>,
    pub(crate) repeat: Option<bool>,
    pub(crate) bundle_qty: Option<u32>,
    pub(crate) group_size: Option<u32>,
    pub(crate) inner: Option<String>,
    pub(crate) starts_in_days: Option<i64>,
    pub(crate) ends_in_days: Option<i64>,
    pub(crate) channels: Option<Vec<String>>,
    pub(crate) currency: Option<String>,
    #[serde(default, rename = "words")]
    _words: Option<String>,
    #[serde(default, rename = "round")]
    _round: Option<String>,
    #[serde(default, rename = "reusable_after_cancel")]
    _reusable_after_cancel: Option<bool>,
}
