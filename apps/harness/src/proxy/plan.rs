//! Which COMMITs are cut.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// When a connection is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// The client has sent COMMIT and the server never sees it: nothing is committed.
    BeforeCommit,
    /// The server has committed and said so, and the client never hears it: the outcome is unknown to it.
    AfterCommit,
}

/// What shall happen to the COMMITs to come.
#[derive(Debug)]
pub(super) enum Plan {
    Pass,
    Next { moment: Moment, left: u32 },
    Some { moment: Moment, one_in: u32, dice: Box<ChaCha8Rng> },
}

impl Plan {
    pub(super) fn some(moment: Moment, one_in: u32, seed: u64) -> Self {
        assert!(one_in > 0, "one in none");
        Self::Some { moment, one_in, dice: Box::new(ChaCha8Rng::seed_from_u64(seed)) }
    }

    /// Whether the connection on which COMMIT is asked for now is cut, and when.
    pub(super) fn decide(&mut self) -> Option<Moment> {
        match self {
            Self::Pass | Self::Next { left: 0, .. } => None,
            Self::Next { moment, left } => {
                *left -= 1;
                Some(*moment)
            }
            Self::Some { moment, one_in, dice } => (dice.random_range(0..*one_in) == 0).then_some(*moment),
        }
    }

    /// How many cuts are still to come, where that is known.
    pub(super) fn left(&self) -> u32 {
        match self {
            Self::Next { left, .. } => *left,
            Self::Pass | Self::Some { .. } => 0,
        }
    }
}
