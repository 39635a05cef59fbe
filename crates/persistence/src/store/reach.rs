//! Waiting for a database that is only just starting, as it does beside us when a machine boots.

use std::{
    thread,
    time::{Duration, Instant},
};

use diesel::ConnectionError;

use super::{
    StoreOptions,
    connect::{DatabaseUrl, Purpose, connect},
};
use crate::StoreError;

const TRY_EVERY: Duration = Duration::from_millis(500);

/// What libpq and a server that starts or stops say; another try may go better. Anything else, such as a wrong
/// password, will be no better in a minute, and whoever starts us should hear of it at once.
const PASSING: [&str; 9] = [
    "Connection refused",
    "Connection reset",
    "timeout expired",
    "No such file or directory",
    "server closed the connection",
    "starting up",
    "shutting down",
    "in recovery mode",
    "too many clients",
];

/// Waits until the database takes a connection, at most that long. SQLite is always there.
pub fn reach(url: &DatabaseUrl, wait_max: Duration) -> Result<(), StoreError> {
    if matches!(url, DatabaseUrl::Sqlite(_)) {
        return Ok(());
    }
    let started = Instant::now();
    loop {
        let Err(error) = connect(url, Purpose::Write, &StoreOptions::default()) else {
            return Ok(());
        };
        let text = one_line(&error);
        if !is_passing(&text) || started.elapsed() + TRY_EVERY > wait_max {
            return Err(StoreError::Unfit(format!("{url}: {text}")));
        }
        tracing::warn!("{url} cannot be reached yet, trying again: {text}");
        thread::sleep(TRY_EVERY);
    }
}

/// libpq explains itself over several lines.
fn one_line(error: &ConnectionError) -> String {
    error.to_string().lines().map(str::trim).collect::<Vec<_>>().join(" ")
}

fn is_passing(text: &str) -> bool {
    PASSING.iter().any(|known| text.contains(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_may_pass_is_waited_for() {
        assert!(is_passing("connection to server at \"db\" failed: FATAL:  the database system is starting up"));
        assert!(!is_passing("FATAL:  password authentication failed for user \"huike\""));
        assert!(!is_passing("FATAL:  database \"huike\" does not exist"));
    }

    #[test]
    fn a_server_that_never_comes_is_told_without_the_password() {
        let url = "postgres://huike:s3cret@127.0.0.1:1/huike".parse().unwrap();
        let started = Instant::now();
        let told = reach(&url, Duration::from_millis(600)).unwrap_err().to_string();
        assert!(started.elapsed() >= TRY_EVERY, "it was tried again");
        assert!(told.contains("Connection refused") && told.contains("127.0.0.1"), "{told}");
        assert!(!told.contains("s3cret") && !told.contains('\n'), "{told}");
    }
}
