//! The books: value moves, is held, and is taken back, each with its event in the same transaction.
//!
//! For other use cases: make one [`Posting`](huike_ledger::Posting) of everything that moves and call [`post`] once, as late
//! as possible, so that accounts are locked in one order and for a short time. A refusal is an error: nothing of the
//! transaction may be kept.

mod adjust;
mod hold;
mod movement;
mod post;
mod reverse;
mod traces;

pub use adjust::{AdjustAsk, approve, reject, request};
pub use hold::{HoldAsk, expire_chunk, hold, void};
pub use post::{Posted, post};
pub use reverse::{ReverseAsk, reverse};
