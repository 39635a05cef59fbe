//! What the play needs at every moment: chance, ids, dates, and somebody to act.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use huike_access::Scope;
use huike_kernel::{Actor, IdSource, NodeId, StaffId, Text};

use super::{
    chance::{Chance, PlayedIds},
    dates::Dates,
};
use crate::{Caller, UseCaseError};

/// The stage.
pub(super) struct Stage {
    pub(super) dates: Dates,
    pub(super) chance: Chance,
    pub(super) ids: Arc<PlayedIds>,
}

impl Stage {
    pub(super) fn new(seed: u64, now: DateTime<Utc>) -> Self {
        Self { dates: Dates::new(now), chance: Chance::new(seed), ids: Arc::new(PlayedIds::new(seed)) }
    }

    /// Somebody who acts at that moment, with all their reach from the node down.
    pub(super) fn caller(&self, actor: Actor, node: NodeId, at: DateTime<Utc>) -> Caller {
        self.ids.set(at);
        Caller {
            actor,
            scope: Scope::at(node),
            request_id: self.ids.next_uuid().to_string(),
            ids: Arc::clone(&self.ids) as Arc<dyn IdSource>,
        }
    }

    /// Huike itself at that moment.
    pub(super) fn system(&self, at: DateTime<Utc>) -> Caller {
        self.ids.set(at);
        Caller {
            actor: Actor::System,
            scope: Scope::default(),
            request_id: self.ids.next_uuid().to_string(),
            ids: Arc::clone(&self.ids) as Arc<dyn IdSource>,
        }
    }

    /// A member of staff who acts at that moment.
    pub(super) fn staff(&self, id: StaffId, node: NodeId, at: DateTime<Utc>) -> Caller {
        self.caller(Actor::Staff(id), node, at)
    }
}

/// A text of the script. One that is no text is a mistake in the script, said by its words.
pub(super) fn text<const MAX: usize>(words: &str) -> Result<Text<MAX>, UseCaseError> {
    Text::new(words).map_err(|error| mistake(words, &error))
}

/// Reads a word of the script.
pub(super) fn read<T: std::str::FromStr>(word: &str) -> Result<T, UseCaseError>
where
    T::Err: std::fmt::Display,
{
    word.parse().map_err(|error| mistake(word, &error))
}

/// A mistake in the script of the demonstration.
pub(super) fn mistake(words: &str, error: &dyn std::fmt::Display) -> UseCaseError {
    UseCaseError::Store(huike_persistence::StoreError::corrupt("demo", format!("{words}: {error}")))
}
