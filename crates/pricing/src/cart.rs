//! What is bought: lines, their prices by source, and the ways to ship them.

use huike_kernel::{Money, words};
use serde::{Deserialize, Serialize};

/// The most lines of a cart.
pub const LINES_MAX: usize = 500;
/// The most units of one line.
pub const QUANTITY_MAX: u32 = 10_000;
/// The dearest unit: ten million yuan, so that a full cart stays within [`Money::MAX_FEN`] per line.
pub const UNIT_PRICE_MAX_FEN: i64 = 1_000_000_000;
/// The most shipping methods of a cart.
pub const SHIPPING_MAX: usize = 20;
/// The heaviest unit: a hundred tons.
pub const WEIGHT_MAX_GRAMS: u32 = 100_000_000;
/// The most characters of an id or a key.
pub const KEY_CHARS_MAX: usize = 64;
/// The most keys (categories, tags, price sources) of one line.
pub const LINE_KEYS_MAX: usize = 64;

words!(
    /// Where a unit price comes from (价格来源).
    PriceSource, "price source" {
        /// The price of a campaign: flash sale, group, presale. It goes before all others.
        Activity = "activity",
        /// The price of members of a tier.
        Member = "member",
        /// The price of an hour of the day.
        TimeSlot = "time_slot",
        /// Clearance of what is left.
        Clearance = "clearance",
        /// A competitor's price, matched.
        CompetitorMatch = "competitor_match",
        /// A price reduced by the shop itself.
        Sale = "sale",
        /// The list price.
        List = "list",
    }
);

/// A price that is on offer for a unit, beside its list price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SourcedPrice {
    /// Whose price it is.
    pub source: PriceSource,
    /// The price of one unit.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "45.00"))]
    pub price: Money,
}

/// A line of a cart: so many units of one thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CartLine {
    /// Names the line within the cart; lines are taken in the order of their ids, so that the order of the input
    /// changes nothing.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 64))]
    pub id: String,
    /// The stock keeping unit.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 64))]
    pub sku: String,
    /// The product the SKU is a variant of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<String>,
    /// The categories it is in, from the root to the leaf; an offer on any of them covers the line.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<String>,
    /// The brand of the product.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brand: Option<String>,
    /// Free labels.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// How many units.
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 10_000, example = 2))]
    pub quantity: u32,
    /// The list price of one unit (原价).
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "60.00"))]
    pub list_price: Money,
    /// Other prices of one unit that hold now. See [`crate::unit_price::resolve`] for which one counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prices: Vec<SourcedPrice>,
    /// A unit is never sold for less (最低售价), whatever comes off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, example = "40.00"))]
    pub minimum_price: Option<Money>,
    /// A deposit paid before (定金膨胀): so much of a unit's price is paid, and counts for more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deposit: Option<Deposit>,
    /// The weight of one unit in grams.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(maximum = 100_000_000))]
    pub weight_grams: u32,
}

/// A presale deposit for one unit: 付50抵150.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Deposit {
    /// What was paid.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "50.00"))]
    pub paid: Money,
    /// What it counts for; at least what was paid.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "150.00"))]
    pub counts: Money,
}

/// A way to ship the cart, and what it costs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ShippingQuote {
    /// The method: `express`, `pickup`, ….
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 64))]
    pub method: String,
    /// Its fee.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "8.00"))]
    pub fee: Money,
}

/// A cart. All of its shipping quotes are paid: a cart that offers a choice is quoted once for each.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Cart {
    /// What is bought.
    pub lines: Vec<CartLine>,
    /// How it is shipped.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shipping: Vec<ShippingQuote>,
}

impl CartLine {
    /// So many units of a SKU at a list price, with everything else unsaid.
    pub fn new(id: &str, sku: &str, quantity: u32, list_price: Money) -> Self {
        Self {
            id: id.to_owned(),
            sku: sku.to_owned(),
            product: None,
            categories: Vec::new(),
            brand: None,
            tags: Vec::new(),
            quantity,
            list_price,
            prices: Vec::new(),
            minimum_price: None,
            deposit: None,
            weight_grams: 0,
        }
    }
}
