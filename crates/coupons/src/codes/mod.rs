//! Coupon codes (券码): their shapes, how they are signed, read, guarded against guessing, and moved in and out as files.
//!
//! Two shapes exist and can never be taken for one another:
//!
//! | shape | symbols | made by | tag | can be called forged |
//! |---|---|---|---|---|
//! | signed | exactly 25 | [`SignedCode::make`] from 80 random bits | 40-bit HMAC | yes |
//! | plain (patterned, shared, imported) | 4 to 40, never 25 | [`Pattern::fill`], [`PlainCode::new`] | none | never |
//!
//! Both are looked up by [`lookup_hash`] of their canonical text. This module stores nothing, makes no random bits and
//! reads no clock: bytes and `now` are arguments, counting and storing belong to the caller.
//!
//! A caller that wants the same timing for every code a customer types computes the proof and the lookup hash, and does
//! the lookup, whatever the proof says, and only then asks [`customer_answer`].

mod base32;
mod batch;
mod canonical;
mod error;
mod finding;
mod guess;
mod import;
mod keys;
mod pattern;
mod plain;
mod qr;
mod signed;

pub use batch::{
    BATCH_QUANTITY_MAX, BatchKind, BatchState, BatchVerdict, GUESS_ODDS_MIN, PatternWarning, decide_batch,
};
pub use canonical::{CODE_SYMBOLS_MAX, CODE_SYMBOLS_MIN, CanonicalCode, SIGNED_SYMBOLS};
pub use error::CodeError;
pub use finding::{
    CodeFinding, CustomerAnswer, PublicAnswer, StaffAnswer, customer_answer, public_answer, staff_answer,
};
pub use guess::{GuessCaps, GuessPolicy, GuessSubject, GuessWindow, decide_guess};
pub use import::{
    CodeImport, IMPORT_ROWS_MAX, ImportFault, ImportOutcome, ImportReport, REFUSALS_SHOWN_MAX, RefusedRow,
};
pub use keys::{CodeKey, CodeKeys, CodeProof, LookupKey, lookup_hash};
pub use pattern::Pattern;
pub use plain::PlainCode;
pub use qr::{QR_LIFE_SECONDS, QrClaims, QrSubject, is_qr_token, make_qr_token, verify_qr_token};
pub use signed::{CodeShape, ParsedCode, SignedCode, parse};
