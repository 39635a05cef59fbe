//! Why the offers in play that were not chosen do not apply.

use crate::{
    apply::Taken,
    choose::{Chosen, walk},
    play::{Field, Play},
    quote::{Rejected, RejectionCode},
    table::State,
};

/// All rejected offers: those that never came into play, and those that were not chosen, in the order of application.
pub(crate) fn rejected(field: &Field<'_>, chosen: &Chosen) -> Vec<Rejected> {
    let mut rejected = field.rejected.clone();
    rejected.sort_by_key(|rejected| rejected.source);
    if chosen.applied.len() == field.plays.len() {
        return rejected;
    }
    let mut state = field.table.begin();
    let mut taken = Taken::default();
    let mut steps = chosen.steps().peekable();
    for (position, play) in field.plays.iter().enumerate() {
        if let Some((_, parts)) = steps.next_if(|(applied, _)| *applied == position) {
            walk::take_off(play, parts, &mut state);
        } else {
            rejected.push(why(field, chosen, play, &state, &mut taken));
        }
    }
    rejected
}

fn why(field: &Field<'_>, chosen: &Chosen, play: &Play<'_>, state: &State, taken: &mut Taken) -> Rejected {
    let plain = |code| Rejected { source: play.source, code, gap: None, by: None, starts_at: None };
    let applied = chosen.positions().filter_map(|position| field.plays.get(position));
    let by = applied.map(|other| other.offer).find(|other| !other.combines(play.offer));
    if let Some(by) = by {
        return Rejected { by: Some(by.id), ..plain(RejectionCode::ExcludedBy) };
    }
    match walk::reckon(field, play, state, taken) {
        Err(miss) => Rejected { gap: miss.gap, ..plain(miss.code) },
        Ok(()) => plain(RejectionCode::WorseThan),
    }
}
