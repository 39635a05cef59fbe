//! Why the ledger refuses.

use huike_kernel::{DomainError, ErrorKind, UnknownWord};
use serde_json::{Value, json};

use crate::{AccountKind, AdjustmentState, HoldState};

/// A refusal, with a reason a caller can act on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    /// Nothing, less than nothing, or beyond all reason.
    #[error("this is no amount that can be moved")]
    AmountInvalid,
    /// No unit is written like this.
    #[error("a unit is `cny`, or `points:` with the id of a pool")]
    UnitUnknown,
    /// Accounts of this kind belong to somebody else.
    #[error("accounts for {kind} do not belong to such an owner")]
    OwnerWrong {
        /// The kind.
        kind: AccountKind,
    },
    /// Accounts of this kind count something else.
    #[error("accounts for {kind} do not count this")]
    UnitWrong {
        /// The kind.
        kind: AccountKind,
    },
    /// What was asked makes no transaction.
    #[error("{0}")]
    TransferMalformed(&'static str),
    /// The id was used for another transaction or another hold.
    #[error("this id was used for something else")]
    IdReused,
    /// The account has less than that to spend.
    #[error("the balance is not enough")]
    BalanceInsufficient {
        /// Of which account.
        kind: AccountKind,
    },
    /// Nobody owes that much.
    #[error("this is more than is owed")]
    ReceivableExceeded,
    /// Value of such an account cannot be held.
    #[error("accounts for {kind} cannot be held")]
    AccountNotHoldable {
        /// The kind.
        kind: AccountKind,
    },
    /// The hold ended before.
    #[error("the hold has ended: {state}")]
    HoldEnded {
        /// How.
        state: HoldState,
    },
    /// Its time is over.
    #[error("the hold has expired")]
    HoldExpired,
    /// More than it holds.
    #[error("this is more than is held")]
    HoldExceeded,
    /// More than was posted, or than is left of it.
    #[error("this is more than is left to take back")]
    ReversalExceeds,
    /// A reversal stays.
    #[error("a reversal is not taken back; post anew")]
    ReversalOfReversal,
    /// The transaction has no such transfer.
    #[error("the transaction has no such transfer")]
    ReversalLegUnknown,
    /// Accounts of the house follow and are not set.
    #[error("accounts for {kind} are not put right by hand")]
    AccountNotAdjustable {
        /// The kind.
        kind: AccountKind,
    },
    /// Somebody has decided the request.
    #[error("the request is {state} already")]
    AdjustmentDecided {
        /// How.
        state: AdjustmentState,
    },
    /// Figures of stored value that cannot be.
    #[error("more was used than there was")]
    StoredValueFigures,
    /// A word that belongs to no set.
    #[error(transparent)]
    Word(#[from] UnknownWord),
}

impl DomainError for LedgerError {
    fn code(&self) -> &'static str {
        match self {
            Self::AmountInvalid => "amount_invalid",
            Self::UnitUnknown => "unit_unknown",
            Self::OwnerWrong { .. } => "account_owner_wrong",
            Self::UnitWrong { .. } => "account_unit_wrong",
            Self::TransferMalformed(_) => "transfer_malformed",
            Self::IdReused => "ledger_id_reused",
            Self::BalanceInsufficient { .. } => "balance_insufficient",
            Self::ReceivableExceeded => "receivable_exceeded",
            Self::AccountNotHoldable { .. } => "account_not_holdable",
            Self::HoldEnded { .. } => "hold_ended",
            Self::HoldExpired => "hold_expired",
            Self::HoldExceeded => "hold_exceeded",
            Self::ReversalExceeds => "reversal_exceeds",
            Self::ReversalOfReversal => "reversal_of_reversal",
            Self::ReversalLegUnknown => "reversal_leg_unknown",
            Self::AccountNotAdjustable { .. } => "account_not_adjustable",
            Self::AdjustmentDecided { .. } => "adjustment_decided",
            Self::StoredValueFigures => "stored_value_figures",
            Self::Word(error) => error.code(),
        }
    }

    fn kind(&self) -> ErrorKind {
        match self {
            Self::AmountInvalid
            | Self::UnitUnknown
            | Self::OwnerWrong { .. }
            | Self::UnitWrong { .. }
            | Self::TransferMalformed(_)
            | Self::AccountNotHoldable { .. }
            | Self::AccountNotAdjustable { .. }
            | Self::ReversalLegUnknown
            | Self::StoredValueFigures => ErrorKind::Invalid,
            Self::IdReused
            | Self::BalanceInsufficient { .. }
            | Self::ReceivableExceeded
            | Self::HoldEnded { .. }
            | Self::HoldExpired
            | Self::HoldExceeded
            | Self::ReversalExceeds
            | Self::ReversalOfReversal
            | Self::AdjustmentDecided { .. } => ErrorKind::Conflict,
            Self::Word(error) => error.kind(),
        }
    }

    fn details(&self) -> Option<Value> {
        match self {
            Self::OwnerWrong { kind }
            | Self::UnitWrong { kind }
            | Self::AccountNotHoldable { kind }
            | Self::AccountNotAdjustable { kind }
            | Self::BalanceInsufficient { kind } => Some(json!({ "account_kind": kind })),
            Self::HoldEnded { state } => Some(json!({ "state": state })),
            Self::AdjustmentDecided { state } => Some(json!({ "state": state })),
            _ => None,
        }
    }
}
