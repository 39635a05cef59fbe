#![doc = include_str!("../README.md")]
#![warn(clippy::pedantic)]
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::float_arithmetic))]
#![expect(clippy::missing_errors_doc, reason = "SitesError documents its variants")]
#![expect(clippy::must_use_candidate, reason = "pure functions are used for their answer")]

pub mod error;
pub mod launch;
pub mod look;
pub mod node;
#[cfg(feature = "openapi")]
mod openapi;
pub mod scope;
pub mod setting;
pub mod store_page;

pub use error::SitesError;
pub use launch::{Blueprint, LaunchForm, LaunchPlan, NodeForm, PlannedNode, PlannedStore, StoreForm, decide_launch};
pub use look::{Banner, Blocks, Colour, Font, Link, Malformed, Module, Modules, PageBlock, SiteLook};
pub use node::{MerchantCode, NODE_DEPTH_MAX, Node, NodeChange, NodeKind, NodeState};
pub use scope::{decide_place, is_in_subtree};
pub use setting::{
    Chain, ChainNode, LockDecision, LockWrite, OrderRules, POINTS_PER_YUAN_MAX, PriceOfReturns, PriceSelection,
    PricingRules, ResolvedSetting, SettingKey, SettingValue, UnredeemWindow, decide_lock, decide_override,
    decide_unlock, resolve, resolve_all,
};
pub use store_page::{Datum, DayHours, OpenSpan, OpeningHours, Position, StorePage, StorePhone};
