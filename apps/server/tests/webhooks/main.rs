//! Sending webhooks, to receivers on this machine: what arrives, in which order, how often, and what never leaves.
#![cfg(test)]
#![expect(unreachable_pub, reason = "test support is shared by the modules below")]

mod stage;
mod target;

mod addresses;
mod answers;
mod catalogue;
mod delivering;
mod encryption;
mod order;
mod sharing;
mod stopping;
