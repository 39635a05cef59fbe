//! The catalogue and the stock over HTTP.

mod catalogue;
mod files;
pub mod stage;
mod stock;
