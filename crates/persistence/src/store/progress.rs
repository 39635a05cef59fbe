//! How far an ask has come: one atomic word that its caller and the thread that serves it both decide by.
//!
//! A caller does not wait for ever. When it leaves, exactly one of three things is true, and both sides know which:
//! the body has not run and never will; it has run and is undone; or its COMMIT was on the way, and only the database
//! knows.

use std::sync::atomic::{AtomicU8, Ordering};

const WAITING: u8 = 0;
const RUNNING: u8 = 1;
const COMMITTING: u8 = 2;
const LEFT: u8 = 3;

/// Shared by the two sides of one ask.
#[derive(Debug)]
pub(super) struct Progress(AtomicU8);

impl Progress {
    /// An ask that nobody has begun with.
    pub(super) fn new() -> Self {
        Self(AtomicU8::new(WAITING))
    }

    /// The thread is about to run the body. `false`: the caller has left, and it must not run.
    pub(super) fn begin(&self) -> bool {
        // A body that is run again because its COMMIT was lost stays as uncertain as it is.
        self.advance(|now| if now == COMMITTING { COMMITTING } else { RUNNING })
    }

    /// The thread is about to make what the body wrote irrevocable. `false`: the caller has left, and it is undone.
    pub(super) fn commit(&self) -> bool {
        self.advance(|_now| COMMITTING)
    }

    /// The caller leaves. Whether what it asked for may have been committed all the same.
    pub(super) fn leave(&self) -> bool {
        self.0.swap(LEFT, Ordering::AcqRel) == COMMITTING
    }

    fn advance(&self, next: impl Fn(u8) -> u8) -> bool {
        self.0.fetch_update(Ordering::AcqRel, Ordering::Acquire, |now| (now != LEFT).then(|| next(now))).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use super::*;

    #[test]
    fn who_left_before_the_body_ran_never_sees_it_run() {
        let progress = Progress::new();
        assert!(!progress.leave());
        assert!(!progress.begin() && !progress.commit());
    }

    #[test]
    fn who_left_while_the_body_ran_has_it_undone() {
        let progress = Progress::new();
        assert!(progress.begin());
        assert!(!progress.leave());
        assert!(!progress.commit());
    }

    #[test]
    fn who_left_while_it_was_committed_cannot_know() {
        let progress = Progress::new();
        assert!(progress.begin() && progress.commit());
        assert!(progress.begin(), "run again through its key");
        assert!(progress.leave());
        assert!(!progress.begin(), "nobody is there to run it for again");
    }

    #[test]
    fn both_sides_always_agree() {
        for _ in 0..2_000 {
            let (progress, start) = (Progress::new(), Barrier::new(2));
            let (committed, uncertain) = std::thread::scope(|scope| {
                let thread = scope.spawn(|| {
                    start.wait();
                    progress.begin() && progress.commit()
                });
                start.wait();
                let uncertain = progress.leave();
                (thread.join().unwrap(), uncertain)
            });
            assert_eq!(committed, uncertain);
        }
    }
}
