//! Which of the offers in play apply.
//!
//! Lawful is a set of which each pair goes together. Up to [`EXACT_CHOICES`] offers in play, every lawful set is weighed,
//! except where it is proven that leaving an offer out cannot win. With more in play, an automatic offer that nothing
//! shuts out applies, and the choices are: coupons, offers whose conditions hang on what others left, and as many more
//! as make all conflicts go through them. Beyond so many choices the search ends after [`STEPS_MAX`] steps, and a beam
//! search has a try as well; neither then claims to be optimal.

mod beam;
mod conflict;
mod exact;
mod priority;
mod roles;
pub(crate) mod walk;

use crate::{choose::conflict::Conflicts, facts::CouponChoice, play::Field, policy::Selection};

/// Up to so many choices the best combination is always found and proven.
pub const EXACT_CHOICES: usize = 12;
/// Beyond, the search for the best combination ends after so many steps.
pub const STEPS_MAX: u32 = 20_000;

/// The role of an offer in the choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// It applies unless a choice that was taken shuts it out.
    Fixed,
    /// It is taken or left; the number counts choices.
    Choice(usize),
    /// It does not come into it.
    Out,
}

/// What was chosen: plays by their position, in the order of application, and what each takes off.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Chosen {
    /// Plays, and where the parts of each begin.
    pub(crate) applied: Vec<(usize, usize)>,
    /// (row or shipping method, fen) of all applied plays, one after the other.
    pub(crate) parts: Vec<(usize, i64)>,
    pub(crate) payable: i64,
    pub(crate) is_optimal: bool,
    pub(crate) choices: usize,
}

impl Chosen {
    /// The applied plays with what each takes off.
    pub(crate) fn steps(&self) -> impl Iterator<Item = (usize, &[(usize, i64)])> {
        let ends = self.applied.iter().skip(1).map(|(_, from)| *from).chain([self.parts.len()]);
        let steps = self.applied.iter().zip(ends);
        steps.map(|((position, from), to)| (*position, self.parts.get(*from..to).unwrap_or_default()))
    }

    /// The positions of the applied plays.
    pub(crate) fn positions(&self) -> impl Iterator<Item = usize> {
        self.applied.iter().map(|(position, _)| *position)
    }
}

/// Chooses under the policy.
pub(crate) fn choose(field: &Field<'_>, selection: Selection, choice: &CouponChoice) -> Chosen {
    let roles = match selection {
        Selection::Best => roles::of(field),
        Selection::Priority => priority::roles_of(field),
    };
    let conflicts = Conflicts::of(field, &roles);
    let best = exact::search(field, &roles, &conflicts, *choice == CouponChoice::Best);
    if best.is_optimal {
        return best;
    }
    let beam = beam::search(field, &roles, &conflicts);
    if beam.payable < best.payable { beam } else { best }
}
