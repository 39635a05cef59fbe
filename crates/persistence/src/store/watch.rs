//! What each thread of a lane is doing, so that an ask which nobody could serve is answered at once.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use crossbeam_channel::{Receiver, Sender, bounded, select};

use super::lane::Queued;

const IDLE: u64 = 0;
const SEEKING: u64 = u64::MAX;

/// The threads of one lane, seen from outside.
pub(super) struct Watch {
    started: Instant,
    stuck_after: Duration,
    closing: AtomicBool,
    /// [`IDLE`], [`SEEKING`], or since when the thread is busy with one thing, in microseconds after `started`.
    threads: Vec<Arc<AtomicU64>>,
}

impl Watch {
    pub(super) fn new(threads: u32, stuck_after: Duration) -> Self {
        Self {
            started: Instant::now(),
            stuck_after,
            closing: AtomicBool::new(false),
            threads: (0..threads).map(|_| Arc::new(AtomicU64::new(IDLE))).collect(),
        }
    }

    /// Whether any thread can be expected to take an ask: it waits for one, or it has not been at its work for too
    /// long. Where all are stuck in a database that does not answer, waiting in the queue helps nobody.
    pub(super) fn is_anybody_able(&self) -> bool {
        let now = self.now();
        let stuck_after = u64::try_from(self.stuck_after.as_micros()).unwrap_or(SEEKING);
        self.threads.iter().any(|thread| match thread.load(Ordering::Relaxed) {
            IDLE => true,
            SEEKING => false,
            since => now.saturating_sub(since) < stuck_after,
        })
    }

    pub(super) fn close(&self) {
        self.closing.store(true, Ordering::Relaxed);
    }

    fn now(&self) -> u64 {
        // Never 0, which means idle.
        u64::try_from(self.started.elapsed().as_micros()).unwrap_or(SEEKING - 1).clamp(1, SEEKING - 1)
    }
}

/// One thread's place: the queue it serves, and where it says what it is doing.
pub(super) struct Post {
    queue: Receiver<Queued>,
    /// Work that a thread without a connection gave back for the others. Each gives back one and then takes none.
    given_back: (Sender<Queued>, Receiver<Queued>),
    watch: Arc<Watch>,
    doing: Arc<AtomicU64>,
}

impl Post {
    /// The places of all threads of a lane.
    pub(super) fn all(watch: &Arc<Watch>, queue: &Receiver<Queued>) -> Vec<Self> {
        let given_back = bounded(watch.threads.len());
        let post = |doing: &Arc<AtomicU64>| Self {
            queue: queue.clone(),
            given_back: given_back.clone(),
            watch: Arc::clone(watch),
            doing: Arc::clone(doing),
        };
        watch.threads.iter().map(post).collect()
    }

    /// Waits for work. `None` when the lane is closed and nothing waits any more.
    pub(super) fn next(&self) -> Option<Queued> {
        self.doing.store(IDLE, Ordering::Relaxed);
        let given_back = &self.given_back.1;
        let job = select! {
            recv(given_back) -> job => job.ok(),
            recv(self.queue) -> job => job.ok().or_else(|| given_back.try_recv().ok()),
        };
        self.doing.store(self.watch.now(), Ordering::Relaxed);
        job
    }

    /// More work, if some waits already.
    pub(super) fn more(&self) -> Option<Queued> {
        self.given_back.1.try_recv().or_else(|_none| self.queue.try_recv()).ok()
    }

    /// Leaves the job to the other threads; hands it back again where none of them could take it.
    pub(super) fn give_back(&self, job: Queued) -> Result<(), Queued> {
        if !self.watch.is_anybody_able() {
            return Err(job);
        }
        self.given_back.0.try_send(job).map_err(|refused| refused.into_inner())
    }

    /// The thread looks for a connection and takes no work until it has one.
    pub(super) fn seeks(&self) {
        self.doing.store(SEEKING, Ordering::Relaxed);
    }

    /// Whether some thread of the lane can take work; see [`Watch::is_anybody_able`].
    pub(super) fn is_anybody_able(&self) -> bool {
        self.watch.is_anybody_able()
    }

    /// Whether the lane is being closed.
    pub(super) fn is_closing(&self) -> bool {
        self.watch.closing.load(Ordering::Relaxed)
    }
}
