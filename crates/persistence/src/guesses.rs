//! Counts of wrong codes, by subject and window. They are counted in memory; here they outlive a restart and meet
//! those of other instances.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use crate::{Db, StoreError, db::each, schema::guess_counter, sql_types::DbTime};

/// Whose wrong codes, and in which window.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GuessKey {
    /// `account`, `device`, `ip` or `store`.
    pub subject_kind: &'static str,
    /// Who; a digest where the name itself would be personal data.
    pub subject: String,
    /// When the window began.
    pub window_start: DateTime<Utc>,
}

/// The wrong codes counted for the key.
pub fn find(db: &mut Db, key: &GuessKey) -> Result<i64, StoreError> {
    let wrong = guess_counter::table
        .find((key.subject_kind, &key.subject, DbTime::from(key.window_start)))
        .select(guess_counter::wrong)
        .first(db)
        .optional()?;
    Ok(wrong.unwrap_or(0))
}

/// Adds to the counts, and says what they are now. In the order of the keys, so that instances do not block each other.
pub fn add(db: &mut Db, counts: &[(GuessKey, i64)]) -> Result<Vec<(GuessKey, i64)>, StoreError> {
    let mut sorted: Vec<&(GuessKey, i64)> = counts.iter().collect();
    sorted.sort();
    let mut totals = Vec::with_capacity(sorted.len());
    for (key, wrong) in sorted {
        let row = (
            guess_counter::subject_kind.eq(key.subject_kind),
            guess_counter::subject.eq(&key.subject),
            guess_counter::window_start.eq(DbTime::from(key.window_start)),
            guess_counter::wrong.eq(wrong),
        );
        let total = each!(db, |c| {
            diesel::insert_into(guess_counter::table)
                .values(row)
                .on_conflict((guess_counter::subject_kind, guess_counter::subject, guess_counter::window_start))
                .do_update()
                .set(guess_counter::wrong.eq(guess_counter::wrong + wrong))
                .returning(guess_counter::wrong)
                .get_result(c)
        })?;
        totals.push((key.clone(), total));
    }
    Ok(totals)
}

/// Drops counts of windows that began before `before`.
pub fn purge(db: &mut Db, before: DateTime<Utc>) -> Result<usize, StoreError> {
    Ok(diesel::delete(guess_counter::table.filter(guess_counter::window_start.lt(DbTime::from(before)))).execute(db)?)
}
