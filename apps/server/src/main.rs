//! The `huike` binary.

use std::process::ExitCode;

use clap::Parser;
use huike_server::cli::Cli;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match Cli::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("huike: {error}");
            ExitCode::FAILURE
        }
    }
}
