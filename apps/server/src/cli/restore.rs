//! `huike restore`: a backup into a place where nothing is yet.

use std::{
    io::{self, Write},
    path::PathBuf,
};

use clap::Args;
use huike_kernel::{Clock, SystemClock};
use huike_persistence::{
    DatabaseUrl,
    backup::{Archive, Restoring, partial_path},
    verify as invariants,
};
use huike_usecases::recovery::{self, Recovered};

use super::{CliError, interrupt::Interrupt, output, progress, verify};
use crate::{
    keys,
    server::{DatabaseLock, StartError, system_caller},
    settings::Settings,
    sources::SystemRandom,
};

/// What to restore.
#[derive(Args)]
pub(super) struct RestoreArgs {
    /// The backup.
    file: PathBuf,
}

impl RestoreArgs {
    /// Looks the file and the master key through before anything is touched, and restores, migrates and verifies.
    pub(super) fn run(&self, settings: &Settings) -> Result<(), CliError> {
        let url = &settings.database_url;
        let archive = Archive::open(&self.file, url)?;
        check_master_key(settings, &archive)?;
        let _lock = DatabaseLock::take(url).map_err(StartError::from)?;
        let interrupt = Interrupt::watch(match url {
            DatabaseUrl::Sqlite(database) => Some(partial_path(database)),
            DatabaseUrl::Postgres(_) => None,
        });
        let bar = progress::of_bytes(self.file.metadata().ok().map(|metadata| metadata.len()));
        let tell = |bytes| {
            bar.set_position(bytes);
            interrupt.flow()
        };
        let restoring = Restoring::begin(&archive, url, &tell);
        bar.finish_and_clear();
        let mut restoring = restoring?;
        let caller = system_caller();
        let recovered = restoring.write(|db| recovery::after_restore(db, &caller.act(SystemClock.now())))?;
        let report = restoring.read(invariants::run).map_err(StartError::from)?;
        let applied = restoring.applied().join(", ");
        restoring.finish()?;
        self.print(settings, (archive.schema(), &applied), recovered)?;
        verify::conclude(&report)
    }

    fn print(&self, settings: &Settings, (schema, applied): (&str, &str), recovered: Recovered) -> io::Result<()> {
        let mut out = output::stdout();
        writeln!(out, "{} was restored from {} (schema {schema})", settings.database_url, self.file.display())?;
        if !applied.is_empty() {
            writeln!(out, "  migrated: {applied}")?;
        }
        writeln!(out, "  sessions ended: {}; everybody signs in again", recovered.sessions_ended)?;
        writeln!(out, "What was changed after the backup was made is as before it: keys and staff that were revoked")?;
        writeln!(out, "since are good again, so look through them.")
    }
}

/// Without the key the codes, secrets and keys in the backup could never be opened.
fn check_master_key(settings: &Settings, archive: &Archive) -> Result<(), StartError> {
    if archive.keys().is_empty() {
        return Ok(());
    }
    let master = keys::locate(settings, true, &SystemRandom)?;
    Ok(keys::check_opens(archive.keys(), &master)?)
}
