//! A schema as sets of lines, read from the database's own catalogue, and from `schema.rs`.

use std::collections::BTreeSet;

use diesel::{QueryableByName, RunQueryDsl, sql_query, sql_types::Text};
use huike_persistence::Db;

use crate::{
    normal_form::{checks_in, normalise},
    queries::{POSTGRES, SQLITE},
};

/// What a schema consists of. Only `typed_columns` is in the words of one database.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Catalogue {
    /// `table.column type null?`.
    pub(crate) typed_columns: BTreeSet<String>,
    /// The same with SQLite's storage classes for both databases.
    pub(crate) columns: BTreeSet<String>,
    /// `table(columns)`.
    pub(crate) primary_keys: BTreeSet<String>,
    /// `name: table(columns) unique? WHERE …`; the index of a UNIQUE constraint has no name.
    pub(crate) indexes: BTreeSet<String>,
    /// `table(columns) -> table(columns)`.
    pub(crate) foreign_keys: BTreeSet<String>,
    /// `table: expression`.
    pub(crate) checks: BTreeSet<String>,
    /// How many expressions there are, for a set hides repetitions.
    pub(crate) check_count: usize,
}

/// The SQL type in `schema.rs`, in SQLite and in PostgreSQL.
const TYPES: [(&str, &str, &str); 7] = [
    ("Id", "BLOB", "uuid"),
    ("Binary", "BLOB", "bytea"),
    ("Text", "TEXT", "text COLLATE C"),
    ("Json", "TEXT", "jsonb"),
    ("Micros", "INTEGER", "timestamp with time zone"),
    ("BigInt", "INTEGER", "bigint"),
    ("Bool", "INTEGER", "boolean"),
];

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

fn lines(db: &mut Db, sql: &str) -> Vec<String> {
    let lines: Vec<Line> = sql_query(sql).load(db).unwrap();
    lines.into_iter().map(|row| row.line).collect()
}

impl Catalogue {
    /// Reads the catalogue of the connected database.
    pub(crate) fn read(db: &mut Db) -> Self {
        let queries = match db {
            Db::Sqlite(_) => &SQLITE,
            Db::Postgres(_) => &POSTGRES,
        };
        let typed_columns = BTreeSet::from_iter(lines(db, queries.columns));
        let checks: Vec<String> = lines(db, queries.checks).iter().flat_map(|line| checks_in(line)).collect();
        Self {
            columns: typed_columns.iter().map(|line| stored(line)).collect(),
            typed_columns,
            primary_keys: BTreeSet::from_iter(lines(db, queries.primary_keys)),
            indexes: lines(db, queries.indexes).iter().map(|line| with_normal_predicate(line)).collect(),
            foreign_keys: BTreeSet::from_iter(lines(db, queries.foreign_keys)),
            check_count: checks.len(),
            checks: BTreeSet::from_iter(checks),
        }
    }
}

fn stored(line: &str) -> String {
    let (column, rest) = line.split_once(' ').unwrap();
    let (name, null) = rest.strip_suffix(" null").map_or((rest, ""), |name| (name, " null"));
    let class = TYPES.iter().find(|(_, _, postgres)| *postgres == name).map_or(name, |(_, sqlite, _)| sqlite);
    format!("{column} {class}{null}")
}

fn with_normal_predicate(line: &str) -> String {
    match line.split_once(" WHERE ") {
        Some((index, predicate)) => format!("{index} WHERE {}", normalise(predicate)),
        None => line.to_owned(),
    }
}

/// The columns and primary keys that `schema.rs` declares, as the lines of a catalogue.
pub(crate) fn tables_of_schema_rs(is_postgres: bool) -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut columns, mut primary_keys, mut table) = (BTreeSet::new(), BTreeSet::new(), "");
    for line in include_str!("../../src/schema.rs").lines().map(str::trim) {
        if let Some((name, key)) = line.strip_suffix(" {").and_then(|line| line.split_once(" (")) {
            table = name;
            primary_keys.insert(format!("{table}({key}"));
        } else if let Some((column, kind)) = line.strip_suffix(',').and_then(|line| line.split_once(" -> ")) {
            let (kind, null) = match kind.strip_prefix("Nullable<") {
                Some(inner) => (inner.trim_end_matches('>'), " null"),
                None => (kind, ""),
            };
            let &(_, sqlite, postgres) = TYPES.iter().find(|(name, _, _)| *name == kind).unwrap();
            columns.insert(format!("{table}.{column} {}{null}", if is_postgres { postgres } else { sqlite }));
        }
    }
    (columns, primary_keys)
}
