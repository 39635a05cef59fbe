//! PostgreSQL that stops, restarts, stands still, loses connections or was never there.

mod cut;
mod freeze;
mod scene;
mod start;
mod stop;
mod witness;

use std::time::Duration;

const BINARY: &str = env!("CARGO_BIN_EXE_huike");
/// Asks are answered within two seconds; the rest is for a machine that does other things as well.
const ANSWER_MAX: Duration = Duration::from_secs(4);
/// From the moment PostgreSQL is there again.
const RECOVERY_MAX: Duration = Duration::from_secs(10);
