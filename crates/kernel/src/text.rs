//! Free text that people typed: bounded, normalised, without characters that hide or reorder it.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, de};
use unicode_normalization::UnicodeNormalization;

/// One line of free text: 1 to `MAX` characters, NFC, trimmed, without control, zero-width or bidirectional characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Text<const MAX: usize>(String);

/// Free text of several lines, otherwise as [`Text`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Paragraph<const MAX: usize>(String);

/// Why a text is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing but white space.
    #[error("the text is empty")]
    Empty,
    /// Longer than allowed.
    #[error("the text is longer than {max} characters")]
    TooLong {
        /// The most characters allowed.
        max: usize,
    },
    /// A control, zero-width or bidirectional character.
    #[error("the text holds a control or invisible character")]
    Invisible,
}

impl<const MAX: usize> Text<MAX> {
    /// Takes a text in, or says why not.
    pub fn new(raw: &str) -> Result<Self, TextError> {
        tidy(raw, MAX, false).map(Self)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize> Paragraph<MAX> {
    /// Takes a text in, or says why not. Line ends become `\n`.
    pub fn new(raw: &str) -> Result<Self, TextError> {
        tidy(raw, MAX, true).map(Self)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn tidy(raw: &str, max: usize, lines: bool) -> Result<String, TextError> {
    // A short-cut before normalising, so that a huge text costs nothing: NFC never makes a text four times shorter.
    if raw.len() > max.saturating_mul(16).saturating_add(64) {
        return Err(TextError::TooLong { max });
    }
    let text: String = raw.replace("\r\n", "\n").trim().nfc().collect();
    if text.is_empty() {
        return Err(TextError::Empty);
    }
    if text.chars().any(|c| is_invisible(c) && !(lines && c == '\n')) {
        return Err(TextError::Invisible);
    }
    if text.chars().count() > max {
        return Err(TextError::TooLong { max });
    }
    Ok(text)
}

/// Control characters, line separators, and what Unicode lists as zero-width or bidirectional formatting.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FEFF}' | '\u{FFA0}'
            | '\u{FFF0}'..='\u{FFFB}' | '\u{E0000}'..='\u{E0FFF}')
}

macro_rules! text_traits {
    ($name:ident) => {
        impl<const MAX: usize> fmt::Display for $name<MAX> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl<const MAX: usize> TryFrom<&str> for $name<MAX> {
            type Error = TextError;

            fn try_from(raw: &str) -> Result<Self, TextError> {
                Self::new(raw)
            }
        }

        impl<'de, const MAX: usize> Deserialize<'de> for $name<MAX> {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::new(&String::deserialize(deserializer)?).map_err(de::Error::custom)
            }
        }
    };
}
text_traits!(Text);
text_traits!(Paragraph);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_composed_and_a_decomposed_name_are_one() {
        assert_eq!(Text::<20>::new("Cafe\u{301}").unwrap(), Text::<20>::new(" Café ").unwrap());
    }

    #[test]
    fn text_that_hides_something_is_refused() {
        for raw in ["a\u{0}b", "a\u{200B}b", "a\u{202E}b", "a\u{FEFF}b", "a\nb", "a\tb"] {
            assert_eq!(Text::<20>::new(raw), Err(TextError::Invisible), "{raw:?}");
        }
        assert!(Paragraph::<20>::new("a\r\nb").is_ok());
    }

    #[test]
    fn characters_are_counted_not_bytes() {
        assert!(Text::<4>::new("满减活动").is_ok());
        assert_eq!(Text::<3>::new("满减活动"), Err(TextError::TooLong { max: 3 }));
        assert_eq!(Text::<3>::new("   "), Err(TextError::Empty));
    }

    proptest! {
        #[test]
        fn what_was_taken_in_is_taken_in_again_unchanged(raw in "\\PC{0,40}") {
            if let Ok(text) = Text::<40>::new(&raw) {
                prop_assert_eq!(Text::<40>::new(text.as_str()).unwrap(), text);
            }
        }
    }
}
