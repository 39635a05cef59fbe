//! Reads rows out of what pg_restore prints: the text format of `COPY … FROM stdin`.

/// The rows of the first COPY in the text, with the named columns in the order they are asked for. Rows that lack one are
/// left out.
pub(super) fn rows(text: &str, columns: &[&str]) -> Vec<Vec<String>> {
    let mut lines = text.lines();
    let Some(header) = lines.find(|line| line.starts_with("COPY ") && line.ends_with(" FROM stdin;")) else {
        return Vec::new();
    };
    let named: Vec<&str> = match header.split_once('(').and_then(|(_, rest)| rest.split_once(')')) {
        Some((names, _)) => names.split(", ").map(|name| name.trim_matches('"')).collect(),
        None => return Vec::new(),
    };
    let places: Vec<_> = columns.iter().map(|column| named.iter().position(|name| name == column)).collect();
    let row = |line: &str| -> Option<Vec<String>> {
        let cells: Vec<&str> = line.split('\t').collect();
        places.iter().map(|place| cells.get((*place)?).map(|cell| unescape(cell))).collect()
    };
    lines.take_while(|line| *line != "\\.").filter_map(row).collect()
}

/// Undoes the backslashes. Octal and hexadecimal ones are never printed.
fn unescape(cell: &str) -> String {
    let mut text = String::with_capacity(cell.len());
    let mut signs = cell.chars();
    while let Some(sign) = signs.next() {
        match (sign, if sign == '\\' { signs.next() } else { None }) {
            ('\\', Some('n')) => text.push('\n'),
            ('\\', Some('t')) => text.push('\t'),
            ('\\', Some('r')) => text.push('\r'),
            ('\\', Some(other)) => text.push(other),
            (plain, _) => text.push(plain),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "--\n-- PostgreSQL database dump\n--\n\nSET statement_timeout = 0;\n\n\
        COPY public.secret_key (purpose, number, wrapped, created_at) FROM stdin;\n\
        seal\t1\t\\\\x00ff\t2026-11-22 00:00:00+00\n\
        a\\tb\\\\\t2\t\\\\x\t2026-11-22 00:00:00+00\n\\.\n\n-- the end\n";

    #[test]
    fn rows_are_read_by_the_names_of_their_columns() {
        let found = rows(TEXT, &["wrapped", "purpose"]);
        assert_eq!(found, [["\\x00ff", "seal"], ["\\x", "a\tb\\"]]);
        assert!(rows(TEXT, &["absent"]).is_empty());
        assert!(rows("nothing here", &["purpose"]).is_empty());
    }
}
