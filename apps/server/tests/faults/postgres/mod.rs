//! PostgreSQL that stops, restarts, stands still, loses connections or was never there.

mod cut;
mod freeze;
mod start;
mod stop;
mod storm;

use huike_harness::{Home, PostgresServer, Proxy};

use crate::homes::BINARY;

/// A home on a new database of that server.
fn home_on(postgres: &PostgresServer) -> Home {
    Home::on(BINARY, postgres.create_database("shop"))
}

/// The same, where every connection leads through the proxy.
fn home_behind(proxy: &Proxy, postgres: &PostgresServer) -> Home {
    Home::on(BINARY, proxy.url(&postgres.create_database("shop")))
}
