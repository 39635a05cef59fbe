//! The last step of stopping: a thread that is stuck in a database which does not answer must not keep the process.

use std::{thread, time::Duration};

/// Jobs end the chunk at hand and the store what waits; both take milliseconds where the database answers.
pub(super) const LEAVE_MAX: Duration = Duration::from_secs(8);

/// Ends the process after that time, if it has not ended by itself. Everything that was answered is stored already; what
/// was under way and is lost with the process was never acknowledged.
pub(super) fn within(time: Duration) {
    let watch = move || {
        thread::sleep(time);
        tracing::error!("leaving threads behind that do not end: the database does not answer");
        std::process::exit(1);
    };
    if let Err(error) = thread::Builder::new().name("huike-leave".to_owned()).spawn(watch) {
        tracing::warn!(%error, "nobody watches over the end: {error}");
    }
}
