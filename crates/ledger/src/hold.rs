//! Holds: value that is spoken for and has not moved yet. A hold ends exactly once.

use chrono::{DateTime, Utc};
use huike_kernel::{LedgerAccountId, LedgerHoldId};

use crate::{AccountKind, Amount, Bound, LedgerError};

huike_kernel::words! {
    /// Where a hold stands.
    HoldState, "hold state" {
        /// What it holds cannot be spent otherwise.
        Open = "open",
        /// It moved, whole or in part; the rest was let go.
        Captured = "captured",
        /// It was let go.
        Voided = "voided",
        /// Its time was over, and it was let go.
        Expired = "expired",
    }
}

/// A hold (冻结).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hold {
    /// Its id.
    pub id: LedgerHoldId,
    /// The account it holds value of.
    pub account: LedgerAccountId,
    /// How much it holds.
    pub amount: Amount,
    /// Where it stands.
    pub state: HoldState,
    /// The first moment at which it counts no more.
    pub expires_at: DateTime<Utc>,
}

/// Decides whether value of such an account may be held until then.
pub fn decide_hold(kind: AccountKind, expires_at: DateTime<Utc>, now: DateTime<Utc>) -> Result<(), LedgerError> {
    if kind.bound() != Bound::NotNegative {
        return Err(LedgerError::AccountNotHoldable { kind });
    }
    if expires_at <= now {
        return Err(LedgerError::HoldExpired);
    }
    Ok(())
}

impl Hold {
    /// Decides whether so much of it may be captured. Its time counts and not whether somebody has swept it away since.
    pub fn decide_capture(&self, amount: Amount, now: DateTime<Utc>) -> Result<(), LedgerError> {
        self.decide_open()?;
        if self.expires_at <= now {
            return Err(LedgerError::HoldExpired);
        }
        if amount > self.amount {
            return Err(LedgerError::HoldExceeded);
        }
        Ok(())
    }

    /// Decides whether it may be let go.
    pub const fn decide_void(&self) -> Result<(), LedgerError> {
        self.decide_open()
    }

    const fn decide_open(&self) -> Result<(), LedgerError> {
        match self.state {
            HoldState::Open => Ok(()),
            HoldState::Captured | HoldState::Voided | HoldState::Expired => {
                Err(LedgerError::HoldEnded { state: self.state })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn noon() -> DateTime<Utc> {
        "2026-11-22T04:00:00Z".parse().unwrap()
    }

    fn hold(state: HoldState) -> Hold {
        Hold {
            id: Uuid::from_u128(1).into(),
            account: Uuid::from_u128(2).into(),
            amount: Amount::new(100).unwrap(),
            state,
            expires_at: noon(),
        }
    }

    #[test]
    fn a_hold_counts_until_the_moment_it_expires() {
        let all = Amount::new(100).unwrap();
        let just_before = noon() - TimeDelta::microseconds(1);
        assert_eq!(hold(HoldState::Open).decide_capture(all, just_before), Ok(()));
        assert_eq!(hold(HoldState::Open).decide_capture(all, noon()), Err(LedgerError::HoldExpired));
        assert_eq!(hold(HoldState::Open).decide_void(), Ok(()), "letting go is never too late");
        assert_eq!(decide_hold(AccountKind::Points, noon(), noon()), Err(LedgerError::HoldExpired));
        assert_eq!(decide_hold(AccountKind::Points, noon(), just_before), Ok(()));
    }

    #[test]
    fn only_what_somebody_has_can_be_held() {
        for kind in AccountKind::ALL {
            let holdable = decide_hold(*kind, noon() + TimeDelta::hours(1), noon()).is_ok();
            assert_eq!(holdable, kind.bound() == Bound::NotNegative, "{kind}");
        }
    }

    proptest! {
        #[test]
        fn a_hold_ends_once_and_gives_no_more_than_it_holds(
            state in prop::sample::select(HoldState::ALL), count in 1_i64..300, late in -5_i64..5
        ) {
            let (hold, now) = (hold(state), noon() + TimeDelta::seconds(late));
            let captured = hold.decide_capture(Amount::new(count).unwrap(), now);
            prop_assert_eq!(captured.is_ok(), state == HoldState::Open && count <= 100 && late < 0);
            prop_assert_eq!(hold.decide_void().is_ok(), state == HoldState::Open);
        }
    }
}
