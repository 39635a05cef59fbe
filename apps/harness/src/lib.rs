#![doc = include_str!("../README.md")]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test whose props break should stop right there and say so")]

mod poll;
mod port;
mod postgres;
mod process;
mod proxy;

pub use poll::poll;
pub use port::free_port;
pub use postgres::{PostgresServer, Stop};
pub use process::Signal;
pub use proxy::{Moment, Proxy};
