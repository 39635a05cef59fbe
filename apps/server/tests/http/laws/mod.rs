//! What must hold whatever anybody does, over HTTP and on both databases.

mod abuse;
mod audited;
pub mod books;
mod codes;
mod graph;
mod idempotency;
mod many;
pub mod matrix;
mod races;
mod review;
mod scope;
