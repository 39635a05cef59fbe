//! The life of something that is drafted, reviewed by a second person, put live and ended (生命周期): coupon templates,
//! offers. Two graphs, and the steps that walk them.
//!
//! The first version and the thing itself walk together: `draft → in_review → approved → live`. What was approved is
//! frozen; a change is a new version that walks alone, while the thing stays live under the old one.
//!
//! What is not here: who may act, and what a version must say to be let through. That is for whoever owns the thing.

use crate::words;

words!(
    /// Where something stands that is reviewed before it is live.
    LifeState, "state" {
        /// 草稿: its first version is being written.
        Draft = "draft",
        /// 审核中: its first version waits for a reviewer.
        InReview = "in_review",
        /// 已通过: its first version may be published.
        Approved = "approved",
        /// 投放中: it is in force.
        Live = "live",
        /// 已暂停: it is not in force for now; what was promised under it is honoured.
        Paused = "paused",
        /// 已结束: it will never be in force again; what was promised under it is honoured.
        Ended = "ended",
    }
);

words!(
    /// Where one version of its rules stands.
    VersionState, "version state" {
        /// Being written; the only state in which rules change.
        Draft = "draft",
        /// Waiting for a reviewer.
        InReview = "in_review",
        /// Frozen, not yet published.
        Approved = "approved",
        /// The one in force.
        Live = "live",
        /// A later version took its place.
        Superseded = "superseded",
    }
);

impl LifeState {
    /// The whole graph. It ends from `approved` too: what was approved but no longer wanted must have a way out.
    pub const fn may_become(self, next: Self) -> bool {
        use LifeState::{Approved, Draft, Ended, InReview, Live, Paused};
        matches!(
            (self, next),
            (Draft, InReview)
                | (InReview, Draft | Approved)
                | (Approved | Paused, Live | Ended)
                | (Live, Paused | Ended)
        )
    }

    /// Whether something in this state may have a newest version in that one: they walk together until the first
    /// publication, and apart from then on.
    pub const fn may_hold(self, newest: VersionState) -> bool {
        match self {
            Self::Draft => matches!(newest, VersionState::Draft),
            Self::InReview => matches!(newest, VersionState::InReview),
            Self::Approved => matches!(newest, VersionState::Draft | VersionState::InReview | VersionState::Approved),
            Self::Live | Self::Paused | Self::Ended => !matches!(newest, VersionState::Superseded),
        }
    }
}

impl VersionState {
    /// The whole graph.
    pub const fn may_become(self, next: Self) -> bool {
        use VersionState::{Approved, Draft, InReview, Live, Superseded};
        matches!(
            (self, next),
            (Draft, InReview) | (InReview, Draft | Approved) | (Approved, Live | Superseded) | (Live, Superseded)
        )
    }
}

/// Why a step is refused. Whoever owns the thing gives it a code of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LifeError {
    /// Rules change only in a draft.
    #[error("this version is {0}: only a draft can be changed or submitted")]
    NotDraft(VersionState),
    /// Only what waits for review can be approved, rejected or withdrawn.
    #[error("this version is {0}, not in review")]
    NotInReview(VersionState),
    /// Only an approved version can be published.
    #[error("this version is {0}: only an approved one can be published")]
    NotApproved(VersionState),
    /// The step needs something live.
    #[error("it is {0}, not live")]
    NotLive(LifeState),
    /// The step needs something paused.
    #[error("it is {0}, not paused")]
    NotPaused(LifeState),
    /// The step needs something that was approved.
    #[error("it is {0}: it was never approved")]
    NeverApproved(LifeState),
    /// Nothing follows the end.
    #[error("it has ended")]
    Ended,
    /// Another version is being written or reviewed.
    #[error("another version is {0}: finish or reject it first")]
    VersionOpen(VersionState),
}

/// Where it stands, and its newest version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Life {
    /// The thing.
    pub state: LifeState,
    /// Its newest version.
    pub version: VersionState,
}

impl Life {
    /// The version moves, and the thing with it while no version was ever live.
    fn together(self, version: VersionState, first: LifeState) -> Self {
        let walks = matches!(self.state, LifeState::Draft | LifeState::InReview)
            || (self.state == LifeState::Approved && version == VersionState::Live);
        Self { state: if walks { first } else { self.state }, version }
    }

    /// Nothing follows the end.
    pub fn guard_not_ended(self) -> Result<(), LifeError> {
        if self.state == LifeState::Ended { Err(LifeError::Ended) } else { Ok(()) }
    }

    /// What was never approved is neither stopped nor ended: it is a draft, and stays one.
    pub fn guard_was_approved(self) -> Result<(), LifeError> {
        match self.state {
            LifeState::Draft | LifeState::InReview => Err(LifeError::NeverApproved(self.state)),
            _ => Ok(()),
        }
    }

    fn guard_in_review(self) -> Result<(), LifeError> {
        self.guard_not_ended()?;
        if self.version == VersionState::InReview { Ok(()) } else { Err(LifeError::NotInReview(self.version)) }
    }

    /// Changes a draft.
    pub fn edit(self) -> Result<Self, LifeError> {
        self.guard_not_ended()?;
        if self.version == VersionState::Draft { Ok(self) } else { Err(LifeError::NotDraft(self.version)) }
    }

    /// Hands a draft to review.
    pub fn submit(self) -> Result<Self, LifeError> {
        Ok(self.edit()?.together(VersionState::InReview, LifeState::InReview))
    }

    /// Back to draft: its maker takes it back, or a reviewer sends it back.
    pub fn send_back(self) -> Result<Self, LifeError> {
        self.guard_in_review()?;
        Ok(self.together(VersionState::Draft, LifeState::Draft))
    }

    /// Approves a version: its rules are frozen from here on.
    pub fn approve(self) -> Result<Self, LifeError> {
        self.guard_in_review()?;
        Ok(self.together(VersionState::Approved, LifeState::Approved))
    }

    /// Puts an approved version in the place of the one before. A first version makes the thing live; later ones leave
    /// it live or paused, as it is.
    pub fn publish(self) -> Result<Self, LifeError> {
        self.guard_not_ended()?;
        if self.version != VersionState::Approved {
            return Err(LifeError::NotApproved(self.version));
        }
        Ok(self.together(VersionState::Live, LifeState::Live))
    }

    /// Takes it out of force for now.
    pub fn pause(self) -> Result<Self, LifeError> {
        self.guard_not_ended()?;
        if self.state != LifeState::Live {
            return Err(LifeError::NotLive(self.state));
        }
        Ok(Self { state: LifeState::Paused, ..self })
    }

    /// Puts it in force again.
    pub fn resume(self) -> Result<Self, LifeError> {
        self.guard_not_ended()?;
        if self.state != LifeState::Paused {
            return Err(LifeError::NotPaused(self.state));
        }
        Ok(Self { state: LifeState::Live, ..self })
    }

    /// Ends it for good.
    pub fn end(self) -> Result<Self, LifeError> {
        self.guard_not_ended()?;
        self.guard_was_approved()?;
        Ok(Self { state: LifeState::Ended, ..self })
    }

    /// Begins a new version as a draft, beside the one in force. Only one version is open at a time.
    pub fn open_version(self) -> Result<Self, LifeError> {
        self.guard_not_ended()?;
        if !matches!(self.version, VersionState::Approved | VersionState::Live) {
            return Err(LifeError::VersionOpen(self.version));
        }
        Ok(Self { version: VersionState::Draft, ..self })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thing_walks_only_the_edges_of_its_graph() {
        let graph = [
            ("draft", "in_review"),
            ("in_review", "draft"),
            ("in_review", "approved"),
            ("approved", "live"),
            ("approved", "ended"),
            ("live", "paused"),
            ("live", "ended"),
            ("paused", "live"),
            ("paused", "ended"),
        ];
        for from in LifeState::ALL {
            for to in LifeState::ALL {
                assert_eq!(from.may_become(*to), graph.contains(&(from.as_str(), to.as_str())), "{from} -> {to}");
            }
        }
    }

    #[test]
    fn a_version_walks_only_the_edges_of_its_graph() {
        let graph = [
            ("draft", "in_review"),
            ("in_review", "draft"),
            ("in_review", "approved"),
            ("approved", "live"),
            ("approved", "superseded"),
            ("live", "superseded"),
        ];
        for from in VersionState::ALL {
            for to in VersionState::ALL {
                assert_eq!(from.may_become(*to), graph.contains(&(from.as_str(), to.as_str())), "{from} -> {to}");
            }
        }
    }

    #[test]
    fn every_step_walks_an_edge_and_keeps_the_two_together() {
        type Step = fn(Life) -> Result<Life, LifeError>;
        let steps: [Step; 9] = [
            Life::edit,
            Life::submit,
            Life::send_back,
            Life::approve,
            Life::publish,
            Life::pause,
            Life::resume,
            Life::end,
            Life::open_version,
        ];
        for state in LifeState::ALL {
            for version in VersionState::ALL.iter().filter(|version| state.may_hold(**version)) {
                let before = Life { state: *state, version: *version };
                for after in steps.iter().filter_map(|step| step(before).ok()) {
                    let stays = before.state == after.state;
                    assert!(stays || before.state.may_become(after.state), "{before:?} -> {after:?}");
                    assert!(after.state.may_hold(after.version), "{before:?} -> {after:?}");
                }
            }
        }
    }
}
