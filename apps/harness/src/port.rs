//! Ports that somebody may come back to.

use std::{
    hash::{BuildHasher, RandomState},
    net::TcpListener,
};

/// Below the range from which the system takes ports for outgoing connections: a server that is down for a moment finds
/// its port still free when it comes back.
const RANGE: std::ops::Range<u16> = 12_000..32_000;
const TRIES_MAX: u64 = 200;

/// A port of 127.0.0.1 on which nobody listens, for a server that is stopped and started again.
pub fn free_port() -> u16 {
    let anywhere = RandomState::new();
    let width = u64::from(RANGE.end - RANGE.start);
    (0..TRIES_MAX)
        .filter_map(|number| u16::try_from(anywhere.hash_one(number) % width).ok())
        .map(|offset| RANGE.start + offset)
        .find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .unwrap_or_else(|| panic!("no free port of 127.0.0.1 in {RANGE:?}"))
}
