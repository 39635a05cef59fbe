#![doc = include_str!("../README.md")]

pub mod bootstrap;
pub mod caller;
pub mod error;
pub mod record;
pub mod sign_in;

pub use caller::{Act, Caller};
pub use error::UseCaseError;
