//! `huike seed-demo` and `serve --demo`: how far it is, and how to get in.

use std::io::{self, Write};

use clap::Args;
use huike_usecases::demo::{DemoProgress, DemoSize};
use indicatif::ProgressBar;
use secrecy::{ExposeSecret, SecretString};

use super::{CliError, interrupt::Interrupt, output, progress};
use crate::{
    demo::{self, DEMO_SEED, Seeded},
    settings::{Layer, Settings},
};

/// What to seed.
#[derive(Args)]
pub(super) struct SeedDemoArgs {
    /// The owner's sign-in name; default owner.
    #[arg(long, value_name = "NAME")]
    owner: Option<String>,
    /// The owner's password; default HUIKE_OWNER_PASSWORD, or one is made and shown once.
    #[arg(long, value_name = "PASSWORD")]
    owner_password: Option<SecretString>,
    /// Chance: the same number on the same day gives the same brand.
    #[arg(long, value_name = "NUMBER", default_value_t = DEMO_SEED)]
    seed: u64,
    /// How many customers, from 100 to 1000000; from 5000 on everything else of the brand is the same.
    #[arg(long, value_name = "CUSTOMERS", value_parser = clap::value_parser!(u32).range(100..=1_000_000))]
    scale: Option<u32>,
}

impl SeedDemoArgs {
    pub(super) fn over(&self, flags: Layer) -> Layer {
        let (owner, owner_password) = (self.owner.clone(), self.owner_password.clone());
        Layer { owner, owner_password, ..flags }
    }

    /// Seeds an empty database; refuses any other.
    pub(super) fn run(&self, settings: &Settings) -> Result<(), CliError> {
        let customers = self.scale.and_then(|scale| usize::try_from(scale).ok());
        match play(settings, self.seed, customers.map_or_else(DemoSize::default, DemoSize::of))? {
            Some(seeded) => Ok(print(&seeded)?),
            None => Err(CliError::NotEmpty(settings.database_url.clone())),
        }
    }
}

/// Seeds the database of a server that is about to start, if it is empty.
pub(super) fn seed_if_empty(settings: &Settings) -> Result<(), CliError> {
    match play(settings, DEMO_SEED, DemoSize::default())? {
        Some(seeded) => Ok(print(&seeded)?),
        None => Ok(()),
    }
}

fn play(settings: &Settings, seed: u64, size: DemoSize) -> Result<Option<Seeded>, CliError> {
    let interrupt = Interrupt::watch(None);
    let bar = match size.crowd {
        0 => progress::of_words(),
        crowd => progress::of_things(u64::try_from(crowd).unwrap_or(u64::MAX)),
    };
    let shown = bar.clone();
    let seeded = demo::seed(settings, seed, size, move |progress| {
        show(&shown, progress);
        interrupt.flow()
    });
    bar.finish_and_clear();
    Ok(seeded?)
}

/// On a terminal every wave and every day that is played; elsewhere one line for each part.
fn show(bar: &ProgressBar, progress: DemoProgress) {
    let words = match progress {
        DemoProgress::Building => "building the demonstration brand".to_owned(),
        DemoProgress::Crowd { came, .. } => {
            bar.set_position(u64::try_from(came).unwrap_or(u64::MAX));
            "customers".to_owned()
        }
        DemoProgress::Playing(day) => format!("playing {day}"),
        DemoProgress::Storing => "storing ninety days of claims and redemptions".to_owned(),
    };
    let goes_on = matches!(progress, DemoProgress::Crowd { .. } | DemoProgress::Playing(_));
    if bar.is_hidden() && !goes_on {
        eprintln!("{words} …");
    }
    bar.set_message(words);
}

fn print(seeded: &Seeded) -> io::Result<()> {
    let mut out = output::stdout();
    let it = &seeded.summary;
    writeln!(
        out,
        "小象母婴 is ready: {} stores, {} coupon templates, {} customers, {} coupons, {} redemptions of which {} undone.",
        it.stores, it.templates, it.customers, it.coupons, it.redemptions, it.undone
    )?;
    match &seeded.owner_password {
        Some(password) => writeln!(out, "  {:<24} {password}", seeded.owner.as_str())?,
        None => writeln!(out, "  {:<24} the password you gave", seeded.owner.as_str())?,
    }
    writeln!(out, "  {:<24} {}", "everybody else", seeded.staff_password)?;
    writeln!(out, "      marketer approver finance finance2 service warehouse, op-guangzhou …,")?;
    writeln!(out, "      mgr-gz-tianhe …, clerk-gz-tianhe …")?;
    writeln!(out, "  {:<24} {}", "the till system's key", seeded.key.expose_secret())?;
    if let Some(phone) = &it.regular {
        writeln!(out, "  {:<24} {}", "a regular customer", phone.as_str())?;
    }
    writeln!(out, "Passwords and the key are shown this once.")
}
