//! Manual adjustments (手工调账): one person asks, another agrees.

use crate::{AccountKind, LedgerError};

huike_kernel::words! {
    /// Which way an adjustment goes.
    Direction, "direction" {
        /// The account has more afterwards.
        Credit = "credit",
        /// The account has less afterwards.
        Debit = "debit",
    }
}

huike_kernel::words! {
    /// Where a request for an adjustment stands.
    AdjustmentState, "adjustment state" {
        /// Nobody has decided it.
        Open = "open",
        /// It was posted.
        Approved = "approved",
        /// It was turned down, or taken back.
        Rejected = "rejected",
    }
}

impl AdjustmentState {
    /// Decides whether somebody may still decide it.
    pub const fn decide_open(self) -> Result<(), LedgerError> {
        match self {
            Self::Open => Ok(()),
            Self::Approved | Self::Rejected => Err(LedgerError::AdjustmentDecided { state: self }),
        }
    }
}

/// Decides whether an account of this kind may be put right by hand. Those of the house may not: they are the other side of
/// everything, and follow.
pub const fn decide_adjust(kind: AccountKind) -> Result<(), LedgerError> {
    if kind.is_of_house() { Err(LedgerError::AccountNotAdjustable { kind }) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_houses_own_accounts_are_not_put_right_by_hand() {
        assert!(decide_adjust(AccountKind::StoredValuePrincipal).is_ok());
        assert!(decide_adjust(AccountKind::Receivable).is_ok());
        let kind = AccountKind::IssuerPoints;
        assert_eq!(decide_adjust(kind), Err(LedgerError::AccountNotAdjustable { kind }));
    }

    #[test]
    fn a_request_is_decided_once() {
        assert!(AdjustmentState::Open.decide_open().is_ok());
        for state in [AdjustmentState::Approved, AdjustmentState::Rejected] {
            assert_eq!(state.decide_open(), Err(LedgerError::AdjustmentDecided { state }));
        }
    }
}
