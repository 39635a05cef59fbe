//! A batch on its way through the store: it takes its asks only when a connection comes to it, so that whoever came in
//! the meantime is on it too.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Duration,
};

use super::{
    Answers, Shared, Work,
    lines::{Place, Waits},
    seat::Seat,
};
use crate::{StoreError, TxError};

/// Where batches go to be run. It gives every ticket back to itself: [`Ticket::run`], as often as need be, then
/// [`Ticket::close`]; a ticket that is dropped closes itself.
pub(crate) trait Door<W: Work>: Send + Sync {
    /// Sends a batch on its way; must not block.
    fn open(&self, ticket: Ticket<W>);
    /// How long callers wait for their answer.
    fn wait_max(&self) -> Duration;
}

/// One batch.
pub(crate) struct Ticket<W: Work> {
    shared: Arc<Shared<W>>,
    row: W::Row,
    /// Once it has begun.
    seats: Option<Vec<Place<Seat<W>>>>,
    outcome: Option<Answers<W>>,
    is_closed: bool,
}

impl<W: Work> Ticket<W> {
    pub(super) fn new(shared: Arc<Shared<W>>, row: W::Row) -> Self {
        Self { shared, row, seats: None, outcome: None, is_closed: false }
    }

    /// Runs the work on those who wait, or, when it is run again, on the same as before. The error is that of all.
    pub(crate) fn run(&mut self, run: impl FnOnce(&W, &W::Row, &[&W::Ask]) -> Answers<W>) -> Result<(), &W::Error> {
        let (shared, row) = (&self.shared, &self.row);
        let seats = self.seats.get_or_insert_with(|| {
            let mut seats = shared.state().lines.take(row);
            seats.retain(|place| place.ask.begin());
            seats
        });
        let asks: Vec<&W::Ask> = seats.iter().map(|place| place.ask.ask()).collect();
        let outcome = if asks.is_empty() {
            Ok(Vec::new())
        } else {
            catch_unwind(AssertUnwindSafe(|| run(&shared.work, row, &asks))).unwrap_or_else(|_panic| {
                tracing::error!("the work of a batch panicked and is undone");
                Err(W::Error::from(StoreError::Panicked))
            })
        };
        self.outcome.insert(outcome).as_ref().map(|_answers| ())
    }

    /// Whether anybody is on the batch who still waits.
    pub(crate) fn is_wanted(&self) -> bool {
        self.seats.iter().flatten().any(|place| !place.ask.is_gone())
    }

    /// The COMMIT of the last run was never answered.
    pub(crate) fn lose_commit(&mut self) {
        self.seats.iter_mut().flatten().for_each(|place| place.ask.lose_commit());
    }

    /// Ends the batch: the transaction stands as the work left it, or it failed around the work.
    pub(crate) fn close(mut self, failed: Option<&StoreError>) {
        self.end(failed);
    }

    fn end(&mut self, failed: Option<&StoreError>) {
        if std::mem::replace(&mut self.is_closed, true) {
            return;
        }
        let seats = self.seats.take();
        match (failed, seats, self.outcome.take()) {
            (None, Some(seats), Some(Ok(answers))) => {
                // Whoever gets no answer finds the channel closed.
                seats.into_iter().zip(answers).for_each(|(place, answer)| place.ask.answer(answer));
            }
            (None, Some(mut seats), Some(Err(error))) => match seats.pop() {
                Some(only) if seats.is_empty() => only.ask.answer(Err(error)),
                Some(last) => {
                    seats.push(last);
                    self.try_again(seats, &error);
                }
                None => {}
            },
            (failed, Some(seats), _) => refuse(seats.into_iter().map(|place| place.ask), failed),
            // It never began, so there is no telling when those in the line would: they come again.
            (failed, None, _) => {
                let seats = self.shared.state().lines.clear(&self.row);
                refuse(seats, failed);
            }
        }
        self.shared.state().lines.end(&self.row);
        self.shared.open_doors();
    }

    fn try_again(&self, seats: Vec<Place<Seat<W>>>, error: &W::Error) {
        if let Some(error) = error.store() {
            tracing::warn!(%error, asks = seats.len(), "a batch was undone and is tried again in smaller ones");
        }
        seats.iter().for_each(|place| place.ask.wait_again());
        self.shared.state().lines.put_back(&self.row, seats);
    }
}

impl<W: Work> Drop for Ticket<W> {
    fn drop(&mut self) {
        self.end(Some(&StoreError::Unavailable("the store is closing")));
    }
}

fn refuse<W: Work>(seats: impl IntoIterator<Item = Seat<W>>, failed: Option<&StoreError>) {
    for seat in seats {
        let error = match failed {
            Some(StoreError::OutcomeUnknown) => StoreError::OutcomeUnknown,
            Some(StoreError::Unavailable(why)) => StoreError::Unavailable(why),
            _ => StoreError::Unavailable("the batch failed"),
        };
        seat.answer(Err(W::Error::from(error)));
    }
}
