//! The seams where ids and chance enter the house.

use huike_kernel::{IdSource, RandomSource};
use uuid::Uuid;

/// Time-ordered ids from the machine's clock and chance.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemIds;

impl IdSource for SystemIds {
    #[expect(clippy::disallowed_methods, reason = "the seam that all other code takes its ids from")]
    fn next_uuid(&self) -> Uuid {
        Uuid::now_v7()
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
