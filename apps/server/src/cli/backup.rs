//! `huike backup`: one file that holds everything but the master key.

use std::{
    io::{self, Write},
    path::PathBuf,
};

use clap::Args;
use huike_persistence::backup::{self, BackupReport, partial_path};
use indicatif::HumanBytes;

use super::{CliError, interrupt::Interrupt, output, progress};
use crate::{
    keys::{MasterKeyPlace, place_of_master_key},
    settings::Settings,
};

/// What to back up, and where to.
#[derive(Args)]
pub(super) struct BackupArgs {
    /// The file to write.
    file: PathBuf,
    /// Replace the file if there is one.
    #[arg(long)]
    force: bool,
}

impl BackupArgs {
    /// Backs up beside whatever else uses the database.
    pub(super) fn run(&self, settings: &Settings) -> Result<(), CliError> {
        let url = &settings.database_url;
        let interrupt = Interrupt::watch(Some(partial_path(&self.file)));
        let bar = progress::of_bytes(backup::expected_bytes(url));
        let tell = |bytes| {
            bar.set_position(bytes);
            interrupt.flow()
        };
        let done = backup::backup(url, &self.file, self.force, &tell);
        bar.finish_and_clear();
        Ok(self.print(settings, &done?)?)
    }

    fn print(&self, settings: &Settings, report: &BackupReport) -> io::Result<()> {
        let mut out = output::stdout();
        writeln!(
            out,
            "{} is a backup of {}: {} in {:.1} s, checked",
            self.file.display(),
            settings.database_url,
            HumanBytes(report.bytes),
            report.took.as_secs_f64()
        )?;
        writeln!(out, "  {:<10} {}", "schema", report.schema)?;
        writeln!(out, "  {:<10} {}", "sha256", report.sha256)?;
        let place = place_of_master_key(settings).unwrap_or(MasterKeyPlace::Settings);
        writeln!(out, "The master key is NOT in it, and without the key it cannot be restored.")?;
        writeln!(out, "The key is in {place}: keep a copy of it, and not where you keep the backup.")
    }
}
