//! The one writer of SQLite: it owns the writing connection and commits queued bodies in groups.
//!
//! Each body runs in a savepoint of one `BEGIN IMMEDIATE` transaction; one commit, one fsync, and only then every
//! caller is answered, refusals too: a refusal may rest on what a neighbour wrote. A body that fails harms only itself.
//! When the transaction itself fails, nobody in the group succeeds and the connection is opened anew.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use diesel::connection::SimpleConnection;
use huike_kernel::Clock;

use super::{
    StoreOptions,
    connect::{DatabaseUrl, Purpose, connect, probe},
    job::{Fate, Verdict},
    lane::{Lane, Queued, in_time},
    watch::Post,
};
use crate::{
    Db, StoreError,
    error::{Fault, fault_of},
};

const BATCH_TIME_MAX: Duration = Duration::from_millis(20);

pub(super) fn start(url: &DatabaseUrl, options: &StoreOptions, clock: Arc<dyn Clock>) -> Result<Lane, StoreError> {
    // Opened here first, so that a wrong path is a start-up error.
    drop(probe(url, Purpose::Write, options)?);
    let (url, own) = (url.clone(), options.clone());
    Lane::start("huike-write", 1, options, move |post: &Post| {
        let mut connection = None;
        while let Some(first) = post.next() {
            let Some(first) = in_time(first, own.wait_max) else { continue };
            if connection.is_none() {
                connection = connect(&url, Purpose::Write, &own).ok();
            }
            let Some(db) = connection.as_mut() else {
                first.answer(Fate::Failed(StoreError::Unavailable("the database cannot be opened")));
                continue;
            };
            let rest = Rest { post, wait_max: own.wait_max, group_max: own.sqlite_group_max };
            if run_batch(db, first, &rest, clock.as_ref()).is_err() {
                connection = None;
            }
        }
    })
}

/// What waits behind the first job of a group.
struct Rest<'a> {
    post: &'a Post,
    wait_max: Duration,
    group_max: usize,
}

impl Rest<'_> {
    /// The next job that is still in time.
    fn next(&self) -> Option<Queued> {
        loop {
            if let Some(job) = in_time(self.post.more()?, self.wait_max) {
                return Some(job);
            }
        }
    }
}

/// The connection cannot be trusted any more.
struct Broken;

fn run_batch(db: &mut Db, first: Queued, rest: &Rest<'_>, clock: &dyn Clock) -> Result<(), Broken> {
    if db.batch_execute("BEGIN IMMEDIATE").is_err() {
        first.answer(Fate::Failed(StoreError::Unavailable("the database is locked")));
        return Err(Broken);
    }
    let started = Instant::now();
    let mut ran: Vec<Queued> = Vec::new();
    let mut next = Some(first);
    while let Some(mut job) = next {
        let kept = run_one(db, &mut job, clock);
        ran.push(job);
        if kept.is_err() {
            return fail_all(db, ran, || StoreError::Unavailable("the database cannot write"));
        }
        let more = ran.len() < rest.group_max && started.elapsed() < BATCH_TIME_MAX;
        next = if more { rest.next() } else { None };
    }
    match db.batch_execute("COMMIT") {
        Ok(()) => {
            for job in ran {
                job.answer(Fate::Stands);
            }
            Ok(())
        }
        // A full disk is noticed before the commit record is written; of any other fault we cannot be sure.
        Err(error) if fault_of(&error) == Fault::StorageFailed && error.to_string().contains("full") => {
            fail_all(db, ran, || StoreError::Unavailable("the disk is full"))
        }
        Err(error) => {
            tracing::error!(%error, "a commit failed");
            fail_all(db, ran, || StoreError::OutcomeUnknown)
        }
    }
}

/// Runs one body in its savepoint. An error means that the whole transaction is lost.
///
/// Whether its caller is still there is decided when the savepoint ends: neighbours build on what it wrote, so from
/// there on it shares the fate of the group, and a caller that leaves cannot know it.
fn run_one(db: &mut Db, job: &mut Queued, clock: &dyn Clock) -> Result<(), Broken> {
    if !job.begin() {
        return Ok(());
    }
    db.batch_execute("SAVEPOINT body").map_err(|_lost| Broken)?;
    let ended = match job.attempt(db, clock.now()) {
        Verdict::Keep if job.commit() => db.batch_execute("RELEASE body"),
        Verdict::Keep | Verdict::Undo | Verdict::Again => db.batch_execute("ROLLBACK TO body; RELEASE body"),
        Verdict::ConnectionLost | Verdict::ReadOnly | Verdict::StorageFailed => return Err(Broken),
    };
    ended.map_err(|_lost| Broken)
}

fn fail_all(db: &mut Db, ran: Vec<Queued>, error: impl Fn() -> StoreError) -> Result<(), Broken> {
    // SQLite may have rolled back by itself already; the connection is opened anew either way.
    drop(db.batch_execute("ROLLBACK"));
    for job in ran {
        job.answer(Fate::Failed(error()));
    }
    Err(Broken)
}
