//! Checks of what must hold at every moment, each a question to the database that has no answer
//! while all is well.
//!
//! All checks run in one read snapshot and take no lock, so they may run beside a server under load. A check that needs
//! the rules of templates is written in Rust over the domain crate; every other one is a single SQL text for both
//! databases.
//!
//! Not checked, because no row keeps it: which roles a member of staff held, and whose customer account was theirs, at
//! the moment of a redemption; what a site was allied with; links that were taken off the end of the audit chain, see
//! `audit`.

mod audit;
mod counters;
mod database;
mod goods;
mod history;
mod ledger;
mod money;
mod offence;
mod orders;
mod places;
mod recount;
mod redemptions;
mod reviews;
mod rules;
mod sql;
mod states;
mod stock;
mod tree;
mod webhooks;

pub use audit::AUDIT_SEALED;
pub use offence::{OFFENCES_SHOWN_MAX, Offence, Offences};

use crate::{Db, StoreError};

/// One thing that must hold.
pub struct Invariant {
    /// Its number in the list of invariants; several checks may serve one number.
    pub id: &'static str,
    /// The name of the check, unique.
    pub name: &'static str,
    /// What must hold, in one sentence.
    pub what: &'static str,
    check: Check,
}

/// How an invariant is checked.
enum Check {
    /// One text for both databases, in the small dialect of [`sql`].
    Sql(&'static str),
    /// A text that is made from a table of the domain.
    Made(fn() -> String),
    /// A text that only SQLite understands; nothing to check on PostgreSQL, which sees to it by itself.
    SqliteOnly(&'static str),
    /// With the rules of the domain.
    Rules(fn(&mut Db) -> Result<Offences, StoreError>),
}

/// An invariant that does not hold.
pub struct Finding {
    /// Which.
    pub invariant: &'static Invariant,
    /// The rows against it.
    pub offences: Offences,
}

/// What a run over all invariants found.
pub struct Report {
    /// How many were checked.
    pub checked: usize,
    /// Those that do not hold, in the order of the list.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Whether every invariant holds.
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty()
    }
}

impl Invariant {
    /// Checks this one invariant.
    pub fn check(&self, db: &mut Db) -> Result<Offences, StoreError> {
        match self.check {
            Check::Sql(text) => sql::offences(db, text),
            Check::Made(text) => sql::offences(db, &text()),
            Check::SqliteOnly(text) if matches!(db, Db::Sqlite(_)) => sql::offences(db, text),
            Check::SqliteOnly(_) => Ok(Offences::default()),
            Check::Rules(check) => check(db),
        }
    }
}

/// Every invariant there is, in the order of their numbers.
pub fn invariants() -> impl Iterator<Item = &'static Invariant> {
    [
        states::INVARIANTS,
        stock::INVARIANTS,
        goods::INVARIANTS,
        counters::INVARIANTS,
        redemptions::INVARIANTS,
        orders::INVARIANTS,
        money::INVARIANTS,
        ledger::INVARIANTS,
        places::INVARIANTS,
        history::INVARIANTS,
        reviews::INVARIANTS,
        webhooks::INVARIANTS,
        audit::INVARIANTS,
        database::INVARIANTS,
    ]
    .into_iter()
    .flatten()
}

/// Checks every invariant. To be called inside [`crate::Store::read`], so that all of them look at one snapshot.
pub fn run(db: &mut Db) -> Result<Report, StoreError> {
    let mut report = Report { checked: 0, findings: Vec::new() };
    for invariant in invariants() {
        let offences = invariant.check(db)?;
        report.checked += 1;
        if offences.count > 0 {
            report.findings.push(Finding { invariant, offences });
        }
    }
    Ok(report)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_check_has_a_name_of_its_own() {
        let names: BTreeSet<_> = invariants().map(|invariant| invariant.name).collect();
        assert_eq!(names.len(), invariants().count());
    }
}
