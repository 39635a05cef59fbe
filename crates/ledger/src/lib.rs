#![doc = include_str!("../README.md")]
#![warn(clippy::pedantic)]
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::float_arithmetic))]
#![expect(clippy::missing_errors_doc, reason = "LedgerError documents its variants")]
#![expect(clippy::must_use_candidate, reason = "pure functions are used for their answer")]

pub mod account;
pub mod adjustment;
pub mod amount;
pub mod error;
pub mod hold;
pub mod posting;
pub mod reversal;
pub mod statement;
pub mod stored_value;
pub mod trial_balance;

pub use account::{AccountKey, AccountKind, Bound, Owner, Unit};
pub use adjustment::{AdjustmentState, Direction};
pub use amount::Amount;
pub use error::LedgerError;
pub use hold::{Hold, HoldState};
pub use posting::{Capture, Change, Posting, Reason, Source, Transfer, net};
pub use reversal::{Part, PostedLeg, decide_reversal};
pub use statement::{Balance, Line, Turnover, run_on};
pub use trial_balance::{TrialRow, UnitTotal, totals};
