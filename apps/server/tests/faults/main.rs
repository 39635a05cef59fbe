//! Faults around the real binary: what was acknowledged is there, nothing is there twice, and everybody is answered.
#![cfg(test)]
#![expect(unreachable_pub, reason = "test support is shared by the modules below")]

#[path = "../support/homes.rs"]
mod homes;

mod clock;
mod disk;
mod kill;
mod postgres;
mod scene;
mod stuck;
mod witness;
