//! A digest of a table: the same rows give the same digest, whatever order they are read in and wherever they lie.

use huike_kernel::canonical_json;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::row::{Cell, Row};
use crate::StoreError;

/// How many rows there are, and the sum of their hashes. A sum, because no two rows of a table are the same, and neither
/// database has to sort.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TableDigest {
    /// How many.
    pub rows: u64,
    sum: [u64; 4],
}

impl TableDigest {
    /// Adds a row.
    pub(super) fn add(&mut self, row: &Row) -> Result<(), StoreError> {
        let mut hash = Sha256::new();
        for cell in &row.0 {
            write(&mut hash, cell)?;
        }
        let hash = hash.finalize();
        for (lane, bytes) in self.sum.iter_mut().zip(hash.chunks_exact(8)) {
            *lane = lane.wrapping_add(bytes.iter().fold(0, |sum, byte| (sum << 8) | u64::from(*byte)));
        }
        self.rows += 1;
        Ok(())
    }
}

/// The kind, the length, the bytes: no two cells that differ read the same.
fn write(hash: &mut Sha256, cell: &Cell) -> Result<(), StoreError> {
    let mut put = |kind: u8, bytes: &[u8]| {
        hash.update([kind]);
        hash.update(u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(bytes);
    };
    match cell {
        Cell::Null => put(0, &[]),
        Cell::Id(id) => put(1, id.as_bytes()),
        Cell::Bytes(bytes) => put(2, bytes),
        Cell::Text(text) => put(3, text.as_bytes()),
        Cell::Json(document) => put(4, &canonical(document)?),
        Cell::Time(time) => put(5, &time.timestamp_micros().to_be_bytes()),
        Cell::Number(number) => put(6, &number.to_be_bytes()),
        Cell::Flag(flag) => put(7, &[u8::from(*flag)]),
    }
    Ok(())
}

fn canonical(document: &Value) -> Result<Vec<u8>, StoreError> {
    canonical_json(document).map_err(|error| StoreError::corrupt("document", error))
}

/// Whole numbers up to here are read as such.
const WHOLE_MAX: f64 = 18_446_744_073_709_551_616.0;

/// A number in the document that comes back from PostgreSQL otherwise: it keeps what a number is worth, not how it was
/// written, so `1e16` comes back as a whole number and `-0.0` without its sign. Hashes over the document would no longer
/// hold.
pub(super) fn unsteady_number(document: &Value) -> Option<String> {
    match document {
        Value::Number(number) => {
            let worth = number.as_f64().filter(|_| number.is_f64())?;
            let text = number.to_string();
            let turns_whole = text.contains('e') && worth.fract() == 0.0 && worth.abs() < WHOLE_MAX;
            (turns_whole || text == "-0.0").then_some(text)
        }
        Value::Array(items) => items.iter().find_map(unsteady_number),
        Value::Object(fields) => fields.values().find_map(unsteady_number),
        Value::Null | Value::Bool(_) | Value::String(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(rows: &[Row]) -> TableDigest {
        let mut digest = TableDigest::default();
        for row in rows {
            digest.add(row).unwrap();
        }
        digest
    }

    fn row(text: &str, number: i64) -> Row {
        Row(vec![Cell::Text(text.to_owned()), Cell::Number(number)])
    }

    #[test]
    fn the_order_of_rows_does_not_matter_and_everything_else_does() {
        let whole = of(&[row("a", 1), row("b", 2)]);
        assert_eq!(whole, of(&[row("b", 2), row("a", 1)]));
        for other in [
            of(&[row("a", 1)]),
            of(&[row("a", 2), row("b", 1)]),
            of(&[row("a", 1), row("b", 2), row("", 0)]),
            of(&[row("a", 1), Row(vec![Cell::Text("b".to_owned()), Cell::Null])]),
        ] {
            assert_ne!(whole, other);
        }
    }

    #[test]
    fn cells_do_not_run_into_each_other() {
        let two = |a: &str, b: &str| of(&[Row(vec![Cell::Text(a.to_owned()), Cell::Text(b.to_owned())])]);
        assert_ne!(two("ab", "c"), two("a", "bc"));
        assert_ne!(of(&[Row(vec![Cell::Bytes(vec![])])]), of(&[Row(vec![Cell::Null])]));
    }

    #[test]
    fn numbers_that_a_database_would_rewrite_are_found_wherever_they_hide() {
        let document = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        for steady in
            ["{\"a\": [1, -7, 0.5, 100.0, 18446744073709551615]}", "1e20", "1e-9", "\"1e16\"", "{\"1e16\": 1}"]
        {
            assert_eq!(unsteady_number(&document(steady)), None, "{steady}");
        }
        for unsteady in ["[[{\"a\": 1e16}]]", "{\"a\": -0.0}", "-1.5e17"] {
            assert!(unsteady_number(&document(unsteady)).is_some(), "{unsteady}");
        }
    }
}
