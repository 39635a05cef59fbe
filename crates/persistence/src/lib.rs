#![doc = include_str!("../README.md")]

pub mod audit;
pub mod db;
pub mod error;
pub mod events;
pub mod idempotency;
pub mod limits;
pub mod migrations;
pub mod schema;
pub mod scope;
pub mod sql_types;
pub mod store;
#[cfg(feature = "testing")]
pub mod testing;

pub use db::{Db, Outcome};
pub use error::{StoreError, TxError};
pub use store::{DatabaseUrl, DatabaseUrlError, Once, OnceKey, Store, StoreOptions};
