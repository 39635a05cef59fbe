#![doc = include_str!("../README.md")]
#![warn(clippy::pedantic)]
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::float_arithmetic))]
#![expect(clippy::must_use_candidate, reason = "pure functions are used for their answer")]

mod apply;
pub mod cart;
mod choose;
mod compiled;
mod condition;
mod engine;
pub mod error;
mod explain;
pub mod facts;
pub mod managed;
pub mod offer;
mod play;
pub mod policy;
pub mod quote;
pub mod refund;
mod table;
pub mod unit_price;

pub use cart::{Cart, CartLine};
pub use choose::{EXACT_CHOICES, STEPS_MAX};
pub use compiled::CompiledOffers;
pub use engine::{Ask, PointsOff, quote, quote_holding};
pub use error::PricingError;
pub use facts::{CouponChoice, Facts, HeldCoupon};
pub use managed::{OfferError, OfferRules};
pub use offer::{Offer, OfferId};
pub use policy::{Policy, RefundRule, Selection};
pub use quote::Quote;
