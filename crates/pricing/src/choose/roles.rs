//! Who is a choice under the policy `best`.

use super::{EXACT_CHOICES, Role};
use crate::{
    apply,
    play::{Field, Play},
};

/// The role of each play.
pub(super) fn of(field: &Field<'_>) -> Vec<Role> {
    let is_choice = if field.plays.len() <= EXACT_CHOICES { weigh_all(field) } else { weigh_conflicts(field) };
    let mut number = 0_usize;
    let role = |is_choice: bool| {
        if !is_choice {
            return Role::Fixed;
        }
        number = number.saturating_add(1);
        Role::Choice(number.saturating_sub(1))
    };
    is_choice.into_iter().map(role).collect()
}

/// Few offers: everything is a choice, except an automatic offer without which the price is provably no lower.
fn weigh_all(field: &Field<'_>) -> Vec<bool> {
    let plays = field.plays.iter().enumerate();
    plays
        .map(|(position, play)| {
            let later = field.plays.get(position.saturating_add(1)..).unwrap_or_default();
            play.is_coupon()
                || field.plays.iter().any(|other| conflicts(play, other))
                || later.iter().any(|other| field.hangs_on_others(other))
                || !takes_no_more_from_less(field, later)
        })
        .collect()
}

/// Whether it is certain to the fen that these offers never leave more to pay when there was less before them. Each is
/// so by itself; only a spread can move a fen from one row to another, which shows when a later offer looks at some of
/// those rows and not at others, or a minimum price stops it.
fn takes_no_more_from_less(field: &Field<'_>, later: &[Play<'_>]) -> bool {
    let Some(first) = later.iter().position(|play| apply::spreads(play.offer)) else { return true };
    let on_goods = |play: &&Play<'_>| play.offer.class != huike_kernel::OfferClass::Shipping;
    let mut from_first = later.iter().skip(first).filter(on_goods);
    let Some(spread) = from_first.next() else { return true };
    let has_floor = field.rows(spread).iter().any(|row| field.table.rows.get(*row).is_some_and(|row| row.floor > 0));
    !has_floor
        && spread.offer.cap.is_none()
        && from_first.all(|play| field.rows(play) == field.rows(spread) && is_total(play))
}

/// Whether the offer looks at nothing but the sum of its rows.
fn is_total(play: &Play<'_>) -> bool {
    use crate::offer::{Base, Effect};
    let by_sum = match play.offer.effect {
        Effect::AmountOff { .. } => true,
        Effect::PercentOff { .. } => apply::spreads(play.offer),
        _ => false,
    };
    by_sum && play.offer.effect_base == Base::After
}

/// Many offers: coupons, whatever hangs on others and all before it, and a cover of the conflicts: the play with the
/// most of them first, until every conflict has a choice in it.
fn weigh_conflicts(field: &Field<'_>) -> Vec<bool> {
    let last_hanging = field.plays.iter().rposition(|play| field.hangs_on_others(play));
    let mut is_choice: Vec<bool> = field
        .plays
        .iter()
        .enumerate()
        .map(|(position, play)| play.is_coupon() || last_hanging.is_some_and(|last| position <= last))
        .collect();
    let open: Vec<usize> = (0..field.plays.len()).filter(|position| is_closed(field, *position)).collect();
    let mut edges: Vec<(usize, usize)> = Vec::new();
    for a in &open {
        for (b, other) in field.plays.iter().enumerate() {
            let is_edge = field.plays.get(*a).is_some_and(|play| conflicts(play, other));
            let is_covered = [*a, b].iter().any(|end| is_choice.get(*end).copied().unwrap_or(true));
            if is_edge && !is_covered {
                edges.push(((*a).min(b), (*a).max(b)));
            }
        }
    }
    edges.sort_unstable();
    edges.dedup();
    while !edges.is_empty() {
        let mut degree = vec![0_usize; is_choice.len()];
        for end in edges.iter().flat_map(|(a, b)| [*a, *b]) {
            if let Some(count) = degree.get_mut(end) {
                *count = count.saturating_add(1);
            }
        }
        let Some(hub) = (0..degree.len()).rev().max_by_key(|end| degree.get(*end).copied()) else { break };
        if let Some(hub) = is_choice.get_mut(hub) {
            *hub = true;
        }
        edges.retain(|(a, b)| *a != hub && *b != hub);
    }
    is_choice
}

/// Whether the offer could shut out one that is open to all.
fn is_closed(field: &Field<'_>, position: usize) -> bool {
    field.plays.get(position).is_some_and(|play| !play.offer.is_open_to_all())
}

fn conflicts(play: &Play<'_>, other: &Play<'_>) -> bool {
    !std::ptr::eq(play, other) && !play.offer.combines(other.offer)
}
