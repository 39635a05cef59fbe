//! The one form of a code: what people type, folded so that reading aloud, copying and full-width keyboards do no harm.

use std::fmt;

use super::error::CodeError;

/// Symbols of a generated code: one for the key, sixteen of chance, eight of tag.
pub const SIGNED_SYMBOLS: usize = 25;
/// The least symbols any code has.
pub const CODE_SYMBOLS_MIN: usize = 4;
/// The most symbols any code has.
pub const CODE_SYMBOLS_MAX: usize = 40;

/// A bound on what is looked at at all, so that a long paste costs nothing.
const TYPED_CHARACTERS_MAX: usize = 200;

/// A code under which it is compared, hashed and looked up: digits and capitals without I, L and O.
///
/// Its `Debug` is masked: a code is money.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CanonicalCode(String);

impl CanonicalCode {
    /// Folds typed text: case, full-width forms, O to 0, I and L to 1; spaces, hyphens and invisible marks are dropped.
    pub fn read(text: &str) -> Result<Self, CodeError> {
        let too_long = CodeError::TooLong { max: CODE_SYMBOLS_MAX };
        let mut symbols = String::with_capacity(CODE_SYMBOLS_MAX);
        for (character, position) in text.chars().zip(1_usize..) {
            if position > TYPED_CHARACTERS_MAX {
                return Err(too_long);
            }
            match fold(character) {
                Folded::Symbol(symbol) => symbols.push(symbol),
                Folded::Dropped => {}
                Folded::Refused => return Err(CodeError::BadCharacter { position }),
            }
        }
        if symbols.len() < CODE_SYMBOLS_MIN {
            return Err(CodeError::TooShort { min: CODE_SYMBOLS_MIN });
        }
        if symbols.len() > CODE_SYMBOLS_MAX {
            return Err(too_long);
        }
        Ok(Self(symbols))
    }

    /// For texts made here, which are canonical by construction.
    pub(super) fn from_symbols(symbols: String) -> Self {
        Self(symbols)
    }

    /// The canonical text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this text has exactly the length kept for generated codes.
    pub fn has_signed_length(&self) -> bool {
        self.0.len() == SIGNED_SYMBOLS
    }

    /// The code for lists and logs: `****` and its end, never more than a third of it.
    pub fn masked(&self) -> String {
        let shown = 4.min(self.0.len() / 3);
        let hidden = self.0.len().saturating_sub(shown);
        format!("****{}", self.0.get(hidden..).unwrap_or_default())
    }
}

impl fmt::Debug for CanonicalCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CanonicalCode({})", self.masked())
    }
}

enum Folded {
    Symbol(char),
    Dropped,
    Refused,
}

fn fold(character: char) -> Folded {
    let narrow = narrow(character).to_ascii_uppercase();
    match narrow {
        'O' => Folded::Symbol('0'),
        'I' | 'L' => Folded::Symbol('1'),
        _ if narrow.is_ascii_alphanumeric() => Folded::Symbol(narrow),
        _ if is_separator(narrow) => Folded::Dropped,
        _ => Folded::Refused,
    }
}

/// Full-width Latin letters, digits and signs (全角) become their ASCII twins.
pub(super) fn narrow(character: char) -> char {
    if !('\u{FF01}'..='\u{FF5E}').contains(&character) {
        return character;
    }
    u32::from(character).checked_sub(0xFEE0).and_then(char::from_u32).unwrap_or(character)
}

/// Spaces, hyphens and dashes of any script, and the invisible marks that chat programs add when a text is copied.
fn is_separator(character: char) -> bool {
    character.is_whitespace()
        || matches!(character, '-' | '_' | '\u{2212}' | '\u{FEFF}')
        || ('\u{2010}'..='\u{2015}').contains(&character)
        || is_invisible(character)
}

fn is_invisible(character: char) -> bool {
    matches!(character, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> String {
        CanonicalCode::read(text).unwrap().as_str().to_owned()
    }

    #[test]
    fn case_lookalikes_separators_and_full_width_forms_fold_away() {
        assert_eq!(read("spring-10"), "SPR1NG10");
        assert_eq!(read("sprlng iO"), "SPR1NG10");
        assert_eq!(read("ＳＰＲＩＮＧ－１０"), "SPR1NG10");
        assert_eq!(read("\u{202D}SPRING\u{200B}—10\u{3000}\r\n"), "SPR1NG10");
    }

    #[test]
    fn a_strange_character_is_named_by_its_place() {
        let refused = CanonicalCode::read("AB=CD");
        assert_eq!(refused, Err(CodeError::BadCharacter { position: 3 }));
        assert!(CanonicalCode::read("优惠券一号").is_err());
    }

    #[test]
    fn length_is_counted_in_symbols() {
        assert!(CanonicalCode::read("A-B-C").is_err());
        assert!(CanonicalCode::read("A-B-C-D").is_ok());
        assert!(CanonicalCode::read(&"A-".repeat(40)).is_ok());
        assert!(CanonicalCode::read(&"A".repeat(41)).is_err());
        assert!(CanonicalCode::read(&"-".repeat(100_000)).is_err());
    }

    #[test]
    fn a_masked_code_shows_only_its_end() {
        let code = CanonicalCode::read("SPRING2026ABCD").unwrap();
        assert_eq!(code.masked(), "****ABCD");
        assert_eq!(format!("{code:?}"), "CanonicalCode(****ABCD)");
        assert_eq!(CanonicalCode::read("ABCD").unwrap().masked(), "****D");
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in "[A-Za-z0-9 _-]{0,60}") {
            if let Ok(code) = CanonicalCode::read(&text) {
                prop_assert_eq!(CanonicalCode::read(code.as_str()), Ok(code));
            }
        }

        #[test]
        fn any_text_at_all_is_answered(text in any::<String>()) {
            if let Ok(code) = CanonicalCode::read(&text) {
                prop_assert!(code.as_str().chars().all(|c| c.is_ascii_digit() || c.is_ascii_uppercase()));
                prop_assert!(!code.as_str().contains(['I', 'L', 'O']));
            }
        }
    }
}
