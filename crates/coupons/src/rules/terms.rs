//! The smaller clauses of a rule document: budget, combination, and what happens after a redemption.

use chrono::{DateTime, TimeDelta, Utc};
use huike_kernel::{Money, OfferClass, Text, Zone};
use serde::{Deserialize, Serialize};

use huike_kernel::words;

/// The longest time in which a store may undo a redemption by itself: 31 days.
pub const UNREDEEM_MINUTES_MAX: u32 = 44_640;

/// Money a template may cost. Committed at issue by the worst case, so it can never be overspent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Budget {
    /// In all: spent and committed together never exceed it.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "50000.00"))]
    pub total: Money,
    /// Committed on one local day; past it claims are refused until tomorrow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, example = "2000.00"))]
    pub daily: Option<Money>,
}

/// What a coupon may be used together with (可叠加 / 不可同享).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Combination {
    /// Classes of offers it goes together with (可叠加); none named: with no other offer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub combines_with: Vec<OfferClass>,
    /// 不可同享: with nothing else at all, special prices included.
    pub exclusive: bool,
    /// Of a group only the best one applies.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, max_length = 40))]
    pub group: Option<Text<40>>,
    /// Higher goes first.
    pub priority: i32,
}

words!(
    /// What becomes of a coupon whose order is refunded.
    #[derive(Default)]
    ReturnPolicy, "return policy" {
        /// The customer gets it back.
        Return = "return",
        /// The customer gets it back while it is valid.
        #[default]
        ReturnIfNotExpired = "return_if_not_expired",
        /// It stays used.
        Keep = "keep",
    }
);

/// How long the store that redeemed a coupon may undo it by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum UnredeemWindow {
    /// Until the end of the local day of the redemption.
    SameDay {},
    /// So many minutes.
    Minutes {
        /// From the redemption.
        #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 44_640))]
        minutes: u32,
    },
}

impl Default for UnredeemWindow {
    fn default() -> Self {
        Self::SameDay {}
    }
}

impl UnredeemWindow {
    /// The first moment at which the store may no longer undo by itself.
    pub fn ends_at(&self, redeemed_at: DateTime<Utc>, zone: &Zone) -> DateTime<Utc> {
        match *self {
            Self::SameDay {} => zone.end_of_day(zone.local(redeemed_at).day),
            Self::Minutes { minutes } => {
                redeemed_at.checked_add_signed(TimeDelta::minutes(i64::from(minutes))).unwrap_or(redeemed_at)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_window_of_undo_is_the_local_day() {
        let redeemed_at = "2026-06-01T15:59:00Z".parse().unwrap(); // 23:59 in Shanghai
        let ends_at: DateTime<Utc> = "2026-06-01T16:00:00Z".parse().unwrap();
        assert_eq!(UnredeemWindow::default().ends_at(redeemed_at, &Zone::default()), ends_at);
    }

    #[test]
    fn clauses_have_one_json_shape() {
        let window: UnredeemWindow = serde_json::from_str(r#"{"kind":"minutes","minutes":30}"#).unwrap();
        assert_eq!(window, UnredeemWindow::Minutes { minutes: 30 });
        let combination: Combination = serde_json::from_str(r#"{"combines_with":["shipping"]}"#).unwrap();
        assert_eq!(combination.combines_with, [OfferClass::Shipping]);
        assert!(serde_json::from_str::<Combination>(r#"{"exclusiv":true}"#).is_err());
        assert_eq!(serde_json::to_string(&ReturnPolicy::default()).unwrap(), r#""return_if_not_expired""#);
    }
}
