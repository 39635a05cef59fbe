//! The policy `priority`: automatic offers in their order, and only coupons are chosen.

use super::{Role, walk};
use crate::{
    apply::Taken,
    play::{Field, Play},
    table::State,
};

/// Automatic offers that apply are fixed, those shut out are out, coupons are choices. An automatic offer that would
/// only apply after a coupon (its condition or budget looks at what is left) stays in, unless one that applies shuts it
/// out. Of a group the one that takes off most, in the place of its first, is the one in it.
pub(super) fn roles_of(field: &Field<'_>) -> Vec<Role> {
    let mut state = field.table.begin();
    let mut work = Taken::default();
    let mut applied: Vec<usize> = Vec::new();
    let mut waiting: Vec<usize> = Vec::new();
    for (position, play) in field.plays.iter().enumerate() {
        if play.is_coupon() {
            continue;
        }
        let is_lawful = |play: &Play<'_>| {
            let mut before = applied.iter().filter_map(|position| field.plays.get(*position));
            before.all(|earlier| earlier.offer.combines(play.offer))
        };
        let position = best_of_group(field, position, &state, &mut work);
        let Some(play) = field.plays.get(position) else { continue };
        if !is_lawful(play) {
            continue;
        }
        if walk::reckon(field, play, &state, &mut work).is_ok() {
            walk::take_off(play, &work.parts, &mut state);
            applied.push(position);
        } else {
            waiting.push(position);
        }
    }
    let mut fixed = applied.clone();
    for position in waiting {
        let combines = |other: &usize| {
            field.plays.get(*other).zip(field.plays.get(position)).is_some_and(|(a, b)| a.offer.combines(b.offer))
        };
        if fixed.iter().all(combines) {
            fixed.push(position);
        }
    }
    roles(field, &applied, &fixed)
}

fn best_of_group(field: &Field<'_>, first: usize, state: &State, work: &mut Taken) -> usize {
    let group = field.plays.get(first).and_then(|play| play.offer.group.as_ref());
    let Some(group) = group else { return first };
    let mut best = (first, 0);
    for (position, play) in field.plays.iter().enumerate() {
        if play.is_coupon() || play.offer.group.as_ref() != Some(group) {
            continue;
        }
        if walk::reckon(field, play, state, work).is_ok() && work.total > best.1 {
            best = (position, work.total);
        }
    }
    best.0
}

fn roles(field: &Field<'_>, applied: &[usize], fixed: &[usize]) -> Vec<Role> {
    let mut number = 0;
    let plays = field.plays.iter().enumerate();
    plays
        .map(|(position, play)| {
            let shuts_out =
                |other: &usize| field.plays.get(*other).is_some_and(|other| !other.offer.combines(play.offer));
            if !play.is_coupon() {
                return if fixed.contains(&position) { Role::Fixed } else { Role::Out };
            }
            if applied.iter().any(shuts_out) {
                return Role::Out;
            }
            let role = Role::Choice(number);
            number = number.saturating_add(1);
            role
        })
        .collect()
}
