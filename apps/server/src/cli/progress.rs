//! Bars on a terminal; nothing where nobody looks.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

const TICK: Duration = Duration::from_millis(120);

/// A bar over bytes; without a total a spinner that counts them.
pub(super) fn of_bytes(total: Option<u64>) -> ProgressBar {
    match total {
        Some(total) => styled(ProgressBar::new(total), "{bar:32} {bytes}/{total_bytes}  {elapsed}"),
        None => styled(ProgressBar::new_spinner(), "{spinner} {bytes}  {elapsed}"),
    }
}

/// A bar over things that are counted.
pub(super) fn of_things(total: u64) -> ProgressBar {
    styled(ProgressBar::new(total), "{bar:32} {human_pos}/{human_len}  {per_sec}  {elapsed}<{eta}  {msg}")
}

/// No bar, only what is being done.
pub(super) fn of_words() -> ProgressBar {
    styled(ProgressBar::new_spinner(), "{spinner} {msg}  {elapsed}")
}

fn styled(bar: ProgressBar, template: &str) -> ProgressBar {
    // A template that is none would be a mistake of ours; a plain bar shows the same.
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_mistake| ProgressStyle::default_bar());
    bar.set_style(style);
    bar.enable_steady_tick(TICK);
    bar
}
