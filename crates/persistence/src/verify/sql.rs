//! Runs one check that is an SQL text.
//!
//! A check gives two columns: `subject`, the id of the offending row or NULL, and `detail`, what is wrong with it. The one
//! thing the two databases cannot say alike is written `uuid_text(column)`: the id as people and documents spell it.

use diesel::{
    prelude::*,
    sql_query,
    sql_types::{BigInt, Nullable, Text},
};

use super::offence::{OFFENCES_SHOWN_MAX, Offence, Offences};
use crate::{
    Db, StoreError,
    db::each,
    sql_types::{DbId, Id},
};

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Nullable<Id>)]
    subject: Option<DbId>,
    #[diesel(sql_type = Text)]
    detail: String,
    #[diesel(sql_type = BigInt)]
    total: i64,
}

/// The rows the text selects: all counted, the first of them shown.
pub(super) fn offences(db: &mut Db, text: &str) -> Result<Offences, StoreError> {
    let text = spell_ids(text, db);
    let bounded = format!(
        "SELECT subject, detail, count(*) OVER () AS total FROM ({text}) AS offence \
         ORDER BY subject, detail LIMIT {OFFENCES_SHOWN_MAX}"
    );
    let rows: Vec<Row> = each!(db, |c| sql_query(bounded).load(c))?;
    let count = rows.first().map_or(0, |row| u64::try_from(row.total).unwrap_or(u64::MAX));
    let first = rows.into_iter().map(|row| Offence { subject: row.subject.map(Into::into), detail: row.detail });
    Ok(Offences { count, first: first.collect() })
}

const MARK: &str = "uuid_text(";

/// Replaces every `uuid_text(column)` by what the database at hand understands.
fn spell_ids(text: &str, db: &Db) -> String {
    let mut spelled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(MARK) {
        let Some((column, tail)) = after.split_once(')') else { break };
        spelled.push_str(before);
        spelled.push_str(&match db {
            Db::Postgres(_) => format!("CAST({column} AS TEXT)"),
            Db::Sqlite(_) => hyphenated(column),
        });
        rest = tail;
    }
    spelled.push_str(rest);
    spelled
}

/// Eight, four, four, four and twelve hexadecimal digits of a blob.
fn hyphenated(column: &str) -> String {
    let groups = [(1, 8), (9, 4), (13, 4), (17, 4), (21, 12)];
    let groups = groups.map(|(start, length)| format!("substr(hex({column}), {start}, {length})"));
    format!("lower({})", groups.join(" || '-' || "))
}
