//! Why a claim is refused.

use chrono::{DateTime, Utc};
use huike_kernel::{DomainError, ErrorKind, Zone};
use serde_json::{Value, json};

use crate::limits::{CounterMetric, Period, Subject};

/// A refusal of a claim, with the reason a customer can understand.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClaimError {
    /// The template was never published.
    #[error("the coupon is not being issued")]
    NotLive,
    /// Claims are stopped for now.
    #[error("the coupon is paused")]
    Paused,
    /// Claims are over for good.
    #[error("the coupon is no longer issued")]
    Ended,
    /// The kill switch is on.
    #[error("the coupon was stopped: {reason}")]
    Killed {
        /// Why, as shown to customers.
        reason: String,
    },
    /// The link or code is no longer served.
    #[error("this way to the coupon is closed")]
    ChannelClosed,
    /// Too early.
    #[error("the coupon can be claimed from {opens_at} on")]
    NotOpen {
        /// From when on.
        opens_at: DateTime<Utc>,
        /// Whose clock the customer goes by.
        zone: Zone,
    },
    /// Too late.
    #[error("the coupon could be claimed until {closed_at}")]
    Closed {
        /// Until when.
        closed_at: DateTime<Utc>,
        /// Whose clock the customer goes by.
        zone: Zone,
    },
    /// Not at this site.
    #[error("the coupon is not issued at this site")]
    OutOfScope,
    /// This customer takes no part.
    #[error("the customer is blocked")]
    CustomerBlocked,
    /// 仅限新客.
    #[error("the coupon is for new customers only")]
    NewCustomersOnly,
    /// Not in the segment the coupon is for.
    #[error("the coupon is for other customers")]
    SegmentOnly,
    /// Nothing left of the quantity.
    #[error("all coupons have been claimed")]
    SoldOut,
    /// Nothing left of the site's share.
    #[error("all coupons of this site have been claimed")]
    QuotaUsedUp,
    /// Nothing left of the money.
    #[error("the budget of the coupon is used up")]
    BudgetExhausted,
    /// Nothing left of today's money.
    #[error("today's budget of the coupon is used up; try again tomorrow")]
    DailyBudgetExhausted,
    /// A limit of the rules is reached.
    #[error("the limit of {metric} per {subject} and {period} is reached")]
    LimitReached {
        /// What is counted.
        metric: CounterMetric,
        /// Whose.
        subject: Subject,
        /// In which span.
        period: Period,
        /// Up to what: a count, or fen.
        cap: i64,
    },
}

impl DomainError for ClaimError {
    fn code(&self) -> &'static str {
        match self {
            Self::NotLive => "coupon_not_live",
            Self::Paused => "coupon_paused",
            Self::Ended => "coupon_ended",
            Self::Killed { .. } => "coupon_killed",
            Self::ChannelClosed => "coupon_channel_closed",
            Self::NotOpen { .. } => "coupon_claim_not_open",
            Self::Closed { .. } => "coupon_claim_closed",
            Self::OutOfScope => "coupon_out_of_scope",
            Self::CustomerBlocked => "customer_blocked",
            Self::NewCustomersOnly => "coupon_new_customers_only",
            Self::SegmentOnly => "coupon_segment_only",
            Self::SoldOut => "coupon_sold_out",
            Self::QuotaUsedUp => "coupon_quota_used_up",
            Self::BudgetExhausted => "coupon_budget_exhausted",
            Self::DailyBudgetExhausted => "coupon_daily_budget_exhausted",
            Self::LimitReached { .. } => "coupon_limit_reached",
        }
    }

    fn kind(&self) -> ErrorKind {
        match self {
            Self::CustomerBlocked => ErrorKind::Forbidden,
            Self::OutOfScope => ErrorKind::Invalid,
            _ => ErrorKind::Conflict,
        }
    }

    fn details(&self) -> Option<Value> {
        match self {
            Self::Killed { reason } => Some(json!({ "reason": reason })),
            Self::NotOpen { opens_at, zone } => Some(json!({ "opens_at": opens_at, "zone": zone })),
            Self::Closed { closed_at, zone } => Some(json!({ "closed_at": closed_at, "zone": zone })),
            Self::LimitReached { metric, subject, period, cap } => {
                Some(json!({ "metric": metric, "subject": subject, "period": period, "cap": cap_json(*metric, *cap) }))
            }
            _ => None,
        }
    }
}

/// Money is a decimal string in JSON, a count a number.
fn cap_json(metric: CounterMetric, cap: i64) -> Value {
    match metric {
        CounterMetric::Claims | CounterMetric::Uses => json!(cap),
        CounterMetric::Discount | CounterMetric::OrderValue | CounterMetric::Committed => {
            json!(huike_kernel::Money::from_fen(cap))
        }
    }
}
