//! Plain codes: patterned, shared (one code for many) or imported from another system. They carry no tag.

use std::fmt;

use super::canonical::{CanonicalCode, SIGNED_SYMBOLS, narrow};
use super::error::CodeError;

/// A plain code as it is printed and as it is looked up. `Display` writes it for people; `Debug` is masked.
#[derive(Clone, PartialEq, Eq)]
pub struct PlainCode {
    shown: String,
    canonical: CanonicalCode,
}

impl PlainCode {
    /// Checks a code somebody wants to create. The shape of generated codes is refused, so that the two never mix.
    pub fn new(text: &str) -> Result<Self, CodeError> {
        let canonical = CanonicalCode::read(text)?;
        if canonical.has_signed_length() {
            return Err(CodeError::LooksSigned { symbols: SIGNED_SYMBOLS });
        }
        let shown = printed(text);
        Ok(Self { shown, canonical })
    }

    /// For [`super::Pattern`], which has checked its shape once for all its codes.
    pub(super) fn from_parts(shown: String, canonical: CanonicalCode) -> Self {
        Self { shown, canonical }
    }

    /// The code as people see it: capitals, with the merchant's own hyphens.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// The text it is looked up by.
    pub fn canonical(&self) -> &CanonicalCode {
        &self.canonical
    }
}

impl fmt::Display for PlainCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Debug for PlainCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PlainCode({})", self.canonical.masked())
    }
}

/// Capitals and digits with single hyphens between them, whatever separators were typed. An O stays an O here.
fn printed(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut gap = false;
    for character in text.chars().map(narrow) {
        if !character.is_ascii_alphanumeric() {
            gap = true;
            continue;
        }
        if gap && !shown.is_empty() {
            shown.push('-');
        }
        gap = false;
        shown.push(character.to_ascii_uppercase());
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codes::parse;
    use proptest::prelude::*;

    #[test]
    fn a_plain_code_keeps_its_look_and_has_one_canonical_text() {
        let code = PlainCode::new(" summer - sale １０ ").unwrap();
        assert_eq!(code.to_string(), "SUMMER-SALE-10");
        assert_eq!(code.canonical().as_str(), "SUMMERSA1E10");
        assert_eq!(format!("{code:?}"), "PlainCode(****1E10)");
    }

    #[test]
    fn the_shape_of_generated_codes_is_refused_even_with_a_u() {
        let looks_signed = Err(CodeError::LooksSigned { symbols: 25 });
        assert_eq!(PlainCode::new(&"A".repeat(25)), looks_signed);
        assert_eq!(PlainCode::new(&"U".repeat(25)), looks_signed);
        assert!(PlainCode::new(&"A".repeat(24)).is_ok());
        assert!(PlainCode::new(&"A".repeat(26)).is_ok());
    }

    proptest! {
        #[test]
        fn what_is_printed_reads_back_as_the_same_plain_code(text in "[A-Za-z0-9 -]{4,40}") {
            if let Ok(code) = PlainCode::new(&text) {
                prop_assert_eq!(parse(code.shown()).unwrap().canonical(), code.canonical().clone());
                prop_assert_eq!(PlainCode::new(code.shown()).unwrap(), code);
            }
        }
    }
}
