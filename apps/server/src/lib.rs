//! The server of Huike 惠客: HTTP, command line and jobs over the use cases. A library, so that tests start it in their
//! own process; `main.rs` is the thin binary around it.

pub mod api;
pub mod auth;
pub mod cart_log;
pub mod cashier;
pub mod claim_desk;
pub mod cli;
pub mod codes;
pub mod context;
pub mod counter;
pub mod demo;
pub mod extract;
pub mod http;
pub mod jobs;
pub mod keys;
pub mod offer_shelf;
pub mod problem;
pub mod quote_desk;
pub mod routes;
pub mod server;
pub mod settings;
pub mod sources;
pub mod telemetry;
pub mod trial_desk;
pub mod turns;
pub mod webhooks;

rust_i18n::i18n!("locales", fallback = "en");
