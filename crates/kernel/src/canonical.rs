//! One byte string for one value: what every hash and signature of ours covers.

use serde::Serialize;

/// JSON with keys in byte order and no white space, in the spirit of RFC 8785. Numbers are integers or strings here,
/// so the number rules of that text do not come up.
pub fn canonical_json<T: Serialize>(value: &T) -> Result<Vec<u8>, serde_json::Error> {
    // Through `Value`, whose map keeps keys sorted: a struct would give them in the order of its fields.
    serde_json::to_vec(&serde_json::to_value(value)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_fields_does_not_matter() {
        #[derive(Serialize)]
        struct Ask {
            b: u8,
            a: u8,
        }
        assert_eq!(canonical_json(&Ask { b: 1, a: 2 }).unwrap(), br#"{"a":2,"b":1}"#);
    }
}
