//! The threads of PostgreSQL: each keeps one connection and runs one transaction at a time.
//!
//! A thread that cannot have a connection looks for one and takes no work until then, so that the others serve what
//! there is; when none has one, whoever asks is answered at once.

use std::{sync::Arc, time::Duration};

use diesel::connection::SimpleConnection;
use huike_kernel::Clock;

use super::{
    StoreOptions,
    connect::{DatabaseUrl, Purpose, connect, probe},
    job::{Fate, Replay, Terms, Verdict},
    lane::{Lane, Queued, in_time},
    watch::Post,
};
use crate::{
    Db, StoreError,
    error::{Fault, fault_of},
};

/// Runs of one body: the first, and again after a deadlock, a serialisation failure or a lost connection.
const ATTEMPTS_MAX: u32 = 6;
/// How soon a thread without a connection tries again where no other thread has one either.
const SEEK_EVERY: Duration = Duration::from_millis(250);
/// Where others have one, the server is there and takes no more: it is asked once in so many times.
const SEEK_SELDOM: u32 = 4;

pub(super) fn start(url: &DatabaseUrl, options: &StoreOptions, clock: Arc<dyn Clock>) -> Result<Lane, StoreError> {
    drop(probe(url, Purpose::Serve, options)?);
    let link = Link { url: url.clone(), options: options.clone(), clock };
    Lane::start("huike-db", options.postgres_connections, options, move |post: &Post| {
        let mut kept = None;
        while let Some(job) = post.next() {
            let Some(mut job) = in_time(job, link.options.wait_max) else { continue };
            match run(&link, &mut kept, &mut job) {
                Some(fate) => job.answer(fate),
                None => {
                    post.seeks();
                    if let Err(job) = post.give_back(job) {
                        job.answer(unreachable());
                    }
                    kept = seek(&link, post);
                }
            }
        }
    })
}

/// What a thread needs to connect and to run.
#[derive(Clone)]
struct Link {
    url: DatabaseUrl,
    options: StoreOptions,
    clock: Arc<dyn Clock>,
}

/// How one run of a body ended.
enum Run {
    Ended(Fate),
    /// The body may be run again on this connection.
    Again,
    /// The connection is gone and nothing was committed.
    Lost,
    /// The connection went while COMMIT was under way.
    Unknown,
    /// Nothing was written: the server only reads, so another connection is to be tried.
    ReadOnly,
}

/// Runs the job until it has ended. `None` when no connection can be had.
fn run(link: &Link, kept: &mut Option<Db>, job: &mut Queued) -> Option<Fate> {
    for attempt in 0..ATTEMPTS_MAX {
        if kept.is_none() {
            *kept = open(link);
        }
        match run_once(kept.as_mut()?, job, link.clock.as_ref()) {
            Run::Ended(fate) => return Some(fate),
            Run::Again => std::thread::sleep(back_off(attempt)),
            Run::Lost => *kept = None,
            Run::Unknown => {
                *kept = None;
                if !job.lose_commit() {
                    return Some(Fate::Failed(StoreError::OutcomeUnknown));
                }
            }
            Run::ReadOnly => {
                *kept = None;
                // The connection may be older than the server that writes; once is enough to find that out.
                if attempt > 0 {
                    return Some(Fate::Stands);
                }
            }
        }
    }
    Some(Fate::Failed(StoreError::Unavailable("the transaction was refused too often")))
}

fn run_once(db: &mut Db, job: &mut Queued, clock: &dyn Clock) -> Run {
    if db.batch_execute(begin(job.terms())).is_err() {
        return Run::Lost;
    }
    if !job.begin() {
        return roll_back(db, Run::Ended(Fate::Stands));
    }
    match job.attempt(db, clock.now()) {
        Verdict::Keep if job.commit() => commit(db),
        Verdict::Keep | Verdict::Undo => roll_back(db, Run::Ended(Fate::Stands)),
        Verdict::Again => roll_back(db, Run::Again),
        Verdict::ConnectionLost => Run::Lost,
        Verdict::ReadOnly => roll_back(db, Run::ReadOnly),
        Verdict::StorageFailed => {
            roll_back(db, Run::Ended(Fate::Failed(StoreError::Unavailable("the database cannot write"))))
        }
    }
}

/// The session's `statement_timeout` is for callers who leave; a job's statement may take its time.
fn begin(terms: Terms) -> &'static str {
    match (terms.replay, terms.bounded) {
        (Replay::Harmless, true) => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        (Replay::Harmless, false) => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = 0",
        (Replay::ThroughKey | Replay::Never, true) => "BEGIN",
        (Replay::ThroughKey | Replay::Never, false) => "BEGIN; SET LOCAL statement_timeout = 0",
    }
}

/// COMMIT of a transaction that PostgreSQL has marked as failed answers without an error and rolls back. The SELECT in
/// front of it, in the same message, is refused there, so that a body which swallowed an error is never acknowledged.
fn commit(db: &mut Db) -> Run {
    let Err(error) = db.batch_execute("SELECT 1; COMMIT") else {
        return Run::Ended(Fate::Stands);
    };
    match fault_of(&error) {
        Fault::ConnectionLost => Run::Unknown,
        Fault::Retry => roll_back(db, Run::Again),
        Fault::None | Fault::LockTimeout | Fault::Cancelled | Fault::ReadOnly | Fault::StorageFailed => {
            tracing::error!(%error, "a commit was refused");
            roll_back(db, Run::Ended(Fate::Failed(StoreError::Database(error))))
        }
    }
}

fn roll_back(db: &mut Db, then: Run) -> Run {
    match (db.batch_execute("ROLLBACK"), then) {
        (Ok(()), then) => then,
        // Nothing was committed, and the answer is the body's own; the broken connection is noticed at its next use.
        (Err(_), Run::Ended(fate)) => Run::Ended(fate),
        (Err(_), Run::ReadOnly) => Run::ReadOnly,
        (Err(_), Run::Again | Run::Lost | Run::Unknown) => Run::Lost,
    }
}

fn open(link: &Link) -> Option<Db> {
    connect(&link.url, Purpose::Serve, &link.options)
        .inspect_err(|error| tracing::warn!(%error, "PostgreSQL cannot be reached: {error}"))
        .ok()
}

/// Tries until there is a connection, or the lane is closed.
fn seek(link: &Link, post: &Post) -> Option<Db> {
    for time in 1_u32.. {
        std::thread::sleep(SEEK_EVERY);
        let alone = !post.is_anybody_able();
        while alone && let Some(job) = post.more() {
            job.answer(unreachable());
        }
        if post.is_closing() {
            return None;
        }
        // What went wrong was said when it began; saying it four times a second helps nobody.
        if (alone || time.is_multiple_of(SEEK_SELDOM))
            && let Ok(db) = connect(&link.url, Purpose::Serve, &link.options)
        {
            tracing::info!("PostgreSQL is reached again");
            return Some(db);
        }
    }
    None
}

fn unreachable() -> Fate {
    Fate::Failed(StoreError::Unavailable("no connection could be had"))
}

/// 1, 2, 4, … ms: two bodies that met in a deadlock should not meet again at once.
fn back_off(attempt: u32) -> Duration {
    Duration::from_millis(1_u64 << attempt.min(6))
}
