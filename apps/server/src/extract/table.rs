//! A table as the body of a request: CSV or XLSX, read into rows of cells.

use std::{
    future::Future,
    io::{Cursor, Read},
    panic::catch_unwind,
    pin::Pin,
};

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload, web::Bytes};
use calamine::{DataRef, Reader, Xlsx};
use huike_kernel::unguard_cell;
use huike_orders::CatalogueError;

use super::{bytes::read_file, idempotency::Digest};
use crate::problem::Problem;

/// The media type of CSV.
pub const CSV: &str = "text/csv";
/// The media type of XLSX.
pub const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/// The most that an XLSX may unpack to: it is a packed file, and a small one can be made to burst.
const UNPACKED_BYTES_MAX: u64 = 32 * 1_024 * 1_024;
/// Cells beyond are not looked at.
const COLUMNS_MAX: usize = 64;

/// A row of a table, with the line of the file that it begins at.
type TableRow = (usize, Vec<String>);

/// A table of at most `LIMIT` bytes. What its cells mean is for the domain to judge.
#[derive(Debug)]
pub struct TableBody<const LIMIT: usize> {
    bytes: Bytes,
    is_xlsx: bool,
    digest: [u8; 32],
}

impl<const LIMIT: usize> Digest for TableBody<LIMIT> {
    fn digest(&self) -> [u8; 32] {
        self.digest
    }
}

impl<const LIMIT: usize> FromRequest for TableBody<LIMIT> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_xlsx = request.content_type().trim().eq_ignore_ascii_case(XLSX);
        let media_type = if is_xlsx { XLSX } else { CSV };
        let file = read_file(request, payload, media_type, LIMIT);
        Box::pin(async move { file.await.map(|(bytes, digest)| Self { bytes, is_xlsx, digest }) })
    }
}

impl<const LIMIT: usize> TableBody<LIMIT> {
    /// Its rows, at most so many. To be called where it may take its time.
    pub fn rows(self, rows_max: usize) -> Result<Vec<(usize, Vec<String>)>, CatalogueError> {
        if !self.is_xlsx {
            return read_csv(&self.bytes, rows_max);
        }
        // Who made the file is not known, and the library that reads it may stumble: that is the file's fault, not ours.
        catch_unwind(|| read_xlsx(&self.bytes, rows_max)).unwrap_or(Err(CatalogueError::ImportUnreadable))
    }
}

fn read_csv(bytes: &[u8], rows_max: usize) -> Result<Vec<TableRow>, CatalogueError> {
    let text = std::str::from_utf8(bytes).map_err(|_other| CatalogueError::ImportUnreadable)?;
    let text = text.trim_start_matches('\u{FEFF}');
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let (mut rows, mut lines) = (Vec::new(), Lines { text, seen: 0, line: 1 });
    for record in reader.records() {
        let record = record.map_err(|_broken| CatalogueError::ImportUnreadable)?;
        if rows.len() > rows_max {
            return Err(CatalogueError::ImportTooLong { max: rows_max });
        }
        let line = lines.line_at(record.position().map_or(0, csv::Position::byte));
        rows.push((line, record.iter().take(COLUMNS_MAX).map(|cell| unguard_cell(cell.to_owned())).collect()));
    }
    Ok(rows)
}

/// Counts lines up to where records begin. The reader's own count is that of the end of the record before.
struct Lines<'a> {
    text: &'a str,
    seen: usize,
    line: usize,
}

impl Lines<'_> {
    fn line_at(&mut self, byte: u64) -> usize {
        let at = usize::try_from(byte).unwrap_or(usize::MAX);
        let rest = self.text.get(at..).unwrap_or_default();
        let ends = rest.len().saturating_sub(rest.trim_start_matches(['\r', '\n']).len());
        let begins = at.saturating_add(ends);
        let passed = self.text.get(self.seen..begins).unwrap_or_default();
        self.line = self.line.saturating_add(passed.matches('\n').count());
        self.seen = begins;
        self.line
    }
}

/// The first sheet, cell by cell: a range would ask for memory for every cell between the first and the last, and those may
/// be very far apart.
fn read_xlsx(bytes: &[u8], rows_max: usize) -> Result<Vec<TableRow>, CatalogueError> {
    let unreadable = |_error| CatalogueError::ImportUnreadable;
    check_unpacked(bytes)?;
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(unreadable)?;
    let sheet = book.sheet_names().into_iter().next().ok_or(CatalogueError::ImportUnreadable)?;
    let mut cells = book.worksheet_cells_reader(&sheet).map_err(unreadable)?;
    let mut rows: Vec<TableRow> = Vec::new();
    while let Some(cell) = cells.next_cell().map_err(unreadable)? {
        let (row, column) = cell.get_position();
        let text = text_of(cell.get_value());
        let (line, column) = (place(row).saturating_add(1), place(column));
        if column >= COLUMNS_MAX || text.is_empty() {
            continue;
        }
        if rows.last().is_none_or(|(last, _)| *last != line) {
            if rows.len() > rows_max {
                return Err(CatalogueError::ImportTooLong { max: rows_max });
            }
            rows.push((line, Vec::new()));
        }
        if let Some((_, cells)) = rows.last_mut() {
            if cells.len() <= column {
                cells.resize(column.saturating_add(1), String::new());
            }
            if let Some(cell) = cells.get_mut(column) {
                *cell = text;
            }
        }
    }
    Ok(rows)
}

fn place(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// Unpacks everything into nothing, to see how much it is: what the file says about that is not to be believed.
fn check_unpacked(bytes: &[u8]) -> Result<(), CatalogueError> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_no| CatalogueError::ImportUnreadable)?;
    let mut left = UNPACKED_BYTES_MAX;
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(|_no| CatalogueError::ImportUnreadable)?;
        let mut bounded = part.take(left.saturating_add(1));
        let read = std::io::copy(&mut bounded, &mut std::io::sink()).map_err(|_no| CatalogueError::ImportUnreadable)?;
        left = left.checked_sub(read).ok_or(CatalogueError::ImportUnreadable)?;
    }
    Ok(())
}

/// What a cell shows. A number is written as briefly as it can be told from others, which for a price of two decimals is
/// the price.
fn text_of(value: &DataRef<'_>) -> String {
    match value {
        DataRef::String(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::Bool(flag) => flag.to_string(),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::DateTime(_) | DataRef::Error(_) => "#".to_owned(),
        DataRef::Empty => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn packed(parts: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in parts {
            writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
            writer.write_all(content).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    /// A book of one sheet with these rows.
    fn book(rows: &str) -> Vec<u8> {
        const TYPES: &str =
            r#"<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>"#;
        const RELS: &str = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
        const BOOK: &str = r#"<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>"#;
        const BOOK_RELS: &str = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#;
        let sheet = format!(
            r#"<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>"#
        );
        packed(&[
            ("[Content_Types].xml", TYPES.as_bytes()),
            ("_rels/.rels", RELS.as_bytes()),
            ("xl/workbook.xml", BOOK.as_bytes()),
            ("xl/_rels/workbook.xml.rels", BOOK_RELS.as_bytes()),
            ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
        ])
    }

    fn cells(row: &[&str]) -> Vec<String> {
        row.iter().map(|&cell| cell.to_owned()).collect()
    }

    #[test]
    fn csv_is_read_with_lines_quotes_and_guards() {
        let text = "\u{FEFF}a,b\r\n\r\n\"x\ny\",'=1\r\nlast\r\n";
        let rows = read_csv(text.as_bytes(), 10).unwrap();
        assert_eq!(rows, [(1, cells(&["a", "b"])), (3, cells(&["x\ny", "=1"])), (5, cells(&["last"]))]);
        assert_eq!(read_csv(b"\xff\xfe", 10), Err(CatalogueError::ImportUnreadable));
        assert_eq!(read_csv(b"a\nb\nc\nd\n", 2), Err(CatalogueError::ImportTooLong { max: 2 }));
    }

    #[test]
    fn xlsx_is_read_as_it_looks() {
        let file = book(
            r#"<row r="1"><c r="A1" t="inlineStr"><is><t>奶粉</t></is></c><c r="C1"><v>298.5</v></c></row><row r="4"><c r="B4"><v>0.1</v></c></row>"#,
        );
        let rows = read_xlsx(&file, 10).unwrap();
        assert_eq!(rows, [(1, cells(&["奶粉", "", "298.5"])), (4, cells(&["", "0.1"]))]);
    }

    #[test]
    fn cells_that_are_far_apart_cost_nothing() {
        let file = book(
            r#"<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="A1048576"><v>2</v></c><c r="XFD1048576"><v>3</v></c></row>"#,
        );
        assert_eq!(read_xlsx(&file, 10).unwrap(), [(1, cells(&["1"])), (1_048_576, cells(&["2"]))]);
    }

    #[test]
    fn a_file_that_bursts_or_is_no_book_is_refused() {
        let bomb = packed(&[("xl/worksheets/sheet1.xml", &vec![b' '; 33 * 1_024 * 1_024])]);
        assert!(bomb.len() < 100 * 1_024, "{}", bomb.len());
        for file in [bomb, packed(&[("a.txt", b"x")]), b"PK\x03\x04 and no more".to_vec(), Vec::new()] {
            assert_eq!(read_xlsx(&file, 10), Err(CatalogueError::ImportUnreadable));
        }
    }
}
