#![doc = include_str!("../README.md")]

pub mod caller;
pub mod error;
pub mod record;

pub use caller::{Act, Caller};
pub use error::UseCaseError;
