//! I10: limit counters hold what was taken, and never more than the rules allow.
//!
//! Every claim and every redemption is counted again by the domain's own moves, under the rules its coupon was issued
//! under. What was voided or undone was given back; what expired was not.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use huike_coupons::limits::{CounterMetric, CounterMove, Period, Subject};
use huike_kernel::TemplateId;
use uuid::Uuid;

use super::{
    Check, Invariant,
    offence::Offences,
    recount,
    rules::{RuleBook, load_rules},
    tree::Tree,
};
use crate::{Db, StoreError, schema::limit_counter, sql_types::DbId};

pub(super) const INVARIANTS: &[Invariant] = &[
    Invariant {
        id: "I10",
        name: "limit_counters",
        what: "a limit counter holds what the claims and redemptions of its subject in its period took from it",
        check: Check::Rules(check_counters),
    },
    Invariant {
        id: "I10",
        name: "limit_caps",
        what: "no limit counter is above the cap of the rules",
        check: Check::Rules(check_caps),
    },
];

/// What a counter counts: the key of its row without the owner, as the row spells it.
pub(super) type Key = (String, String, Uuid, String, String);

/// The key of the counter that a move goes to.
pub(super) fn key_of(counter: &CounterMove) -> Key {
    (
        counter.metric.as_str().to_owned(),
        counter.subject_kind.as_str().to_owned(),
        counter.subject,
        counter.period.as_str().to_owned(),
        counter.period_start.to_string(),
    )
}

fn check_counters(db: &mut Db) -> Result<Offences, StoreError> {
    let (book, tree) = (load_rules(db)?, Tree::load(db)?);
    let mut offences = Offences::default();
    for template in counting(&book, owners(db)?) {
        let counted = recount::recount(db, &book, &tree, template)?;
        let held = counters_of(db, template)?;
        let keys: BTreeSet<&Key> = counted.keys().chain(held.keys()).collect();
        for key in keys {
            let counted = counted.get(key).copied().unwrap_or(0);
            let held = held.get(key).copied().unwrap_or(0);
            if counted != held {
                offences.note(template.as_uuid(), || format!("{}: holds {held}, counted {counted}", spell(key)));
            }
        }
    }
    Ok(offences)
}

/// A cap may have been lowered since something was taken, so the widest of all versions counts.
fn check_caps(db: &mut Db) -> Result<Offences, StoreError> {
    let book = load_rules(db)?;
    let mut offences = Offences::default();
    for template in owners(db)? {
        let caps = caps_of(&book, template);
        for (key, held) in counters_of(db, template)? {
            let cap = caps.get(&(key.0.as_str(), key.1.as_str(), key.3.as_str())).copied();
            if cap.is_some_and(|cap| held > cap) {
                offences.note(template.as_uuid(), || format!("{}: holds {held}, the cap is {cap:?}", spell(&key)));
            }
        }
    }
    Ok(offences)
}

type Caps = BTreeMap<(&'static str, &'static str, &'static str), i64>;

fn caps_of(book: &RuleBook, template: TemplateId) -> Caps {
    let mut caps = Caps::new();
    let mut widen = |kind, cap: i64| {
        let widest = caps.entry(kind).or_insert(cap);
        *widest = cap.max(*widest);
    };
    for (_, rules) in book.range((template, i64::MIN)..=(template, i64::MAX)) {
        for limit in &rules.limits {
            let metric = CounterMetric::from(limit.metric);
            widen((metric.as_str(), limit.subject.as_str(), limit.period.as_str()), limit.cap.units());
        }
        if let Some(daily) = rules.budget.and_then(|budget| budget.daily) {
            let kind = (CounterMetric::Committed.as_str(), Subject::Template.as_str(), Period::Day.as_str());
            widen(kind, daily.fen());
        }
    }
    caps
}

/// The templates that have counters, or rules that count.
fn counting(book: &RuleBook, owners: BTreeSet<TemplateId>) -> BTreeSet<TemplateId> {
    let counts = book
        .iter()
        .filter(|(_, rules)| !rules.limits.is_empty() || rules.budget.is_some_and(|budget| budget.daily.is_some()));
    counts.map(|((template, _), _)| *template).chain(owners).collect()
}

fn owners(db: &mut Db) -> Result<BTreeSet<TemplateId>, StoreError> {
    let owners: Vec<TemplateId> = limit_counter::table.select(limit_counter::owner_id).distinct().load(db)?;
    Ok(owners.into_iter().collect())
}

fn counters_of(db: &mut Db, template: TemplateId) -> Result<BTreeMap<Key, i64>, StoreError> {
    let rows: Vec<(String, String, Uuid, String, String, i64)> = limit_counter::table
        .filter(limit_counter::owner_id.eq(DbId::from(template)))
        .select((
            limit_counter::metric,
            limit_counter::subject_kind,
            limit_counter::subject_id,
            limit_counter::period,
            limit_counter::period_start,
            limit_counter::used,
        ))
        .load(db)?;
    let pair = |(metric, kind, subject, period, start, used)| ((metric, kind, subject, period, start), used);
    Ok(rows.into_iter().map(pair).collect())
}

fn spell((metric, kind, subject, period, start): &Key) -> String {
    format!("{metric} of {kind} {subject} in the {period} from {start}")
}
