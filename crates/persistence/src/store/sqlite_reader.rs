//! The readers of SQLite: threads with a read-only connection each, out of one pool.
//!
//! The writer has the one connection that may write, and the threads of PostgreSQL keep theirs for reasons of their own
//! (decision 0017); readers are all alike, come and go, and are what a pool is for.

use std::{sync::Arc, time::Duration};

use diesel::connection::SimpleConnection;
use huike_kernel::Clock;
use r2d2::ManageConnection;

use super::{
    StoreOptions,
    connect::{DatabaseUrl, Purpose, connect},
    job::{Fate, Verdict},
    lane::{Lane, Queued, in_time},
    watch::Post,
};
use crate::{Db, StoreError};

/// How long a thread waits for a connection before it says that there is none.
const CONNECT_WAIT: Duration = Duration::from_secs(1);

/// Makes reading connections for the pool.
struct Readers {
    url: DatabaseUrl,
    options: StoreOptions,
}

/// A reading connection, and whether it is to be thrown away.
struct Reader {
    db: Db,
    is_lost: bool,
}

impl ManageConnection for Readers {
    type Connection = Reader;
    type Error = diesel::ConnectionError;

    fn connect(&self) -> Result<Reader, Self::Error> {
        Ok(Reader { db: connect(&self.url, Purpose::Read, &self.options)?, is_lost: false })
    }

    /// A file does not hang up; what is lost is known from the last read.
    fn is_valid(&self, _reader: &mut Reader) -> Result<(), Self::Error> {
        Ok(())
    }

    fn has_broken(&self, reader: &mut Reader) -> bool {
        reader.is_lost
    }
}

pub(super) fn start(url: &DatabaseUrl, options: &StoreOptions, clock: Arc<dyn Clock>) -> Result<Lane, StoreError> {
    let pool = r2d2::Pool::builder()
        .max_size(options.sqlite_readers.max(1))
        .min_idle(Some(0))
        .test_on_check_out(false)
        .idle_timeout(None)
        .max_lifetime(None)
        .connection_timeout(CONNECT_WAIT)
        .build_unchecked(Readers { url: url.clone(), options: options.clone() });
    let wait_max = options.wait_max;
    Lane::start("huike-read", options.sqlite_readers, options, move |post: &Post| {
        let mut kept = None;
        while let Some(job) = post.next() {
            let Some(mut job) = in_time(job, wait_max) else { continue };
            if kept.is_none() {
                kept = pool.get().ok();
            }
            let Some(reader) = kept.as_mut() else {
                job.answer(Fate::Failed(StoreError::Unavailable("the database cannot be opened")));
                continue;
            };
            let fate = read(&mut reader.db, &mut job, clock.as_ref());
            if !matches!(fate, Fate::Stands) {
                reader.is_lost = true;
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
