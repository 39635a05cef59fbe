//! What `scripts/bench` needs besides the server itself: a database with customers and templates to claim from, servers to
//! compare with that do not use it, and a look at what a run left behind. Nothing of this is part of the product.

use std::{error::Error, process::ExitCode};

use clap::{Parser, Subcommand};

mod check;
mod grow;
mod house;
mod offers;
mod people;
mod receivers;
mod seed;
mod stand_in;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What a command may fail with; it is shown and that is all.
type Outcome = Result<(), Box<dyn Error>>;

#[derive(Parser)]
#[command(about = "Helpers of scripts/bench")]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// sqlite://path or postgres://…
    #[arg(long, global = true, default_value = "sqlite://bench.db")]
    database_url: String,
}

#[derive(Subcommand)]
enum Command {
    /// Fill an empty database, and write down what the load generator needs.
    Seed(seed::SeedArgs),
    /// Make claims that were made earlier, through the use case that makes them.
    Grow(grow::GrowArgs),
    /// Compare what was answered with what is stored.
    Check(check::CheckArgs),
    /// Serve claims and quotes without the database.
    StandIn(stand_in::StandInArgs),
    /// Be the receivers of webhooks, after naming them in the database.
    Receivers(receivers::ReceiversArgs),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = match &cli.command {
        Command::Seed(args) => args.run(&cli.database_url),
        Command::Grow(args) => args.run(&cli.database_url),
        Command::Check(args) => args.run(&cli.database_url),
        Command::StandIn(args) => args.run(&cli.database_url),
        Command::Receivers(args) => args.run(&cli.database_url),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("huike-bench: {error}");
            ExitCode::FAILURE
        }
    }
}
