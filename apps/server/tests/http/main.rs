//! Black-box tests over HTTP, each on both databases. One binary, so that it links once.
#![expect(unreachable_pub, reason = "test support is shared by the modules below")]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops where it fails")]

#[path = "../support/mod.rs"]
mod redemptions;
mod support;

mod customers;
mod codes;
mod documents;
mod errors_doc;
mod laws;
mod people;
mod shell;
mod sign_in;
mod sites;
mod templates;
