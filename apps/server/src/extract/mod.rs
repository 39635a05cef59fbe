//! What a handler takes in. The extractor's type says everything: the body, the query, the credential, the key.

mod body;
mod bytes;
mod csv;
mod fields;
mod form;
mod idempotency;
mod ids;
mod paging;
mod query;
mod strict_json;
mod table;

pub use body::{BODY_LIMIT_BYTES, Valid};
pub use csv::CsvBody;
pub use form::Form;
pub use idempotency::{Digest, IDEMPOTENCY_KEY_HEADER, IdempotencyKey, OptionalKey, Principal};
pub use ids::Path;
pub use paging::{Listing, Page, Paging};
pub use query::{NoFilter, Query};
pub use table::{CSV, TableBody, XLSX};
