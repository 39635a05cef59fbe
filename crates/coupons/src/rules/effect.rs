//! What a coupon gives (优惠内容), and what that is worth at most.

use huike_kernel::{Money, Rate, Text};
use serde::{Deserialize, Serialize};

/// The effect of a coupon, one shape per kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Effect {
    /// 满减券: so much off from a threshold on; a threshold of nothing makes the no-minimum coupon (无门槛券).
    AmountOff {
        /// What comes off.
        #[cfg_attr(feature = "openapi", schema(value_type = String, example = "30.00"))]
        amount: Money,
        /// The order amount it takes.
        #[serde(default)]
        #[cfg_attr(feature = "openapi", schema(value_type = String, example = "200.00"))]
        threshold: Money,
    },
    /// 折扣券: a share off, up to a cap.
    PercentOff {
        /// The share that comes off: `"0.10"` is 9折.
        #[cfg_attr(feature = "openapi", schema(value_type = String, example = "0.10"))]
        rate_off: Rate,
        /// The order amount it takes.
        #[serde(default)]
        #[cfg_attr(feature = "openapi", schema(value_type = String, example = "0.00"))]
        threshold: Money,
        /// The most that comes off. A money budget needs one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, example = "50.00"))]
        cap: Option<Money>,
    },
    /// 兑换券: an item for nothing or for a price.
    Exchange {
        /// What the customer receives, in words.
        #[cfg_attr(feature = "openapi", schema(value_type = String, max_length = 60, example = "婴儿湿巾一包"))]
        item: Text<60>,
        /// The item's SKU, where there is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, max_length = 64))]
        sku: Option<Text<64>>,
        /// What the customer still pays for it.
        #[serde(default)]
        #[cfg_attr(feature = "openapi", schema(value_type = String, example = "0.00"))]
        price: Money,
    },
    /// 运费券: the delivery fee, or so much of it.
    DeliveryFeeOff {
        /// What comes off; all of the fee when not said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, example = "8.00"))]
        amount: Option<Money>,
    },
    /// Any other kind: read so that it can be refused by name (`coupon_kind_unsupported`), never written.
    #[serde(other, skip_serializing)]
    Unsupported,
}

impl Effect {
    /// The kind, as JSON spells it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::AmountOff { .. } => "amount_off",
            Self::PercentOff { .. } => "percent_off",
            Self::Exchange { .. } => "exchange",
            Self::DeliveryFeeOff { .. } => "delivery_fee_off",
            Self::Unsupported => "unsupported",
        }
    }

    /// The order amount it takes; nothing where the kind knows no threshold.
    pub const fn threshold(&self) -> Money {
        match self {
            Self::AmountOff { threshold, .. } | Self::PercentOff { threshold, .. } => *threshold,
            Self::Exchange { .. } | Self::DeliveryFeeOff { .. } | Self::Unsupported => Money::ZERO,
        }
    }

    /// The most one coupon can cost: the amount, the cap, or the unit cost declared for an item or a delivery.
    /// `None` where nothing bounds it.
    pub fn worst_case(&self, unit_cost: Option<Money>) -> Option<Money> {
        match self {
            Self::AmountOff { amount, .. } => Some(*amount),
            Self::PercentOff { cap, .. } => *cap,
            Self::Exchange { .. } => unit_cost,
            Self::DeliveryFeeOff { amount } => unit_cost.or(*amount),
            Self::Unsupported => None,
        }
    }

    /// What one coupon takes off the bill at a counter. Never more than the order amount, where one is known. An
    /// exchange gives goods, and a delivery fee is unknown at a counter: neither takes anything off.
    pub fn discount(&self, order_amount: Option<Money>) -> Money {
        match self {
            Self::AmountOff { amount, .. } => order_amount.map_or(*amount, |order| order.min(*amount)),
            Self::PercentOff { rate_off, cap, .. } => {
                let share = rate_off.of(order_amount.unwrap_or(Money::ZERO));
                cap.map_or(share, |cap| share.min(cap))
            }
            Self::Exchange { .. } | Self::DeliveryFeeOff { .. } | Self::Unsupported => Money::ZERO,
        }
    }

    /// What that costs the merchant: the discount, or the unit cost declared for an item.
    pub fn cost(&self, order_amount: Option<Money>, unit_cost: Option<Money>) -> Money {
        match self {
            Self::Exchange { .. } => unit_cost.unwrap_or(Money::ZERO),
            Self::AmountOff { .. } | Self::PercentOff { .. } | Self::DeliveryFeeOff { .. } | Self::Unsupported => {
                self.discount(order_amount)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn yuan(text: &str) -> Money {
        text.parse().unwrap()
    }

    fn percent(rate_off: &str, cap: Option<&str>) -> Effect {
        Effect::PercentOff { rate_off: rate_off.parse().unwrap(), threshold: Money::ZERO, cap: cap.map(yuan) }
    }

    #[test]
    fn a_percentage_rounds_half_a_fen_down_and_stops_at_its_cap() {
        assert_eq!(percent("0.15", None).discount(Some(yuan("99.90"))), yuan("14.98")); // 14.985
        assert_eq!(percent("0.15", Some("10.00")).discount(Some(yuan("99.90"))), yuan("10.00"));
    }

    #[test]
    fn an_amount_never_exceeds_the_order() {
        let effect = Effect::AmountOff { amount: yuan("10.00"), threshold: Money::ZERO };
        assert_eq!(effect.discount(Some(yuan("6.50"))), yuan("6.50"));
        assert_eq!(effect.discount(None), yuan("10.00"));
    }

    #[test]
    fn the_worst_case_is_the_amount_the_cap_or_the_declared_cost() {
        let cost = Some(yuan("7.00"));
        assert_eq!(Effect::AmountOff { amount: yuan("10"), threshold: yuan("50") }.worst_case(None), Some(yuan("10")));
        assert_eq!(percent("0.15", None).worst_case(None), None);
        assert_eq!(percent("0.15", Some("30")).worst_case(None), Some(yuan("30")));
        assert_eq!(Effect::DeliveryFeeOff { amount: None }.worst_case(None), None);
        assert_eq!(Effect::DeliveryFeeOff { amount: None }.worst_case(cost), cost);
    }

    #[test]
    fn an_effect_has_one_json_shape_and_takes_no_other_field() {
        let effect: Effect = serde_json::from_str(r#"{"kind":"amount_off","amount":"30","threshold":"200"}"#).unwrap();
        let written = serde_json::to_string(&effect).unwrap();
        assert_eq!(written, r#"{"kind":"amount_off","amount":"30.00","threshold":"200.00"}"#);
        let surplus = r#"{"kind":"amount_off","amount":"30","site_id":"x"}"#;
        assert!(serde_json::from_str::<Effect>(surplus).is_err());
    }

    #[test]
    fn a_kind_of_a_later_day_is_read_but_never_written() {
        let effect: Effect = serde_json::from_str(r#"{"kind":"times_card","uses":5}"#).unwrap();
        assert_eq!(effect, Effect::Unsupported);
        assert!(serde_json::to_string(&effect).is_err());
    }
}
