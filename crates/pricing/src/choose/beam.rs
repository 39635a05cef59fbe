//! Where there are too many sets to weigh them all: of the partial sets after each play, only the cheapest go on.

use super::{Chosen, Role, conflict::Conflicts, walk};
use crate::{apply::Taken, play::Field, table::State};

/// How many partial sets go on.
const WIDTH: usize = 16;

#[derive(Clone)]
struct Way {
    state: State,
    applied: Vec<(usize, usize)>,
    parts: Vec<(usize, i64)>,
}

/// A good lawful set. Bounded: [`WIDTH`] ways, each play once.
pub(super) fn search(field: &Field<'_>, roles: &[Role], conflicts: &Conflicts) -> Chosen {
    let mut ways = vec![Way { state: field.table.begin(), applied: Vec::new(), parts: Vec::new() }];
    let mut work = Taken::default();
    for (position, (play, role)) in field.plays.iter().zip(roles).enumerate() {
        if *role == Role::Out {
            continue;
        }
        let mut more = Vec::new();
        for way in &ways {
            let is_lawful =
                way.applied.iter().filter_map(|(at, _)| field.plays.get(*at)).all(|p| p.offer.combines(play.offer));
            if !is_lawful || walk::reckon(field, play, &way.state, &mut work).is_err() {
                continue;
            }
            let mut with = way.clone();
            walk::take_off(play, &work.parts, &mut with.state);
            with.applied.push((position, with.parts.len()));
            with.parts.extend_from_slice(&work.parts);
            more.push(with);
        }
        ways.append(&mut more);
        ways.sort_by_key(|way| way.state.payable);
        ways.truncate(WIDTH);
    }
    let best = ways.into_iter().min_by_key(|way| way.state.payable);
    best.map_or_else(Chosen::default, |way| Chosen {
        applied: way.applied,
        parts: way.parts,
        payable: way.state.payable,
        is_optimal: false,
        choices: conflicts.len(),
    })
}
