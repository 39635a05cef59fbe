//! The two migrations make the same schema, `schema.rs` describes it, and it can be taken back and made again.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "test")]

mod append_only;
mod catalogue;
mod normal_form;
mod queries;
#[path = "../support/mod.rs"]
mod support;

use std::{collections::BTreeSet, thread};

use catalogue::{Catalogue, tables_of_schema_rs};
use diesel::connection::SimpleConnection;
use huike_persistence::{Db, db_test, migrations, testing::TestDatabase};
use support::open;

/// Says what one side has and the other lacks, instead of printing both in full.
fn assert_same(what: &str, left: &BTreeSet<String>, right: &BTreeSet<String>) {
    assert!(!left.is_empty(), "no {what} found at all");
    let (only_left, only_right): (Vec<_>, Vec<_>) =
        (left.difference(right).collect(), right.difference(left).collect());
    assert!(left == right, "{what} differ\nonly left: {only_left:#?}\nonly right: {only_right:#?}");
}

#[test]
fn both_databases_have_the_same_schema() {
    let Some(postgres) = TestDatabase::postgres() else { return };
    let left = Catalogue::read(&mut open(&TestDatabase::sqlite()));
    let right = Catalogue::read(&mut open(&postgres));
    assert_same("columns", &left.columns, &right.columns);
    assert_same("primary keys", &left.primary_keys, &right.primary_keys);
    assert_same("indexes and UNIQUE constraints", &left.indexes, &right.indexes);
    assert_same("foreign keys", &left.foreign_keys, &right.foreign_keys);
    assert_same("CHECK constraints", &left.checks, &right.checks);
    assert_eq!(left.check_count, right.check_count);
}

db_test! {
    fn schema_rs_describes_the_database(database) {
        let db = &mut open(database);
        let (columns, primary_keys) = tables_of_schema_rs(matches!(db, Db::Postgres(_)));
        let found = Catalogue::read(db);
        assert_same("columns", &columns, &found.typed_columns);
        assert_same("primary keys", &primary_keys, &found.primary_keys);
    }

    fn every_migration_can_be_taken_back_and_made_again(database) {
        let db = &mut open(database);
        let before = Catalogue::read(db);
        assert_eq!(migrations::pending(db).unwrap(), [""; 0]);
        let reverted = migrations::revert_all(db).unwrap();
        assert!(Catalogue::read(db).columns.is_empty(), "down.sql leaves tables behind");
        let pending = migrations::pending(db).unwrap();
        assert_eq!(pending, reverted.into_iter().rev().collect::<Vec<_>>());
        assert_eq!(migrations::run(db).unwrap(), pending);
        assert_eq!(Catalogue::read(db), before);
    }

    fn running_again_changes_nothing(database) {
        assert_eq!(migrations::run(&mut open(database)).unwrap(), [""; 0]);
    }
}

#[test]
fn of_instances_that_start_together_one_migrates() {
    let Some(database) = TestDatabase::postgres() else { return };
    let mut admin = open(&database);
    let versions = migrations::revert_all(&mut admin).unwrap().len();
    admin.batch_execute("DROP TABLE __diesel_schema_migrations").unwrap();
    let applied: usize = thread::scope(|scope| {
        let hands: Vec<_> =
            (0..4).map(|_| scope.spawn(|| migrations::run(&mut open(&database)).unwrap().len())).collect();
        hands.into_iter().map(|hand| hand.join().unwrap()).sum()
    });
    assert_eq!(applied, versions);
}
