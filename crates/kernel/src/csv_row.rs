//! One row of a CSV file, in and out. Cells that a spreadsheet would run as a formula get a leading apostrophe.

/// Signs with which spreadsheets begin a formula, and their full-width twins, which some locales treat alike.
const FORMULA_SIGNS: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// Writes one row with its line end. Every cell is guarded, and quoted where it must be.
pub fn format_row(cells: &[&str]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| quote(&guard_cell(cell))).collect();
    let mut row = cells.join(",");
    row.push_str("\r\n");
    row
}

/// Puts an apostrophe before a cell that a spreadsheet would take for a formula.
fn guard_cell(cell: &str) -> String {
    if is_risky(cell) {
        return format!("'{cell}");
    }
    cell.to_owned()
}

/// Reads one line into its cells, without the guards. `None` when a quote is not closed or closed in mid-cell.
///
/// A cell may not contain a line break.
pub fn parse_row(line: &str) -> Option<Vec<String>> {
    let line = line.trim_start_matches('\u{FEFF}').trim_end_matches(['\r', '\n']);
    let mut cells = Vec::new();
    let mut rest = line;
    loop {
        let (cell, after) = match rest.strip_prefix('"') {
            Some(quoted) => take_quoted(quoted)?,
            None => take_bare(rest),
        };
        cells.push(unguard_cell(cell));
        match after {
            None => return Some(cells),
            Some(after) => rest = after,
        }
    }
}

/// The cell up to the next comma, and what follows the comma.
fn take_bare(text: &str) -> (String, Option<&str>) {
    match text.split_once(',') {
        Some((cell, after)) => (cell.to_owned(), Some(after)),
        None => (text.to_owned(), None),
    }
}

/// The cell up to its closing quote, and what follows the comma after it. Doubled quotes stand for one.
fn take_quoted(text: &str) -> Option<(String, Option<&str>)> {
    let mut cell = String::new();
    let mut rest = text;
    loop {
        let (before, after) = rest.split_once('"')?;
        cell.push_str(before);
        if let Some(after) = after.strip_prefix('"') {
            cell.push('"');
            rest = after;
            continue;
        }
        if after.is_empty() {
            return Some((cell, None));
        }
        return Some((cell, Some(after.strip_prefix(',')?)));
    }
}

/// Takes the apostrophe away that [`format_row`] put before a cell.
pub fn unguard_cell(cell: String) -> String {
    match cell.strip_prefix('\'') {
        Some(guarded) if is_risky(guarded) => guarded.to_owned(),
        _ => cell,
    }
}

fn is_risky(cell: &str) -> bool {
    cell.starts_with(['\t', '\r', '\n']) || cell.trim_start().starts_with(FORMULA_SIGNS)
}

fn quote(cell: &str) -> String {
    if !cell.contains([',', '"', '\r', '\n']) {
        return cell.to_owned();
    }
    format!("\"{}\"", cell.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn formulas_are_disarmed() {
        for cell in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "＝1"] {
            assert!(guard_cell(cell).starts_with('\''), "{cell:?}");
        }
        assert_eq!(guard_cell("SPRING-10"), "SPRING-10");
        assert_eq!(format_row(&["=HYPERLINK(\"x\")"]), "\"'=HYPERLINK(\"\"x\"\")\"\r\n");
    }

    #[test]
    fn rows_are_read_with_quotes_byte_order_mark_and_line_end() {
        let row = parse_row("\u{FEFF}code,\"a \"\"b\"\", c\",\r\n").unwrap();
        assert_eq!(row, ["code", "a \"b\", c", ""]);
        assert_eq!(parse_row(""), Some(vec![String::new()]));
    }

    #[test]
    fn broken_quotes_are_refused() {
        assert_eq!(parse_row("\"abc"), None);
        assert_eq!(parse_row("\"abc\"d,e"), None);
    }

    proptest! {
        #[test]
        fn a_written_row_reads_back(cells in proptest::collection::vec("[ -~一-龥]{0,12}", 1..5)) {
            // A cell that already looks guarded is the one thing the guard cannot tell from its own work.
            prop_assume!(cells.iter().all(|cell| !cell.starts_with('\'')));
            let borrowed: Vec<&str> = cells.iter().map(String::as_str).collect();
            prop_assert_eq!(parse_row(&format_row(&borrowed)), Some(cells));
        }

        #[test]
        fn no_written_cell_starts_a_formula(cell in any::<String>()) {
            let guarded = guard_cell(&cell);
            prop_assert!(!is_risky(&guarded));
        }
    }
}
