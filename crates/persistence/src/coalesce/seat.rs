//! One ask in its line, and its caller's side: waiting for the answer, and leaving when that takes too long.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    time::Duration,
};

use huike_kernel::{DomainError, ErrorKind};
use tokio::{sync::oneshot, time::timeout};

use super::{Work, lines::Waits};
use crate::{StoreError, TxError};

const WAITING: u8 = 0;
const BEGUN: u8 = 1;
const LEFT: u8 = 2;

/// An ask, and where its answer goes.
pub(super) struct Seat<W: Work> {
    ask: W::Ask,
    marks: Vec<u64>,
    reply: oneshot::Sender<Result<W::Answer, W::Error>>,
    state: Arc<AtomicU8>,
    /// A COMMIT was sent with this ask in it, and never answered.
    commit_lost: bool,
}

/// The caller's side.
pub(super) struct Answer<T, E> {
    answer: oneshot::Receiver<Result<T, E>>,
    state: Arc<AtomicU8>,
    reads_only: bool,
}

impl<W: Work> Seat<W> {
    pub(super) fn new(ask: W::Ask, marks: Vec<u64>) -> (Self, Answer<W::Answer, W::Error>) {
        let (reply, answer) = oneshot::channel();
        let state = Arc::new(AtomicU8::new(WAITING));
        let answer = Answer { answer, state: Arc::clone(&state), reads_only: W::READS_ONLY };
        (Self { ask, marks, reply, state, commit_lost: false }, answer)
    }

    pub(super) fn ask(&self) -> &W::Ask {
        &self.ask
    }

    /// The batch begins. `false`: the caller has left, and it must begin without this ask.
    pub(super) fn begin(&self) -> bool {
        // One whose COMMIT was lost has begun already, and stays as uncertain as it is.
        !self.is_gone() && (self.step(WAITING, BEGUN) || self.step(BEGUN, BEGUN))
    }

    /// The batch was undone, and the ask waits again.
    pub(super) fn wait_again(&self) {
        // Whoever has left stays gone.
        let _left = self.commit_lost || self.step(BEGUN, WAITING);
    }

    /// The batch may or may not have been committed.
    pub(super) fn lose_commit(&mut self) {
        self.commit_lost = !W::READS_ONLY;
    }

    /// Gives the answer. A caller that went away is no error: what was done stands.
    pub(super) fn answer(self, answer: Result<W::Answer, W::Error>) {
        // "Nothing was written" must not be said where a COMMIT of an earlier run may have arrived.
        let answer = match answer {
            Err(error) if self.commit_lost && is_unavailable(&error) => Err(StoreError::OutcomeUnknown.into()),
            answer => answer,
        };
        drop(self.reply.send(answer));
    }

    fn step(&self, from: u8, to: u8) -> bool {
        self.state.compare_exchange(from, to, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }
}

impl<W: Work> Waits for Seat<W> {
    fn marks(&self) -> &[u64] {
        &self.marks
    }

    fn is_gone(&self) -> bool {
        self.reply.is_closed() || self.state.load(Ordering::Acquire) == LEFT
    }
}

impl<T, E: TxError> Answer<T, E> {
    /// Waits so long in all. Of that, the last quarter is for a batch that has begun: whoever is still in line then would
    /// hardly be served, and leaves knowing that nothing was written.
    pub(super) async fn within(mut self, wait_max: Duration) -> Result<T, E> {
        let in_line = wait_max.saturating_mul(3) / 4;
        if let Ok(answer) = timeout(in_line, &mut self.answer).await {
            return answer.unwrap_or_else(|_gone| Err(self.leave("the store is closing")));
        }
        if self.state.compare_exchange(WAITING, LEFT, Ordering::AcqRel, Ordering::Acquire).is_ok() {
            return Err(E::from(StoreError::Unavailable("the wait for the row was too long")));
        }
        match timeout(wait_max.saturating_sub(in_line), &mut self.answer).await {
            Ok(answer) => answer.unwrap_or_else(|_gone| Err(self.leave("the store is closing"))),
            Err(_elapsed) => Err(self.leave("the wait was too long")),
        }
    }

    /// Whoever has not begun knows that nothing was written. Whoever has does not, unless it only reads.
    fn leave(&self, why: &'static str) -> E {
        let begun = self.state.swap(LEFT, Ordering::AcqRel) != WAITING;
        E::from(if begun && !self.reads_only { StoreError::OutcomeUnknown } else { StoreError::Unavailable(why) })
    }
}

fn is_unavailable(error: &impl TxError) -> bool {
    error.store().is_some_and(|error| error.kind() == ErrorKind::Unavailable)
}
