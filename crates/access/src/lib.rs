#![doc = include_str!("../README.md")]
#![warn(clippy::pedantic)]
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::float_arithmetic))]
#![expect(clippy::missing_errors_doc, reason = "AccessError documents its variants")]
#![expect(clippy::must_use_candidate, reason = "pure functions are used for their answer")]

pub mod counter;
pub mod customer;
pub mod error;
pub mod grant;
pub mod integration;
pub mod permission;
pub mod review;
pub mod role;
pub mod scope;
pub mod sign_in;
mod table;

pub use counter::{Redeemer, decide_redeem_by};
pub use customer::{CustomerAct, CustomerBlocks, decide_customer_act};
pub use error::AccessError;
pub use grant::{GrantAsk, ManageAsk, RevokeAsk, decide_grant, decide_manage_staff, decide_revoke};
pub use integration::{IntegrationScope, IntegrationScopes, decide_new_key};
pub use permission::Permission;
pub use review::{ReviewAsk, ReviewOutcome, ReviewPolicy, ReviewRights, decide_review, decide_second_person};
pub use role::{PlacedRole, Role, RoleBinding};
pub use scope::{Scope, ScopeKind, Sight};
pub use sign_in::{Login, StaffState, decide_password};
