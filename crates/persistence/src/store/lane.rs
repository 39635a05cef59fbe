//! A bounded queue of jobs and the threads that serve it.

use std::{
    sync::Arc,
    thread::JoinHandle,
    time::{Duration, Instant},
};

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};

use super::{
    StoreOptions,
    job::{Fate, Job},
    watch::{Post, Watch},
};
use crate::StoreError;

/// A job on its way.
pub(super) type Queued = Box<dyn Job>;

/// How long closing waits for the threads. One that is stuck in a database which does not answer is left behind, so
/// that a process that is told to stop does.
const CLOSE_MAX: Duration = Duration::from_secs(5);

/// A queue and its threads. Dropping it closes the queue, lets the threads finish what waits, and joins them.
pub(super) struct Lane {
    sender: Option<Sender<Queued>>,
    threads: Vec<Thread>,
    watch: Arc<Watch>,
}

struct Thread {
    handle: JoinHandle<()>,
    /// Disconnected when the thread ends, however it does.
    ended: Receiver<()>,
}

impl Lane {
    /// Starts `threads` threads that each run `serve` at a place of their own.
    pub(super) fn start<F>(name: &str, threads: u32, options: &StoreOptions, serve: F) -> Result<Self, StoreError>
    where
        F: Fn(&Post) + Clone + Send + 'static,
    {
        let (sender, receiver) = bounded(options.queue_max);
        let watch = Arc::new(Watch::new(threads, options.stuck_after));
        let threads = Post::all(&watch, &receiver)
            .into_iter()
            .enumerate()
            .map(|(number, post)| {
                let (serve, (ending, ended)) = (serve.clone(), bounded(0));
                let run = move || {
                    let _ending: Sender<()> = ending;
                    serve(&post);
                };
                std::thread::Builder::new()
                    .name(format!("{name}-{number}"))
                    .spawn(run)
                    .map(|handle| Thread { handle, ended })
                    .map_err(|_refused| StoreError::Unavailable("a thread could not be started"))
            })
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Self { sender: Some(sender), threads, watch })
    }

    /// Queues the job, or answers at once that nobody will serve it.
    pub(super) fn push(&self, job: Queued) {
        let Some(sender) = &self.sender else {
            return job.answer(Fate::Failed(StoreError::Unavailable("the store is closing")));
        };
        if !self.watch.is_anybody_able() {
            return job.answer(Fate::Failed(StoreError::Unavailable("the database does not answer")));
        }
        if let Err(TrySendError::Full(job) | TrySendError::Disconnected(job)) = sender.try_send(job) {
            job.answer(Fate::Failed(StoreError::Unavailable("the queue is full")));
        }
    }

    /// How many jobs wait.
    pub(super) fn depth(&self) -> usize {
        self.sender.as_ref().map_or(0, Sender::len)
    }

    /// Whether asks are answered at once because no thread can take them.
    pub(super) fn is_stuck(&self) -> bool {
        !self.watch.is_anybody_able()
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        self.watch.close();
        self.sender = None;
        let deadline = Instant::now() + CLOSE_MAX;
        let here = std::thread::current().id();
        // The last handle may be dropped by a body on a lane's own thread, which cannot wait for itself.
        for Thread { handle, ended } in self.threads.drain(..).filter(|thread| thread.handle.thread().id() != here) {
            if ended.recv_deadline(deadline).is_err_and(|error| error.is_timeout()) {
                tracing::error!("the database does not answer: a thread of the store is left behind");
            } else if handle.join().is_err() {
                tracing::error!("a thread of the store panicked");
            }
        }
    }
}

/// The job back if it may still be run; one that waited too long is answered.
pub(super) fn in_time(job: Queued, wait_max: Duration) -> Option<Queued> {
    if job.queued_at().elapsed() <= wait_max {
        return Some(job);
    }
    job.answer(Fate::Failed(StoreError::Unavailable("the wait was too long")));
    None
}
