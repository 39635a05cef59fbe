//! Offers that people manage (优惠活动): the document a marketer writes, what is counted while it is in force, and the
//! decisions that lead it from draft over review to live. [`crate::Offer`] is what the engine makes of it at one moment.

mod decide;
mod error;
mod rules;

pub use decide::{OfferEvent, PublishFacts, decide_budget, decide_publish, decide_submit};
pub use error::OfferError;
pub use rules::{OfferRules, USES_MAX, Used};
