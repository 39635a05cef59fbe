//! The rules a walk is on.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use proptest::prelude::*;
use serde_json::{Value, json};

/// What each coupon takes off, and so commits and costs.
pub const WORTH: i64 = 10;

/// Rules, as far as the walk varies them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    pub quantity: i64,
    pub validity: Validity,
    /// Claims of one customer, ever.
    pub per_customer: Option<i64>,
    /// Claims of all, in a day.
    pub per_day: Option<i64>,
    /// Uses in one store, in a day.
    pub per_store_day: Option<i64>,
    /// Yuan.
    pub budget: Option<i64>,
}

/// How long a coupon is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Validity {
    /// Until the end of the local day so many days after the claim.
    Days(i64),
    /// All of them, for so many hours from the beginning of the walk.
    Hours(i64),
}

impl Rules {
    /// The rule document, for a walk that begins then.
    pub fn document(&self, begun: DateTime<Utc>) -> Value {
        let validity = match self.validity {
            Validity::Days(days) => json!({ "kind": "relative", "days": days }),
            Validity::Hours(_) => json!({ "kind": "fixed", "starts_at": begun, "ends_at": self.closes_at(begun) }),
        };
        let limit = |metric: &str, subject: &str, period: &str, cap: Option<i64>| {
            cap.map(|cap| json!({ "metric": metric, "subject": subject, "period": period, "cap": cap }))
        };
        let limits = [
            limit("claims", "customer", "ever", self.per_customer),
            limit("claims", "template", "day", self.per_day),
            limit("uses", "store", "day", self.per_store_day),
        ];
        let mut document = json!({
            "effect": { "kind": "amount_off", "amount": format!("{WORTH}.00") },
            "quantity": self.quantity,
            "validity": validity,
            "limits": limits.into_iter().flatten().collect::<Vec<Value>>(),
        });
        if let Some(budget) = self.budget {
            document["budget"] = json!({ "total": format!("{budget}.00") });
        }
        document
    }

    /// When nobody can claim any more because no coupon would be good.
    pub fn closes_at(&self, begun: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match self.validity {
            Validity::Hours(hours) => Some(begun + TimeDelta::hours(hours)),
            Validity::Days(_) => None,
        }
    }

    /// When a coupon claimed now is no longer good.
    pub fn expires_at(&self, begun: DateTime<Utc>, claimed_at: DateTime<Utc>) -> DateTime<Utc> {
        match self.validity {
            Validity::Hours(hours) => begun + TimeDelta::hours(hours),
            Validity::Days(days) => {
                let after = local_day(claimed_at) + Days::new(u64::try_from(days).unwrap() + 1);
                after.and_hms_opt(0, 0, 0).unwrap().and_utc() - EIGHT_HOURS
            }
        }
    }
}

const EIGHT_HOURS: TimeDelta = TimeDelta::hours(8);

/// The day on the calendars of Shanghai.
pub fn local_day(moment: DateTime<Utc>) -> NaiveDate {
    (moment + EIGHT_HOURS).date_naive()
}

pub fn rules() -> impl Strategy<Value = Rules> {
    let validity = prop_oneof![3 => (0_i64..3).prop_map(Validity::Days), 1 => (10_i64..60).prop_map(Validity::Hours)];
    let cap = |max: i64| proptest::option::of(1..=max);
    (2_i64..9, validity, cap(3), cap(4), cap(3), proptest::option::weighted(0.6, 15_i64..80)).prop_map(
        |(quantity, validity, per_customer, per_day, per_store_day, budget)| Rules {
            quantity,
            validity,
            per_customer,
            per_day,
            per_store_day,
            budget,
        },
    )
}
