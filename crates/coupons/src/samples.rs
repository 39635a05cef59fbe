//! Values that many tests need.

use chrono::{DateTime, TimeDelta, Utc};
use huike_kernel::Money;

use crate::rules::{Budget, Effect, TemplateRules, Validity};

pub(crate) fn yuan(text: &str) -> Money {
    text.parse().unwrap()
}

pub(crate) fn noon() -> DateTime<Utc> {
    "2026-06-02T04:00:00Z".parse().unwrap() // a Tuesday, 12:00 in Shanghai
}

pub(crate) fn minutes_after_noon(minutes: i64) -> DateTime<Utc> {
    noon() + TimeDelta::minutes(minutes)
}

pub(crate) fn with_effect(effect: Effect) -> TemplateRules {
    TemplateRules::new(effect, 100, Validity::Relative { delay_minutes: 0, days: 7 })
}

pub(crate) fn amount_off(amount: &str, threshold: &str) -> TemplateRules {
    with_effect(Effect::AmountOff { amount: yuan(amount), threshold: yuan(threshold) })
}

pub(crate) fn percent_off(rate_off: &str, cap: Option<&str>) -> TemplateRules {
    with_effect(Effect::PercentOff { rate_off: rate_off.parse().unwrap(), threshold: Money::ZERO, cap: cap.map(yuan) })
}

pub(crate) fn budget(total: &str, daily: Option<&str>) -> Budget {
    Budget { total: yuan(total), daily: daily.map(yuan) }
}
