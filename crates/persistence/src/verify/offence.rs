//! What is wrong, row by row, without keeping more rows than anybody will read.

use std::fmt;

use uuid::Uuid;

/// How many offending rows of one invariant are shown; the rest are counted.
pub const OFFENCES_SHOWN_MAX: usize = 20;

/// One row against an invariant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offence {
    /// The row, where it has an id.
    pub subject: Option<Uuid>,
    /// What is wrong with it.
    pub detail: String,
}

impl fmt::Display for Offence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.subject {
            Some(subject) => write!(f, "{subject}  {}", self.detail),
            None => f.write_str(&self.detail),
        }
    }
}

/// The rows against one invariant: how many, and the first of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Offences {
    /// How many there are.
    pub count: u64,
    /// The first [`OFFENCES_SHOWN_MAX`] of them.
    pub first: Vec<Offence>,
}

impl Offences {
    /// Notes one more row.
    pub(super) fn note(&mut self, subject: Uuid, detail: impl FnOnce() -> String) {
        self.count += 1;
        if self.first.len() < OFFENCES_SHOWN_MAX {
            self.first.push(Offence { subject: Some(subject), detail: detail() });
        }
    }
}
