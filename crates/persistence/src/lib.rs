#![doc = include_str!("../README.md")]

pub mod api_keys;
pub mod audit;
pub mod blueprints;
pub mod channels;
pub mod code_batches;
pub mod coupons;
pub mod customer_notes;
pub mod customer_redemptions;
pub mod customers;
pub mod db;
pub mod error;
pub mod events;
pub mod guesses;
pub mod holders;
pub mod idempotency;
pub mod jobs;
pub mod limits;
pub mod migrations;
pub mod nodes;
pub mod quotas;
pub mod reconciliation;
pub mod redemptions;
pub mod roles;
pub mod schema;
pub mod scope;
pub mod secret_keys;
pub mod sessions;
pub mod settings;
pub mod site_customers;
pub mod sql_types;
pub mod staff;
pub mod standing;
pub mod stock;
pub mod store;
pub mod store_days;
pub mod store_pages;
pub mod template_lists;
pub mod templates;
#[cfg(feature = "testing")]
pub mod testing;
pub mod tracking;
pub mod unredeem_requests;
pub mod verify;

pub use db::{Db, Outcome};
pub use error::{StoreError, TxError};
pub use store::{DatabaseUrl, DatabaseUrlError, Once, OnceKey, Store, StoreOptions};
