//! The list of what is copied leaves nothing out, and nothing comes before what it refers to.

use std::collections::{BTreeMap, BTreeSet};

use diesel::{QueryableByName, RunQueryDsl, sql_query, sql_types::Text};
use huike_persistence::{
    Db,
    copy::{Kind, tables},
    db_test,
};

use crate::support::open;

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    left: String,
    #[diesel(sql_type = Text)]
    right: String,
}

fn lines(db: &mut Db, sqlite: &str, postgres: &str) -> Vec<(String, String)> {
    let lines: Vec<Line> = match db {
        Db::Sqlite(c) => sql_query(sqlite).load(c).unwrap(),
        Db::Postgres(c) => sql_query(postgres).load(c).unwrap(),
    };
    lines.into_iter().map(|line| (line.left, line.right)).collect()
}

/// `table.column` with its type, of every table but Diesel's own.
fn columns(db: &mut Db) -> Vec<(String, String)> {
    let sqlite = "SELECT t.name || '.' || c.name AS left, c.type AS right
        FROM sqlite_master t, pragma_table_info(t.name) c
        WHERE t.type = 'table' AND substr(t.name, 1, 2) <> '__'";
    let postgres = "SELECT t.relname || '.' || a.attname AS left, format_type(a.atttypid, a.atttypmod) AS right
        FROM pg_class t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE t.relkind = 'r' AND t.relnamespace = current_schema()::regnamespace AND left(t.relname, 2) <> '__'";
    lines(db, sqlite, postgres)
}

/// Each table with one it refers to.
fn references(db: &mut Db) -> Vec<(String, String)> {
    let sqlite = "SELECT DISTINCT t.name AS left, f.\"table\" AS right
        FROM sqlite_master t, pragma_foreign_key_list(t.name) f WHERE t.type = 'table'";
    let postgres = "SELECT DISTINCT t.relname::text AS left, r.relname::text AS right
        FROM pg_constraint f JOIN pg_class t ON t.oid = f.conrelid JOIN pg_class r ON r.oid = f.confrelid
        WHERE f.contype = 'f' AND t.relnamespace = current_schema()::regnamespace";
    lines(db, sqlite, postgres)
}

fn is_of(kind: Kind, found: &str) -> bool {
    let (sqlite, postgres) = match kind {
        Kind::Id => ("BLOB", "uuid"),
        Kind::Bytes => ("BLOB", "bytea"),
        Kind::Text => ("TEXT", "text"),
        Kind::Json => ("TEXT", "jsonb"),
        Kind::Time => ("INTEGER", "timestamp with time zone"),
        Kind::Number => ("INTEGER", "bigint"),
        Kind::Flag => ("INTEGER", "boolean"),
    };
    found == sqlite || found == postgres
}

db_test! {
    fn every_column_of_every_table_is_copied_as_what_it_is(database) {
        let found: BTreeMap<String, String> = columns(&mut open(database)).into_iter().collect();
        let mut listed = BTreeSet::new();
        for table in tables() {
            for (column, kind) in &table.columns {
                let place = format!("{}.{column}", table.name);
                let there = found.get(&place).unwrap_or_else(|| panic!("there is no {place}"));
                assert!(is_of(*kind, there), "{place} is {there}, and copied as {kind:?}");
                assert!(listed.insert(place), "{}.{column} is copied twice", table.name);
            }
        }
        let forgotten: Vec<_> = found.keys().filter(|place| !listed.contains(*place)).collect();
        assert!(forgotten.is_empty(), "not in the list of crates/persistence/src/copy/tables.rs: {forgotten:#?}");
    }

    fn no_table_comes_before_one_it_refers_to(database) {
        let order: Vec<&str> = tables().iter().map(|table| table.name).collect();
        let place = |name: &str| order.iter().position(|table| *table == name).unwrap();
        let references = references(&mut open(database));
        assert!(references.len() > 20, "foreign keys were found: {references:?}");
        for (table, to) in references {
            if table == to {
                let ordered = tables().iter().any(|it| it.name == table && it.reads_parents_first());
                assert!(ordered, "{table} refers to itself and needs an order to be read in");
            } else {
                assert!(place(&table) > place(&to), "{table} refers to {to}, which comes later");
            }
        }
    }
}
