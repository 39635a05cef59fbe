//! A small brand made over HTTP, as the harness builds it on any server.

pub use huike_harness::brand::{Branch, Brand, Person, Shopper, node, ten_off, with};
