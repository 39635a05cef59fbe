#![doc = include_str!("../README.md")]
#![warn(clippy::pedantic)]
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::float_arithmetic))]
#![expect(clippy::missing_errors_doc, reason = "each error type documents its variants")]
#![expect(clippy::must_use_candidate, reason = "pure functions are used for their answer")]
#![expect(clippy::module_name_repetitions, reason = "EventType in module event_type reads well at the call site")]

pub mod address;
pub mod answer;
pub mod back_off;
pub mod endpoint;
pub mod error;
pub mod event_type;
pub mod message;
pub mod rules;
pub mod secret;
pub mod signature;
pub mod state;

pub use address::may_be_called;
pub use answer::{Answer, Fault, Verdict, decide_verdict};
pub use back_off::{next_attempt, retry_after};
pub use endpoint::{EndpointUrl, Host};
pub use error::WebhookError;
pub use event_type::EventType;
pub use message::Message;
pub use rules::{ReplayWindow, asks_for, decide_replay, decide_send};
pub use secret::Secret;
pub use signature::{Received, sign, verify};
pub use state::{DeliveryOrigin, DeliveryState, DisabledReason, EndpointState, ReplayState};
