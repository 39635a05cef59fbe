//! What an offer gives.

use huike_kernel::{Money, Rate, words};
use serde::{Deserialize, Serialize};

use super::LineScope;

words!(
    /// Which units come first where not all are reduced.
    #[derive(Default)]
    Select, "unit selection" {
        /// The cheapest (以低价为准).
        #[default]
        Cheapest = "cheapest",
        /// The dearest.
        Dearest = "dearest",
    }
);

/// How many units an item offer reduces; nothing said: all of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UnitLimit {
    /// Of one line. What earlier offers took off the line is counted against these units first, so that a limited offer
    /// never reduces the same money twice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_line: Option<u32>,
    /// Of the whole cart, taken by unit price.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<u32>,
    /// Only whole groups of so many units of a line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub groups_of: Option<u32>,
    /// Which units `total` takes first.
    pub select: Select,
}

/// What a tier gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum TierGift {
    /// So much off.
    AmountOff(Money),
    /// Such a share off.
    RateOff(Rate),
}

/// A step of a ladder: from so much on, so much off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Tier {
    /// The amount it takes, on the offer's condition base, over the lines of its scope.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "200.00"))]
    pub amount: Money,
    /// The units it takes.
    #[serde(default)]
    pub quantity: u32,
    /// What it gives.
    pub gift: TierGift,
}

/// What an offer gives. Offers on items are reckoned line by line, offers on the order once over all lines of their
/// scope and then spread over them; on shipping, over the fees.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = OfferEffect))]
pub enum Effect {
    /// So much off in all (满减). On shipping: off the fees together.
    AmountOff {
        /// How much.
        #[cfg_attr(feature = "openapi", schema(value_type = String, example = "30.00"))]
        amount: Money,
    },
    /// Such a share off (折扣).
    PercentOff {
        /// The share.
        #[cfg_attr(feature = "openapi", schema(value_type = String, example = "0.10"))]
        rate_off: Rate,
    },
    /// So much off each unit.
    UnitAmountOff {
        /// How much.
        #[cfg_attr(feature = "openapi", schema(value_type = String, example = "5.00"))]
        amount: Money,
    },
    /// So much off each line, or each shipping method.
    LineAmountOff {
        /// How much.
        #[cfg_attr(feature = "openapi", schema(value_type = String, example = "5.00"))]
        amount: Money,
    },
    /// Each unit for this price (一口价); never dearer than it was. With a unit limit of one: an exchange coupon.
    NewPrice {
        /// The price of a unit.
        #[cfg_attr(feature = "openapi", schema(value_type = String, example = "9.90"))]
        price: Money,
    },
    /// More off the more there is (阶梯满减): the highest step that is reached.
    Tiers {
        /// The steps.
        steps: Vec<Tier>,
    },
    /// Each n-th unit at a share off (第二件半价): so many whole groups of n, one unit of each.
    NthItem {
        /// The size of a group.
        #[cfg_attr(feature = "openapi", schema(minimum = 2, example = 2))]
        n: u32,
        /// The share that comes off.
        #[cfg_attr(feature = "openapi", schema(value_type = String, example = "0.50"))]
        rate_off: Rate,
        /// Which units are reduced.
        #[serde(default)]
        select: Select,
        /// At most so often in an order.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max_times: Option<u32>,
    },
    /// So many bought, so many reduced (买N送M). The offer's scope names what must be bought.
    BuyGet {
        /// Units to buy.
        buy: u32,
        /// Units reduced for them.
        get: u32,
        /// What is reduced; the same lines when not said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        get_scope: Option<Box<LineScope>>,
        /// The share that comes off.
        #[cfg_attr(feature = "openapi", schema(value_type = String, example = "1"))]
        rate_off: Rate,
        /// Which units are reduced.
        #[serde(default)]
        select: Select,
        /// At most so often in an order.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max_times: Option<u32>,
        /// At most so many units reduced.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max_units: Option<u32>,
    },
    /// So many units for a price (3件20元).
    BundlePrice {
        /// Units of a bundle.
        quantity: u32,
        /// What a bundle costs.
        #[cfg_attr(feature = "openapi", schema(value_type = String, example = "20.00"))]
        price: Money,
        /// Which units are bundled first.
        #[serde(default)]
        select: Select,
        /// At most so often in an order.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max_times: Option<u32>,
    },
    /// Goods beside the order (赠品). Takes nothing off.
    Gift {
        /// What.
        sku: String,
        /// How many.
        quantity: u32,
    },
    /// More points for the lines of the scope: such a multiple.
    PointsMultiplier {
        /// Percent of the usual points: 200 doubles them.
        #[cfg_attr(feature = "openapi", schema(minimum = 101, maximum = 10_000, example = 200))]
        percent: u32,
    },
}

impl Effect {
    /// The word its document is told by.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::AmountOff { .. } => "amount_off",
            Self::PercentOff { .. } => "percent_off",
            Self::UnitAmountOff { .. } => "unit_amount_off",
            Self::LineAmountOff { .. } => "line_amount_off",
            Self::NewPrice { .. } => "new_price",
            Self::Tiers { .. } => "tiers",
            Self::NthItem { .. } => "nth_item",
            Self::BuyGet { .. } => "buy_get",
            Self::BundlePrice { .. } => "bundle_price",
            Self::Gift { .. } => "gift",
            Self::PointsMultiplier { .. } => "points_multiplier",
        }
    }
}
