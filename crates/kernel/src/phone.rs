//! Mainland mobile numbers, and how staff see them.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, de};

/// A mainland mobile number: eleven digits, `1` then `3` to `9`. `Debug` shows it masked, and it has no `Serialize`:
/// it leaves the house only where a caller asks for it by name.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Phone(String);

/// The text is not a mainland mobile number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a mobile number has eleven digits and begins with 13 to 19")]
pub struct PhoneError;

impl Phone {
    /// The eleven digits. Personal data: never into logs, events or audit rows.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What staff and screens show: `138****5678`.
    pub fn masked(&self) -> String {
        format!("{}****{}", self.0.get(..3).unwrap_or_default(), self.tail())
    }

    /// The last four digits, by which a clerk finds a customer.
    pub fn tail(&self) -> &str {
        self.0.get(7..).unwrap_or_default()
    }
}

impl FromStr for Phone {
    type Err = PhoneError;

    /// Reads the number with or without `+86` and with spaces or hyphens between the groups.
    fn from_str(text: &str) -> Result<Self, PhoneError> {
        let compact: String = text.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
        let digits = compact.strip_prefix("+86").unwrap_or(&compact);
        let second = digits.as_bytes().get(1).copied().unwrap_or_default();
        let sound = digits.len() == 11
            && digits.starts_with('1')
            && (b'3'..=b'9').contains(&second)
            && digits.bytes().all(|b| b.is_ascii_digit());
        if sound { Ok(Self(digits.to_owned())) } else { Err(PhoneError) }
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Phone({})", self.masked())
    }
}

impl<'de> Deserialize<'de> for Phone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_in_the_ways_people_write_it() {
        for text in ["13812345678", "+86 138-1234-5678", "138 1234 5678"] {
            assert_eq!(text.parse::<Phone>().unwrap().as_str(), "13812345678");
        }
        for text in ["1381234567", "12812345678", "138123456789", "１３８１２３４５６７８", ""] {
            assert_eq!(text.parse::<Phone>(), Err(PhoneError), "{text}");
        }
    }

    #[test]
    fn a_log_never_shows_the_whole_number() {
        let phone: Phone = "13812345678".parse().unwrap();
        assert_eq!(format!("{phone:?}"), "Phone(138****5678)");
    }
}
