#![doc = include_str!("../README.md")]

pub mod api_keys;
pub mod audit;
pub mod batches;
pub mod blueprints;
pub mod bootstrap;
pub mod caller;
pub mod check;
pub mod claims;
pub mod clerk_figures;
pub mod codes;
pub mod customers;
pub mod demo;
mod ends;
pub mod error;
pub mod expiry;
pub mod issues;
pub mod jobs;
pub mod launch;
pub mod offers;
pub mod policy;
pub mod quotes;
pub mod record;
pub mod recovery;
pub mod redeem;
mod review;
pub mod roles;
pub mod settings;
pub mod sign_in;
pub mod sites;
pub mod staff;
pub mod store_pages;
pub mod templates;
pub mod void;
pub mod webhooks;

pub use caller::{Act, Caller};
pub use error::UseCaseError;
