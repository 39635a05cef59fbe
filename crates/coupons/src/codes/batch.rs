//! How many codes a pattern may give: a batch that fills its pattern is a batch that can be guessed.

use huike_kernel::words;

use super::error::CodeError;
use super::pattern::Pattern;

/// The most codes one batch may have.
pub const BATCH_QUANTITY_MAX: u64 = 1_000_000;
/// Below one hit in this many guesses a batch is worth a warning: guess limits alone would have to hold it.
pub const GUESS_ODDS_MIN: u128 = 1_000_000;

/// What a lawful batch still deserves to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PatternWarning {
    /// One guess in so many hits a code: longer patterns or signed codes are safer.
    Guessable,
}

/// A batch that may be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchVerdict {
    /// One blind guess in so many hits some code of the pattern, once the batch is made.
    pub guess_one_in: u128,
    /// A reason to think again.
    pub warning: Option<PatternWarning>,
}

/// Whether `quantity` codes may be made where `already` exist: together at most half of what the pattern can make.
pub fn decide_batch(pattern: &Pattern, quantity: u64, already: u64) -> Result<BatchVerdict, CodeError> {
    if quantity == 0 || quantity > BATCH_QUANTITY_MAX {
        let max = BATCH_QUANTITY_MAX;
        return Err(CodeError::QuantityInvalid { max });
    }
    let space = pattern.space();
    let codes = u128::from(quantity).saturating_add(u128::from(already));
    if codes > space / 2 {
        return Err(CodeError::PatternTooSmall { space });
    }
    let guess_one_in = space.checked_div(codes).unwrap_or(space);
    let warning = (guess_one_in < GUESS_ODDS_MIN).then_some(PatternWarning::Guessable);
    Ok(BatchVerdict { guess_one_in, warning })
}

words!(
    /// Where a batch stands.
    BatchState, "state of a code batch" {
        /// Its codes are being made.
        Running = "running",
        /// All are made.
        Done = "done",
        /// Not all could be made; those made stand.
        Failed = "failed",
        /// Its unclaimed codes are void, or are being made void.
        Voided = "voided",
    }
);

words!(
    /// What the codes of a batch look like, and where they come from.
    BatchKind, "kind of code batch" {
        /// Generated and signed.
        Signed = "signed",
        /// Drawn from a pattern.
        Patterned = "patterned",
        /// Taken from a file.
        Imported = "imported",
    }
);

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> Pattern {
        text.parse().unwrap()
    }

    #[test]
    fn a_batch_takes_at_most_half_of_the_space() {
        let thousand = pattern("A-###");
        let too_small = Err(CodeError::PatternTooSmall { space: 1_000 });
        assert!(decide_batch(&thousand, 500, 0).is_ok());
        assert_eq!(decide_batch(&thousand, 501, 0), too_small);
        assert!(decide_batch(&thousand, 200, 300).is_ok());
        assert_eq!(decide_batch(&thousand, 200, 301), too_small);
        assert_eq!(decide_batch(&thousand, 1, u64::MAX), too_small);
    }

    #[test]
    fn empty_and_enormous_batches_are_refused() {
        let wide = pattern(&"*".repeat(20));
        assert!(decide_batch(&wide, 0, 0).is_err());
        assert!(decide_batch(&wide, BATCH_QUANTITY_MAX, 0).is_ok());
        assert!(decide_batch(&wide, BATCH_QUANTITY_MAX + 1, 0).is_err());
    }

    #[test]
    fn a_batch_that_is_easy_to_guess_is_made_with_a_warning() {
        let guessable = decide_batch(&pattern("A-######"), 10, 0).unwrap();
        assert_eq!(guessable.guess_one_in, 100_000);
        assert_eq!(guessable.warning, Some(PatternWarning::Guessable));
        let safe = decide_batch(&pattern("A-########"), 100, 0).unwrap();
        assert_eq!(safe.warning, None);
    }
}
