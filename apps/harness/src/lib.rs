#![doc = include_str!("../README.md")]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test whose props break should stop right there and say so"
)]

pub mod brand;

mod answer;
mod client;
mod disk;
mod home;
mod journal;
mod log;
mod machine_clock;
mod poll;
mod port;
mod postgres;
mod process;
mod proxy;
mod server;
mod workload;

pub use answer::Answer;
pub use brand::{Brand, Ground};
pub use client::{Client, NoAnswer};
pub use disk::Disk;
pub use home::{Home, MASTER_KEY, OWNER, OWNER_PASSWORD, Ran};
pub use journal::{Ask, Census, Effect, Entry, Figures, Journal, Leaves, Outcome};
pub use machine_clock::MachineClock;
pub use poll::poll;
pub use port::Port;
pub use postgres::{PostgresServer, Stop};
pub use process::Signal;
pub use proxy::{Moment, Proxy};
pub use server::Server;
pub use workload::{Plan, Running, Workload};
