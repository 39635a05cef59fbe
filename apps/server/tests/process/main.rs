//! The real binary as a process: how it starts, what it refuses, how it stops.
#![cfg(test)]
#![expect(unreachable_pub, reason = "test support is shared by the modules below")]

#[path = "../support/homes.rs"]
mod homes;

mod backing_up;
mod books;
mod commands;
mod copying;
mod elsewhere;
mod hostile;
mod restoring;
mod sealing;
mod serving;
mod stopping;
mod watching;
