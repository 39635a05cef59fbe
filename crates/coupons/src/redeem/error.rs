//! Why a step of a coupon's life is refused.

use chrono::{DateTime, NaiveDate, Utc};
use huike_kernel::{DomainError, ErrorKind, Money, NodeId};
use serde_json::{Value, json};

use super::RequestState;
use crate::coupon::{CouponEdge, CouponState};

/// The redemption that came first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Winner {
    /// When.
    pub redeemed_at: DateTime<Utc>,
    /// In which store.
    pub store: NodeId,
    /// What the store is called.
    pub store_name: String,
}

/// A refusal of a redemption, an undo or another step, with the reason a clerk can act on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RedeemError {
    /// No such coupon in the caller's scope.
    #[error("there is no such coupon")]
    NotFound,
    /// No coupon has this code.
    #[error("no coupon has this code")]
    CodeUnknown,
    /// The code's signature is not ours.
    #[error("the code was forged or altered")]
    CodeForged,
    /// The code belongs to a coupon outside the clerk's site.
    #[error("the code belongs to another site")]
    CodeForeign,
    /// The graph of coupon states holds no such edge.
    #[error("a coupon that is {state} cannot {edge}")]
    StateRefuses {
        /// Where it stands.
        state: CouponState,
        /// What was asked.
        edge: CouponEdge,
    },
    /// Somebody was first.
    #[error("the coupon has been redeemed already")]
    AlreadyRedeemed {
        /// Who, where it is known.
        winner: Option<Winner>,
    },
    /// An unpaid order holds it.
    #[error("the coupon is reserved by an unpaid order")]
    Locked,
    /// Its validity is over.
    #[error("the coupon has expired")]
    Expired {
        /// When.
        expired_at: Option<DateTime<Utc>>,
    },
    /// Somebody made it void.
    #[error("the coupon was voided")]
    Voided,
    /// Its holder gave it away.
    #[error("the coupon was given to somebody else")]
    Transferred,
    /// It came back with a refund and was not given out again.
    #[error("the coupon was returned through a refund")]
    Returned,
    /// Its validity has not begun.
    #[error("the coupon can be used from {usable_from} on")]
    NotStarted {
        /// From when on.
        usable_from: DateTime<Utc>,
    },
    /// Not in this store.
    #[error("the coupon is not valid in this store")]
    OutOfScope,
    /// Its rules ask for facts a counter does not have.
    #[error("the coupon can only be used in an order")]
    NeedsCart {
        /// The conditions, by name.
        conditions: Vec<&'static str>,
    },
    /// Its rules ask for a customer, and nobody owns the code.
    #[error("the code must be claimed by a customer first")]
    NeedsOwner,
    /// Clerks do not redeem what is their own.
    #[error("a clerk cannot redeem their own coupon")]
    OwnCoupon,
    /// The discount, a threshold or a limit depends on it.
    #[error("the order amount is required")]
    OrderAmountRequired,
    /// Nothing or less.
    #[error("the order amount must be above zero")]
    OrderAmountInvalid,
    /// The order is too small.
    #[error("the order amount is {gap} short of {threshold}")]
    ThresholdNotMet {
        /// What it takes.
        threshold: Money,
        /// What is missing.
        gap: Money,
    },
    /// There is no redemption to undo.
    #[error("the coupon is {state}, not redeemed")]
    NotRedeemed {
        /// Where it stands.
        state: CouponState,
    },
    /// An undo says why.
    #[error("a reason is required")]
    ReasonRequired,
    /// Another store redeemed it.
    #[error("only the store that redeemed the coupon can undo it")]
    OtherStore,
    /// The store may no longer undo by itself.
    #[error("the time for undoing is over; finance can still undo with two people")]
    UnredeemWindowOver {
        /// Since when.
        ended_at: DateTime<Utc>,
    },
    /// Finance has signed the store's day.
    #[error("{day} has been signed off by finance")]
    DaySigned {
        /// The store's local day.
        day: NaiveDate,
    },
    /// A day is signed when it has come, not before.
    #[error("{day} has not come yet")]
    DayAhead {
        /// The store's local day.
        day: NaiveDate,
    },
    /// This redemption does not count any more.
    #[error("the redemption was undone already")]
    RedemptionUndone {
        /// When.
        undone_at: DateTime<Utc>,
    },
    /// The request for a late undo was decided already.
    #[error("the request was {state} already")]
    RequestDecided {
        /// How.
        state: RequestState,
    },
}

impl DomainError for RedeemError {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "coupon_not_found",
            Self::CodeUnknown => "code_unknown",
            Self::CodeForged => "code_forged",
            Self::CodeForeign => "code_foreign",
            Self::StateRefuses { .. } => "coupon_state_refuses",
            Self::AlreadyRedeemed { .. } => "coupon_already_redeemed",
            Self::Locked => "coupon_locked",
            Self::Expired { .. } => "coupon_expired",
            Self::Voided => "coupon_voided",
            Self::Transferred => "coupon_transferred",
            Self::Returned => "coupon_returned",
            Self::NotStarted { .. } => "coupon_not_started",
            Self::OutOfScope => "coupon_out_of_scope",
            Self::NeedsCart { .. } => "coupon_needs_cart",
            Self::NeedsOwner => "coupon_needs_owner",
            Self::OwnCoupon => "coupon_own",
            Self::OrderAmountRequired => "order_amount_required",
            Self::OrderAmountInvalid => "order_amount_invalid",
            Self::ThresholdNotMet { .. } => "coupon_threshold_not_met",
            Self::NotRedeemed { .. } => "coupon_not_redeemed",
            Self::ReasonRequired => "reason_required",
            Self::OtherStore => "coupon_other_store",
            Self::UnredeemWindowOver { .. } => "coupon_unredeem_window_over",
            Self::DaySigned { .. } => "store_day_signed",
            Self::DayAhead { .. } => "store_day_ahead",
            Self::RedemptionUndone { .. } => "redemption_undone",
            Self::RequestDecided { .. } => "unredeem_request_decided",
        }
    }

    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound | Self::CodeUnknown | Self::CodeForeign => ErrorKind::NotFound,
            Self::OwnCoupon => ErrorKind::Forbidden,
            Self::CodeForged
            | Self::OutOfScope
            | Self::NeedsCart { .. }
            | Self::NeedsOwner
            | Self::OrderAmountRequired
            | Self::OrderAmountInvalid
            | Self::ThresholdNotMet { .. }
            | Self::DayAhead { .. }
            | Self::ReasonRequired => ErrorKind::Invalid,
            _ => ErrorKind::Conflict,
        }
    }

    fn pointer(&self) -> Option<String> {
        match self {
            Self::OrderAmountRequired | Self::OrderAmountInvalid | Self::ThresholdNotMet { .. } => {
                Some("/order_amount".to_owned())
            }
            Self::ReasonRequired => Some("/reason".to_owned()),
            Self::DayAhead { .. } => Some("/day".to_owned()),
            Self::CodeUnknown | Self::CodeForged | Self::CodeForeign => Some("/code".to_owned()),
            _ => None,
        }
    }

    fn details(&self) -> Option<Value> {
        match self {
            Self::StateRefuses { state, edge } => Some(json!({ "state": state, "edge": edge })),
            Self::AlreadyRedeemed { winner: Some(winner) } => Some(json!({
                "redeemed_at": winner.redeemed_at,
                "store_id": winner.store,
                "store_name": winner.store_name,
            })),
            Self::Expired { expired_at: Some(expired_at) } => Some(json!({ "expired_at": expired_at })),
            Self::NotStarted { usable_from } => Some(json!({ "usable_from": usable_from })),
            Self::NeedsCart { conditions } => Some(json!({ "conditions": conditions })),
            Self::ThresholdNotMet { threshold, gap } => {
                Some(json!({ "threshold": threshold, "gap": { "amount": gap } }))
            }
            Self::NotRedeemed { state } => Some(json!({ "state": state })),
            Self::UnredeemWindowOver { ended_at } => Some(json!({ "ended_at": ended_at })),
            Self::DaySigned { day } | Self::DayAhead { day } => Some(json!({ "day": day })),
            Self::RedemptionUndone { undone_at } => Some(json!({ "undone_at": undone_at })),
            Self::RequestDecided { state } => Some(json!({ "state": state })),
            _ => None,
        }
    }
}
