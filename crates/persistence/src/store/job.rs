//! One queued transaction body, with the place its answer goes to.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use tokio::sync::oneshot;

use crate::{Db, StoreError, TxError, error::Fault};

/// How long an ask may wait before its body is run.
pub(super) const WAIT_MAX: Duration = Duration::from_secs(2);

/// A body over this is worth a line in the log: it holds up every writer on SQLite.
const SLOW: Duration = Duration::from_millis(50);

/// What may be done with a body when nobody knows whether its COMMIT arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Replay {
    /// It only reads: run it again.
    Harmless,
    /// It begins with an idempotency key, so a second run finds the first one's outcome.
    ThroughKey,
    /// It must not run again: the caller is told that the outcome is unknown.
    Never,
}

/// What one run of a body calls for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Keep what it wrote.
    Keep,
    /// It refused, failed or panicked: undo what it wrote, answer that.
    Undo,
    /// The database asks for another run.
    Again,
    /// The connection is gone.
    ConnectionLost,
    /// SQLite's file cannot be written; the whole transaction is lost.
    StorageFailed,
}

/// What became of the transaction that a body ran in.
#[derive(Debug)]
pub(super) enum Fate {
    /// The body's own answer holds.
    Stands,
    /// The transaction failed around it.
    Failed(StoreError),
}

/// A body of any type, as the threads see it.
pub(super) trait Job: Send {
    /// Runs the body and keeps its answer inside.
    fn attempt(&mut self, db: &mut Db, now: DateTime<Utc>) -> Verdict;
    /// Sends the answer. A caller that went away is no error.
    fn answer(self: Box<Self>, fate: Fate);
    /// Since when it waits.
    fn queued_at(&self) -> Instant;
    /// What may be done when a COMMIT was lost.
    fn replay(&self) -> Replay;
}

pub(super) struct Ask<F, T, E> {
    body: F,
    outcome: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<T, E>>,
    queued_at: Instant,
    replay: Replay,
}

impl<F, T, E> Ask<F, T, E> {
    pub(super) fn new(body: F, reply: oneshot::Sender<Result<T, E>>, replay: Replay) -> Self {
        Self { body, outcome: None, reply, queued_at: Instant::now(), replay }
    }
}

impl<F, T, E> Job for Ask<F, T, E>
where
    F: Fn(&mut Db, DateTime<Utc>) -> Result<T, E> + Send,
    T: Send,
    E: TxError,
{
    fn attempt(&mut self, db: &mut Db, now: DateTime<Utc>) -> Verdict {
        let started = Instant::now();
        let run = catch_unwind(AssertUnwindSafe(|| (self.body)(db, now)));
        let took = started.elapsed();
        if took > SLOW {
            tracing::warn!(took_ms = took.as_millis(), "a transaction's body was slow");
        }
        let outcome = run.unwrap_or_else(|_panic| {
            tracing::error!("a transaction's body panicked and is rolled back");
            Err(E::from(StoreError::Panicked))
        });
        let verdict = match &outcome {
            Ok(_) => Verdict::Keep,
            Err(error) => match error.store().map_or(Fault::None, StoreError::fault) {
                Fault::None | Fault::LockTimeout => Verdict::Undo,
                Fault::Retry => Verdict::Again,
                Fault::ConnectionLost => Verdict::ConnectionLost,
                Fault::StorageFailed => Verdict::StorageFailed,
            },
        };
        self.outcome = Some(outcome);
        verdict
    }

    fn answer(self: Box<Self>, fate: Fate) {
        let answer = match (fate, self.outcome) {
            (Fate::Stands, Some(outcome)) => outcome,
            (Fate::Stands, None) => Err(E::from(StoreError::Unavailable("the body was not run"))),
            (Fate::Failed(error), _) => Err(E::from(error)),
        };
        // The caller may have hung up; its transaction stands all the same.
        drop(self.reply.send(answer));
    }

    fn queued_at(&self) -> Instant {
        self.queued_at
    }

    fn replay(&self) -> Replay {
        self.replay
    }
}
