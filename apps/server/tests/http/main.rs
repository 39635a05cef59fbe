//! Black-box tests over HTTP, each on both databases. One binary, so that it links once.
#![cfg(test)]
#![expect(unreachable_pub, reason = "test support is shared by the modules below")]

#[path = "../support/mod.rs"]
mod support;

mod audit;
mod codes;
mod customers;
mod documents;
mod errors_doc;
mod goods;
mod laws;
mod ledger;
mod offers;
mod orders;
mod people;
mod quotes;
mod redemptions;
mod security_doc;
mod shell;
mod sign_in;
mod sites;
mod templates;
mod webhooks;
