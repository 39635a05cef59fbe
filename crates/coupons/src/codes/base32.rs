//! Crockford base32: bits to symbols a person can read aloud, and back. Most significant bit first, no padding sign.

/// The thirty-two symbols in order of value. No I, L, O (read as 1, 1, 0) and no U.
pub(super) const SYMBOLS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

const BYTE_WEIGHTS: [u8; 8] = [128, 64, 32, 16, 8, 4, 2, 1];
const SYMBOL_WEIGHTS: [u8; 5] = [16, 8, 4, 2, 1];

/// The symbol of the low five bits of `value`.
pub(super) fn symbol(value: u8) -> char {
    let byte = SYMBOLS.get(usize::from(value & 31));
    char::from(byte.copied().unwrap_or(b'0'))
}

/// The value of a canonical symbol.
pub(super) fn value(symbol: char) -> Option<u8> {
    let position = SYMBOLS.iter().position(|byte| char::from(*byte) == symbol)?;
    u8::try_from(position).ok()
}

/// Writes bytes as symbols; a last incomplete symbol is filled with zero bits.
pub(super) fn encode(bytes: &[u8]) -> String {
    let bits: Vec<bool> = bytes.iter().flat_map(|byte| BYTE_WEIGHTS.map(|weight| byte & weight != 0)).collect();
    bits.chunks(SYMBOL_WEIGHTS.len()).map(|chunk| symbol(weigh(chunk, &SYMBOL_WEIGHTS))).collect()
}

/// Reads canonical symbols back. Refused when the filling bits are not zero, so that one value has one text.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bits = Vec::with_capacity(text.len().saturating_mul(SYMBOL_WEIGHTS.len()));
    for symbol in text.chars() {
        let value = value(symbol)?;
        bits.extend(SYMBOL_WEIGHTS.map(|weight| value & weight != 0));
    }
    let bytes = bits.chunks_exact(BYTE_WEIGHTS.len());
    let filling = bytes.remainder();
    if filling.len() >= SYMBOL_WEIGHTS.len() || filling.contains(&true) {
        return None;
    }
    Some(bytes.map(|chunk| weigh(chunk, &BYTE_WEIGHTS)).collect())
}

fn weigh(bits: &[bool], weights: &[u8]) -> u8 {
    bits.iter().zip(weights).filter(|(bit, _)| **bit).fold(0, |sum, (_, weight)| sum | weight)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_bytes_have_their_known_text() {
        assert_eq!(encode(&[0, 0, 0, 0, 0]), "00000000");
        assert_eq!(encode(&[255; 5]), "ZZZZZZZZ");
        assert_eq!(encode(&[0x08, 0x42, 0x10, 0x84, 0x21]), "11111111");
        assert_eq!(encode(&[255]), "ZW");
    }

    #[test]
    fn nonzero_filling_bits_and_strange_symbols_are_refused() {
        assert_eq!(decode("ZW"), Some(vec![255]));
        assert_eq!(decode("ZZ"), None);
        assert_eq!(decode("Z"), None);
        assert_eq!(decode("UU"), None);
        assert_eq!(decode("zw"), None);
    }

    proptest! {
        #[test]
        fn bytes_survive_the_round_trip(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            prop_assert_eq!(decode(&encode(&bytes)), Some(bytes));
        }
    }
}
