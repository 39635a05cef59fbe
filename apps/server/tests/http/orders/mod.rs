//! Orders over HTTP: priced, placed, listed, given up.

mod paying;
mod placing;
pub mod stage;
