//! `huike verify`: asks the database whether everything that must hold does.

use std::{
    io::{self, Write},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use clap::Args;
use huike_kernel::SystemClock;
use huike_persistence::{
    DatabaseUrl, Db, Store, StoreError, StoreOptions,
    verify::{self, Report},
};

use super::{
    CliError,
    audit_head::{HeadFound, KeptHead, tell_heads},
    output,
};
use crate::{server::StartError, settings::Settings};

/// What to check.
#[derive(Args)]
pub(super) struct VerifyArgs {
    /// Only print the invariants that are known, one a line.
    #[arg(long)]
    list: bool,
    /// A head of the audit chain that was kept elsewhere, as the log tells it or the hash alone: says whether the chain
    /// still goes through it. May be given several times.
    #[arg(long, value_name = "[NUMBER:]HASH")]
    audit_head: Vec<KeptHead>,
}

/// How long a server that was held up has to seal what waits, before it counts as forgotten.
const SEALED_WITHIN: Duration = Duration::from_secs(5);
const LOOK_AGAIN: Duration = Duration::from_millis(250);

impl VerifyArgs {
    /// Whether the database is asked at all.
    pub(super) fn asks_database(&self) -> bool {
        !self.list
    }
}

/// Prints every invariant: its number, its name, and what must hold.
pub(super) fn list() -> Result<(), CliError> {
    let mut out = output::stdout();
    for invariant in verify::invariants() {
        writeln!(out, "{:<4} {:<22} {}", invariant.id, invariant.name, invariant.what)?;
    }
    Ok(())
}

impl VerifyArgs {
    /// Checks every invariant in one snapshot, beside whatever else uses the database, and looks for the heads in it.
    pub(super) fn run(&self, settings: &Settings) -> Result<(), CliError> {
        if let DatabaseUrl::Sqlite(file) = &settings.database_url
            && !file.exists()
        {
            return Err(CliError::NoDatabase(settings.database_url.clone()));
        }
        let options = StoreOptions { postgres_connections: 1, sqlite_readers: 1, ..StoreOptions::default() };
        let store = Store::open(&settings.database_url, &options, Arc::new(SystemClock)).map_err(StartError::from)?;
        wait_for_seals(&store)?;
        let heads = self.audit_head.clone();
        let look = move |db: &mut Db| {
            let found: Result<Vec<HeadFound>, StoreError> = heads.iter().map(|kept| kept.look_for(db)).collect();
            Ok::<_, StoreError>((verify::run(db)?, found?))
        };
        let (report, found) = store.read_blocking(look).map_err(StartError::from)?;
        // Both are told before either ends the command.
        let told = tell_heads(&found);
        conclude(&report)?;
        told
    }
}

/// A database may have been stopped with its server for longer than a row may wait; when both go on, the server needs a
/// moment.
fn wait_for_seals(store: &Store) -> Result<(), CliError> {
    let began = Instant::now();
    let Some(sealed) = verify::invariants().find(|invariant| invariant.name == verify::AUDIT_SEALED) else {
        return Ok(());
    };
    while store.read_blocking(|db| sealed.check(db)).map_err(StartError::from)?.count > 0
        && began.elapsed() < SEALED_WITHIN
    {
        thread::sleep(LOOK_AGAIN);
    }
    Ok(())
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
    let mut out = output::stdout();
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
