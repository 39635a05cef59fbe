//! The readers of SQLite: threads with a read-only connection each.

use std::sync::Arc;

use diesel::connection::SimpleConnection;
use huike_kernel::Clock;

use super::{
    StoreOptions,
    connect::{DatabaseUrl, Purpose, connect},
    job::{Fate, Verdict},
    lane::{Lane, Queued, in_time},
    watch::Post,
};
use crate::{Db, StoreError};

pub(super) fn start(url: &DatabaseUrl, options: &StoreOptions, clock: Arc<dyn Clock>) -> Result<Lane, StoreError> {
    let (url, own) = (url.clone(), options.clone());
    Lane::start("huike-read", options.sqlite_readers, options, move |post: &Post| {
        let mut kept = None;
        while let Some(job) = post.next() {
            let Some(mut job) = in_time(job, own.wait_max) else { continue };
            if kept.is_none() {
                kept = connect(&url, Purpose::Read, &own).ok();
            }
            let Some(connection) = kept.as_mut() else {
                job.answer(Fate::Failed(StoreError::Unavailable("the database cannot be opened")));
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
    if !job.begin() {
        return Fate::Stands;
    }
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
