//! Which plays the choices shut out.

use super::Role;
use crate::play::Field;

/// For each play, the choices that cannot apply beside it, as bits; and what the plays from each position on can take
/// off at most.
#[derive(Debug)]
pub(crate) struct Conflicts {
    words: usize,
    /// By play: `words` words each.
    bits: Vec<u64>,
    /// By position of play; one longer than there are plays.
    most_from: Vec<i64>,
    count: usize,
}

/// A set of choices.
#[derive(Debug, Clone)]
pub(crate) struct Set(Vec<u64>);

impl Conflicts {
    pub(crate) fn of(field: &Field<'_>, roles: &[Role]) -> Self {
        let choices: Vec<usize> = choices(roles).collect();
        if choices.is_empty() {
            return Self { words: 0, bits: Vec::new(), most_from: Vec::new(), count: 0 };
        }
        let words = choices.len().div_ceil(64).max(1);
        let mut bits = vec![0_u64; field.plays.len().saturating_mul(words)];
        for (position, (play, role)) in field.plays.iter().zip(roles).enumerate() {
            if *role == Role::Out {
                continue;
            }
            let from = position.saturating_mul(words);
            let Some(row) = bits.get_mut(from..from.saturating_add(words)) else { continue };
            for (choice, other) in choices.iter().enumerate() {
                let other = field.plays.get(*other).filter(|other| !std::ptr::eq(*other, play));
                if other.is_some_and(|other| !play.offer.combines(other.offer))
                    && let Some(word) = row.get_mut(choice / 64)
                {
                    *word |= mask(choice);
                }
            }
        }
        let mut conflicts = Self { words, bits, most_from: Vec::new(), count: choices.len() };
        conflicts.most_from = conflicts.most_from(field, roles, &choices);
        conflicts
    }

    /// How many choices there are.
    pub(crate) fn len(&self) -> usize {
        self.count
    }

    /// Whether the play can apply beside the choices that were taken.
    pub(crate) fn allow(&self, position: usize, taken: &Set) -> bool {
        self.row(position).zip(&taken.0).all(|(conflict, taken)| conflict & taken == 0)
    }

    /// The first choice that could shut the play out and is not decided yet.
    pub(crate) fn undecided(&self, position: usize, decided: &Set) -> Option<usize> {
        for (index, (conflict, decided)) in self.row(position).zip(&decided.0).enumerate() {
            let open = conflict & !decided;
            if open != 0 {
                return usize::try_from(open.trailing_zeros())
                    .ok()
                    .map(|bit| index.saturating_mul(64).saturating_add(bit));
            }
        }
        None
    }

    /// What plays from this position on can take off at most, whatever is chosen.
    pub(crate) fn most(&self, position: usize) -> i64 {
        self.most_from.get(position).copied().unwrap_or(0)
    }

    fn row(&self, position: usize) -> std::slice::Iter<'_, u64> {
        let from = position.saturating_mul(self.words);
        self.bits.get(from..from.saturating_add(self.words)).unwrap_or_default().iter()
    }

    /// Choices that all shut each other out can only give what the best of them gives: each joins the first such clique
    /// it fits in, and of each clique the best counts.
    fn most_from(&self, field: &Field<'_>, roles: &[Role], choices: &[usize]) -> Vec<i64> {
        let mut cliques: Vec<(Vec<usize>, i64)> = Vec::new();
        let mut total = 0_i64;
        let mut from_behind = vec![0];
        for (position, (play, role)) in field.plays.iter().zip(roles).enumerate().rev() {
            match role {
                Role::Out => {}
                Role::Fixed => total = total.saturating_add(field.most(play)),
                Role::Choice(_) => {
                    let shuts_out =
                        |other: &usize| self.row(position).nth(other / 64).is_some_and(|w| w & mask(*other) != 0);
                    let fits = |clique: &&mut (Vec<usize>, i64)| clique.0.iter().all(shuts_out);
                    let number = choices.partition_point(|known| *known < position);
                    if let Some((members, most)) = cliques.iter_mut().find(fits) {
                        members.push(number);
                        total = total.saturating_add(field.most(play).saturating_sub(*most).max(0));
                        *most = (*most).max(field.most(play));
                    } else {
                        cliques.push((vec![number], field.most(play)));
                        total = total.saturating_add(field.most(play));
                    }
                }
            }
            from_behind.push(total);
        }
        from_behind.reverse();
        from_behind
    }
}

impl Set {
    pub(crate) fn none(conflicts: &Conflicts) -> Self {
        Self(vec![0; conflicts.words])
    }

    pub(crate) fn has(&self, choice: usize) -> bool {
        self.0.get(choice / 64).is_some_and(|word| word & mask(choice) != 0)
    }

    pub(crate) fn put(&mut self, choice: usize) {
        if let Some(word) = self.0.get_mut(choice / 64) {
            *word |= mask(choice);
        }
    }

    pub(crate) fn remove(&mut self, choice: usize) {
        if let Some(word) = self.0.get_mut(choice / 64) {
            *word &= !mask(choice);
        }
    }
}

/// Positions of the plays that are choices.
pub(crate) fn choices(roles: &[Role]) -> impl Iterator<Item = usize> {
    let choices = roles.iter().enumerate().filter(|(_, role)| matches!(role, Role::Choice(_)));
    choices.map(|(position, _)| position)
}

fn mask(choice: usize) -> u64 {
    1_u64.checked_shl(u32::try_from(choice % 64).unwrap_or(0)).unwrap_or(0)
}
