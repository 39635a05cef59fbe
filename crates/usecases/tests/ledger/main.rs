//! Laws of the books, on both databases: what moves is never lost and never made, whoever else moves the same at that
//! moment. Every test ends with `verify`, which the shop runs when it closes.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops where it fails")]

mod adjustments;
mod books;
mod holds;
mod postings;
mod races;
mod reversals;
#[path = "../shop/mod.rs"]
mod shop;
