//! The command line.

mod audit_head;
mod backup;
mod copy;
mod demo;
mod interrupt;
mod output;
mod progress;
mod restore;
mod verify;

use std::{io::Write, path::PathBuf};

use clap::{Args, Parser, Subcommand};
use huike_access::{Login, decide_password};
use huike_persistence::{
    DatabaseUrl, DatabaseUrlError, Store, StoreOptions, backup::BackupError, copy::CopyError, migrations, staff,
};
use huike_usecases::{UseCaseError, sign_in};
use secrecy::{ExposeSecret, SecretString};

use crate::{
    api::Audience,
    auth::Passwords,
    jobs, routes,
    server::{self, DatabaseLock, StartError, one_time_password, system_caller},
    settings::{Layer, Profile, Settings, SettingsError},
    telemetry::{self, log::LogError},
};

/// Huike 惠客: coupons, members and growth for a brand with many sites.
#[derive(Parser)]
#[command(
    version,
    about,
    after_help = "Settings are read from huike.toml (or --config), then from HUIKE_* in the \
environment, then from the options: --listen is HUIKE_LISTEN is `listen`."
)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
    /// A settings file other than huike.toml.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// sqlite://path or postgres://…; default sqlite://data/huike.db.
    #[arg(long, global = true, value_name = "URL")]
    database_url: Option<String>,
    /// production (default) or dev.
    #[arg(long, global = true, value_enum)]
    profile: Option<Profile>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API; migrates first, and begins the brand on an empty database.
    #[command(after_help = "Examples:
  huike serve --profile dev
  HUIKE_OWNER_PASSWORD=… huike serve --public-url https://coupons.example --listen 0.0.0.0:8080
  HUIKE_MASTER_KEY=… huike serve --database-url postgres://huike@db/huike --public-url https://coupons.example")]
    Serve(ServeArgs),
    /// Bring the database's schema up to date.
    Migrate,
    /// Fill an empty database with a demonstration: a brand for mothers and babies, and ninety days of coupons.
    #[command(after_help = "Example:\n  huike seed-demo --database-url sqlite://data/demo.db --scale 100000")]
    SeedDemo(demo::SeedDemoArgs),
    /// Check that everything in the database that must hold does; may run beside a server.
    #[command(after_help = "Ends with 1 and the offending rows where something does not hold.

Example, with a line of the log that was kept elsewhere:
  huike verify --audit-head 48211:932dd96e08c21d9a6dc511eae96f24320cb53b3005487371a072bf549b966237")]
    Verify(verify::VerifyArgs),
    /// Write everything but the master key into one file; may run beside a server.
    #[command(after_help = "Examples:
  huike backup /backups/huike-2026-11-22.db
  huike backup --database-url postgres://huike@db/huike /backups/huike.dump

PostgreSQL needs its own pg_dump and pg_restore, of the server's version or newer.
The master key is not in a backup; without the key the backup cannot be restored.")]
    Backup(backup::BackupArgs),
    /// Restore a backup into an empty folder or database; it is migrated and verified.
    #[command(after_help = "Example:
  HUIKE_MASTER_KEY=… huike restore --database-url sqlite://data/huike.db /backups/huike-2026-11-22.db")]
    Restore(restore::RestoreArgs),
    /// Copy everything into another, empty database, from SQLite to PostgreSQL or back; may run beside a server.
    #[command(after_help = "Example:
  huike copy --from sqlite://data/huike.db --to postgres://huike@db/huike")]
    Copy(copy::CopyArgs),
    /// Look after the owner's account.
    #[command(subcommand)]
    Owner(OwnerCommand),
    /// Print the OpenAPI document of one audience.
    #[command(after_help = "Example:\n  huike openapi admin > docs/openapi/admin.json")]
    Openapi {
        /// For whom.
        audience: Audience,
    },
}

#[derive(Args)]
struct ServeArgs {
    /// Where to listen; default 127.0.0.1:8080.
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
    /// How the outside reaches the server; https makes cookies secure.
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// The sign-in name of the owner, on an empty database; the password is HUIKE_OWNER_PASSWORD, or made and shown once.
    #[arg(long, value_name = "NAME")]
    owner: Option<String>,
    /// Seed an empty database with the demonstration first; means profile dev unless --profile says otherwise.
    #[arg(long)]
    demo: bool,
    /// Time stands still until PUT /test/clock moves it (profile dev).
    #[arg(long)]
    manual_clock: bool,
}

#[derive(Subcommand)]
enum OwnerCommand {
    /// Give the owner a new one-time password and end their sessions.
    ResetPassword {
        /// The sign-in name, if it is not the one of the settings.
        #[arg(long, value_name = "NAME")]
        owner: Option<String>,
    },
}

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// The settings.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The log.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// A use case.
    #[error(transparent)]
    UseCase(#[from] UseCaseError),
    /// A backup, or its way back.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// A copy.
    #[error(transparent)]
    Copy(#[from] CopyError),
    /// An option that is no database URL.
    #[error("{0} {1:?}: {2}")]
    Url(&'static str, String, DatabaseUrlError),
    /// Nobody signs in with that name.
    #[error("nobody signs in as {0}")]
    NoSuchLogin(Login),
    /// There is a brand already.
    #[error("{0} is not empty; the demonstration goes into a database of its own, see --database-url")]
    NotEmpty(DatabaseUrl),
    /// There is nothing to look at.
    #[error("there is no database at {0}")]
    NoDatabase(DatabaseUrl),
    /// What must hold does not.
    #[error("{broken} of {checked} invariants do not hold")]
    Broken {
        /// How many do not.
        broken: usize,
        /// Of how many.
        checked: usize,
    },
    /// The log is not the one that somebody kept heads of.
    #[error("the audit chain does not go through {missing} of the heads that were kept")]
    AuditHeadMissing {
        /// How many.
        missing: usize,
    },
    /// The output is gone.
    #[error(transparent)]
    Output(#[from] std::io::Error),
}

impl Cli {
    /// Does what was asked.
    pub fn run(self) -> Result<(), CliError> {
        let mut flags = Layer { database_url: self.database_url, profile: self.profile, ..Layer::default() };
        match self.command {
            Command::Openapi { audience } => print_document(audience),
            Command::Serve(args) => {
                let plays = args.demo;
                let settings = Settings::load(self.config, args.over(flags))?;
                if plays {
                    demo::seed_if_empty(&settings)?;
                }
                telemetry::log::init(&settings)?;
                Ok(server::run(settings)?)
            }
            Command::SeedDemo(args) => args.run(&settings_of_a_tool(self.config, args.over(flags))?),
            Command::Verify(args) if !args.asks_database() => verify::list(),
            Command::Verify(args) => args.run(&settings_of_a_tool(self.config, flags)?),
            Command::Backup(args) => args.run(&settings_of_a_tool(self.config, flags)?),
            Command::Restore(args) => args.run(&settings_of_a_tool(self.config, flags)?),
            Command::Copy(args) => args.run(),
            Command::Migrate => migrate(&settings_of_a_tool(self.config, flags)?),
            Command::Owner(OwnerCommand::ResetPassword { owner }) => {
                flags.owner = owner;
                reset_owner_password(&settings_of_a_tool(self.config, flags)?)
            }
        }
    }
}

impl ServeArgs {
    fn over(self, flags: Layer) -> Layer {
        let profile = flags.profile.or(self.demo.then_some(Profile::Dev));
        Layer {
            listen: self.listen,
            public_url: self.public_url,
            owner: self.owner,
            manual_clock: self.manual_clock.then_some(true),
            profile,
            ..flags
        }
    }
}

/// A command that does not serve has no use for a public URL, so it does not insist on one.
fn settings_of_a_tool(config: Option<PathBuf>, flags: Layer) -> Result<Settings, SettingsError> {
    let layer = Layer::read(config)?.under(flags);
    let public_url = layer.public_url.clone().filter(|url| url.starts_with("https://"));
    Settings::from_layer(Layer {
        public_url: Some(public_url.unwrap_or_else(|| "https://localhost".to_owned())),
        ..layer
    })
}

fn print_document(audience: Audience) -> Result<(), CliError> {
    let mut out = output::stdout();
    writeln!(out, "{:#}", routes::document(audience))?;
    Ok(())
}

fn migrate(settings: &Settings) -> Result<(), CliError> {
    let _lock = DatabaseLock::take(&settings.database_url).map_err(StartError::from)?;
    let applied = migrations::run_at(&settings.database_url).map_err(StartError::from)?;
    let mut out = output::stdout();
    Ok(match applied.as_slice() {
        [] => writeln!(out, "{} is up to date", settings.database_url),
        applied => writeln!(out, "applied {}", applied.join(", ")),
    }?)
}

fn reset_owner_password(settings: &Settings) -> Result<(), CliError> {
    let _lock = DatabaseLock::take(&settings.database_url).map_err(StartError::from)?;
    let clock = std::sync::Arc::new(huike_kernel::SystemClock);
    let store = Store::open(&settings.database_url, &StoreOptions::default(), clock).map_err(StartError::from)?;
    let login = settings.owner.clone();
    let owner = store.read_blocking(move |db| staff::find_by_login(db, &login)).map_err(StartError::from)?;
    let owner = owner.ok_or_else(|| CliError::NoSuchLogin(settings.owner.clone()))?;
    let (password, shown) = new_password(settings)?;
    let passwords = Passwords::new(settings.password_cost).map_err(StartError::Passwords)?;
    let hash = passwords.hash_blocking(&password).map_err(StartError::Passwords)?;
    let caller = system_caller();
    store.write_blocking(move |db, now| sign_in::reset_password(db, &caller.act(now), &owner, &hash))?;
    // No server runs, on SQLite at least: what this wrote would wait for one.
    jobs::seal_waiting(&store).map_err(StartError::from)?;
    let mut out = output::stdout();
    Ok(match shown {
        Some(password) => writeln!(out, "{} signs in with the one-time password {password}", settings.owner),
        None => writeln!(out, "{} signs in with HUIKE_OWNER_PASSWORD, and changes it then", settings.owner),
    }?)
}

/// The password from the environment, or a new one to be shown.
fn new_password(settings: &Settings) -> Result<(SecretString, Option<String>), StartError> {
    match settings.owner_password.clone() {
        Some(given) => {
            decide_password(&settings.owner, given.expose_secret()).map_err(StartError::OwnerPassword)?;
            Ok((given, None))
        }
        None => {
            let made = one_time_password();
            Ok((made.clone().into(), Some(made)))
        }
    }
}
