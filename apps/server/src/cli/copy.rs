//! `huike copy`: everything from one database into another, most often from SQLite to PostgreSQL.

use std::{
    io::{self, Write},
    sync::Arc,
};

use clap::Args;
use huike_kernel::SystemClock;
use huike_persistence::{
    DatabaseUrl, DatabaseUrlError, Store, StoreOptions,
    copy::{self, CopyReport, CopyStep},
    verify as invariants,
};
use indicatif::HumanCount;

use super::{CliError, interrupt::Interrupt, output, progress, verify};
use crate::server::{DatabaseLock, StartError};

/// What to copy where.
#[derive(Args)]
pub(super) struct CopyArgs {
    /// The database to read; a server may be using it.
    #[arg(long, value_name = "URL")]
    from: String,
    /// The database to write; it must be empty, and is made where there is none.
    #[arg(long, value_name = "URL")]
    to: String,
}

impl CopyArgs {
    /// Copies, compares and verifies.
    pub(super) fn run(&self) -> Result<(), CliError> {
        let (from, to) = (read("--from", &self.from)?, read("--to", &self.to)?);
        copy::check_source(&from)?;
        let _lock = DatabaseLock::take(&to).map_err(StartError::from)?;
        let interrupt = Interrupt::watch(None);
        let bar = progress::of_things(0);
        let tell = |step| {
            match step {
                CopyStep::Begun { rows } => bar.set_length(rows),
                CopyStep::Copied { table, rows } => {
                    bar.set_message(table);
                    bar.inc(rows);
                }
                CopyStep::Comparing { table } => bar.set_message(format!("comparing {table}")),
            }
            interrupt.flow()
        };
        let report = copy::copy(&from, &to, &tell);
        bar.finish_and_clear();
        print((&from, &to), &report?)?;
        let options = StoreOptions { postgres_connections: 1, sqlite_readers: 1, ..StoreOptions::default() };
        let store = Store::open(&to, &options, Arc::new(SystemClock)).map_err(StartError::from)?;
        verify::conclude(&store.read_blocking(invariants::run).map_err(StartError::from)?)
    }
}

fn read(option: &'static str, text: &str) -> Result<DatabaseUrl, CliError> {
    text.parse().map_err(|error: DatabaseUrlError| CliError::Url(option, text.to_owned(), error))
}

fn print((from, to): (&DatabaseUrl, &DatabaseUrl), report: &CopyReport) -> io::Result<()> {
    let mut out = output::stdout();
    let seconds = report.copied_in.as_secs_f64().max(0.001);
    writeln!(out, "{to} holds what {from} held when the copy began, compared row by row:")?;
    for (table, digest) in report.tables.iter().filter(|(_, digest)| digest.rows > 0) {
        writeln!(out, "  {table:<24} {:>12}", HumanCount(digest.rows).to_string())?;
    }
    let whole = u64::try_from(report.copied_in.as_millis().max(1)).unwrap_or(u64::MAX);
    let rate = report.rows().saturating_mul(1_000) / whole;
    writeln!(out, "{} rows in {seconds:.1} s, {} rows/s", HumanCount(report.rows()), HumanCount(rate))?;
    writeln!(out, "The master key stays the same: the new server needs the one of the old. Sessions stay, too.")
}
