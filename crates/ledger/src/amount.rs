//! How much a transfer moves.

use huike_kernel::Money;
use serde::{Deserialize, Deserializer, Serialize, de};

use crate::LedgerError;

/// What a transfer or a hold moves: more than nothing, in whatever the account counts (fen, points), and at most
/// [`Money::MAX_FEN`], so that a balance never leaves `i64`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Amount(i64);

impl Amount {
    /// So many, unless it is nothing, less than nothing, or beyond all reason.
    pub const fn new(count: i64) -> Result<Self, LedgerError> {
        if count <= 0 || count > Money::MAX_FEN { Err(LedgerError::AmountInvalid) } else { Ok(Self(count)) }
    }

    /// How many.
    pub const fn get(self) -> i64 {
        self.0
    }
}

impl TryFrom<Money> for Amount {
    type Error = LedgerError;

    fn try_from(money: Money) -> Result<Self, LedgerError> {
        Self::new(money.fen())
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(i64::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_more_than_nothing_and_bounded() {
        for count in [0, -1, i64::MIN, Money::MAX_FEN + 1, i64::MAX] {
            assert_eq!(Amount::new(count), Err(LedgerError::AmountInvalid), "{count}");
            assert!(serde_json::from_str::<Amount>(&count.to_string()).is_err(), "{count}");
        }
        assert_eq!(Amount::new(1).unwrap().get(), 1);
        assert_eq!(Amount::try_from("12.50".parse::<Money>().unwrap()).unwrap().get(), 1_250);
    }
}
