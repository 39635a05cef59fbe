//! Laws of webhooks: what is kept for whom, in which order it goes out, and what staff may do about it.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops where it fails")]

mod desk;
mod endpoints;
mod fan_out;
mod leases;
mod order;
mod replays;
mod secrets;
#[path = "../shop/mod.rs"]
mod shop;
mod windows;
