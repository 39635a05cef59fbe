#![doc = include_str!("../README.md")]
#![warn(clippy::pedantic)]
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::float_arithmetic))]
#![expect(clippy::missing_errors_doc, reason = "each error type documents its variants")]
#![expect(clippy::must_use_candidate, reason = "pure functions are used for their answer")]

mod address;
pub mod catalogue;
pub mod order;
pub mod stock;

pub use catalogue::{CatalogueError, LowStockPolicy};
pub use order::OrderError;
pub use stock::{StockError, StockLevel};
