//! What requests leave behind, and what is found afterwards.

use std::{collections::BTreeMap, fmt};

use serde_json::Value;

/// One thing that a request brings about, such as a coupon with its id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Effect {
    /// What it is.
    pub kind: &'static str,
    /// Which one.
    pub id: String,
}

impl Effect {
    /// That thing.
    pub fn new(kind: &'static str, id: impl Into<String>) -> Self {
        Self { kind, id: id.into() }
    }
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.id)
    }
}

/// What a request leaves behind when it is done.
#[derive(Debug, Clone)]
pub enum Leaves {
    /// Things that the answer names.
    Answered(fn(&Value) -> Vec<Effect>),
    /// A thing that is known before, because the request itself names it.
    Named(Effect),
    /// A value in place of the one before. Only one caller writes the place, one request after the other.
    Value {
        /// Where.
        place: String,
        /// What.
        value: String,
    },
}

/// Everything that is there, as the public API shows it.
#[derive(Debug, Clone, Default)]
pub struct Census {
    things: BTreeMap<Effect, u32>,
    values: BTreeMap<String, String>,
}

impl Census {
    /// A thing is there (once more).
    pub fn add(&mut self, thing: Effect) {
        *self.things.entry(thing).or_default() += 1;
    }

    /// A place holds a value.
    pub fn set(&mut self, place: impl Into<String>, value: impl Into<String>) {
        self.values.insert(place.into(), value.into());
    }

    /// How often a thing is there.
    pub fn count(&self, thing: &Effect) -> u32 {
        self.things.get(thing).copied().unwrap_or_default()
    }

    /// Everything, with how often it is there.
    pub fn things(&self) -> impl Iterator<Item = (&Effect, u32)> {
        self.things.iter().map(|(thing, count)| (thing, *count))
    }

    /// What a place holds.
    pub fn value(&self, place: &str) -> Option<&str> {
        self.values.get(place).map(String::as_str)
    }

    /// How many things there are.
    pub fn len(&self) -> usize {
        self.things.values().map(|count| *count as usize).sum()
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.things.is_empty()
    }
}
