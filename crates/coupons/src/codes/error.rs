//! Why a code, a pattern, a batch or a guess is refused.

use huike_kernel::{DomainError, ErrorKind};
use serde_json::{Value, json};

/// A refusal about codes, with the reason a caller can act on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// A character no code contains.
    #[error("the character at position {position} cannot be part of a code")]
    BadCharacter {
        /// Position in the typed text, counted from one.
        position: usize,
    },
    /// Fewer symbols than a code may have.
    #[error("a code has at least {min} letters and digits")]
    TooShort {
        /// The least number of symbols.
        min: usize,
    },
    /// More symbols than a code may have.
    #[error("a code has at most {max} letters and digits")]
    TooLong {
        /// The greatest number of symbols.
        max: usize,
    },
    /// Twenty-five symbols, so a generated code, but with a U, which those never contain: a typing slip.
    #[error("the code was mistyped: generated codes never contain the letter U")]
    Mistyped,
    /// A plain code of exactly the length of generated codes would be read as one of them.
    #[error("{symbols} letters and digits is the shape of generated codes; use another length")]
    LooksSigned {
        /// The number of symbols kept for generated codes.
        symbols: usize,
    },
    /// A pattern no code can be made from.
    #[error("the pattern is invalid: {reason}")]
    PatternInvalid {
        /// What is wrong, in plain words.
        reason: &'static str,
    },
    /// More codes than half of what the pattern can make, so that guessing would often succeed.
    #[error("the pattern has room for {space} codes, and at most half may be used")]
    PatternTooSmall {
        /// How many different codes the pattern can make.
        space: u128,
    },
    /// A batch of no codes, or of too many at once.
    #[error("a batch has between 1 and {max} codes")]
    QuantityInvalid {
        /// The most codes one batch may have.
        max: u64,
    },
    /// A guess policy whose limits cannot be counted.
    #[error("guess limits need a window of 1 second to 1 day and caps of at least 1")]
    GuessPolicyInvalid,
    /// Too many wrong codes from one subject in the current window.
    #[error("too many wrong codes; try again in {retry_after_seconds} seconds")]
    TooManyGuesses {
        /// Seconds until the window ends.
        retry_after_seconds: u64,
    },
    /// A key id above 31, or the same id twice.
    #[error("code key id {id} is out of range or used twice")]
    KeyInvalid {
        /// The offending id.
        id: u8,
    },
    /// A QR token past its end.
    #[error("the QR code has expired; ask the customer to refresh it")]
    QrExpired,
    /// A QR token that was shown and redeemed before.
    #[error("the QR code has been used; ask the customer to refresh it")]
    QrUsed,
    /// A QR token this brand never made.
    #[error("the QR code was not made by this brand or was altered")]
    QrForged,
    /// The one answer a customer gets for every code that cannot be claimed.
    #[error("this code cannot be claimed")]
    NotClaimable,
}

impl DomainError for CodeError {
    fn code(&self) -> &'static str {
        match self {
            Self::BadCharacter { .. } => "code_bad_character",
            Self::TooShort { .. } => "code_too_short",
            Self::TooLong { .. } => "code_too_long",
            Self::Mistyped => "code_mistyped",
            Self::LooksSigned { .. } => "code_looks_signed",
            Self::PatternInvalid { .. } => "code_pattern_invalid",
            Self::PatternTooSmall { .. } => "code_pattern_too_small",
            Self::QuantityInvalid { .. } => "code_quantity_invalid",
            Self::GuessPolicyInvalid => "code_guess_policy_invalid",
            Self::TooManyGuesses { .. } => "code_too_many_guesses",
            Self::KeyInvalid { .. } => "code_key_invalid",
            Self::QrExpired => "qr_expired",
            Self::QrForged => "qr_forged",
            Self::QrUsed => "qr_used",
            Self::NotClaimable => "code_not_claimable",
        }
    }

    fn kind(&self) -> ErrorKind {
        match self {
            Self::TooManyGuesses { .. } => ErrorKind::TooMany,
            Self::KeyInvalid { .. } => ErrorKind::Internal,
            Self::NotClaimable => ErrorKind::NotFound,
            Self::QrUsed => ErrorKind::Conflict,
            Self::BadCharacter { .. }
            | Self::TooShort { .. }
            | Self::TooLong { .. }
            | Self::Mistyped
            | Self::LooksSigned { .. }
            | Self::PatternInvalid { .. }
            | Self::PatternTooSmall { .. }
            | Self::QuantityInvalid { .. }
            | Self::GuessPolicyInvalid
            | Self::QrExpired
            | Self::QrForged => ErrorKind::Invalid,
        }
    }

    fn details(&self) -> Option<Value> {
        match self {
            Self::TooManyGuesses { retry_after_seconds } => Some(json!({ "retry_after_seconds": retry_after_seconds })),
            // A string, because the space of a long pattern is beyond what JSON numbers carry exactly.
            Self::PatternTooSmall { space } => Some(json!({ "space": space.to_string() })),
            Self::BadCharacter { position } => Some(json!({ "position": position })),
            _ => None,
        }
    }
}
