//! Goods kept for somebody until they are sold or let go.

use super::StockError;

huike_kernel::words! {
    /// Who goods are kept for.
    HolderKind, "holder of a reservation" {
        /// An order of ours.
        Order = "order",
        /// An order of another system.
        Integration = "integration",
    }
}

huike_kernel::words! {
    /// Where a reservation stands.
    ReservationState, "state of a reservation" {
        /// The goods are kept.
        Open = "open",
        /// They were sold.
        Committed = "committed",
        /// They were let go.
        Released = "released",
        /// Nobody came for them in time.
        Expired = "expired",
    }
}

/// How a reservation ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReservationEnd {
    /// The goods are sold: they leave.
    Commit,
    /// They are let go.
    Release,
    /// Nobody came for them in time: they are let go.
    Expire,
}

impl ReservationEnd {
    /// Where it leads.
    pub const fn state(self) -> ReservationState {
        match self {
            Self::Commit => ReservationState::Committed,
            Self::Release => ReservationState::Released,
            Self::Expire => ReservationState::Expired,
        }
    }
}

/// Whether an end is still to come: each reservation ends once. An end that is repeated is no refusal but nothing to do:
/// `Ok(false)`. A reservation is kept past its time until somebody ends it, so that what is paid in the last second counts.
pub fn decide_end(state: ReservationState, end: ReservationEnd) -> Result<bool, StockError> {
    if state == ReservationState::Open {
        return Ok(true);
    }
    let is_free = |state| matches!(state, ReservationState::Released | ReservationState::Expired);
    if state == end.state() || (is_free(state) && is_free(end.state())) {
        return Ok(false);
    }
    Err(StockError::ReservationEnded { state })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reservation_ends_once_and_a_repeat_is_nothing_to_do() {
        use ReservationEnd::{Commit, Expire, Release};
        for end in [Commit, Release, Expire] {
            assert_eq!(decide_end(ReservationState::Open, end), Ok(true));
            assert_eq!(decide_end(end.state(), end), Ok(false));
        }
        assert_eq!(decide_end(ReservationState::Expired, Release), Ok(false));
        for (state, end) in [
            (ReservationState::Committed, Release),
            (ReservationState::Committed, Expire),
            (ReservationState::Released, Commit),
            (ReservationState::Expired, Commit),
        ] {
            assert_eq!(decide_end(state, end), Err(StockError::ReservationEnded { state }));
        }
    }
}
