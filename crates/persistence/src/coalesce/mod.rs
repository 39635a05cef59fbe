//! The coalescer: asks for one hot row that arrive at the same time share one transaction.
//!
//! A row that everybody wants (the stock of a template, of a flash sale) lets one transaction through at a time, and each
//! pays for a flush of the disk. So asks for such a row wait in a line, and whatever has gathered there when a connection
//! comes to it is one batch: one transaction, one guarded write of the row, one flush. Nobody waits for a batch to fill: an
//! ask that finds nobody before it goes straight through as a batch of one.
//!
//! - Answers are given in the order of arrival, as far as the work does so; of two asks that share a mark (the same
//!   customer, the same idempotency key) the later waits for the next batch.
//! - A batch that fails is undone and tried again in halves, in the end one by one: a bad ask harms only itself.
//! - Lines are bounded, and so is the wait in them. Whoever is turned away is told to come again; whoever has left is
//!   left out.
//!
//! What a batch does is the [`Work`]'s; the coalescer knows nothing of it.

mod lines;
mod seat;
mod ticket;

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, Utc};

pub use self::lines::CoalescerOptions;
pub(crate) use self::ticket::{Door, Ticket};
use self::{lines::Lines, seat::Seat};
use crate::{Db, Store, StoreError, TxError};

/// What is done with the asks that have gathered for a row.
pub trait Work: Send + Sync + Sized + 'static {
    /// Names the row that asks meet at.
    type Row: Ord + Clone + Send + 'static;
    /// One ask. It may be run more than once, so ids and secrets are made before and are part of it.
    type Ask: Send + 'static;
    /// What it comes to.
    type Answer: Send + 'static;
    /// Why it is refused.
    type Error: TxError;
    /// Whether the work only reads.
    const READS_ONLY: bool;

    /// What the ask must not share with another one of its batch; see [`mark`].
    fn marks(&self, ask: &Self::Ask) -> Vec<u64>;

    /// Does the work for all of them, in the order of their arrival, with one answer for each. An outer error undoes
    /// everything. Unless it only reads, it takes effect once for each ask, however often it is run: it may be run again
    /// after a COMMIT of which nobody knows.
    fn run(&self, db: &mut Db, now: DateTime<Utc>, row: &Self::Row, asks: &[&Self::Ask]) -> Answers<Self>;
}

/// What a batch comes to: an answer for each ask, or an error of all.
pub type Answers<W> = Result<Vec<Result<<W as Work>::Answer, <W as Work>::Error>>, <W as Work>::Error>;

/// Makes a mark of something that no two asks of one batch may share. Two things may happen to have the same mark: then
/// one of them waits for the next batch, without need and without harm.
pub fn mark(thing: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    thing.hash(&mut hasher);
    hasher.finish()
}

/// Gathers asks and hands them on in batches. Clones share their lines.
pub struct Coalescer<W: Work>(Arc<Shared<W>>);

impl<W: Work> Clone for Coalescer<W> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<W: Work> Coalescer<W> {
    /// A coalescer over the store.
    pub fn new(store: Store, work: W, options: CoalescerOptions) -> Self {
        Self::over(Box::new(store), work, options)
    }

    fn over(door: Box<dyn Door<W>>, work: W, options: CoalescerOptions) -> Self {
        Self(Arc::new(Shared { work, door, state: Mutex::new(State { lines: Lines::new(options), opening: false }) }))
    }

    /// Asks, and waits for the answer: at most so long as the bounds allow, then the caller is told to come again. A
    /// caller who does not wait to the end takes their ask along, unless it has begun.
    pub async fn submit(&self, row: W::Row, ask: W::Ask) -> Result<W::Answer, W::Error> {
        let marks = self.0.work.marks(&ask);
        let (seat, answer) = Seat::new(ask, marks);
        if self.0.state().lines.join(&row, seat).is_err() {
            return Err(W::Error::from(StoreError::Unavailable("too many wait for the same row")));
        }
        self.0.open_doors();
        answer.within(self.0.door.wait_max()).await
    }

    /// How many asks wait.
    pub fn waiting(&self) -> usize {
        self.0.state().lines.waiting()
    }
}

/// What all handles and all batches in flight share.
struct Shared<W: Work> {
    work: W,
    door: Box<dyn Door<W>>,
    state: Mutex<State<W>>,
}

struct State<W: Work> {
    lines: Lines<W::Row, Seat<W>>,
    /// Whether somebody is at the door with the batches that may begin.
    opening: bool,
}

impl<W: Work> Shared<W> {
    fn state(&self) -> MutexGuard<'_, State<W>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends the batches that may begin on their way. One caller at a time: a door that turns a batch away ends it
    /// right here, and the next must not begin inside of that.
    fn open_doors(self: &Arc<Self>) {
        {
            let mut state = self.state();
            if state.opening {
                return;
            }
            state.opening = true;
        }
        while let Some(row) = self.next_row() {
            self.door.open(Ticket::new(Arc::clone(self), row));
        }
    }

    fn next_row(&self) -> Option<W::Row> {
        let mut state = self.state();
        let row = state.lines.begin();
        state.opening = row.is_some();
        row
    }
}

#[cfg(test)]
mod tests;
