#![doc = include_str!("../README.md")]
#![warn(clippy::pedantic)]
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::float_arithmetic))]
#![expect(clippy::missing_errors_doc, reason = "each error type documents its variants")]
#![expect(clippy::must_use_candidate, reason = "pure functions are used for their answer")]
#![expect(clippy::module_name_repetitions, reason = "CouponState in module coupon reads well at the call site")]

pub mod calendar;
pub mod claim;
pub mod clerk_figures;
pub mod codes;
pub mod coupon;
pub mod error;
pub mod limits;
pub mod look;
pub mod redeem;
pub mod rule_card;
pub mod rules;
pub mod spending;
pub mod template;
pub mod tracking;

#[cfg(test)]
mod samples;

pub use claim::{ChannelKind, ClaimError, ClaimFacts, ClaimGrant, Standing, decide_claim};
pub use coupon::{CouponEdge, CouponState};
pub use error::CouponError;
pub use look::Look;
pub use redeem::{
    CounterAsk, CounterRedemption, HeldCoupon, RedeemError, decide_counter_redeem, decide_lock, decide_unredeem,
};
pub use rule_card::{CardContext, Line, Locale, RuleCard, rule_card};
pub use rules::{Effect, RULES_VERSION, TemplateRules};
pub use template::{TemplateError, TemplateState, VersionState};
