//! `huike verify`: asks the database whether everything that must hold does.

use std::{
    io::{self, Write},
    sync::Arc,
};

use clap::Args;
use huike_kernel::SystemClock;
use huike_persistence::{
    DatabaseUrl, Store, StoreOptions,
    verify::{self, Report},
};

use super::CliError;
use crate::{server::StartError, settings::Settings};

/// What to check.
#[derive(Args)]
pub(super) struct VerifyArgs {
    /// Only print the invariants that are known, one a line.
    #[arg(long)]
    list: bool,
}

impl VerifyArgs {
    /// Whether the database is asked at all.
    pub(super) fn asks_database(&self) -> bool {
        !self.list
    }
}

/// Prints every invariant: its number, its name, and what must hold.
pub(super) fn list() -> Result<(), CliError> {
    let mut out = io::stdout().lock();
    for invariant in verify::invariants() {
        writeln!(out, "{:<4} {:<22} {}", invariant.id, invariant.name, invariant.what)?;
    }
    Ok(())
}

/// Checks every invariant in one snapshot, beside whatever else uses the database.
pub(super) fn run(settings: &Settings) -> Result<(), CliError> {
    if let DatabaseUrl::Sqlite(file) = &settings.database_url
        && !file.exists()
    {
        return Err(CliError::NoDatabase(settings.database_url.clone()));
    }
    let options = StoreOptions { postgres_connections: 1, sqlite_readers: 1, ..StoreOptions::default() };
    let store = Store::open(&settings.database_url, &options, Arc::new(SystemClock)).map_err(StartError::from)?;
    conclude(&store.read_blocking(verify::run).map_err(StartError::from)?)
}

/// Prints what was found, and ends the command by it.
pub(super) fn conclude(report: &Report) -> Result<(), CliError> {
    print(report)?;
    match report.findings.len() {
        0 => Ok(()),
        broken => Err(CliError::Broken { broken, checked: report.checked }),
    }
}

fn print(report: &Report) -> io::Result<()> {
    let mut out = io::stdout().lock();
    if report.is_clean() {
        return writeln!(out, "all {} invariants hold", report.checked);
    }
    for finding in &report.findings {
        let (invariant, offences) = (finding.invariant, &finding.offences);
        writeln!(out, "{} {} is broken: {} ({} rows)", invariant.id, invariant.name, invariant.what, offences.count)?;
        for offence in &offences.first {
            writeln!(out, "    {offence}")?;
        }
        let shown = u64::try_from(offences.first.len()).unwrap_or(u64::MAX);
        if offences.count > shown {
            writeln!(out, "    … and {} more", offences.count - shown)?;
        }
    }
    Ok(())
}
