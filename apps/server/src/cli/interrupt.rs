//! Ctrl-C and SIGTERM while a long command runs: it is asked to stop, and made to where it does not.

use std::{
    ops::ControlFlow,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use actix_web::rt::{System, signal};

/// How long a command that was asked may take to end by itself. One statement of SQLite may take longer.
const GRACE: Duration = Duration::from_secs(2);
/// What shells say of a process that was interrupted.
const INTERRUPTED: i32 = 130;

/// Whether somebody asked to stop.
#[derive(Clone)]
pub(super) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Watches until the process ends. `unfinished` is removed when the process has to be ended from here; the databases
    /// roll back what was not committed.
    pub(super) fn watch(unfinished: Option<PathBuf>) -> Self {
        let asked = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&asked);
        thread::spawn(move || {
            System::new().block_on(wait_for_signal());
            told.store(true, Ordering::Relaxed);
            thread::sleep(GRACE);
            if let Some(file) = unfinished {
                drop(std::fs::remove_file(file));
            }
            std::process::exit(INTERRUPTED);
        });
        Self(asked)
    }

    /// Go on, or not.
    pub(super) fn flow(&self) -> ControlFlow<()> {
        if self.0.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

/// Returns with the first signal. Where signals cannot be had, the process ends as by default.
async fn wait_for_signal() {
    #[cfg(unix)]
    if let Ok(mut terminated) = signal::unix::signal(signal::unix::SignalKind::terminate()) {
        let interrupted = std::pin::pin!(signal::ctrl_c());
        let terminated = std::pin::pin!(terminated.recv());
        first_of(interrupted, terminated).await;
        return;
    }
    drop(signal::ctrl_c().await);
}

/// Waits for whichever comes first.
#[cfg(unix)]
async fn first_of<A, B>(
    mut one: std::pin::Pin<&mut impl Future<Output = A>>,
    mut other: std::pin::Pin<&mut impl Future<Output = B>>,
) {
    std::future::poll_fn(|context| {
        if one.as_mut().poll(context).is_ready() || other.as_mut().poll(context).is_ready() {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
}
