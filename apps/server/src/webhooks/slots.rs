//! Who may be called how often at once: what keeps a slow or dead receiver from standing in everybody else's way.

use std::collections::HashMap;

use huike_kernel::WebhookEndpointId;

/// Calls at once, all receivers together.
pub const SLOTS: usize = 16;
/// Calls at once to one receiver that answers.
pub const SLOTS_OF_ONE: usize = 4;
/// Calls at once to all receivers in trouble together: the rest is kept for those who answer.
pub const SLOTS_OF_TROUBLED: usize = 8;
/// So many bad attempts in a row, and a receiver is in trouble.
const BAD_MAX: u32 = 3;

/// The calls under way, and how the last ones went. Of this process only: others have slots of their own.
#[derive(Debug, Clone, Default)]
pub(super) struct Slots {
    busy: HashMap<WebhookEndpointId, usize>,
    /// Receivers that have answered well since the last bad attempt are at 0; those never heard of are absent.
    bad_in_a_row: HashMap<WebhookEndpointId, u32>,
    /// Who was called last, so that the next has its turn.
    last: Option<WebhookEndpointId>,
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
    pub(super) fn full(&self) -> Vec<WebhookEndpointId> {
        let troubled_busy: usize = self.busy.iter().filter(|(of, _)| self.is_troubled(**of)).map(|(_, n)| n).sum();
        let crowded = troubled_busy >= SLOTS_OF_TROUBLED;
        let at_share = self.busy.iter().filter(|(of, busy)| **busy >= self.share(**of)).map(|(of, _)| *of);
        let held_back = self.bad_in_a_row.keys().copied().filter(|of| crowded && self.is_troubled(*of));
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
    pub(super) fn end(&mut self, of: WebhookEndpointId, went_well: bool) {
        if let Some(busy) = self.busy.get_mut(&of) {
            *busy = busy.saturating_sub(1);
            if *busy == 0 {
                self.busy.remove(&of);
            }
        }
        let bad = self.bad_in_a_row.entry(of).or_default();
        *bad = if went_well { 0 } else { bad.saturating_add(1) };
    }

    /// A receiver nobody has heard of yet is asked one thing at a time until it answers; so is one in trouble.
    fn share(&self, of: WebhookEndpointId) -> usize {
        match self.bad_in_a_row.get(&of) {
            Some(bad) if *bad < BAD_MAX => SLOTS_OF_ONE,
            Some(_) | None => 1,
        }
    }

    fn is_troubled(&self, of: WebhookEndpointId) -> bool {
        self.bad_in_a_row.get(&of).is_some_and(|bad| *bad >= BAD_MAX)
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

    fn attempt(slots: &mut Slots, of: u128, went_well: bool) {
        slots.begin(endpoint(of));
        slots.end(endpoint(of), went_well);
    }

    /// How many calls to it may begin.
    fn room(slots: &Slots, of: u128) -> usize {
        let mut slots = slots.clone();
        (0..)
            .take_while(|_| {
                slots.free() > 0 && !slots.full().contains(&endpoint(of)) && {
                    slots.begin(endpoint(of));
                    true
                }
            })
            .count()
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
                    slots.end(endpoint(of), of % 2 == 0);
                } else if slots.free() > 0 && !slots.full().contains(&endpoint(of)) {
                    slots.begin(endpoint(of));
                    held.push(of);
                }
                prop_assert_eq!(slots.free(), SLOTS - held.len());
                prop_assert!((1..30).all(|of| held.iter().filter(|held| **held == of).count() <= SLOTS_OF_ONE));
            }
        }
    }
}
