//! The threads of PostgreSQL: each keeps one connection of the pool and runs one transaction at a time.

use std::{sync::Arc, time::Duration};

use crossbeam_channel::Receiver;
use diesel::connection::SimpleConnection;
use huike_kernel::Clock;

use super::{
    StoreOptions,
    connect::{Connector, DatabaseUrl, Purpose, pool, probe},
    job::{Fate, Replay, Verdict},
    lane::{Lane, Queued, in_time},
};
use crate::{
    Db, StoreError,
    error::{Fault, fault_of},
};

/// Runs of one body: the first, and again after a deadlock, a serialisation failure or a lost connection.
const ATTEMPTS_MAX: u32 = 6;

pub(super) fn start(url: &DatabaseUrl, options: &StoreOptions, clock: Arc<dyn Clock>) -> Result<Lane, StoreError> {
    drop(probe(url, Purpose::Write, options)?);
    let connector = Connector { url: url.clone(), purpose: Purpose::Write, options: options.clone() };
    let pool = pool(connector, options.postgres_connections);
    Lane::start("huike-db", options.postgres_connections, options.queue_max, move |queue: Receiver<Queued>| {
        let mut kept = None;
        for job in queue {
            let Some(mut job) = in_time(job) else { continue };
            let fate = run(&pool, &mut kept, &mut job, clock.as_ref());
            job.answer(fate);
        }
    })
}

type Kept = Option<r2d2::PooledConnection<Connector>>;

/// How one run of a body ended.
enum Run {
    Ended(Fate),
    /// The body may be run again on this connection.
    Again,
    /// The connection is gone and nothing was committed.
    Lost,
    /// The connection went while COMMIT was under way.
    Unknown,
}

fn run(pool: &r2d2::Pool<Connector>, kept: &mut Kept, job: &mut Queued, clock: &dyn Clock) -> Fate {
    for attempt in 0..ATTEMPTS_MAX {
        if kept.is_none() {
            *kept = pool.get().ok();
        }
        let Some(connection) = kept.as_mut() else {
            return Fate::Failed(StoreError::Unavailable("no connection could be had"));
        };
        match run_once(connection, job, clock) {
            Run::Ended(fate) => return fate,
            Run::Again => std::thread::sleep(back_off(attempt)),
            Run::Lost => *kept = None,
            Run::Unknown => {
                *kept = None;
                if job.replay() == Replay::Never {
                    return Fate::Failed(StoreError::OutcomeUnknown);
                }
            }
        }
    }
    Fate::Failed(StoreError::Unavailable("the transaction was refused too often"))
}

fn run_once(db: &mut Db, job: &mut Queued, clock: &dyn Clock) -> Run {
    let begin = match job.replay() {
        Replay::Harmless => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        Replay::ThroughKey | Replay::Never => "BEGIN",
    };
    if db.batch_execute(begin).is_err() {
        return Run::Lost;
    }
    match job.attempt(db, clock.now()) {
        Verdict::Keep => commit(db),
        Verdict::Undo => roll_back(db, Run::Ended(Fate::Stands)),
        Verdict::Again => roll_back(db, Run::Again),
        Verdict::ConnectionLost => Run::Lost,
        Verdict::StorageFailed => {
            roll_back(db, Run::Ended(Fate::Failed(StoreError::Unavailable("the database cannot write"))))
        }
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
        Fault::None | Fault::LockTimeout | Fault::StorageFailed => {
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
        (Err(_), _) => Run::Lost,
    }
}

/// 1, 2, 4, … ms: two bodies that met in a deadlock should not meet again at once.
fn back_off(attempt: u32) -> Duration {
    Duration::from_millis(1_u64 << attempt.min(6))
}
