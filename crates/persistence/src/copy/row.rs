//! One row of any table, read from either database.
//!
//! A query names each column after its kind (`SELECT id AS id, name AS text`), which is how a row that knows nothing of
//! its table knows what to read.

use chrono::{DateTime, Utc};
use diesel::{
    backend::Backend,
    deserialize::{self, FromSql, QueryableByName},
    row::{Field, NamedRow, Row as DieselRow},
    sql_types::{BigInt, Binary, Bool, Text},
};
use serde_json::Value;
use uuid::Uuid;

use super::tables::{CopiedTable, Kind};
use crate::sql_types::{DbId, DbJson, DbTime, Id, Json, Micros};

/// What one column of one row holds.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell {
    Null,
    Id(Uuid),
    Bytes(Vec<u8>),
    Text(String),
    Json(Value),
    Time(DateTime<Utc>),
    Number(i64),
    Flag(bool),
}

/// A row, in the order of its table's columns.
#[derive(Debug, PartialEq)]
pub(super) struct Row(pub(super) Vec<Cell>);

/// Selects every row of the table.
pub(super) fn select(table: &CopiedTable) -> String {
    let columns: Vec<String> =
        table.columns.iter().map(|(name, kind)| format!("\"{name}\" AS {}", word(*kind))).collect();
    let order = table.parents_first.map_or_else(String::new, |order| format!(" ORDER BY {order}"));
    format!("SELECT {} FROM \"{}\"{order}", columns.join(", "), table.name)
}

/// What a column of the kind is called in a query.
fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Id => "as_id",
        Kind::Bytes => "as_bytes",
        Kind::Text => "as_text",
        Kind::Json => "as_json",
        Kind::Time => "as_time",
        Kind::Number => "as_number",
        Kind::Flag => "as_flag",
    }
}

impl<DB> QueryableByName<DB> for Row
where
    DB: Backend,
    DbId: FromSql<Id, DB>,
    Vec<u8>: FromSql<Binary, DB>,
    String: FromSql<Text, DB>,
    DbJson: FromSql<Json, DB>,
    DbTime: FromSql<Micros, DB>,
    i64: FromSql<BigInt, DB>,
    bool: FromSql<Bool, DB>,
{
    fn build<'a>(row: &impl NamedRow<'a, DB>) -> deserialize::Result<Self> {
        let mut cells = Vec::with_capacity(row.field_count());
        for index in 0..row.field_count() {
            let field = DieselRow::get(row, index).ok_or("a row with fewer columns than it has")?;
            cells.push(match field.value() {
                None => Cell::Null,
                Some(value) => match field.field_name().unwrap_or_default() {
                    "as_id" => Cell::Id(DbId::from_sql(value)?.0),
                    "as_bytes" => Cell::Bytes(Vec::from_sql(value)?),
                    "as_text" => Cell::Text(String::from_sql(value)?),
                    "as_json" => Cell::Json(DbJson::from_sql(value)?.0),
                    "as_time" => Cell::Time(DbTime::from_sql(value)?.0),
                    "as_number" => Cell::Number(i64::from_sql(value)?),
                    "as_flag" => Cell::Flag(bool::from_sql(value)?),
                    other => return Err(format!("a column of no known kind: {other}").into()),
                },
            });
        }
        Ok(Self(cells))
    }
}
