//! The search through all lawful sets, with a bound.

use std::cmp::Ordering;

use super::{
    Chosen, EXACT_CHOICES, Role, STEPS_MAX,
    conflict::{Conflicts, Set, choices},
    walk,
};
use crate::{apply::Taken, play::Field, table::State};

/// The best lawful set; it is optimal when the search came to its end.
pub(super) fn search(field: &Field<'_>, roles: &[Role], conflicts: &Conflicts, is_free: bool) -> Chosen {
    let mut search = Search {
        field,
        roles,
        conflicts,
        choices: choices(roles).collect(),
        is_free,
        state: field.table.begin(),
        taken: Set::none(conflicts),
        decided: Set::none(conflicts),
        path: Vec::new(),
        parts: Vec::new(),
        best: None,
        steps_left: if conflicts.len() <= EXACT_CHOICES { u32::MAX } else { STEPS_MAX },
        work: Taken::default(),
    };
    search.walk(0);
    let is_optimal = search.steps_left > 0;
    let best = search.best.unwrap_or_default();
    Chosen { applied: best.applied, parts: best.parts, payable: best.payable, is_optimal, choices: conflicts.len() }
}

#[derive(Debug, Default)]
struct Found {
    applied: Vec<(usize, usize)>,
    parts: Vec<(usize, i64)>,
    payable: i64,
    coupons: usize,
}

struct Search<'s, 'f> {
    field: &'s Field<'f>,
    roles: &'s [Role],
    conflicts: &'s Conflicts,
    /// The play of each choice.
    choices: Vec<usize>,
    /// Whether coupons are used only where they help; else as many as are lawful at the same price.
    is_free: bool,
    state: State,
    /// Choices that are taken, or will be when their turn comes.
    taken: Set,
    /// Choices that are taken or left.
    decided: Set,
    /// Plays applied so far, and where the parts of each begin.
    path: Vec<(usize, usize)>,
    parts: Vec<(usize, i64)>,
    best: Option<Found>,
    steps_left: u32,
    work: Taken,
}

impl Search<'_, '_> {
    /// Goes on from a play, and leaves everything as it was.
    fn walk(&mut self, from: usize) {
        let depth = self.path.len();
        let mut position = from;
        while let Some(role) = self.roles.get(position).copied() {
            let open = match role {
                Role::Out => None,
                Role::Fixed if !self.conflicts.allow(position, &self.taken) => None,
                Role::Fixed => self.conflicts.undecided(position, &self.decided),
                Role::Choice(choice) => (!self.decided.has(choice)).then_some(choice),
            };
            if let Some(choice) = open {
                self.branch(position, choice);
                return self.back_to(depth);
            }
            let is_due = match role {
                Role::Out => false,
                Role::Fixed => self.conflicts.allow(position, &self.taken),
                Role::Choice(choice) => self.taken.has(choice),
            };
            // A choice that is taken and then does not apply makes the same set as leaving it.
            if is_due && !self.apply(position) && role != Role::Fixed {
                return self.back_to(depth);
            }
            position = position.saturating_add(1);
        }
        self.weigh();
        self.back_to(depth);
    }

    /// Goes on from a play with the choice taken, and with it left.
    fn branch(&mut self, position: usize, choice: usize) {
        if !self.may_win(position) {
            return;
        }
        let play = self.choices.get(choice).copied().unwrap_or(usize::MAX);
        self.decided.put(choice);
        if self.conflicts.allow(play, &self.taken) {
            self.taken.put(choice);
            self.walk(position);
            self.taken.remove(choice);
        }
        self.walk(position);
        self.decided.remove(choice);
    }

    /// Whether a set on this way could still be better than the best so far.
    fn may_win(&mut self, position: usize) -> bool {
        if self.steps_left == 0 {
            return false;
        }
        let Some(best) = &self.best else { return true };
        let reachable = self.state.payable.saturating_sub(self.conflicts.most(position));
        match reachable.cmp(&best.payable) {
            Ordering::Less => true,
            Ordering::Equal => !self.is_free || self.coupons() <= best.coupons,
            Ordering::Greater => false,
        }
    }

    fn apply(&mut self, position: usize) -> bool {
        self.steps_left = self.steps_left.saturating_sub(1);
        let Some(play) = self.field.plays.get(position) else { return false };
        if walk::reckon(self.field, play, &self.state, &mut self.work).is_err() {
            return false;
        }
        walk::take_off(play, &self.work.parts, &mut self.state);
        self.path.push((position, self.parts.len()));
        self.parts.extend_from_slice(&self.work.parts);
        true
    }

    fn back_to(&mut self, depth: usize) {
        while self.path.len() > depth {
            let Some((position, from)) = self.path.pop() else { return };
            if let (Some(play), Some(parts)) = (self.field.plays.get(position), self.parts.get(from..)) {
                walk::put_back(play, parts, &mut self.state);
            }
            self.parts.truncate(from);
        }
    }

    fn coupons(&self) -> usize {
        let plays = self.path.iter().filter_map(|(position, _)| self.field.plays.get(*position));
        plays.filter(|play| play.is_coupon()).count()
    }

    /// Keeps the set when it is better: lower; then fewer coupons (or more, where the customer chose them); then the
    /// coupons that run out first; then the first in the order of application.
    fn weigh(&mut self) {
        let coupons = self.coupons();
        let is_better = self.best.as_ref().is_none_or(|best| {
            let by_count = if self.is_free { coupons.cmp(&best.coupons) } else { best.coupons.cmp(&coupons) };
            let applied = self.path.iter().map(|(position, _)| *position);
            let found = best.applied.iter().map(|(position, _)| *position);
            let by_expiry = || self.expiries(applied.clone()).cmp(self.expiries(found.clone()));
            let order = self.state.payable.cmp(&best.payable).then(by_count).then_with(by_expiry);
            order.then_with(|| applied.clone().cmp(found.clone())) == Ordering::Less
        });
        if is_better {
            let best = self.best.get_or_insert_default();
            best.applied.clone_from(&self.path);
            best.parts.clone_from(&self.parts);
            (best.payable, best.coupons) = (self.state.payable, coupons);
        }
    }

    fn expiries(&self, applied: impl Iterator<Item = usize>) -> std::vec::IntoIter<chrono::DateTime<chrono::Utc>> {
        let plays = applied.filter_map(|position| self.field.plays.get(position));
        let mut expiries: Vec<_> = plays.filter_map(|play| play.expires_at).collect();
        expiries.sort_unstable();
        expiries.into_iter()
    }
}
