//! Settings (设置): what may be set, and which node's value is in force.

mod chain;
mod key;
mod orders;
mod pricing;
mod value;

pub use chain::{
    Chain, ChainNode, LockDecision, LockWrite, ResolvedSetting, decide_lock, decide_override, decide_unlock, resolve,
    resolve_all,
};
pub use key::SettingKey;
pub use orders::OrderRules;
pub use pricing::{POINTS_PER_YUAN_MAX, PriceOfReturns, PriceSelection, PricingRules};
pub use value::{SettingValue, UnredeemWindow};
