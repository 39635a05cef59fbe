//! Logs: JSON lines in production, readable lines in development.

use std::io::IsTerminal;

use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt, util::SubscriberInitExt};

use crate::settings::{Profile, Settings};

/// The HTTP library reports every caller who does not speak HTTP as an error of its own, so anybody could fill the log.
/// Settings that name it hear it all the same.
const NOT_OURS: &str = "actix_http=off";

/// Why logging cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The filter is not one.
    #[error("log filter: {0}")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    /// Somebody else logs already.
    #[error(transparent)]
    Taken(#[from] tracing_subscriber::util::TryInitError),
}

/// Starts logging to standard error, which leaves standard output to commands that print.
pub fn init(settings: &Settings) -> Result<(), LogError> {
    let filter = EnvFilter::try_new(format!("{NOT_OURS},{}", settings.log))?;
    let ansi = std::io::stderr().is_terminal();
    let registry = tracing_subscriber::registry().with(filter);
    match settings.profile {
        Profile::Production => {
            let layer = fmt::layer().json().flatten_event(true).with_current_span(true).with_span_list(false);
            registry.with(layer.with_writer(std::io::stderr)).try_init()?;
        }
        Profile::Dev => {
            registry.with(fmt::layer().with_target(false).with_ansi(ansi).with_writer(std::io::stderr)).try_init()?
        }
    }
    Ok(())
}
