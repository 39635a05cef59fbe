//! Batches of a coalescer on the store's threads.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};

use super::{
    Store,
    job::{Fate, Job, Replay, Terms, Verdict},
};
use crate::{
    Db, StoreError, TxError,
    coalesce::{Door, Ticket, Work},
    error::Fault,
};

/// A batch over this is worth a line in the log: it holds up every writer on SQLite.
const SLOW: Duration = Duration::from_millis(100);

impl<W: Work> Door<W> for Store {
    fn open(&self, ticket: Ticket<W>) {
        let lane = if W::READS_ONLY { &self.reads } else { &self.writes };
        lane.push(Box::new(Batch { ticket, queued_at: Instant::now() }));
    }

    fn wait_max(&self) -> Duration {
        self.wait_max
    }
}

/// A batch, as the threads see it.
struct Batch<W: Work> {
    ticket: Ticket<W>,
    queued_at: Instant,
}

impl<W: Work> Job for Batch<W> {
    /// Its asks are taken when it is run.
    fn begin(&self) -> bool {
        true
    }

    fn attempt(&mut self, db: &mut Db, now: DateTime<Utc>) -> Verdict {
        let started = Instant::now();
        let mut asks = 0;
        let outcome = self.ticket.run(|work, row, batch| {
            asks = batch.len();
            work.run(db, now, row, batch)
        });
        let took = started.elapsed();
        if took > SLOW {
            tracing::warn!(took_ms = took.as_millis(), asks, "a batch was slow");
        }
        match outcome {
            Ok(()) => Verdict::Keep,
            Err(error) => match error.store().map_or(Fault::None, StoreError::fault) {
                Fault::None | Fault::LockTimeout | Fault::Cancelled => Verdict::Undo,
                Fault::Retry => Verdict::Again,
                Fault::ConnectionLost => Verdict::ConnectionLost,
                Fault::ReadOnly => Verdict::ReadOnly,
                Fault::StorageFailed => Verdict::StorageFailed,
            },
        }
    }

    /// A caller who leaves now is told that nobody knows, so what the others asked for is kept.
    fn commit(&mut self) -> bool {
        self.ticket.is_wanted()
    }

    fn lose_commit(&mut self) -> bool {
        self.ticket.lose_commit();
        self.ticket.is_wanted()
    }

    fn answer(self: Box<Self>, fate: Fate) {
        match fate {
            Fate::Stands => self.ticket.close(None),
            Fate::Failed(error) => self.ticket.close(Some(&error)),
        }
    }

    fn queued_at(&self) -> Instant {
        self.queued_at
    }

    /// The work takes effect once for each ask, so it may be run again after a COMMIT of which nobody knows.
    fn terms(&self) -> Terms {
        Terms { replay: if W::READS_ONLY { Replay::Harmless } else { Replay::ThroughKey }, bounded: true }
    }
}
