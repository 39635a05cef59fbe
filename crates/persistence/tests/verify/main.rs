//! A clean database passes every check, and for each check there is a database that only this one finds broken.
#![cfg(test)]

mod audits;
mod breaks;
mod dialect;
mod ledger;
#[path = "../support/mod.rs"]
mod support;
mod webhooks;

use std::collections::BTreeSet;

use breaks::{BREAKS, BUDGET_ON_POSTGRES, Break, STOCK_ON_POSTGRES};
use dialect::{spell, uuid};
use diesel::connection::SimpleConnection;
use huike_coupons::{
    Effect, TemplateRules,
    limits::{LimitCap, LimitRule, Metric, Period, Subject},
    rules::{Budget, Validity},
};
use huike_persistence::{Db, db_test, testing::TestDatabase, verify};

fn all_breaks() -> impl Iterator<Item = &'static Break> {
    BREAKS.iter().chain(webhooks::BREAKS).chain(ledger::BREAKS)
}

fn yuan(text: &str) -> huike_kernel::Money {
    text.parse().unwrap()
}

fn rules() -> TemplateRules {
    let effect = Effect::AmountOff { amount: yuan("10"), threshold: yuan("50") };
    let limit = |metric, subject, period, cap| LimitRule { metric, subject, period, cap };
    TemplateRules {
        limits: vec![
            limit(Metric::Claims, Subject::Customer, Period::Ever, LimitCap::Count(3)),
            limit(Metric::Uses, Subject::Customer, Period::Day, LimitCap::Count(2)),
            limit(Metric::OrderValue, Subject::Store, Period::Day, LimitCap::Amount(yuan("500"))),
        ],
        budget: Some(Budget { total: yuan("1000"), daily: Some(yuan("500")) }),
        ..TemplateRules::new(effect, 10, Validity::Relative { delay_minutes: 0, days: 30 })
    }
}

/// The documents that the fixture and the breaks name in double braces.
fn documents(text: &str) -> String {
    let low_cap = {
        let mut rules = rules();
        rules.limits[0].cap = LimitCap::Count(2);
        rules
    };
    let without_store_b = {
        let mut rules = rules();
        rules.scope.exclude_nodes = vec![uuid(5).parse().unwrap()];
        rules
    };
    let for_weekends = {
        let mut rules = rules();
        rules.use_times = serde_json::from_str(r#"{"rules":[{"weekdays":["saturday","sunday"]}]}"#).unwrap();
        rules
    };
    let small_budget = {
        let mut rules = rules();
        rules.budget = Some(Budget { total: yuan("40"), daily: Some(yuan("500")) });
        rules
    };
    let mut text = text.replace("{{maker}}", &uuid(10)).replace("{{reviewer}}", &uuid(11));
    for (mark, rules) in [
        ("{{rules}}", rules()),
        ("{{rules with a low cap}}", low_cap),
        ("{{rules without store b}}", without_store_b),
        ("{{rules for weekends}}", for_weekends),
        ("{{rules with a small budget}}", small_budget),
    ] {
        text = text.replace(mark, &serde_json::to_string(&rules).unwrap());
    }
    text
}

fn lay_fixture(db: &mut Db) {
    let fixture = spell(db, &documents(include_str!("fixture.sql")));
    db.batch_execute(&fixture).unwrap();
    audits::lay(db);
}

/// A connection to a database that holds the fixture, on which nothing guards the rows any more.
fn unguarded(database: &TestDatabase) -> Db {
    let mut db = support::open(database);
    lay_fixture(&mut db);
    let unguard = match db {
        Db::Sqlite(_) => {
            "PRAGMA foreign_keys = OFF; DROP TRIGGER event_no_delete; DROP TRIGGER event_only_redact;
             DROP TRIGGER audit_no_delete; DROP TRIGGER audit_only_redact;
             DROP TRIGGER audit_seal_no_delete; DROP TRIGGER audit_seal_no_update;
             DROP TRIGGER order_line_no_delete; DROP TRIGGER order_line_no_update;
             DROP TRIGGER order_allocation_no_delete; DROP TRIGGER order_allocation_no_update;
             DROP TRIGGER stock_movement_no_delete; DROP TRIGGER stock_movement_no_update;
             DROP TRIGGER ledger_transaction_no_delete; DROP TRIGGER ledger_transaction_no_update;
             DROP TRIGGER ledger_entry_no_delete; DROP TRIGGER ledger_entry_no_update"
        }
        Db::Postgres(_) => "SET session_replication_role = replica",
    };
    db.batch_execute(unguard).unwrap();
    db
}

fn broken(db: &mut Db) -> (BTreeSet<&'static str>, Vec<String>) {
    let report = verify::run(db).unwrap();
    let details = report.findings.iter().flat_map(|finding| {
        finding.offences.first.iter().map(|offence| format!("{}: {offence}", finding.invariant.name))
    });
    (report.findings.iter().map(|finding| finding.invariant.name).collect(), details.collect())
}

/// Breaks the database, looks, and takes the break back.
fn check(db: &mut Db, wanted: &Break) -> Result<(), String> {
    let sql = spell(db, &documents(wanted.sql));
    db.batch_execute("BEGIN").unwrap();
    db.batch_execute(&sql).unwrap_or_else(|error| panic!("{error}: {sql}"));
    let (found, details) = broken(db);
    db.batch_execute("ROLLBACK").unwrap();
    let expected: BTreeSet<&str> = wanted.broken.iter().copied().collect();
    if found == expected { Ok(()) } else { Err(format!("{}\nwanted {expected:?}, found {details:#?}", wanted.sql)) }
}

db_test! {
    fn a_sound_database_passes_every_check(database) {
        let mut db = support::open(database);
        lay_fixture(&mut db);
        let report = database.store().read_blocking(verify::run).unwrap();
        assert_eq!(report.checked, verify::invariants().count());
        assert!(report.is_clean(), "{:#?}", broken(&mut db).1);
    }

    fn an_empty_database_passes_every_check(database) {
        assert!(database.store().read_blocking(verify::run).unwrap().is_clean());
    }

    fn each_break_is_found_by_its_own_check(database) {
        let mut db = unguarded(database);
        let on_sqlite = matches!(db, Db::Sqlite(_));
        let postgres = [&BUDGET_ON_POSTGRES, &STOCK_ON_POSTGRES].into_iter().filter(|_| !on_sqlite);
        let breaks = all_breaks().filter(|it| on_sqlite || !it.sqlite_only).chain(postgres);
        let failures: Vec<String> = breaks.filter_map(|it| check(&mut db, it).err()).collect();
        assert!(failures.is_empty(), "{}", failures.join("\n\n"));
    }

    fn many_offences_are_counted_and_the_first_are_shown(database) {
        let mut db = unguarded(database);
        let insert = |number: i64| format!(
            "INSERT INTO idempotency VALUES ('p', 'key {number}', blob(1), NULL, at(0));"
        );
        let many: String = (0..50).map(insert).collect();
        let sql = spell(&db, &many);
        db.batch_execute(&sql).unwrap();
        let report = verify::run(&mut db).unwrap();
        assert_eq!(report.findings.len(), 1);
        assert_eq!(report.findings[0].offences.count, 50);
        assert_eq!(report.findings[0].offences.first.len(), verify::OFFENCES_SHOWN_MAX);
    }
}

#[test]
fn every_check_has_something_that_breaks_it() {
    let broken: BTreeSet<&str> = all_breaks().flat_map(|it| it.broken).copied().collect();
    let known: BTreeSet<&str> = verify::invariants().map(|invariant| invariant.name).collect();
    assert_eq!(broken, known);
}
