//! Inserts rows of any table, many with one statement.

use std::convert::identity;

use diesel::{
    RunQueryDsl,
    pg::{Pg, PgConnection},
    query_builder::{BoxedSqlQuery, SqlQuery},
    sql_query,
    sql_types::{Array, BigInt, Binary, Bool, Nullable, Text},
    sqlite::{Sqlite, SqliteConnection},
};

use super::{
    row::{Cell, Row},
    tables::{CopiedTable, Kind},
};
use crate::{
    Db, StoreError,
    sql_types::{DbId, DbJson, DbTime, Id, Json, Micros},
};

/// Rows of one statement.
pub(super) const ROWS_MAX: usize = 1_000;
/// Values that SQLite lets one statement bind.
const SQLITE_VALUES_MAX: usize = 32_000;

/// Inserts the rows.
pub(super) fn insert(db: &mut Db, table: &CopiedTable, rows: Vec<Row>) -> Result<(), StoreError> {
    match db {
        Db::Sqlite(connection) => insert_sqlite(connection, table, rows),
        Db::Postgres(connection) => insert_postgres(connection, table, rows),
    }
}

/// `"a", "b", "c"`.
fn names(table: &CopiedTable) -> String {
    let names: Vec<String> = table.columns.iter().map(|(name, _)| format!("\"{name}\"")).collect();
    names.join(", ")
}

/// `INSERT … VALUES (?, ?), (?, ?)`.
fn insert_sqlite(connection: &mut SqliteConnection, table: &CopiedTable, mut rows: Vec<Row>) -> Result<(), StoreError> {
    let width = table.columns.len();
    let rows_max = (SQLITE_VALUES_MAX / width.max(1)).clamp(1, ROWS_MAX);
    let places = format!("({})", vec!["?"; width].join(", "));
    while !rows.is_empty() {
        let rest = rows.split_off(rows.len().min(rows_max));
        let values = vec![places.as_str(); rows.len()].join(", ");
        let text = format!("INSERT INTO \"{}\" ({}) VALUES {values}", table.name, names(table));
        let mut insert = sql_query(text).into_boxed::<Sqlite>();
        for cell in rows.into_iter().flat_map(|row| row.0) {
            insert = bind(insert, cell);
        }
        insert.execute(connection)?;
        rows = rest;
    }
    Ok(())
}

type SqliteInsert = BoxedSqlQuery<'static, Sqlite, SqlQuery>;

fn bind(insert: SqliteInsert, cell: Cell) -> SqliteInsert {
    match cell {
        Cell::Null => insert.bind::<Nullable<Text>, _>(None::<String>),
        Cell::Id(id) => insert.bind::<Id, _>(DbId(id)),
        Cell::Bytes(bytes) => insert.bind::<Binary, _>(bytes),
        Cell::Text(text) => insert.bind::<Text, _>(text),
        Cell::Json(document) => insert.bind::<Json, _>(DbJson(document)),
        Cell::Time(time) => insert.bind::<Micros, _>(DbTime(time)),
        Cell::Number(number) => insert.bind::<BigInt, _>(number),
        Cell::Flag(flag) => insert.bind::<Bool, _>(flag),
    }
}

/// `INSERT … SELECT * FROM unnest($1, $2)`, with one list for each column: the statement stays short, however many rows
/// there are.
fn insert_postgres(connection: &mut PgConnection, table: &CopiedTable, rows: Vec<Row>) -> Result<(), StoreError> {
    let mut columns: Vec<Vec<Cell>> = table.columns.iter().map(|_| Vec::with_capacity(rows.len())).collect();
    for row in rows {
        for (column, cell) in columns.iter_mut().zip(row.0) {
            column.push(cell);
        }
    }
    let lists: Vec<String> = (1..).zip(&table.columns).map(|(place, (_, kind))| list(place, *kind)).collect();
    let lists = lists.join(", ");
    let text = format!("INSERT INTO \"{}\" ({}) SELECT * FROM unnest({lists})", table.name, names(table));
    let mut insert = sql_query(text).into_boxed::<Pg>();
    for ((_, kind), cells) in table.columns.iter().zip(columns) {
        insert = bind_list(insert, *kind, cells);
    }
    insert.execute(connection)?;
    Ok(())
}

fn list(place: usize, kind: Kind) -> String {
    let name = match kind {
        Kind::Id => "uuid",
        Kind::Bytes => "bytea",
        Kind::Text => "text",
        Kind::Json => "jsonb",
        Kind::Time => "timestamptz",
        Kind::Number => "bigint",
        Kind::Flag => "boolean",
    };
    format!("${place}::{name}[]")
}

type PostgresInsert = BoxedSqlQuery<'static, Pg, SqlQuery>;

/// What is in the cells if they are of the kind; a cell of another kind cannot come from a column of this one.
macro_rules! of_kind {
    ($cells:expr, $kind:ident, $wrap:expr) => {
        $cells
            .into_iter()
            .map(|cell| match cell {
                Cell::$kind(value) => Some($wrap(value)),
                _ => None,
            })
            .collect::<Vec<_>>()
    };
}

fn bind_list(insert: PostgresInsert, kind: Kind, cells: Vec<Cell>) -> PostgresInsert {
    match kind {
        Kind::Id => insert.bind::<Array<Nullable<Id>>, _>(of_kind!(cells, Id, DbId)),
        Kind::Bytes => insert.bind::<Array<Nullable<Binary>>, _>(of_kind!(cells, Bytes, identity)),
        Kind::Text => insert.bind::<Array<Nullable<Text>>, _>(of_kind!(cells, Text, identity)),
        Kind::Json => insert.bind::<Array<Nullable<Json>>, _>(of_kind!(cells, Json, DbJson)),
        Kind::Time => insert.bind::<Array<Nullable<Micros>>, _>(of_kind!(cells, Time, DbTime)),
        Kind::Number => insert.bind::<Array<Nullable<BigInt>>, _>(of_kind!(cells, Number, identity)),
        Kind::Flag => insert.bind::<Array<Nullable<Bool>>, _>(of_kind!(cells, Flag, identity)),
    }
}
