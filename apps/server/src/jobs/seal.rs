//! Seals the audit log: each second, whatever was written since gets its place in the chain. On a thread of its own: a long
//! job must not leave the log open.

use std::{sync::Arc, time::Duration};

use chrono::NaiveDate;
use huike_kernel::Clock;
use huike_persistence::{Store, StoreError};
use huike_trust::Head;
use huike_usecases::audit::seal_chunk;

use super::ticker::{Outage, Ticker};

/// How often.
const EVERY: Duration = Duration::from_secs(1);
/// Rows of one transaction: what the writer of SQLite does in well under 20 ms.
const CHUNK: i64 = 200;

/// Seals everything that waits, chunk by chunk, and says where the chain ends.
pub fn seal_waiting(store: &Store) -> Result<Head, StoreError> {
    loop {
        let done = store.write_blocking(|db, now| seal_chunk(db, now, CHUNK))?;
        if i64::try_from(done.sealed).unwrap_or(i64::MAX) < CHUNK {
            return Ok(done.head);
        }
    }
}

/// Seals from now on; dropping what it gives seals what is left.
pub(super) fn keep_sealing(store: Store, clock: Arc<dyn Clock>) -> std::io::Result<Ticker> {
    let (mut diary, outage) = (Diary::default(), Outage::default());
    Ticker::start("huike-sealer", EVERY, move || match seal_waiting(&store) {
        Ok(head) => {
            if outage.ends() {
                tracing::info!("the audit log is sealed again");
            }
            if diary.is_due(head, clock.now().date_naive()) {
                tracing::info!(
                    audit.seq = head.seq,
                    audit.hash = %head.hash,
                    "the audit log is sealed up to {head}; keep a copy of this line elsewhere"
                );
            }
        }
        Err(error) if outage.begins() => {
            tracing::warn!(%error, "the audit log could not be sealed, and is tried again each second: {error}");
        }
        Err(_) => {}
    })
}

/// Remembers on which day the head was last told.
#[derive(Default)]
struct Diary(Option<NaiveDate>);

impl Diary {
    /// Whether the head is to be told: once a day, as soon as there is one.
    fn is_due(&mut self, head: Head, today: NaiveDate) -> bool {
        let is_due = head.seq > 0 && self.0 != Some(today);
        if is_due {
            self.0 = Some(today);
        }
        is_due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_is_told_once_a_day_and_not_before_there_is_one() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let sealed = Head { seq: 7, ..Head::START };
        let mut diary = Diary::default();
        let asked = [
            (Head::START, "2026-11-22"),
            (sealed, "2026-11-22"),
            (Head { seq: 8, ..sealed }, "2026-11-22"),
            (sealed, "2026-11-23"),
            (sealed, "2026-11-23"),
            (sealed, "2026-12-01"),
        ];
        let told: Vec<bool> = asked.map(|(head, today)| diary.is_due(head, day(today))).to_vec();
        assert_eq!(told, [false, true, false, true, false, true]);
    }
}
