//! Limits (限领、限用): one model for all of them.
//!
//! A rule caps a metric of a subject within a period. A counter is one row that only a guarded update may move:
//! [`moves_for_claim`] and [`moves_for_redemption`] say which rows an act moves, by how much and up to which cap, and
//! [`give_back`] undoes the same moves. A counter is touched only where a cap exists.

mod moves;
mod period;
mod quota;

use huike_kernel::Money;
use serde::{Deserialize, Serialize};

pub use moves::{
    CounterFacts, CounterMetric, CounterMove, Origin, give_back, moves_for_batch, moves_for_claim, moves_for_redemption,
};
pub use period::period_start;
pub use quota::{Quota, decide_quotas, unassigned};

use huike_kernel::words;

words!(
    /// What a limit counts.
    Metric, "metric" {
        /// Coupons taken (领取).
        Claims = "claims",
        /// Redemptions.
        Uses = "uses",
        /// Money given away: the discount, or the declared cost of an item.
        Discount = "discount",
        /// Order amounts of redemptions.
        OrderValue = "order_value",
    }
);

words!(
    /// By whom or what a limit counts.
    Subject, "subject" {
        /// The template as a whole.
        Template = "template",
        /// One code: a coupon, or the shared code that coupons are claimed by.
        Code = "code",
        /// One customer.
        Customer = "customer",
        /// One site: where it is claimed, or the site of the store that redeems.
        Site = "site",
        /// One store.
        Store = "store",
    }
);

words!(
    /// The span a limit counts in, cut by the site's local days; shorter before longer.
    Period, "period" {
        /// A local day.
        Day = "day",
        /// Monday to Sunday.
        Week = "week",
        /// A calendar month.
        Month = "month",
        /// All time.
        Ever = "ever",
    }
);

/// The most a metric may reach: a number of claims or uses, or an amount of money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum LimitCap {
    /// For claims and uses.
    Count(i64),
    /// For discount and order value: a decimal string of yuan.
    Amount(Money),
}

impl LimitCap {
    /// The cap as a counter holds it: a count, or fen.
    pub const fn units(self) -> i64 {
        match self {
            Self::Count(count) => count,
            Self::Amount(amount) => amount.fen(),
        }
    }
}

/// A whole number or a decimal string: what the untagged [`LimitCap`] is in JSON.
#[cfg(feature = "openapi")]
fn cap_schema() -> utoipa::openapi::schema::Schema {
    use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, Type};
    let count = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1));
    let amount = ObjectBuilder::new().schema_type(Type::String).examples(["500.00"]);
    OneOfBuilder::new().item(count).item(amount).description(Some("A count, or an amount of money.")).build().into()
}

/// One limit: metric × subject × period → cap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LimitRule {
    /// What is counted.
    pub metric: Metric,
    /// Whose.
    pub subject: Subject,
    /// In which span.
    pub period: Period,
    /// Up to what.
    #[cfg_attr(feature = "openapi", schema(schema_with = cap_schema))]
    pub cap: LimitCap,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_a_count_or_an_amount_by_its_json_type() {
        let json = r#"{"metric":"claims","subject":"customer","period":"ever","cap":2}"#;
        let limit: LimitRule = serde_json::from_str(json).unwrap();
        assert_eq!(limit.cap, LimitCap::Count(2));
        assert_eq!(serde_json::to_string(&limit).unwrap(), json);
        let json = r#"{"metric":"discount","subject":"template","period":"day","cap":"500.00"}"#;
        let limit: LimitRule = serde_json::from_str(json).unwrap();
        assert_eq!(limit.cap.units(), 50_000);
    }

    #[test]
    fn shorter_periods_sort_first() {
        assert!(Period::Day < Period::Week && Period::Week < Period::Month && Period::Month < Period::Ever);
    }
}
