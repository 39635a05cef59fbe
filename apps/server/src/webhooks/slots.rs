//! Who may be called how often at once: what keeps a slow or dead receiver from standing in everybody else's way.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use huike_kernel::WebhookEndpointId;

/// Calls at once, all receivers together.
pub const SLOTS: usize = 16;
/// Calls at once to one receiver that answers.
pub const SLOTS_OF_ONE: usize = 4;
/// Calls at once to all receivers in trouble together: the rest is kept for those who answer.
pub const SLOTS_OF_TROUBLED: usize = 8;
/// So many bad attempts in a row, and a receiver is in trouble.
const BAD_MAX: u32 = 3;
/// A receiver in trouble is left alone for 1, 2, 4, … seconds after each attempt, and no longer than this: its backlog would
/// otherwise be tried message after message, for nothing, as fast as the database can write that down.
const REST_SECONDS_MAX: i64 = 60;

/// The calls under way, and how the last ones went. Of this process only: others have slots of their own.
#[derive(Debug, Clone, Default)]
pub(super) struct Slots {
    busy: HashMap<WebhookEndpointId, usize>,
    /// Those never heard of are absent.
    past: HashMap<WebhookEndpointId, Past>,
    /// Who was called last, so that the next has its turn.
    last: Option<WebhookEndpointId>,
}

/// How the last attempts went.
#[derive(Debug, Clone, Copy)]
struct Past {
    bad_in_a_row: u32,
    last_at: DateTime<Utc>,
}

impl Past {
    fn is_troubled(self) -> bool {
        self.bad_in_a_row >= BAD_MAX
    }

    fn rests(self, now: DateTime<Utc>) -> bool {
        let doublings = self.bad_in_a_row.saturating_sub(BAD_MAX);
        let rest = TimeDelta::seconds(2_i64.saturating_pow(doublings).min(REST_SECONDS_MAX));
        self.is_troubled() && now.signed_duration_since(self.last_at) < rest
    }
}

impl Slots {
    /// Calls that may begin now.
    pub(super) fn free(&self) -> usize {
        SLOTS.saturating_sub(self.busy.values().sum())
    }

    /// Calls under way.
    pub(super) fn is_idle(&self) -> bool {
        self.busy.is_empty()
    }

    /// Who was called last.
    pub(super) fn last(&self) -> Option<WebhookEndpointId> {
        self.last
    }

    /// Receivers that must not be called at this moment.
    pub(super) fn full(&self, now: DateTime<Utc>) -> Vec<WebhookEndpointId> {
        let troubled_busy: usize = self.busy.iter().filter(|(of, _)| self.is_troubled(**of)).map(|(_, n)| n).sum();
        let crowded = troubled_busy >= SLOTS_OF_TROUBLED;
        let at_share = self.busy.iter().filter(|(of, busy)| **busy >= self.share(**of)).map(|(of, _)| *of);
        let is_held_back = |past: &Past| past.rests(now) || crowded && past.is_troubled();
        let held_back = self.past.iter().filter(|(_, past)| is_held_back(past)).map(|(of, _)| *of);
        let mut full: Vec<_> = at_share.chain(held_back).collect();
        full.sort_unstable();
        full.dedup();
        full
    }

    /// A call begins.
    pub(super) fn begin(&mut self, of: WebhookEndpointId) {
        *self.busy.entry(of).or_default() += 1;
        self.last = Some(of);
    }

    /// A call is over.
    pub(super) fn end(&mut self, of: WebhookEndpointId, went_well: bool, now: DateTime<Utc>) {
        if let Some(busy) = self.busy.get_mut(&of) {
            *busy = busy.saturating_sub(1);
            if *busy == 0 {
                self.busy.remove(&of);
            }
        }
        let before = self.past.get(&of).map_or(0, |past| past.bad_in_a_row);
        let bad_in_a_row = if went_well { 0 } else { before.saturating_add(1) };
        self.past.insert(of, Past { bad_in_a_row, last_at: now });
    }

    /// A receiver nobody has heard of yet is asked one thing at a time until it answers; so is one in trouble.
    fn share(&self, of: WebhookEndpointId) -> usize {
        match self.past.get(&of) {
            Some(past) if !past.is_troubled() => SLOTS_OF_ONE,
            Some(_) | None => 1,
        }
    }

    fn is_troubled(&self, of: WebhookEndpointId) -> bool {
        self.past.get(&of).is_some_and(|past| past.is_troubled())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn endpoint(number: u128) -> WebhookEndpointId {
        Uuid::from_u128(number).into()
    }

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(second, 0).unwrap()
    }

    fn attempt(slots: &mut Slots, of: u128, went_well: bool) {
        slots.begin(endpoint(of));
        slots.end(endpoint(of), went_well, at(0));
    }

    /// How many calls to it may begin once nobody rests any more.
    fn room(slots: &Slots, of: u128) -> usize {
        room_at(slots, of, REST_SECONDS_MAX)
    }

    fn room_at(slots: &Slots, of: u128, second: i64) -> usize {
        let mut slots = slots.clone();
        let mut begun = 0;
        while slots.free() > 0 && !slots.full(at(second)).contains(&endpoint(of)) {
            slots.begin(endpoint(of));
            begun += 1;
        }
        begun
    }

    #[test]
    fn a_receiver_begins_with_one_call_has_four_when_it_answers_and_one_when_it_is_in_trouble() {
        let mut slots = Slots::default();
        assert_eq!(room(&slots, 1), 1);
        attempt(&mut slots, 1, true);
        assert_eq!(room(&slots, 1), 4);
        attempt(&mut slots, 1, false);
        attempt(&mut slots, 1, false);
        assert_eq!(room(&slots, 1), 4);
        attempt(&mut slots, 1, false);
        assert_eq!(room(&slots, 1), 1);
        attempt(&mut slots, 1, true);
        assert_eq!(room(&slots, 1), 4);
    }

    #[test]
    fn a_receiver_in_trouble_rests_longer_and_longer_and_not_for_ever() {
        let mut slots = Slots::default();
        for bad in 1..=40 {
            attempt(&mut slots, 1, false);
            let rest = (0..).find(|second| room_at(&slots, 1, *second) > 0).unwrap();
            let wanted = if bad < 3 { 0 } else { 2_i64.saturating_pow(bad - 3).min(60) };
            assert_eq!(rest, wanted, "after {bad}");
        }
        attempt(&mut slots, 1, true);
        assert_eq!(room_at(&slots, 1, 0), 4);
    }

    #[test]
    fn all_in_trouble_together_leave_half_of_the_slots_to_others() {
        let mut slots = Slots::default();
        for of in 1..=20 {
            for _ in 0..3 {
                attempt(&mut slots, of, false);
            }
        }
        for of in 1..=8 {
            assert_eq!(room(&slots, of), 1);
            slots.begin(endpoint(of));
        }
        assert!((1..=20).all(|of| room(&slots, of) == 0));
        assert_eq!(slots.free(), 8);
        assert_eq!(room(&slots, 99), 1);
    }

    proptest! {
        #[test]
        fn nobody_ever_has_more_than_four_and_nothing_is_lost(
            steps in prop::collection::vec((1_u128..30, 0_u8..4), 1..300),
        ) {
            let mut slots = Slots::default();
            let mut held: Vec<u128> = Vec::new();
            for (of, step) in steps {
                if step == 0 && let Some(of) = held.pop() {
                    slots.end(endpoint(of), of % 2 == 0, at(0));
                } else if slots.free() > 0 && !slots.full(at(0)).contains(&endpoint(of)) {
                    slots.begin(endpoint(of));
                    held.push(of);
                }
                prop_assert_eq!(slots.free(), SLOTS - held.len());
                prop_assert!((1..30).all(|of| held.iter().filter(|held| **held == of).count() <= SLOTS_OF_ONE));
            }
        }
    }
}
