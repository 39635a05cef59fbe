//! Money in fen, checked everywhere, and how a total is spread over lines.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser::Error as _};
use smallvec::SmallVec;

/// So many rows of a cart are worked on without asking for memory.
const ROWS_INLINE: usize = 16;

/// An amount of money in fen (分), 1/100 yuan. In JSON a decimal string of yuan: `"12.50"`.
///
/// Always within ±[`Money::MAX_FEN`], so that sums of a few amounts never leave `i64`. There are no operators that
/// could overflow: use the `checked_*` functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Money(i64);

/// Why a text or number is not an amount of money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Not digits with at most two decimals.
    #[error("an amount is written in yuan with at most two decimals, such as \"12.50\"")]
    Malformed,
    /// Beyond ±[`Money::MAX_FEN`].
    #[error("the amount is too large")]
    OutOfRange,
}

impl Money {
    /// No money.
    pub const ZERO: Self = Self(0);
    /// The largest amount: 100 billion yuan, in fen.
    pub const MAX_FEN: i64 = 10_000_000_000_000;

    /// An amount of fen; `None` beyond ±[`Money::MAX_FEN`].
    pub const fn try_from_fen(fen: i64) -> Option<Self> {
        if fen < -Self::MAX_FEN || fen > Self::MAX_FEN { None } else { Some(Self(fen)) }
    }

    /// An amount of fen, held within ±[`Money::MAX_FEN`]. For figures known to be in range, such as constants.
    pub const fn from_fen(fen: i64) -> Self {
        if fen > Self::MAX_FEN {
            Self(Self::MAX_FEN)
        } else if fen < -Self::MAX_FEN {
            Self(-Self::MAX_FEN)
        } else {
            Self(fen)
        }
    }

    /// The amount in fen.
    pub const fn fen(self) -> i64 {
        self.0
    }

    /// Whether it is below zero.
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }

    /// Whether it is exactly nothing.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The sum, unless it is out of range.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).and_then(Self::try_from_fen)
    }

    /// The difference, unless it is out of range.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).and_then(Self::try_from_fen)
    }

    /// So many times the amount, unless it is out of range.
    pub fn checked_mul(self, times: i64) -> Option<Self> {
        self.0.checked_mul(times).and_then(Self::try_from_fen)
    }
}

/// The most letters an amount takes: a sign, nineteen digits and a point.
const LETTERS_MAX: usize = 21;

impl Money {
    /// The amount in yuan, written into `letters`. An answer with a quote holds hundreds of amounts, and formatting them
    /// one piece after the other took a tenth of its time.
    fn spell(self, letters: &mut [u8; LETTERS_MAX]) -> Option<&str> {
        let mut start = LETTERS_MAX;
        let mut put = |letter: u8| {
            start = start.saturating_sub(1);
            letters.get_mut(start).map(|place| *place = letter)
        };
        let mut left = self.0.unsigned_abs();
        let mut digits = 0_u32;
        while left > 0 || digits < 3 {
            put(u8::try_from(left.checked_rem(10)?).ok()?.checked_add(b'0')?)?;
            left = left.checked_div(10)?;
            digits = digits.checked_add(1)?;
            if digits == 2 {
                put(b'.')?;
            }
        }
        if self.0 < 0 {
            put(b'-')?;
        }
        std::str::from_utf8(letters.get(start..)?).ok()
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.spell(&mut [0; LETTERS_MAX]).ok_or(fmt::Error)?)
    }
}

impl FromStr for Money {
    type Err = MoneyError;

    fn from_str(text: &str) -> Result<Self, MoneyError> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (yuan, decimals) = digits.split_once('.').unwrap_or((digits, "0"));
        let whole = !yuan.is_empty() && !decimals.is_empty() && decimals.len() <= 2;
        if !whole || !yuan.bytes().chain(decimals.bytes()).all(|b| b.is_ascii_digit()) {
            return Err(MoneyError::Malformed);
        }
        let yuan: i64 = yuan.parse().map_err(|_too_long| MoneyError::OutOfRange)?;
        let fen: i64 = format!("{decimals:0<2}").parse().map_err(|_never| MoneyError::Malformed)?;
        let total = yuan.checked_mul(100).and_then(|y| y.checked_add(fen)).ok_or(MoneyError::OutOfRange)?;
        let signed = if negative { total.checked_neg().ok_or(MoneyError::OutOfRange)? } else { total };
        Self::try_from_fen(signed).ok_or(MoneyError::OutOfRange)
    }
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut letters = [0; LETTERS_MAX];
        serializer.serialize_str(self.spell(&mut letters).ok_or_else(|| S::Error::custom("no amount"))?)
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// Spreads a total over weights so that the parts sum to it to the fen: each part is rounded down, what is left goes
/// one fen each to the largest remainders (method of Hamilton). Ties: the larger weight, then the earlier line.
///
/// `None` when no weight is above zero, a weight is negative, or the total is negative.
pub fn allocate(total: Money, weights: &[i64]) -> Option<Vec<Money>> {
    let mut parts = vec![0; weights.len()];
    allocate_fen(total.fen(), weights, &mut parts)?;
    parts.into_iter().map(Money::try_from_fen).collect()
}

/// [`allocate`] over plain fen into a slice as long as the weights, for whoever spreads often.
pub fn allocate_fen(total: i64, weights: &[i64], parts: &mut [i64]) -> Option<()> {
    let sum = weights.iter().try_fold(0_i128, |sum, w| if *w < 0 { None } else { sum.checked_add(i128::from(*w)) })?;
    if sum <= 0 || total < 0 || parts.len() != weights.len() {
        return None;
    }
    let mut order: SmallVec<[(i128, i64, usize); ROWS_INLINE]> = SmallVec::new();
    let mut left = total;
    for (index, (weight, part)) in weights.iter().zip(parts.iter_mut()).enumerate() {
        let (floor, rest) = share(total, *weight, sum)?;
        left = left.checked_sub(floor)?;
        *part = floor;
        order.push((rest, *weight, index));
    }
    let left = usize::try_from(left).ok()?;
    if left > 0 {
        // Who is among the first, not who is before whom.
        if left < order.len() {
            order.select_nth_unstable_by(left, |a, b| b.0.cmp(&a.0).then(b.1.cmp(&a.1)).then(a.2.cmp(&b.2)));
        }
        for (_, _, index) in order.iter().take(left) {
            let part = parts.get_mut(*index)?;
            *part = part.checked_add(1)?;
        }
    }
    Some(())
}

/// `total × weight ÷ sum` and the rest, in 64 bits where they suffice: most carts are small.
fn share(total: i64, weight: i64, sum: i128) -> Option<(i64, i128)> {
    if let (Some(product), Ok(sum)) = (total.checked_mul(weight), i64::try_from(sum)) {
        return Some((product.checked_div(sum)?, i128::from(product.checked_rem(sum)?)));
    }
    let product = i128::from(total).checked_mul(i128::from(weight))?;
    Some((i64::try_from(product.checked_div(sum)?).ok()?, product.checked_rem(sum)?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn yuan_text_becomes_fen() {
        for (text, fen) in [("12.50", 1250), ("0", 0), ("0.5", 50), ("-3.01", -301), ("100", 10_000)] {
            assert_eq!(text.parse::<Money>().unwrap().fen(), fen, "{text}");
        }
    }

    #[test]
    fn fen_become_yuan_text_with_two_decimals_and_json_says_the_same() {
        let cases = [(0, "0.00"), (5, "0.05"), (-5, "-0.05"), (99, "0.99"), (100, "1.00"), (-123_456, "-1234.56")];
        for (fen, text) in cases.into_iter().chain([(Money::MAX_FEN, "100000000000.00")]) {
            assert_eq!(Money::from_fen(fen).to_string(), text);
            assert_eq!(serde_json::to_value(Money::from_fen(fen)).unwrap(), text);
        }
    }

    #[test]
    fn other_notations_are_refused() {
        for text in ["", "-", "1.", ".5", "1.234", "1e3", "+1", " 1", "1,000", "１２", "NaN", "0x10", "--1"] {
            assert_eq!(text.parse::<Money>(), Err(MoneyError::Malformed), "{text}");
        }
        assert_eq!("99999999999999999999".parse::<Money>(), Err(MoneyError::OutOfRange));
        assert_eq!("100000000000.01".parse::<Money>(), Err(MoneyError::OutOfRange));
    }

    #[test]
    fn the_odd_fen_goes_to_the_largest_remainder() {
        let parts = allocate(Money::from_fen(100), &[1, 1, 1]).unwrap();
        assert_eq!(parts.iter().map(|m| m.fen()).collect::<Vec<_>>(), [34, 33, 33]);
        let parts = allocate(Money::from_fen(5), &[1, 3]).unwrap();
        assert_eq!(parts.iter().map(|m| m.fen()).collect::<Vec<_>>(), [1, 4]);
    }

    #[test]
    fn nothing_to_spread_over_is_no_answer() {
        assert_eq!(allocate(Money::from_fen(1), &[]), None);
        assert_eq!(allocate(Money::from_fen(1), &[0, 0]), None);
        assert_eq!(allocate(Money::from_fen(1), &[5, -1]), None);
    }

    proptest! {
        #[test]
        fn money_reads_back_from_its_text(fen in -Money::MAX_FEN..=Money::MAX_FEN) {
            let money = Money::from_fen(fen);
            prop_assert_eq!(money.to_string().parse::<Money>().unwrap(), money);
        }

        #[test]
        fn parts_sum_to_the_total_and_stay_within_a_fen_of_their_share(
            total in 0..1_000_000_000_i64, weights in prop::collection::vec(0..1_000_000_i64, 1..40)
        ) {
            prop_assume!(weights.iter().sum::<i64>() > 0);
            let parts = allocate(Money::from_fen(total), &weights).unwrap();
            prop_assert_eq!(parts.iter().map(|m| m.fen()).sum::<i64>(), total);
            let sum = weights.iter().sum::<i64>();
            for (part, weight) in parts.iter().zip(&weights) {
                let floor = i128::from(total) * i128::from(*weight) / i128::from(sum);
                prop_assert!((0..=1).contains(&(i128::from(part.fen()) - floor)));
            }
        }
    }
}
