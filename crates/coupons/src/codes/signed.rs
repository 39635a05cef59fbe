//! Generated codes. The 125 bits lie on symbol borders, so each symbol belongs to exactly one part:
//!
//! ```text
//! K RRRR-RRRRR-RRRRR-RRTTT-TTTTT     K key id, 5 bits    R random, 80 bits    T tag, 40 bits
//! ```
//!
//! The tag is HMAC-SHA256 over a domain prefix, the key id and the random bits, cut to its first 40 bits. An altered code
//! is told from an unknown one with an error of one in 2^40; the random bits alone keep codes from being guessed.

use std::fmt;

use super::base32;
use super::canonical::{CanonicalCode, SIGNED_SYMBOLS};
use super::error::CodeError;
use super::keys::CodeKey;

const SIGN_DOMAIN: &[u8] = b"huike/code/v1\0";
const GROUP_SYMBOLS: usize = 5;
const RANDOM_SYMBOLS: usize = 16;

/// Which of the two shapes a code has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CodeShape {
    /// Generated and signed.
    Signed,
    /// Patterned, shared or imported, without a tag.
    Plain,
}

impl CodeShape {
    /// The word the shape is stored and shown under.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Signed => "signed",
            Self::Plain => "plain",
        }
    }
}

/// A code as typed, read into its shape. Nothing is verified yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParsedCode {
    /// Exactly the shape of a generated code.
    Signed(SignedCode),
    /// Any other shape.
    Plain(CanonicalCode),
}

impl ParsedCode {
    /// The text it is looked up by.
    pub fn canonical(&self) -> CanonicalCode {
        match self {
            Self::Signed(code) => code.canonical(),
            Self::Plain(code) => code.clone(),
        }
    }

    /// Its shape.
    pub fn shape(&self) -> CodeShape {
        match self {
            Self::Signed(_) => CodeShape::Signed,
            Self::Plain(_) => CodeShape::Plain,
        }
    }
}

/// Reads what a person typed or a scanner read. Refusals depend on the text alone and tell nothing about stored codes.
pub fn parse(text: &str) -> Result<ParsedCode, CodeError> {
    let canonical = CanonicalCode::read(text)?;
    if !canonical.has_signed_length() {
        return Ok(ParsedCode::Plain(canonical));
    }
    SignedCode::from_canonical(&canonical).map(ParsedCode::Signed).ok_or(CodeError::Mistyped)
}

/// A generated code. `Display` writes it in groups for people; `Debug` is masked.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedCode {
    key_id: u8,
    random: [u8; 10],
    tag: [u8; 5],
}

impl SignedCode {
    /// Signs random bits. The same bits and key always give the same code, so keeping the bits keeps the code.
    pub fn make(random: [u8; 10], key: &CodeKey) -> Self {
        let mac = key.sign(&[SIGN_DOMAIN, &[key.id()], &random]);
        let tag = mac.first_chunk::<5>().copied().unwrap_or_default();
        Self { key_id: key.id(), random, tag }
    }

    /// `None` when a symbol is none of the thirty-two (a U).
    fn from_canonical(code: &CanonicalCode) -> Option<Self> {
        let mut symbols = code.as_str().chars();
        let key_id = base32::value(symbols.next()?)?;
        let random: String = symbols.by_ref().take(RANDOM_SYMBOLS).collect();
        let tag: String = symbols.collect();
        Some(Self {
            key_id,
            random: base32::decode(&random)?.try_into().ok()?,
            tag: base32::decode(&tag)?.try_into().ok()?,
        })
    }

    /// The key id the code names.
    pub fn key_id(&self) -> u8 {
        self.key_id
    }

    /// The random bits: the secret part, to be kept encrypted.
    pub fn random(&self) -> &[u8; 10] {
        &self.random
    }

    pub(super) fn tag(&self) -> &[u8; 5] {
        &self.tag
    }

    /// The text it is looked up by: the symbols without groups.
    pub fn canonical(&self) -> CanonicalCode {
        let mut symbols = String::with_capacity(SIGNED_SYMBOLS);
        symbols.push(base32::symbol(self.key_id));
        symbols.push_str(&base32::encode(&self.random));
        symbols.push_str(&base32::encode(&self.tag));
        CanonicalCode::from_symbols(symbols)
    }
}

impl fmt::Display for SignedCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let canonical = self.canonical();
        let mut rest = canonical.as_str();
        while let Some((group, after)) = rest.split_at_checked(GROUP_SYMBOLS) {
            f.write_str(group)?;
            if after.is_empty() {
                break;
            }
            f.write_str("-")?;
            rest = after;
        }
        Ok(())
    }
}

impl fmt::Debug for SignedCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignedCode({})", self.canonical().masked())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codes::{CodeKeys, CodeProof};
    use proptest::prelude::*;

    fn keys() -> CodeKeys {
        let retired = CodeKey::new(2, [2; 32]).unwrap();
        CodeKeys::new(CodeKey::new(1, [1; 32]).unwrap(), vec![retired]).unwrap()
    }

    #[test]
    fn a_code_is_five_groups_of_five_and_starts_with_its_key() {
        let code = SignedCode::make([0; 10], keys().active()).to_string();
        assert_eq!(code.len(), 29);
        assert!(code.split('-').all(|group| group.len() == 5));
        assert!(code.starts_with("10000-00000-00000-00"));
    }

    /// Computed apart from this crate. If it fails, codes already printed would no longer be genuine.
    #[test]
    fn printed_codes_stay_what_they_are() {
        let code = SignedCode::make([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], keys().active());
        assert_eq!(code.to_string(), "1000G-40R40-M30E2-09Y0A-SYD93");
    }

    #[test]
    fn a_generated_code_with_a_u_is_called_mistyped_not_plain() {
        let typed = "U".repeat(SIGNED_SYMBOLS);
        assert_eq!(parse(&typed), Err(CodeError::Mistyped));
    }

    #[test]
    fn debug_output_hides_the_code() {
        let code = SignedCode::make([77; 10], keys().active());
        let random = base32::encode(&[77; 10]);
        assert!(!format!("{code:?}").contains(&random));
    }

    /// Types a code the way people do: lower case, lookalikes, full width, stray separators.
    fn mistype(code: &str, noise: &[u8]) -> String {
        let separators = ["", " ", "-", "\u{3000}", "—", "\u{200B}"];
        let mut typed = String::new();
        for (symbol, noise) in code.chars().zip(noise.iter().cycle()) {
            let shown = match (symbol, noise % 4) {
                ('0', 1) => 'O',
                ('0', 2) => 'o',
                ('1', 1) => 'l',
                ('1', 2) => 'I',
                (_, 1) => symbol.to_ascii_lowercase(),
                (_, 2) => char::from_u32(u32::from(symbol) + 0xFEE0).unwrap(),
                _ => symbol,
            };
            typed.push(shown);
            typed.push_str(separators[usize::from(noise / 4) % separators.len()]);
        }
        typed
    }

    proptest! {
        #[test]
        fn a_code_typed_with_noise_is_read_back_and_genuine(
            random in any::<[u8; 10]>(),
            noise in proptest::collection::vec(any::<u8>(), 1..40),
        ) {
            let code = SignedCode::make(random, keys().active());
            let read = parse(&mistype(&code.to_string(), &noise)).unwrap();
            prop_assert_eq!(&read, &ParsedCode::Signed(code.clone()));
            prop_assert_eq!(read.canonical(), code.canonical());
            prop_assert_eq!(keys().verify(&read), CodeProof::Genuine);
        }

        #[test]
        fn altering_any_one_symbol_is_never_genuine(
            random in any::<[u8; 10]>(),
            place in 0..SIGNED_SYMBOLS,
            step in 1_u8..32,
        ) {
            let code = SignedCode::make(random, keys().active()).canonical();
            let mut symbols: Vec<char> = code.as_str().chars().collect();
            symbols[place] = base32::symbol(base32::value(symbols[place]).unwrap() + step);
            let altered = parse(&symbols.iter().collect::<String>()).unwrap();
            let proof = keys().verify(&altered);
            prop_assert!(matches!(proof, CodeProof::Forged | CodeProof::UnknownKey), "{proof:?}");
        }

        #[test]
        fn invented_codes_are_never_genuine(bytes in any::<[u8; 15]>(), key_id in 0_u8..3) {
            let invented = format!("{}{}", base32::symbol(key_id), base32::encode(&bytes));
            let proof = keys().verify(&parse(&invented).unwrap());
            prop_assert!(matches!(proof, CodeProof::Forged | CodeProof::UnknownKey));
        }
    }
}
