//! Time-driven work: one thread that takes due jobs from the database, a chunk at a time, one that writes wrong-code
//! counts down each second, one that writes quoted carts down, one that seals the audit log, and one that keeps the shelf of
//! offers up. Several instances may run; a job is one's at a time, and a killed one's is somebody else's when its
//! lease runs out.

mod batches;
mod carts;
mod exhausted;
mod flush;
mod offers;
mod orders;
mod replays;
mod seal;
mod ticker;
mod upkeep;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{self, Receiver, RecvTimeoutError, Sender},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use chrono::{DateTime, TimeDelta, Utc};
use huike_kernel::{Clock, DomainError, NodeId};
use huike_persistence::{
    Outcome, Store, StoreError,
    jobs::{self, Job},
};
use huike_usecases::{
    Caller, UseCaseError,
    batches::{IMPORT_JOB, MAKE_JOB, VOID_JOB},
    jobs::LEASE,
    templates::exhaust,
    webhooks::REPLAY_JOB,
};

pub use self::exhausted::ExhaustedTemplates;
pub use self::seal::seal_waiting;
use self::{
    carts::keep_carts,
    flush::keep_flushing,
    offers::keep_shelf_fresh,
    seal::keep_sealing,
    ticker::{Outage, Ticker},
};
use crate::{
    cart_log::CartLog,
    codes::{CodeMint, GuessBook, NotSealed},
    offer_shelf::OfferShelf,
    server::system_caller,
};

/// How long the thread sleeps when nothing is due.
const IDLE: Duration = Duration::from_millis(250);
/// How often somebody looks after the recurring jobs.
const ENSURE_EVERY: Duration = Duration::from_secs(60);
/// A job that failed so often is given up.
const ATTEMPTS_MAX: i64 = 20;
/// The longest wait before another attempt.
const BACK_OFF_SECONDS_MAX: i64 = 600;

/// What jobs work with.
#[derive(Clone)]
pub struct Work {
    /// The database.
    pub store: Store,
    /// Makes codes.
    pub mint: CodeMint,
    /// The wrong codes to write down.
    pub guesses: Arc<GuessBook>,
    /// The offers in force, to be kept up.
    pub shelf: Arc<OfferShelf>,
    /// The quoted carts to write down.
    pub carts: Arc<CartLog>,
    /// The templates to pause.
    pub exhausted: Arc<ExhaustedTemplates>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// The head, which recurring work belongs to.
    pub head: NodeId,
}

/// The running thread; dropping it stops the work after the chunk at hand.
pub struct JobRunner {
    stopping: Arc<AtomicBool>,
    wake: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
    _flusher: Ticker,
    _shelf_keeper: Ticker,
    _cart_keeper: Ticker,
    // Dropped when the job thread has ended, so that what jobs wrote is sealed too.
    _sealer: Ticker,
}

/// Why a job did not come to its end this time.
#[derive(Debug, thiserror::Error)]
pub(crate) enum JobError {
    /// A rule or the store.
    #[error(transparent)]
    UseCase(#[from] UseCaseError),
    /// The cipher.
    #[error(transparent)]
    Mint(#[from] NotSealed),
    /// It was taken again and again and never said how it ended: whoever took it panicked or was killed.
    #[error("it never came to an end")]
    Endless,
    /// The server stops; the rest is for later.
    #[error("the server is stopping")]
    Stopping,
}

impl From<StoreError> for JobError {
    fn from(error: StoreError) -> Self {
        Self::UseCase(error.into())
    }
}

impl JobRunner {
    /// Starts the thread.
    pub fn start(work: Work) -> std::io::Result<Self> {
        let flusher = keep_flushing(Arc::clone(&work.guesses), Arc::clone(&work.clock))?;
        let sealer = keep_sealing(work.store.clone(), Arc::clone(&work.clock))?;
        let shelf_keeper = keep_shelf_fresh(Arc::clone(&work.shelf))?;
        let cart_keeper = keep_carts(Arc::clone(&work.carts), work.store.clone())?;
        let stopping = Arc::new(AtomicBool::new(false));
        let (wake, told) = mpsc::channel();
        let bench =
            Bench { work, stopping: Arc::clone(&stopping), taking: Outage::default(), ensuring: Outage::default() };
        let thread =
            std::thread::Builder::new().name("huike-jobs".to_owned()).spawn(move || bench.keep_working(&told))?;
        Ok(Self {
            stopping,
            wake: Some(wake),
            thread: Some(thread),
            _flusher: flusher,
            _shelf_keeper: shelf_keeper,
            _cart_keeper: cart_keeper,
            _sealer: sealer,
        })
    }
}

impl Drop for JobRunner {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::Relaxed);
        self.wake.take();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the job thread panicked");
        }
    }
}

/// The thread's own side.
pub(crate) struct Bench {
    pub(crate) work: Work,
    stopping: Arc<AtomicBool>,
    taking: Outage,
    ensuring: Outage,
}

impl Bench {
    fn keep_working(&self, told: &Receiver<()>) {
        let mut ensured: Option<Instant> = None;
        loop {
            if ensured.is_none_or(|ensured| ensured.elapsed() > ENSURE_EVERY) {
                ensured = self.ensure_recurring().then(Instant::now);
            }
            while !self.is_stopping() && self.work_unharmed() {}
            self.pause_exhausted();
            if self.is_stopping() || told.recv_timeout(IDLE) == Err(RecvTimeoutError::Disconnected) {
                return;
            }
        }
    }

    fn ensure_recurring(&self) -> bool {
        let ensured = upkeep::ensure(self);
        if let Err(error) = &ensured
            && self.ensuring.begins()
        {
            tracing::warn!(%error, "recurring jobs could not be set up, and are tried again: {error}");
        }
        if ensured.is_ok() && self.ensuring.ends() {
            tracing::info!("recurring jobs are set up");
        }
        ensured.is_ok()
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    /// The caller that a job's acts are done under.
    pub(crate) fn caller(&self) -> Caller {
        system_caller()
    }

    /// [`Bench::work_once`]; a job that panics is tried again when its lease runs out, and harms no other.
    fn work_unharmed(&self) -> bool {
        catch_unwind(AssertUnwindSafe(|| self.work_once())).unwrap_or_else(|_panic| {
            tracing::error!("a job panicked");
            false
        })
    }

    fn pause_exhausted(&self) {
        for template in self.work.exhausted.take_due() {
            let caller = self.caller();
            let paused = self.work.store.write_blocking(move |db, now| exhaust(db, &caller.act(now), template));
            match paused {
                Ok(true) => tracing::warn!(template.id = %template, "a template is paused: its budget is used up"),
                Ok(false) => {}
                Err(error) => tracing::warn!(%error, "a template could not be paused: {error}"),
            }
        }
    }

    /// Takes one due job and works on it. `false` when there was none.
    fn work_once(&self) -> bool {
        let Some(job) = self.take() else { return false };
        let span = tracing::info_span!("job", job.id = %job.id, job.kind = job.kind, job.attempt = job.attempt);
        let _entered = span.enter();
        let ended = match job.kind.as_str() {
            _ if job.attempt > ATTEMPTS_MAX && !is_recurring(&job) => Err(JobError::Endless),
            MAKE_JOB => batches::make(self, &job),
            IMPORT_JOB => batches::import(self, &job),
            VOID_JOB => batches::void(self, &job),
            REPLAY_JOB => replays::replay(self, &job),
            upkeep::EXPIRE_JOB => upkeep::expire(self, &job),
            upkeep::PURGE_JOB => upkeep::purge(self, &job),
            upkeep::HOLDS_JOB => upkeep::expire_holds(self, &job),
            orders::EXPIRE_ORDERS_JOB => orders::expire(self, &job),
            orders::RETURN_JOB => orders::send_back(self, &job),
            upkeep::SPENDING_JOB => upkeep::watch_spending(self, &job),
            _ => self.end(&job, |db, job, now| jobs::fail(db, job, "nobody knows this kind of job", now)),
        };
        if let Err(error) = ended {
            self.put_back(&job, &error);
        }
        true
    }

    fn take(&self) -> Option<Job> {
        match self.work.store.write_blocking(|db, now| jobs::take_due(db, now, LEASE)) {
            Ok(job) => {
                if self.taking.ends() {
                    tracing::info!("jobs are taken again");
                }
                job
            }
            Err(error) => {
                if self.taking.begins() {
                    tracing::warn!(%error, "no job could be taken, and it is tried again: {error}");
                }
                None
            }
        }
    }

    /// One write on the job's own row; whoever lost the job has nothing to say about it any more.
    pub(crate) fn end(
        &self,
        job: &Job,
        write: impl Fn(&mut huike_persistence::Db, &Job, DateTime<Utc>) -> Result<Outcome, StoreError> + Send + 'static,
    ) -> Result<(), JobError> {
        let held = job.clone();
        if self.work.store.write_blocking(move |db, now| write(db, &held, now))? == Outcome::Refused {
            tracing::warn!("the job was taken by somebody else");
        }
        Ok(())
    }

    /// Another attempt later, or none any more.
    fn put_back(&self, job: &Job, error: &JobError) {
        let text = error.to_string();
        let done = if job.attempt >= ATTEMPTS_MAX && !is_recurring(job) {
            tracing::error!(error = text, "a job was given up: {text}");
            batches::note_failure(self, job);
            replays::note_failure(self, job);
            self.end(job, move |db, job, now| jobs::fail(db, job, &text, now))
        } else {
            let wait = match error {
                JobError::Stopping => TimeDelta::zero(),
                JobError::UseCase(_) | JobError::Mint(_) | JobError::Endless => {
                    tracing::warn!(error = text, "a job is tried again later: {text}");
                    back_off(job.attempt)
                }
            };
            self.end(job, move |db, job, now| jobs::postpone(db, job, now + wait, Some(&text)))
        };
        if let Err(error) = done {
            tracing::warn!(%error, "a job could not be put back; its lease will run out: {error}");
        }
    }
}

/// Whether the job is never given up: there is one of it, and it is needed again and again.
fn is_recurring(job: &Job) -> bool {
    matches!(
        job.kind.as_str(),
        upkeep::EXPIRE_JOB
            | upkeep::PURGE_JOB
            | upkeep::SPENDING_JOB
            | upkeep::HOLDS_JOB
            | orders::EXPIRE_ORDERS_JOB
            | orders::RETURN_JOB
    )
}

/// 2, 4, 8, … seconds.
fn back_off(attempt: i64) -> TimeDelta {
    let exponent = u32::try_from(attempt.clamp(1, 30)).unwrap_or(30);
    TimeDelta::seconds(2_i64.saturating_pow(exponent).min(BACK_OFF_SECONDS_MAX))
}

/// The code of a rule's refusal; `None` for anything that may pass when it is tried again.
pub(crate) fn refusal_code(error: &UseCaseError) -> Option<&'static str> {
    match error {
        UseCaseError::Coupons(refusal) => Some(refusal.code()),
        UseCaseError::NotFound(_) => Some(error.code()),
        _ => None,
    }
}
