//! Geography (地区): six-digit codes of provinces, cities and districts.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, de};

/// An area code of GB/T 2260 (行政区划代码): two digits each for province, city and district; `440000` is Guangdong,
/// `440100` Guangzhou, `440103` Liwan.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct AreaCode(String);

/// The text is not a six-digit area code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an area code has six digits, such as \"440100\"")]
pub struct AreaError;

impl AreaCode {
    /// The six digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the other area is this one or lies in it: a province covers its cities, a city its districts.
    pub fn covers(&self, other: &Self) -> bool {
        let prefix = if self.0.ends_with("0000") {
            self.0.get(..2)
        } else if self.0.ends_with("00") {
            self.0.get(..4)
        } else {
            Some(self.0.as_str())
        };
        prefix.is_some_and(|prefix| other.0.starts_with(prefix))
    }
}

impl FromStr for AreaCode {
    type Err = AreaError;

    fn from_str(text: &str) -> Result<Self, AreaError> {
        let sound = text.len() == 6 && text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0');
        if sound { Ok(Self(text.to_owned())) } else { Err(AreaError) }
    }
}

impl fmt::Display for AreaCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for AreaCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn area(text: &str) -> AreaCode {
        text.parse().unwrap()
    }

    #[test]
    fn a_province_covers_its_cities_and_a_city_its_districts() {
        assert!(area("440000").covers(&area("440103")));
        assert!(area("440100").covers(&area("440103")));
        assert!(area("440103").covers(&area("440103")));
        assert!(!area("440103").covers(&area("440100")));
        assert!(!area("440000").covers(&area("310000")));
    }

    #[test]
    fn other_texts_are_refused() {
        for text in ["", "44010", "4401033", "44010a", "044010", "４４０１０３"] {
            assert_eq!(text.parse::<AreaCode>(), Err(AreaError), "{text}");
        }
    }
}
