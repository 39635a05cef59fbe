//! One request in the journal, and what is known of it.

use serde_json::Value;

use super::effect::{Effect, Leaves};
use crate::{answer::Answer, client::NoAnswer};

/// What a client heard of one try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Heard {
    /// It is done; the status and the body.
    Done(u16, Value),
    /// A rule refused it; the code.
    Refused(String),
    /// It was turned away before anything was decided, or never left: this try did nothing.
    TurnedAway,
    /// Nothing that says whether this try took effect.
    Nothing,
    /// An answer that must never be given.
    Defect(String),
}

impl Heard {
    /// What an answer says.
    pub(super) fn of(answer: &Result<Answer, NoAnswer>) -> Self {
        let answer = match answer {
            Ok(answer) => answer,
            Err(NoAnswer::Unsent) => return Self::TurnedAway,
            Err(NoAnswer::Lost) => return Self::Nothing,
        };
        let body = answer.json();
        let code = body["code"].as_str().unwrap_or_default();
        match (answer.status, code) {
            (200..300, _) => Self::Done(answer.status, body),
            // The twin is at work; and 503 where the connection broke at the last moment.
            (_, "idempotency_in_progress" | "outcome_unknown") => Self::Nothing,
            // Credentials and limits on tries come before the key is looked up; 503 promises that nothing was written; and
            // 408 meets whoever asks on a connection that was opened in advance and has waited too long to be used.
            (401 | 408 | 429 | 503, _) => Self::TurnedAway,
            (400..500, _) if !code.is_empty() => Self::Refused(code.to_owned()),
            (status, _) => Self::Defect(format!("{} was answered {status}: {}", answer.asked, answer.text())),
        }
    }
}

/// What is known of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// No try of it took effect.
    NotDone,
    /// It is done; the status and the body that were answered first.
    Done(u16, Value),
    /// A rule refused it; the code.
    Refused(String),
    /// A try of it was never answered: it may be done.
    Unknown,
}

/// A request, with all its tries.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its place in the journal.
    pub number: usize,
    /// Method and path.
    pub asked: String,
    /// The key that makes a repeat harmless, where it has one.
    pub key: Option<String>,
    /// What it leaves behind when it is done.
    pub leaves: Leaves,
    /// What is known of it.
    pub outcome: Outcome,
    /// The id that each try bore.
    pub request_ids: Vec<String>,
}

impl Entry {
    /// Takes in what was heard of a try. Says what contradicts what was heard before.
    pub(super) fn hear(&mut self, heard: Heard) -> Option<String> {
        let fault = match (&self.outcome, &heard) {
            (Outcome::Done(status, body), Heard::Done(again, other)) if (status, body) != (again, other) => {
                format!("was answered {status} {body} and then {again} {other}")
            }
            (Outcome::Done(..), Heard::Refused(code)) => format!("was done, and then refused as {code}"),
            (_, Heard::Defect(answer)) => answer.clone(),
            _ => {
                self.outcome = self.outcome_after(heard);
                return None;
            }
        };
        if !matches!(self.outcome, Outcome::Done(..)) {
            self.outcome = Outcome::Unknown;
        }
        Some(format!("{self} {fault}"))
    }

    fn outcome_after(&self, heard: Heard) -> Outcome {
        match (&self.outcome, heard) {
            (Outcome::Done(..), _) => self.outcome.clone(),
            (_, Heard::Done(status, body)) => Outcome::Done(status, body),
            // Under a key, a refusal says that no try before took effect either: that one would have been answered again.
            (Outcome::Unknown, Heard::Refused(_)) if self.key.is_none() => Outcome::Unknown,
            (_, Heard::Refused(code)) => Outcome::Refused(code),
            (_, Heard::Nothing | Heard::Defect(_)) => Outcome::Unknown,
            (_, Heard::TurnedAway) => self.outcome.clone(),
        }
    }

    /// Things that it surely brought about.
    pub(super) fn things(&self) -> Vec<Effect> {
        match (&self.outcome, &self.leaves) {
            (Outcome::Done(_, body), Leaves::Answered(read)) => read(body),
            (Outcome::Done(..), Leaves::Named(thing)) => vec![thing.clone()],
            _ => Vec::new(),
        }
    }
}

impl std::fmt::Display for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "request {} ({})", self.number, self.asked)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn entry(key: Option<&str>) -> Entry {
        Entry {
            number: 0,
            asked: "POST /x".to_owned(),
            key: key.map(str::to_owned),
            leaves: Leaves::Named(Effect::new("thing", "1")),
            outcome: Outcome::NotDone,
            request_ids: Vec::new(),
        }
    }

    fn after(mut entry: Entry, heard: &[Heard]) -> (Outcome, Vec<String>) {
        let faults = heard.iter().filter_map(|heard| entry.hear(heard.clone())).collect();
        (entry.outcome, faults)
    }

    fn done(id: u32) -> Heard {
        Heard::Done(201, json!({ "id": id }))
    }

    fn refused() -> Heard {
        Heard::Refused("sold_out".to_owned())
    }

    #[test]
    fn the_same_answer_twice_is_as_it_should_be_and_another_is_a_fault() {
        assert!(after(entry(Some("k")), &[done(1), Heard::Nothing, done(1)]).1.is_empty());
        assert_eq!(after(entry(Some("k")), &[done(1), done(2)]).1.len(), 1);
        assert_eq!(after(entry(Some("k")), &[done(1), refused()]).1.len(), 1);
    }

    #[test]
    fn what_was_never_answered_stays_unknown_until_it_is() {
        assert_eq!(after(entry(Some("k")), &[Heard::Nothing, Heard::TurnedAway]).0, Outcome::Unknown);
        assert!(matches!(after(entry(Some("k")), &[Heard::Nothing, done(1)]).0, Outcome::Done(..)));
        assert!(matches!(after(entry(Some("k")), &[Heard::Nothing, refused()]).0, Outcome::Refused(_)));
        assert_eq!(after(entry(None), &[Heard::Nothing, refused()]).0, Outcome::Unknown);
    }

    #[test]
    fn what_was_turned_away_is_not_done_and_a_refusal_may_become_a_yes() {
        assert_eq!(after(entry(Some("k")), &[Heard::TurnedAway]).0, Outcome::NotDone);
        assert!(matches!(after(entry(Some("k")), &[refused(), done(1)]).0, Outcome::Done(..)));
    }

    #[test]
    fn an_answer_that_must_never_be_given_is_a_fault() {
        let (outcome, faults) = after(entry(Some("k")), &[Heard::Defect("500".to_owned())]);
        assert_eq!((outcome, faults.len()), (Outcome::Unknown, 1));
    }
}
