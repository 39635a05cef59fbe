//! Handlers: extract, call, map. One folder for each audience, one file for each resource.

pub mod admin;
pub mod app;
pub mod cashier;
pub mod check;
pub mod docs;
pub mod health;
pub mod open;
pub mod order_view;
pub mod quotes;
pub mod redemption_view;
pub mod test_clock;
