//! Importing codes from a file: one column, an optional header, one verdict per line.
//!
//! The reader keeps the canonical codes it has seen, so that a duplicate inside the file is named with its first line.
//! Duplicates of codes already stored are found by the caller and told to the report.

use std::collections::HashMap;

use huike_kernel::parse_row;
use serde::Serialize;

use super::canonical::CanonicalCode;
use super::error::CodeError;
use super::plain::PlainCode;

/// The most lines with codes one import takes.
pub const IMPORT_ROWS_MAX: u64 = 100_000;
/// The most refusals a report lists; all are counted.
pub const REFUSALS_SHOWN_MAX: usize = 1_000;

const HEADERS: [&str; 4] = ["code", "codes", "券码", "coupon_code"];

/// Why a line was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "reason")]
pub enum ImportFault {
    /// The same code stood in an earlier line, perhaps typed differently.
    Duplicate {
        /// The line that counts.
        first_line: u64,
    },
    /// The code exists already.
    AlreadyExists,
    /// A character no code contains.
    BadCharacter {
        /// Its position in the cell, counted from one.
        position: usize,
    },
    /// Too few letters and digits.
    TooShort,
    /// Too many letters and digits.
    TooLong,
    /// The shape of generated codes, which are never imported.
    LooksSigned,
    /// Not exactly one cell, or a broken quote.
    NotOneCell,
    /// Beyond the most lines one import takes.
    TooManyRows,
}

impl From<CodeError> for ImportFault {
    fn from(error: CodeError) -> Self {
        match error {
            CodeError::BadCharacter { position } => Self::BadCharacter { position },
            CodeError::TooShort { .. } => Self::TooShort,
            CodeError::LooksSigned { .. } | CodeError::Mistyped => Self::LooksSigned,
            // Reading a plain code has no other refusal than its length.
            _ => Self::TooLong,
        }
    }
}

/// A refused line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RefusedRow {
    /// Line in the file, counted from one.
    pub line: u64,
    /// Why.
    #[serde(flatten)]
    pub fault: ImportFault,
}

/// The result of an import.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ImportReport {
    /// Codes taken.
    pub accepted: u64,
    /// Lines refused.
    pub refused: u64,
    /// The first refusals, at most [`REFUSALS_SHOWN_MAX`].
    pub refusals: Vec<RefusedRow>,
}

/// What became of one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImportOutcome {
    /// A code to store.
    Code(PlainCode),
    /// A header or an empty line: nothing to do.
    Skipped,
    /// Refused, and noted in the report.
    Refused(ImportFault),
}

/// An import under way.
#[derive(Debug, Default)]
pub struct CodeImport {
    line: u64,
    rows: u64,
    first_lines: HashMap<CanonicalCode, u64>,
    report: ImportReport,
}

impl CodeImport {
    /// An import at its first line.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next line of the file.
    pub fn take_line(&mut self, line: &str) -> ImportOutcome {
        self.line = self.line.saturating_add(1);
        let Some(cells) = parse_row(line) else {
            return self.refuse(ImportFault::NotOneCell);
        };
        // Spreadsheets write empty trailing cells; they are not a second column.
        let mut filled = cells.iter().filter(|cell| !cell.trim().is_empty());
        let (Some(cell), None) = (filled.next(), filled.next()) else {
            if cells.iter().all(|cell| cell.trim().is_empty()) {
                return ImportOutcome::Skipped;
            }
            return self.refuse(ImportFault::NotOneCell);
        };
        if self.line == 1 && is_header(cell) {
            return ImportOutcome::Skipped;
        }
        self.take_cell(cell)
    }

    /// Tells the report that an accepted code of this line turned out to be stored already.
    pub fn note_existing(&mut self, line: u64) {
        self.report.accepted = self.report.accepted.saturating_sub(1);
        self.note(line, ImportFault::AlreadyExists);
    }

    /// The line taken last, counted from one.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// Ends the import.
    pub fn into_report(self) -> ImportReport {
        self.report
    }

    fn take_cell(&mut self, cell: &str) -> ImportOutcome {
        if self.rows >= IMPORT_ROWS_MAX {
            return self.refuse(ImportFault::TooManyRows);
        }
        self.rows = self.rows.saturating_add(1);
        let code = match PlainCode::new(cell) {
            Ok(code) => code,
            Err(error) => return self.refuse(error.into()),
        };
        if let Some(&first_line) = self.first_lines.get(code.canonical()) {
            return self.refuse(ImportFault::Duplicate { first_line });
        }
        self.first_lines.insert(code.canonical().clone(), self.line);
        self.report.accepted = self.report.accepted.saturating_add(1);
        ImportOutcome::Code(code)
    }

    fn refuse(&mut self, fault: ImportFault) -> ImportOutcome {
        self.note(self.line, fault.clone());
        ImportOutcome::Refused(fault)
    }

    fn note(&mut self, line: u64, fault: ImportFault) {
        self.report.refused = self.report.refused.saturating_add(1);
        if self.report.refusals.len() < REFUSALS_SHOWN_MAX {
            self.report.refusals.push(RefusedRow { line, fault });
        }
    }
}

fn is_header(cell: &str) -> bool {
    let cell = cell.trim().to_lowercase();
    HEADERS.contains(&cell.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_gets_its_verdict() {
        let mut import = CodeImport::new();
        let signed = "A".repeat(25);
        let long = "A".repeat(41);
        let lines =
            ["\u{FEFF}券码", "SPRING-01", "sprlng o1,", "AB", "A=BCD", &signed, &long, "", "A1B2,C3D4", "\"AAAA"];
        for line in lines {
            import.take_line(line);
        }
        let report = import.into_report();
        let faults: Vec<_> = report.refusals.iter().map(|row| (row.line, row.fault.clone())).collect();
        assert_eq!(report.accepted, 1);
        assert_eq!(report.refused, 7);
        assert_eq!(
            faults,
            [
                (3, ImportFault::Duplicate { first_line: 2 }),
                (4, ImportFault::TooShort),
                (5, ImportFault::BadCharacter { position: 2 }),
                (6, ImportFault::LooksSigned),
                (7, ImportFault::TooLong),
                (9, ImportFault::NotOneCell),
                (10, ImportFault::NotOneCell),
            ]
        );
    }

    #[test]
    fn a_header_counts_as_one_only_in_the_first_line() {
        let mut import = CodeImport::new();
        assert_eq!(import.take_line("Code"), ImportOutcome::Skipped);
        assert!(matches!(import.take_line("CODE"), ImportOutcome::Code(_)));
    }

    #[test]
    fn codes_stored_already_move_from_accepted_to_refused() {
        let mut import = CodeImport::new();
        import.take_line("SPRING-01");
        import.note_existing(import.line());
        let report = import.into_report();
        assert_eq!((report.accepted, report.refused), (0, 1));
        let shown = serde_json::to_value(&report.refusals).unwrap();
        assert_eq!(shown, serde_json::json!([{ "line": 1, "reason": "already_exists" }]));
    }

    #[test]
    fn a_report_lists_a_bounded_number_of_refusals_and_counts_all() {
        let mut import = CodeImport::new();
        for _ in 0..REFUSALS_SHOWN_MAX + 10 {
            import.take_line("?");
        }
        let report = import.into_report();
        assert_eq!(report.refusals.len(), REFUSALS_SHOWN_MAX);
        assert_eq!(report.refused, 1_010);
    }
}
