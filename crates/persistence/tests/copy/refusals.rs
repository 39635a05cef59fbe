//! What is not copied, and that nothing is left behind then.

use std::ops::ControlFlow;

use diesel::connection::SimpleConnection;
use huike_persistence::{
    DatabaseUrl,
    copy::{CopyError, CopyStep, copy, digest},
    db_test,
    testing::TestDatabase,
};

use crate::{
    dialect::spell,
    filled, new_file,
    support::{self, open},
};

fn refused(from: &DatabaseUrl, to: &DatabaseUrl) -> CopyError {
    copy(from, to, &|_step| ControlFlow::Continue(())).unwrap_err()
}

fn change(database: &TestDatabase, text: &str) {
    let mut db = open(database);
    let text = spell(&db, text);
    db.batch_execute(&text).unwrap();
}

fn rows(url: &DatabaseUrl) -> u64 {
    digest(url).unwrap().iter().map(|(_, table)| table.rows).sum()
}

db_test! {
    fn a_target_with_a_single_row_is_left_as_it_is(database) {
        let source = TestDatabase::sqlite();
        filled(&source);
        change(database, "INSERT INTO guess_counter (subject_kind, subject, window_start, wrong) VALUES ('k', 's', at(0), 1)");
        assert!(matches!(refused(source.url(), database.url()), CopyError::NotEmpty(_, "guess_counter")));
        assert_eq!(rows(database.url()), 1);
    }

    fn a_schema_of_another_version_is_copied_neither_from_nor_to(database) {
        let other = TestDatabase::sqlite();
        filled(&other);
        change(database, "INSERT INTO __diesel_schema_migrations (version) VALUES ('29991231000000')");
        assert!(matches!(refused(database.url(), other.url()), CopyError::Newer(_, version) if version == "29991231000000"));
        assert!(matches!(refused(other.url(), database.url()), CopyError::Newer(..)));
        change(database, "DELETE FROM __diesel_schema_migrations");
        assert!(matches!(refused(database.url(), other.url()), CopyError::Older(_)));
    }

    fn a_database_is_not_copied_into_itself(database) {
        filled(database);
        let before = digest(database.url()).unwrap();
        assert!(matches!(refused(database.url(), database.url()), CopyError::OneDatabase(_)));
        assert_eq!(digest(database.url()).unwrap(), before);
    }

    /// Half of the rows are there when it happens; none is in the end.
    fn a_copy_that_fails_half_way_leaves_an_empty_target(database) {
        let source = TestDatabase::sqlite();
        filled(&source);
        change(database, "INSERT INTO node (id, kind, parent_id, code, name, zone, area, state, version, created_at, updated_at)
            VALUES (id(1), 'head', NULL, 'head', 'head', 'Asia/Shanghai', NULL, 'active', 1, at(0), at(0))");
        change(database, "DELETE FROM node");
        change(&source, "UPDATE job SET payload = '{\"a\": [-0.0]}'");
        let error = refused(source.url(), database.url());
        assert!(matches!(error, CopyError::Unsteady { table: "job", column: "payload", .. }), "{error}");
        assert_eq!(rows(database.url()), 0);
    }
}

#[test]
fn a_copy_that_is_told_to_stop_stops_and_leaves_nothing() {
    let source = TestDatabase::sqlite();
    filled(&source);
    let (_folder, target) = new_file();
    let stop = |step| match step {
        CopyStep::Copied { table: "coupon", .. } => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    };
    assert!(matches!(copy(source.url(), &target, &stop), Err(CopyError::Stopped)));
    assert_eq!(rows(&target), 0);
}

/// SQLite takes a NUL in a text, PostgreSQL does not.
#[test]
fn rows_that_the_target_does_not_take_are_said_by_their_table() {
    let Some(target) = TestDatabase::postgres() else { return };
    let source = TestDatabase::sqlite();
    filled(&source);
    change(&source, "UPDATE node SET name = 'a' || char(0) || 'b'");
    let error = refused(source.url(), target.url());
    assert!(matches!(error, CopyError::Refused { table: "node", .. }), "{error}");
    assert_eq!(rows(target.url()), 0);
}

#[test]
fn a_source_that_is_not_there_is_not_made() {
    let (_folder, nothing) = new_file();
    let (_other, target) = new_file();
    assert!(matches!(refused(&nothing, &target), CopyError::NoDatabase(_)));
    for url in [nothing, target] {
        let DatabaseUrl::Sqlite(file) = url else { unreachable!() };
        assert!(!file.exists());
    }
}

/// A target that changes what it is given is found out by the comparison, whatever it changes.
#[test]
fn a_target_that_keeps_other_rows_than_it_was_given_is_found_out() {
    let Some(target) = TestDatabase::postgres() else { return };
    let source = TestDatabase::sqlite();
    filled(&source);
    let mut db = support::open(&target);
    db.batch_execute(
        "CREATE FUNCTION meddle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.wrapped := NEW.wrapped || '\\x00'::bytea; RETURN NEW; END $$;
         CREATE TRIGGER meddle BEFORE INSERT ON secret_key FOR EACH ROW EXECUTE FUNCTION meddle()",
    )
    .unwrap();
    let error = refused(source.url(), target.url());
    assert!(matches!(error, CopyError::Differs { table: "secret_key", source_rows: 1, target_rows: 1 }), "{error}");
    assert_eq!(rows(target.url()), 0);
}
