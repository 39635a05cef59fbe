//! Sending webhooks, to receivers on this machine: what arrives, in which order, how often, and what never leaves.
#![cfg(test)]
#![expect(unreachable_pub, reason = "test support is shared by the modules below")]

#[path = "../support/homes.rs"]
mod homes;
mod stage;
mod target;

mod addresses;
mod answers;
mod catalogue;
mod delivering;
mod encryption;
mod order;
mod processes;
mod sharing;
mod stopping;
