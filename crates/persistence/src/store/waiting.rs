//! The caller's side of an ask: waiting for its answer, and leaving when that takes too long.

use std::{sync::Arc, time::Duration};

use tokio::{sync::oneshot, time::timeout};

use super::progress::Progress;
use crate::{StoreError, TxError};

/// An ask on its way.
pub(super) struct Waiting<T, E> {
    answer: oneshot::Receiver<Result<T, E>>,
    progress: Arc<Progress>,
}

impl<T, E: TxError> Waiting<T, E> {
    pub(super) fn new(answer: oneshot::Receiver<Result<T, E>>, progress: Arc<Progress>) -> Self {
        Self { answer, progress }
    }

    /// Waits no longer than that. Whoever leaves is told that nothing was written, or that nobody knows.
    pub(super) async fn at_most(mut self, wait_max: Duration) -> Result<T, E> {
        match timeout(wait_max, &mut self.answer).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_gone)) => self.leave("the store is closing"),
            Err(_elapsed) => self.leave("the wait was too long"),
        }
    }

    /// Waits until the end, on a thread that may block.
    pub(super) fn wait_to_the_end(mut self) -> Result<T, E> {
        // `blocking_recv` takes the receiver; what is left serves to say how far the ask had come.
        let (_closed, nobody) = oneshot::channel();
        match std::mem::replace(&mut self.answer, nobody).blocking_recv() {
            Ok(answer) => answer,
            Err(_gone) => self.leave("the store is closing"),
        }
    }

    fn leave(mut self, why: &'static str) -> Result<T, E> {
        let uncertain = self.progress.leave();
        // The answer may have come in this very moment.
        match self.answer.try_recv() {
            Ok(answer) => answer,
            Err(_none) if uncertain => Err(E::from(StoreError::OutcomeUnknown)),
            Err(_none) => Err(E::from(StoreError::Unavailable(why))),
        }
    }
}
