//! Rates: a share between nothing and all, exact to one part per million.

use std::{fmt, str::FromStr};

use rust_decimal::{Decimal, prelude::ToPrimitive};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::Money;

/// A share from 0 to 1 in parts per million; JSON is a decimal string: `"0.05"` is 5 %.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Rate(i64);

/// Why a text or number is not a rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RateError {
    /// Not a decimal number, or with more than six decimals.
    #[error("a rate is a decimal between 0 and 1 with at most six decimals, such as \"0.05\"")]
    Malformed,
    /// Below 0 or above 1.
    #[error("a rate lies between 0 and 1")]
    OutOfRange,
}

impl Rate {
    /// Parts per million that make the whole.
    pub const WHOLE_PPM: i64 = 1_000_000;
    /// All of it.
    pub const WHOLE: Self = Self(Self::WHOLE_PPM);

    /// So many parts per million.
    pub const fn from_ppm(ppm: i64) -> Result<Self, RateError> {
        if ppm < 0 || ppm > Self::WHOLE_PPM { Err(RateError::OutOfRange) } else { Ok(Self(ppm)) }
    }

    /// The share `part ÷ whole`, rounded down to a part per million; `None` when the whole is not above zero or the
    /// part is outside it.
    pub fn of_counts(part: i64, whole: i64) -> Option<Self> {
        if whole <= 0 || part < 0 || part > whole {
            return None;
        }
        let ppm = i128::from(part).checked_mul(i128::from(Self::WHOLE_PPM))?.checked_div(i128::from(whole))?;
        Self::from_ppm(i64::try_from(ppm).ok()?).ok()
    }

    /// Parts per million.
    pub const fn ppm(self) -> i64 {
        self.0
    }

    /// The rate as a decimal fraction.
    pub fn decimal(self) -> Decimal {
        Decimal::new(self.0, 6).normalize()
    }

    /// This share of an amount, rounded half down at the fen (half a fen goes to the merchant's favour for discounts;
    /// the house rule for discounts, see `docs/architecture.md`). Negative amounts round half towards zero.
    pub fn of(self, amount: Money) -> Money {
        let product = i128::from(amount.fen().unsigned_abs()).saturating_mul(i128::from(self.0));
        let whole = i128::from(Self::WHOLE_PPM);
        let floor = product.checked_div(whole).unwrap_or(0);
        let rest = product.checked_rem(whole).unwrap_or(0);
        let rounded = if rest.saturating_mul(2) > whole { floor.saturating_add(1) } else { floor };
        let fen = i64::try_from(rounded).unwrap_or(Money::MAX_FEN);
        Money::from_fen(if amount.is_negative() { fen.saturating_neg() } else { fen })
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.decimal().fmt(f)
    }
}

impl FromStr for Rate {
    type Err = RateError;

    fn from_str(text: &str) -> Result<Self, RateError> {
        let plain = text.bytes().all(|b| b.is_ascii_digit() || b == b'.') && text.len() <= 12;
        if !plain {
            return Err(RateError::Malformed);
        }
        let decimal: Decimal = text.parse().map_err(|_not_a_number| RateError::Malformed)?;
        let ppm = decimal.checked_mul(Decimal::from(Self::WHOLE_PPM)).ok_or(RateError::OutOfRange)?;
        if !ppm.fract().is_zero() {
            return Err(RateError::Malformed);
        }
        Self::from_ppm(ppm.to_i64().ok_or(RateError::OutOfRange)?)
    }
}

impl Serialize for Rate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn half_a_fen_rounds_down() {
        let half: Rate = "0.5".parse().unwrap();
        assert_eq!(half.of(Money::from_fen(1)).fen(), 0);
        assert_eq!(half.of(Money::from_fen(3)).fen(), 1);
        let odd: Rate = "0.15".parse().unwrap();
        assert_eq!(odd.of(Money::from_fen(9_990)).fen(), 1_498); // 14.985 → 14.98
        assert_eq!("0.150001".parse::<Rate>().unwrap().of(Money::from_fen(9_990)).fen(), 1_499);
    }

    #[test]
    fn rates_outside_nothing_to_all_are_refused() {
        assert_eq!("1.000001".parse::<Rate>(), Err(RateError::OutOfRange));
        assert_eq!("0.0000001".parse::<Rate>(), Err(RateError::Malformed));
        for text in ["-0.1", "5%", "1e-1", "", "."] {
            assert_eq!(text.parse::<Rate>(), Err(RateError::Malformed), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_rate_reads_back_from_its_text(ppm in 0..=Rate::WHOLE_PPM) {
            let rate = Rate::from_ppm(ppm).unwrap();
            prop_assert_eq!(rate.to_string().parse::<Rate>().unwrap(), rate);
        }

        #[test]
        fn a_share_never_exceeds_the_amount(ppm in 0..=Rate::WHOLE_PPM, fen in 0..Money::MAX_FEN) {
            let share = Rate::from_ppm(ppm).unwrap().of(Money::from_fen(fen));
            prop_assert!(share.fen() <= fen && share.fen() >= 0);
        }
    }
}
