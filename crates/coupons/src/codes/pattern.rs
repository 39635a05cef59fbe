//! Patterns of plain batches, such as `SPRING-####-@@@`: `#` a digit, `@` a letter, `*` either, all else as written.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::base32::SYMBOLS;
use super::canonical::{CODE_SYMBOLS_MAX, CODE_SYMBOLS_MIN, CanonicalCode, SIGNED_SYMBOLS};
use super::error::CodeError;
use super::plain::PlainCode;

const DIGITS: &[u8] = b"0123456789";
/// No I, L, O (read as digits) and no U.
const LETTERS: &[u8] = b"ABCDEFGHJKMNPQRSTVWXYZ";
/// Draws refused in a row before a source of chance is taken as broken; chance alone never gets there.
const REDRAWS_MAX: u32 = 64;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slot {
    Hyphen,
    Literal(char),
    Open(&'static [u8]),
}

/// What the codes of a batch look like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Pattern {
    text: String,
    slots: Vec<Slot>,
}

impl Pattern {
    /// How many different codes the pattern can make.
    pub fn space(&self) -> u128 {
        self.options().fold(1, |space: u128, options| {
            // Long patterns outgrow a u128; beyond it "very many" is all anybody needs to know.
            space.saturating_mul(u128::try_from(options.len()).unwrap_or(u128::MAX))
        })
    }

    /// One code of the pattern, every one equally likely if `random` is.
    pub fn fill(&self, mut random: impl FnMut() -> u32) -> PlainCode {
        let mut shown = String::with_capacity(self.slots.len());
        for slot in &self.slots {
            shown.push(match slot {
                Slot::Hyphen => '-',
                Slot::Literal(character) => *character,
                Slot::Open(options) => draw(options, &mut random),
            });
        }
        let symbols = canonical_symbols(&shown);
        PlainCode::from_parts(shown, CanonicalCode::from_symbols(symbols))
    }

    /// The pattern as written, in capitals.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    fn options(&self) -> impl Iterator<Item = &'static [u8]> {
        self.slots.iter().filter_map(|slot| match slot {
            Slot::Open(options) => Some(*options),
            Slot::Hyphen | Slot::Literal(_) => None,
        })
    }
}

impl FromStr for Pattern {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, CodeError> {
        let text = text.trim().to_ascii_uppercase();
        if text.starts_with('-') || text.ends_with('-') || text.contains("--") {
            let reason = "hyphens stand singly and between other signs";
            return Err(CodeError::PatternInvalid { reason });
        }
        let slots = text.chars().map(slot).collect::<Result<Vec<_>, _>>()?;
        let symbols = slots.iter().filter(|slot| **slot != Slot::Hyphen).count();
        if symbols < CODE_SYMBOLS_MIN {
            let min = CODE_SYMBOLS_MIN;
            return Err(CodeError::TooShort { min });
        }
        if symbols > CODE_SYMBOLS_MAX {
            let max = CODE_SYMBOLS_MAX;
            return Err(CodeError::TooLong { max });
        }
        if symbols == SIGNED_SYMBOLS {
            return Err(CodeError::LooksSigned { symbols });
        }
        let pattern = Self { text, slots };
        if pattern.options().next().is_none() {
            let reason = "it needs at least one of # (digit), @ (letter) and * (either)";
            return Err(CodeError::PatternInvalid { reason });
        }
        Ok(pattern)
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl TryFrom<String> for Pattern {
    type Error = CodeError;

    fn try_from(text: String) -> Result<Self, CodeError> {
        text.parse()
    }
}

impl From<Pattern> for String {
    fn from(pattern: Pattern) -> Self {
        pattern.text
    }
}

fn slot(character: char) -> Result<Slot, CodeError> {
    match character {
        '#' => Ok(Slot::Open(DIGITS)),
        '@' => Ok(Slot::Open(LETTERS)),
        '*' => Ok(Slot::Open(SYMBOLS)),
        '-' => Ok(Slot::Hyphen),
        _ if character.is_ascii_alphanumeric() => Ok(Slot::Literal(character)),
        _ => Err(CodeError::PatternInvalid { reason: "only letters, digits, hyphens and the signs # @ * may appear" }),
    }
}

/// Draws one option without bias: draws from the incomplete last round of options are thrown away.
fn draw(options: &[u8], random: &mut impl FnMut() -> u32) -> char {
    let count = u64::try_from(options.len()).unwrap_or(1);
    let rounds: u64 = 1 << 32;
    let usable = rounds.saturating_sub(rounds.checked_rem(count).unwrap_or(0));
    let mut drawn = u64::from(random());
    for _ in 0..REDRAWS_MAX {
        if drawn < usable {
            break;
        }
        drawn = u64::from(random());
    }
    let chosen = usize::try_from(drawn.checked_rem(count).unwrap_or(0)).unwrap_or(0);
    char::from(options.get(chosen).copied().unwrap_or(b'0'))
}

fn canonical_symbols(shown: &str) -> String {
    let folded = shown.chars().filter(|symbol| *symbol != '-');
    folded
        .map(|symbol| match symbol {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn pattern(text: &str) -> Pattern {
        text.parse().unwrap()
    }

    /// A small deterministic source, good enough to look evenly spread.
    fn source(mut state: u64) -> impl FnMut() -> u32 {
        move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            u32::try_from(state >> 32).unwrap()
        }
    }

    #[test]
    fn the_space_is_the_product_of_the_open_places() {
        assert_eq!(pattern("SPRING-####-@@@").space(), 10_000 * 22 * 22 * 22);
        assert_eq!(pattern("A***").space(), 32 * 32 * 32);
        assert_eq!(pattern(&"*".repeat(40)).space(), u128::MAX);
    }

    #[test]
    fn patterns_without_open_places_or_of_a_forbidden_shape_are_refused() {
        for text in ["SPRING", "A#", "", "A-###!", "满减####", "-###A", "A###-", "A--###"] {
            assert!(text.parse::<Pattern>().is_err(), "{text}");
        }
        let signed = "#".repeat(25).parse::<Pattern>();
        assert_eq!(signed, Err(CodeError::LooksSigned { symbols: 25 }));
        assert!("#".repeat(41).parse::<Pattern>().is_err());
    }

    #[test]
    fn a_source_stuck_on_its_last_value_still_ends() {
        let code = pattern("AB-##@@").fill(|| u32::MAX);
        assert_eq!(code.shown().len(), 7);
    }

    #[test]
    fn every_option_is_drawn_about_equally_often() {
        let mut random = source(42);
        let mut seen = BTreeMap::<char, u32>::new();
        for _ in 0..22_000 {
            *seen.entry(draw(LETTERS, &mut random)).or_default() += 1;
        }
        assert_eq!(seen.len(), 22);
        assert!(seen.values().all(|count| (850..1_150).contains(count)), "{seen:?}");
    }

    #[test]
    fn the_canonical_text_of_a_filled_code_is_what_reading_it_gives() {
        let code = pattern("LOGO-####").fill(source(7));
        assert_eq!(PlainCode::new(code.shown()).unwrap(), code);
    }

    proptest! {
        #[test]
        fn a_filled_code_stays_in_its_pattern(text in "[A-Z]{0,4}[#@*]{4,12}-[A-Z#@*]{1,6}", seed in any::<u64>()) {
            let pattern = pattern(&text);
            let code = pattern.fill(source(seed));
            prop_assert_eq!(code.shown().chars().count(), text.chars().count());
            for (wanted, got) in text.chars().zip(code.shown().chars()) {
                let fits = match wanted {
                    '#' => got.is_ascii_digit(),
                    '@' => got.is_ascii_uppercase() && !"ILOU".contains(got),
                    '*' => got.is_ascii_digit() || got.is_ascii_uppercase() && !"ILOU".contains(got),
                    other => got == other,
                };
                prop_assert!(fits, "{} in {}", got, text);
            }
            prop_assert_eq!(PlainCode::new(code.shown()).unwrap(), code);
        }
    }
}
