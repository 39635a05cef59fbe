//! Laws of orders, on both databases: an order takes everything it needs or nothing, and what is given up is as if it had
//! never been. Every test ends with `verify`, which the shop runs when it closes.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops where it fails")]

mod closing;
mod paying;
mod placing;
mod races;
#[path = "../shop/mod.rs"]
mod shop;
mod till;
