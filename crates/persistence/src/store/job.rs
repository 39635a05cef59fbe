//! One queued transaction body, with the place its answer goes to.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use huike_kernel::{DomainError, ErrorKind};
use tokio::sync::oneshot;

use super::{progress::Progress, waiting::Waiting};
use crate::{Db, StoreError, TxError, error::Fault};

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

/// How an ask is to be treated.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terms {
    /// What may be done when its COMMIT was lost.
    pub(super) replay: Replay,
    /// Whether its caller leaves after [`StoreOptions::wait_max`](super::StoreOptions::wait_max).
    pub(super) bounded: bool,
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
    /// Undo, and look for another server: this one only reads.
    ReadOnly,
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
    /// Whether the body is to be run. `false` when its caller has left.
    fn begin(&self) -> bool;
    /// Runs the body and keeps its answer inside.
    fn attempt(&mut self, db: &mut Db, now: DateTime<Utc>) -> Verdict;
    /// Whether what the body wrote is to be kept. `false` when its caller has left and was told that nothing is.
    fn commit(&mut self) -> bool;
    /// Its COMMIT was lost with the connection. Whether the body is to be run again.
    fn lose_commit(&mut self) -> bool;
    /// Sends the answer. A caller that went away is no error.
    fn answer(self: Box<Self>, fate: Fate);
    /// Since when it waits.
    fn queued_at(&self) -> Instant;
    /// How it is to be treated.
    fn terms(&self) -> Terms;
}

pub(super) struct Ask<F, T, E> {
    body: F,
    outcome: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<T, E>>,
    progress: Arc<Progress>,
    queued_at: Instant,
    terms: Terms,
    /// A COMMIT was sent and never answered.
    commit_lost: bool,
}

impl<F, T, E: TxError> Ask<F, T, E> {
    /// The thread's side and the caller's side of one ask.
    pub(super) fn new(body: F, terms: Terms) -> (Self, Waiting<T, E>) {
        let (reply, answer) = oneshot::channel();
        let progress = Arc::new(Progress::new());
        let waiting = Waiting::new(answer, Arc::clone(&progress));
        let queued_at = Instant::now();
        (Self { body, outcome: None, reply, progress, queued_at, terms, commit_lost: false }, waiting)
    }
}

/// The answer to a caller that has left and will not read it.
const LEFT: StoreError = StoreError::Unavailable("its caller has left");

impl<F, T, E> Job for Ask<F, T, E>
where
    F: Fn(&mut Db, DateTime<Utc>) -> Result<T, E> + Send,
    T: Send,
    E: TxError,
{
    fn begin(&self) -> bool {
        self.progress.begin()
    }

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
                Fault::None | Fault::LockTimeout | Fault::Cancelled => Verdict::Undo,
                Fault::Retry => Verdict::Again,
                Fault::ConnectionLost => Verdict::ConnectionLost,
                Fault::ReadOnly => Verdict::ReadOnly,
                Fault::StorageFailed => Verdict::StorageFailed,
            },
        };
        self.outcome = Some(outcome);
        verdict
    }

    fn commit(&mut self) -> bool {
        // A read has nothing to commit, so that nobody who leaves it is told of an unknown outcome.
        let kept = match self.terms.replay {
            Replay::Harmless => self.progress.begin(),
            Replay::ThroughKey | Replay::Never => self.progress.commit(),
        };
        if !kept {
            self.outcome = Some(Err(E::from(LEFT)));
        }
        kept
    }

    fn lose_commit(&mut self) -> bool {
        self.commit_lost = self.terms.replay != Replay::Harmless;
        self.terms.replay != Replay::Never && !self.reply.is_closed()
    }

    fn answer(self: Box<Self>, fate: Fate) {
        let answer = match (fate, self.outcome) {
            (Fate::Stands, Some(outcome)) => outcome,
            (Fate::Stands, None) => Err(E::from(StoreError::Unavailable("the body was not run"))),
            (Fate::Failed(error), _) => Err(E::from(error)),
        };
        // "Nothing was written" must not be said where a COMMIT of an earlier run may have arrived.
        let answer = match answer {
            Err(error) if self.commit_lost && is_unavailable(&error) => Err(E::from(StoreError::OutcomeUnknown)),
            answer => answer,
        };
        // The caller may have hung up; its transaction stands all the same.
        drop(self.reply.send(answer));
    }

    fn queued_at(&self) -> Instant {
        self.queued_at
    }

    fn terms(&self) -> Terms {
        self.terms
    }
}

fn is_unavailable(error: &impl TxError) -> bool {
    error.store().is_some_and(|error| error.kind() == ErrorKind::Unavailable)
}
