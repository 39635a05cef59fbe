//! Copies everything from one database into another that is empty, whichever kind either is.
//!
//! The source is read in one snapshot, beside whatever works on it. The target is written in one transaction, read back
//! and compared with the source row by row before that is committed: it ends up whole or as empty as before.

mod digest;
mod error;
mod read;
mod row;
mod tables;
mod write;

use std::{
    ops::ControlFlow,
    thread,
    time::{Duration, Instant},
};

use crossbeam_channel::bounded;
use diesel::connection::SimpleConnection;

pub use digest::TableDigest;
pub use error::CopyError;
pub use tables::{CopiedTable, Kind, tables};

use self::row::{Cell, Row};
use crate::{
    DatabaseUrl, Db, StoreError, StoreOptions, migrations,
    store::{Purpose, connect},
};

/// Chunks that are read ahead of the writing.
const CHUNKS_AHEAD: usize = 4;

/// Is told how far it is; may ask to break off.
pub type Tell<'a> = &'a dyn Fn(CopyStep) -> ControlFlow<()>;

/// How far a copy is.
#[derive(Debug, Clone, Copy)]
pub enum CopyStep {
    /// So many rows are to be copied.
    Begun {
        /// How many.
        rows: u64,
    },
    /// So many more rows of the table were copied.
    Copied {
        /// The table.
        table: &'static str,
        /// How many more.
        rows: u64,
    },
    /// The table of the target is read back.
    Comparing {
        /// The table.
        table: &'static str,
    },
}

/// What was copied.
#[derive(Debug, Clone)]
pub struct CopyReport {
    /// Each table with what it holds, on both sides.
    pub tables: Vec<(&'static str, TableDigest)>,
    /// How long reading and writing took, without the comparison.
    pub copied_in: Duration,
}

impl CopyReport {
    /// How many rows were copied.
    pub fn rows(&self) -> u64 {
        self.tables.iter().map(|(_, digest)| digest.rows).sum()
    }
}

/// Copies every table of `from` into `to`. The target is migrated first; the caller keeps other processes away from it.
pub fn copy(from: &DatabaseUrl, to: &DatabaseUrl, tell: Tell<'_>) -> Result<CopyReport, CopyError> {
    if from == to {
        return Err(CopyError::OneDatabase(from.clone()));
    }
    let mut source = open_source(from)?;
    let mut target = open_target(to)?;
    source.batch_execute(snapshot(&source)).map_err(StoreError::from)?;
    target.batch_execute(begin(&target)).map_err(StoreError::from)?;
    let done = copy_and_compare(&mut source, &mut target, tell);
    let end = if done.is_ok() { "COMMIT" } else { "ROLLBACK" };
    let ended = target.batch_execute(end).map_err(StoreError::from);
    let report = done?;
    ended?;
    // What is known of the new rows decides how they are read; without, PostgreSQL would guess.
    target.batch_execute("ANALYZE").map_err(StoreError::from)?;
    Ok(report)
}

/// Whether the database can be copied: it is there, and its schema is of this version.
pub fn check_source(url: &DatabaseUrl) -> Result<(), CopyError> {
    open_source(url).map(drop)
}

/// What every table of the database adds up to, in one snapshot.
pub fn digest(url: &DatabaseUrl) -> Result<Vec<(&'static str, TableDigest)>, CopyError> {
    let mut db = open_source(url)?;
    db.batch_execute(snapshot(&db)).map_err(StoreError::from)?;
    let mut digests = Vec::new();
    for table in tables() {
        digests.push((table.name, read::read::<StoreError>(&mut db, &table, |_rows| Ok(()))?));
    }
    Ok(digests)
}

/// The first table that has a row, if any has. Asked of a migrated database.
pub fn find_table_in_use(db: &mut Db) -> Result<Option<&'static str>, StoreError> {
    for table in tables() {
        if read::count(db, &table)? > 0 {
            return Ok(Some(table.name));
        }
    }
    Ok(None)
}

fn open_source(url: &DatabaseUrl) -> Result<Db, CopyError> {
    if let DatabaseUrl::Sqlite(file) = url
        && !file.exists()
    {
        return Err(CopyError::NoDatabase(url.clone()));
    }
    let mut db = open(url, Purpose::Read)?;
    let state = migrations::state(&mut db, url)?;
    if !state.unknown.is_empty() {
        return Err(CopyError::Newer(url.clone(), state.unknown.join(", ")));
    }
    if !state.pending.is_empty() {
        return Err(CopyError::Older(url.clone()));
    }
    Ok(db)
}

fn open_target(url: &DatabaseUrl) -> Result<Db, CopyError> {
    let mut db = open(url, Purpose::Write)?;
    let state = migrations::state(&mut db, url)?;
    if !state.unknown.is_empty() {
        return Err(CopyError::Newer(url.clone(), state.unknown.join(", ")));
    }
    migrations::run(&mut db)?;
    match find_table_in_use(&mut db)? {
        Some(table) => Err(CopyError::NotEmpty(url.clone(), table)),
        None => Ok(db),
    }
}

fn open(url: &DatabaseUrl, purpose: Purpose) -> Result<Db, CopyError> {
    connect(url, purpose, &StoreOptions::default()).map_err(|error| CopyError::Connection(url.clone(), error))
}

fn snapshot(db: &Db) -> &'static str {
    match db {
        Db::Sqlite(_) => "BEGIN DEFERRED",
        Db::Postgres(_) => {
            "SET idle_in_transaction_session_timeout = 0; BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
        }
    }
}

/// SQLite keeps 64 MiB of pages in memory, for keys come in no order.
fn begin(db: &Db) -> &'static str {
    match db {
        Db::Sqlite(_) => "PRAGMA cache_size = -65536; BEGIN IMMEDIATE",
        Db::Postgres(_) => "SET idle_in_transaction_session_timeout = 0; BEGIN",
    }
}

fn copy_and_compare(source: &mut Db, target: &mut Db, tell: Tell<'_>) -> Result<CopyReport, CopyError> {
    let tables = tables();
    let mut rows = 0;
    for table in &tables {
        rows += read::count(source, table)?;
    }
    say(tell, CopyStep::Begun { rows })?;
    let (started, mut digests) = (Instant::now(), Vec::new());
    for table in &tables {
        digests.push((table.name, copy_table(source, target, table, tell)?));
    }
    let copied_in = started.elapsed();
    for (table, (_, expected)) in tables.iter().zip(&digests) {
        say(tell, CopyStep::Comparing { table: table.name })?;
        let found = read::read::<StoreError>(target, table, |_rows| Ok(()))?;
        if found != *expected {
            return Err(CopyError::Differs { table: table.name, source_rows: expected.rows, target_rows: found.rows });
        }
    }
    Ok(CopyReport { tables: digests, copied_in })
}

/// Reads on a thread of its own, so that neither database waits for the other.
fn copy_table(source: &mut Db, target: &mut Db, table: &CopiedTable, tell: Tell<'_>) -> Result<TableDigest, CopyError> {
    thread::scope(|scope| {
        let (sender, chunks) = bounded::<Vec<Row>>(CHUNKS_AHEAD);
        let reader = scope.spawn(move || {
            read::read(source, table, |rows| {
                check_documents(table, &rows)?;
                // The writer hangs up when it failed, and says why itself.
                sender.send(rows).map_err(|_rows| CopyError::Ended)
            })
        });
        for rows in &chunks {
            let many = u64::try_from(rows.len()).unwrap_or(0);
            write::insert(target, table, rows).map_err(|error| CopyError::Refused { table: table.name, error })?;
            say(tell, CopyStep::Copied { table: table.name, rows: many })?;
        }
        reader.join().unwrap_or(Err(CopyError::Ended))
    })
}

fn say(tell: Tell<'_>, step: CopyStep) -> Result<(), CopyError> {
    if tell(step).is_break() { Err(CopyError::Stopped) } else { Ok(()) }
}

fn check_documents(table: &CopiedTable, rows: &[Row]) -> Result<(), CopyError> {
    for row in rows {
        for (cell, (column, _)) in row.0.iter().zip(&table.columns) {
            if let Cell::Json(document) = cell
                && let Some(number) = digest::unsteady_number(document)
            {
                return Err(CopyError::Unsteady { table: table.name, column, number });
            }
        }
    }
    Ok(())
}
