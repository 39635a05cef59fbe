//! The only doors to the database: one snapshot to read, one transaction to write, one idempotent transaction.
//!
//! The doors are asynchronous: a caller waits for its answer without holding a thread. On SQLite one thread owns the
//! only writing connection and commits the queued bodies in groups; on PostgreSQL a fixed set of threads, each with a
//! connection of its own, runs them one by one. Either way a body runs on a thread that may block, and may run more
//! than once, so it is `Fn`: ids and secrets are made before and moved in.

mod batch;
mod connect;
mod job;
mod lane;
mod postgres;
mod progress;
mod reach;
mod sqlite_reader;
mod sqlite_writer;
mod waiting;
mod watch;

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use huike_kernel::Clock;
use serde::{Serialize, de::DeserializeOwned};

pub use connect::{DatabaseUrl, DatabaseUrlError};
pub(crate) use connect::{Purpose, connect};
pub use reach::reach;

use self::{
    job::{Ask, Replay, Terms},
    lane::Lane,
    waiting::Waiting,
};
use crate::{
    Db, StoreError, TxError,
    idempotency::{self, Begun},
};

/// Bounds of the store. The defaults are for a machine of two cores.
#[derive(Debug, Clone)]
pub struct StoreOptions {
    /// Connections to PostgreSQL, each with its thread.
    pub postgres_connections: u32,
    /// Reading connections to SQLite, each with its thread.
    pub sqlite_readers: u32,
    /// Asks that may wait; one more is answered at once that the store is busy.
    pub queue_max: usize,
    /// How long an asynchronous caller waits for its answer, from asking on; any caller waits no longer than this in
    /// the queue. Three quarters of it is the longest wait for a lock, so that whoever waits for a twin hears of it.
    pub wait_max: Duration,
    /// A thread that is at one ask for so long is taken to be stuck. While all are, asks are answered at once.
    pub stuck_after: Duration,
    /// SQLite only: bodies that share a commit. With 1 each has its own, which is good for nothing but to measure.
    pub sqlite_group_max: usize,
    /// SQLite only: the file may grow to so many pages (`max_page_count`). Tests use it for a disk that is full.
    pub sqlite_page_count_max: Option<u32>,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self {
            postgres_connections: 8,
            sqlite_readers: 4,
            queue_max: 1_024,
            wait_max: Duration::from_millis(1_800),
            stuck_after: Duration::from_secs(1),
            sqlite_group_max: 256,
            sqlite_page_count_max: None,
        }
    }
}

/// A handle on the database; clones share it. When the last one goes, queued work is finished and the threads end.
#[derive(Clone)]
pub struct Store {
    // The reading lane is the writing one on PostgreSQL.
    writes: Arc<Lane>,
    reads: Arc<Lane>,
    url: DatabaseUrl,
    wait_max: Duration,
}

/// The identity of an ask that must take effect once.
#[derive(Debug, Clone)]
pub struct OnceKey {
    /// Who asks; keys of different principals do not meet.
    pub principal: String,
    /// The caller's key.
    pub key: String,
    /// A hash of all that makes the ask what it is: another hash under the same key is refused.
    pub request_hash: [u8; 32],
}

/// The outcome of an ask that takes effect once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Once<T> {
    /// What the use case answered, now or the first time.
    pub value: T,
    /// Whether this is the stored answer of an earlier ask.
    pub replayed: bool,
}

impl Store {
    /// Opens the database and starts the threads. Migrations are a step of their own: [`crate::migrations::run`].
    pub fn open(url: &DatabaseUrl, options: &StoreOptions, clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        let (writes, reads) = match url {
            DatabaseUrl::Sqlite(_) => (
                Arc::new(sqlite_writer::start(url, options, Arc::clone(&clock))?),
                Arc::new(sqlite_reader::start(url, options, clock)?),
            ),
            DatabaseUrl::Postgres(_) => {
                let lane = Arc::new(postgres::start(url, options, clock)?);
                (Arc::clone(&lane), lane)
            }
        };
        Ok(Self { writes, reads, url: url.clone(), wait_max: options.wait_max })
    }

    /// Which database this is.
    pub fn url(&self) -> &DatabaseUrl {
        &self.url
    }

    /// Asks that wait at this moment, for reading and for writing.
    pub fn queue_depth(&self) -> (usize, usize) {
        (self.reads.depth(), self.writes.depth())
    }

    /// Whether reading, and writing, is answered at once with "unavailable", because the database does not answer.
    pub fn is_stuck(&self) -> (bool, bool) {
        (self.reads.is_stuck(), self.writes.is_stuck())
    }

    /// One consistent snapshot to read from.
    pub async fn read<T, E>(&self, body: impl Fn(&mut Db) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: TxError,
    {
        self.send(&self.reads, move |db, _now| body(db), bounded(Replay::Harmless)).at_most(self.wait_max).await
    }

    /// One transaction. `now` is taken once per attempt.
    pub async fn write<T, E>(
        &self,
        body: impl Fn(&mut Db, DateTime<Utc>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: TxError,
    {
        self.send(&self.writes, body, bounded(Replay::Never)).at_most(self.wait_max).await
    }

    /// One transaction that takes effect once for its key: a repeat gets the first answer, and a refusal leaves
    /// nothing, so that it may be asked again.
    pub async fn write_once<T, E>(
        &self,
        ask: OnceKey,
        body: impl Fn(&mut Db, DateTime<Utc>) -> Result<T, E> + Send + 'static,
    ) -> Result<Once<T>, E>
    where
        T: Serialize + DeserializeOwned + Send + 'static,
        E: TxError,
    {
        self.send(&self.writes, once(ask, body), bounded(Replay::ThroughKey)).at_most(self.wait_max).await
    }

    /// [`Store::read`] for threads that may block: the CLI, jobs, tests.
    pub fn read_blocking<T, E>(&self, body: impl Fn(&mut Db) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: TxError,
    {
        self.send(&self.reads, move |db, _now| body(db), unbounded(Replay::Harmless)).wait_to_the_end()
    }

    /// [`Store::write`] for threads that may block.
    pub fn write_blocking<T, E>(
        &self,
        body: impl Fn(&mut Db, DateTime<Utc>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: TxError,
    {
        self.send(&self.writes, body, unbounded(Replay::Never)).wait_to_the_end()
    }

    /// [`Store::write_once`] for threads that may block.
    pub fn write_once_blocking<T, E>(
        &self,
        ask: OnceKey,
        body: impl Fn(&mut Db, DateTime<Utc>) -> Result<T, E> + Send + 'static,
    ) -> Result<Once<T>, E>
    where
        T: Serialize + DeserializeOwned + Send + 'static,
        E: TxError,
    {
        self.send(&self.writes, once(ask, body), unbounded(Replay::ThroughKey)).wait_to_the_end()
    }

    fn send<T, E>(
        &self,
        lane: &Lane,
        body: impl Fn(&mut Db, DateTime<Utc>) -> Result<T, E> + Send + 'static,
        terms: Terms,
    ) -> Waiting<T, E>
    where
        T: Send + 'static,
        E: TxError,
    {
        let (ask, waiting) = Ask::new(body, terms);
        lane.push(Box::new(ask));
        waiting
    }
}

/// For a caller that leaves when it has waited for too long.
fn bounded(replay: Replay) -> Terms {
    Terms { replay, bounded: true }
}

/// For jobs and commands: a body may take its time, and its caller stays to the end.
fn unbounded(replay: Replay) -> Terms {
    Terms { replay, bounded: false }
}

fn once<T, E>(
    ask: OnceKey,
    body: impl Fn(&mut Db, DateTime<Utc>) -> Result<T, E> + Send + 'static,
) -> impl Fn(&mut Db, DateTime<Utc>) -> Result<Once<T>, E> + Send + 'static
where
    T: Serialize + DeserializeOwned,
    E: TxError,
{
    move |db, now| match idempotency::begin(db, &ask, now)? {
        Begun::Replay(outcome) => {
            let value = serde_json::from_value(outcome).map_err(|e| StoreError::corrupt("idempotency", e))?;
            Ok(Once { value, replayed: true })
        }
        Begun::Fresh => {
            let value = body(db, now)?;
            let outcome = serde_json::to_value(&value).map_err(|e| StoreError::corrupt("idempotency", e))?;
            idempotency::finish(db, &ask, outcome)?;
            Ok(Once { value, replayed: false })
        }
    }
}
