//! Ports that somebody comes back to.

use std::{
    fs::{File, OpenOptions},
    hash::{BuildHasher, RandomState},
    net::TcpListener,
};

/// Below the range from which the system takes ports for outgoing connections: a server that is down for a moment finds
/// its port still free when it comes back.
const RANGE: std::ops::Range<u16> = 12_000..32_000;
const TRIES_MAX: u64 = 200;

/// A port of 127.0.0.1 that is ours as long as this lives, also while nobody listens on it: tests that run beside this
/// one do not get it.
#[derive(Debug)]
pub struct Port {
    number: u16,
    /// Locked until it is closed.
    _claim: File,
}

impl Port {
    /// One on which nobody listens.
    pub fn reserve() -> Self {
        let anywhere = RandomState::new();
        let width = u64::from(RANGE.end - RANGE.start);
        (0..TRIES_MAX)
            .filter_map(|attempt| u16::try_from(anywhere.hash_one(attempt) % width).ok())
            .find_map(|offset| Self::claim(RANGE.start + offset))
            .unwrap_or_else(|| panic!("no free port of 127.0.0.1 in {RANGE:?}"))
    }

    fn claim(number: u16) -> Option<Self> {
        let path = std::env::temp_dir().join(format!("huike-port-{number}"));
        let claim = OpenOptions::new().create(true).truncate(false).write(true).open(path).ok()?;
        claim.try_lock().ok()?;
        TcpListener::bind(("127.0.0.1", number)).ok()?;
        Some(Self { number, _claim: claim })
    }

    /// Its number.
    pub fn number(&self) -> u16 {
        self.number
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_else_gets_a_port_until_it_is_given_back() {
        let port = Port::reserve();
        assert!(Port::claim(port.number()).is_none());
        let number = port.number();
        drop(port);
        assert!(Port::claim(number).is_some());
    }
}
