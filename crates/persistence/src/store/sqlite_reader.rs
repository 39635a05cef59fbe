//! The readers of SQLite: threads with a read-only connection each.

use std::sync::Arc;

use crossbeam_channel::Receiver;
use diesel::connection::SimpleConnection;
use huike_kernel::Clock;

use super::{
    StoreOptions,
    connect::{Connector, DatabaseUrl, Purpose, pool},
    job::{Fate, Verdict},
    lane::{Lane, Queued, in_time},
};
use crate::{Db, StoreError};

pub(super) fn start(url: &DatabaseUrl, options: &StoreOptions, clock: Arc<dyn Clock>) -> Result<Lane, StoreError> {
    let connector = Connector { url: url.clone(), purpose: Purpose::Read, options: options.clone() };
    let pool = pool(connector, options.sqlite_readers);
    Lane::start("huike-read", options.sqlite_readers, options.queue_max, move |queue: Receiver<Queued>| {
        let mut kept = None;
        for job in queue {
            let Some(mut job) = in_time(job) else { continue };
            if kept.is_none() {
                kept = pool.get().ok();
            }
            let Some(connection) = kept.as_mut() else {
                job.answer(Fate::Failed(StoreError::Unavailable("no connection could be had")));
                continue;
            };
            let fate = read(connection, &mut job, clock.as_ref());
            if !matches!(fate, Fate::Stands) {
                kept = None;
            }
            job.answer(fate);
        }
    })
}

/// A deferred BEGIN takes its snapshot at the first read and keeps it.
fn read(db: &mut Db, job: &mut Queued, clock: &dyn Clock) -> Fate {
    if db.batch_execute("BEGIN DEFERRED").is_err() {
        return Fate::Failed(StoreError::Unavailable("a snapshot could not be taken"));
    }
    let verdict = job.attempt(db, clock.now());
    let ended = db.batch_execute("ROLLBACK").is_ok();
    match verdict {
        Verdict::Keep | Verdict::Undo if ended => Fate::Stands,
        _ => Fate::Failed(StoreError::Unavailable("the snapshot was lost")),
    }
}
