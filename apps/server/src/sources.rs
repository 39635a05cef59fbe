//! The seams where ids and chance enter the house.

use huike_kernel::{Clock, IdSource, RandomSource, SystemClock};
use uuid::{Builder, Uuid};

/// Time-ordered ids from the machine's clock and chance.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemIds;

impl IdSource for SystemIds {
    fn next_uuid(&self) -> Uuid {
        // Made of parts: the crate's own `now_v7` would bring a random generator into every crate that knows ids.
        let millis = u64::try_from(SystemClock.now().timestamp_millis()).unwrap_or_default();
        Builder::from_unix_timestamp_millis(millis, &random_bytes::<10>(&SystemRandom)).into_uuid()
    }
}

/// Bytes from the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRandom;

impl RandomSource for SystemRandom {
    fn fill(&self, bytes: &mut [u8]) {
        // A machine that cannot give random bytes must not hand out tokens and codes: stop rather than guess.
        if getrandom::fill(bytes).is_err() {
            std::process::abort();
        }
    }
}

/// So many unpredictable bytes.
pub fn random_bytes<const N: usize>(source: &dyn RandomSource) -> [u8; N] {
    let mut bytes = [0; N];
    source.fill(&mut bytes);
    bytes
}
