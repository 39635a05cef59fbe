//! A bounded queue of jobs and the threads that serve it.

use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};

use super::job::{Fate, Job, WAIT_MAX};
use crate::StoreError;

/// A job on its way.
pub(super) type Queued = Box<dyn Job>;

/// A queue and its threads. Dropping it closes the queue, lets the threads finish what waits, and joins them.
pub(super) struct Lane {
    sender: Option<Sender<Queued>>,
    threads: Vec<JoinHandle<()>>,
}

impl Lane {
    /// Starts `threads` threads that each run `serve` over the shared queue.
    pub(super) fn start<F>(name: &str, threads: u32, queue_max: usize, serve: F) -> Result<Self, StoreError>
    where
        F: Fn(Receiver<Queued>) + Clone + Send + 'static,
    {
        let (sender, receiver) = bounded(queue_max);
        let threads = (0..threads)
            .map(|number| {
                let (serve, receiver) = (serve.clone(), receiver.clone());
                std::thread::Builder::new()
                    .name(format!("{name}-{number}"))
                    .spawn(move || serve(receiver))
                    .map_err(|_refused| StoreError::Unavailable("a thread could not be started"))
            })
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Self { sender: Some(sender), threads })
    }

    /// Queues the job, or answers at once that the queue is full.
    pub(super) fn push(&self, job: Queued) {
        let Some(sender) = &self.sender else {
            return job.answer(Fate::Failed(StoreError::Unavailable("the store is closing")));
        };
        if let Err(TrySendError::Full(job) | TrySendError::Disconnected(job)) = sender.try_send(job) {
            job.answer(Fate::Failed(StoreError::Unavailable("the queue is full")));
        }
    }

    /// How many jobs wait.
    pub(super) fn depth(&self) -> usize {
        self.sender.as_ref().map_or(0, Sender::len)
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        self.sender = None;
        let here = std::thread::current().id();
        for thread in self.threads.drain(..) {
            // The last handle may be dropped by a body on a lane's own thread, which cannot wait for itself.
            if thread.thread().id() != here && thread.join().is_err() {
                tracing::error!("a thread of the store panicked");
            }
        }
    }
}

/// The job back if it may still be run; one that waited too long is answered.
pub(super) fn in_time(job: Queued) -> Option<Queued> {
    if job.queued_at().elapsed() <= WAIT_MAX {
        return Some(job);
    }
    job.answer(Fate::Failed(StoreError::Unavailable("the wait was too long")));
    None
}
