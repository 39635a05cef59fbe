#![doc = include_str!("../README.md")]
#![warn(clippy::pedantic)]
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::float_arithmetic))]
#![expect(clippy::missing_errors_doc, reason = "TrustError and ChainFault document their variants")]
#![expect(clippy::must_use_candidate, reason = "pure functions are used for their answer")]

pub mod chain;
pub mod digest;
pub mod entry;
pub mod error;

pub use chain::{ChainFault, Head, Link, MalformedHead, seal_all};
pub use digest::{Digest, MalformedDigest};
pub use entry::{AuditEntry, check_payload};
pub use error::TrustError;
