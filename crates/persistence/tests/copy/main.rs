//! A copy holds every row of every table, whichever way it goes, or nothing at all.
#![cfg(test)]

#[path = "../verify/dialect.rs"]
mod dialect;
mod list;
mod refusals;
#[path = "../support/mod.rs"]
mod support;

use std::{ops::ControlFlow, sync::Mutex};

use dialect::{spell, uuid};
use diesel::{RunQueryDsl, connection::SimpleConnection, sql_query, sql_types::Text};
use huike_persistence::{
    DatabaseUrl, Db,
    copy::{CopyStep, TableDigest, copy, digest},
    db_test,
    testing::TestDatabase,
};

/// The small brand of the tests of `verify`, with rules that nobody reads here.
fn fixture(db: &Db) -> String {
    let text = include_str!("../verify/fixture.sql").replace("{{maker}}", &uuid(10));
    let rules = r#"{"share": 0.5, "whole": 100.0, "zero": 0, "words": ["\u4e07 \"\\", null, true]}"#;
    spell(db, &text.replace("{{rules}}", rules))
}

/// Whatever else a column may hold: bytes, flags, long texts, documents in odd spellings, times to the microsecond.
const ODDITIES: &str = r#"
    INSERT INTO store_page (site_id, page, version, updated_at) VALUES
        (id(3), '{"z": 1, "a": [0.1, 1.50, -7, 9007199254740993, 18446744073709551615], "": {"é": "\ud83c\udf81 \t", "A": {}}}', 3, at(7));
    INSERT INTO node_lock (site_id, setting_key, locked, updated_by, updated_at) VALUES
        (id(1), 'a', TRUE, NULL, at(1)), (id(1), 'B', FALSE, id(10), at(2)), (id(1), '优惠', FALSE, NULL, at(2));
    INSERT INTO secret_key (purpose, number, wrapped, created_at) VALUES ('seal', 31, blob(255), at(0));
    INSERT INTO session (token_hash, principal_kind, principal_id, created_at, expires_at, revoked_at) VALUES
        (blob(0), 'staff', id(10), at(0), at(1), NULL), (blob(1), 'customer', id(20), at(0), at(1), at(1));
    INSERT INTO job (id, site_id, kind, payload, state, due_at, attempts, lease_until, last_error, created_at, finished_at) VALUES
        (id(90), id(1), 'k', '[]', 'queued', at(-99999), 2, at(3), 'a word', at(0), NULL),
        (id(91), id(1), 'k', 'null', 'done', at(1), 0, NULL, NULL, at(0), at(4));
"#;

fn filled(database: &TestDatabase) {
    let mut db = support::open(database);
    let text = fixture(&db) + &spell(&db, ODDITIES);
    db.batch_execute(&text).unwrap();
    // A microsecond that no whole minute shows.
    let odd = match db {
        Db::Sqlite(_) => "UPDATE session SET expires_at = 1780365600123457",
        Db::Postgres(_) => "UPDATE session SET expires_at = '2026-06-02 02:00:00.123457Z'",
    };
    db.batch_execute(odd).unwrap();
}

fn copied(from: &DatabaseUrl, to: &DatabaseUrl) -> Vec<(&'static str, TableDigest)> {
    let report = copy(from, to, &|_step| ControlFlow::Continue(())).unwrap();
    assert!(report.rows() > 50);
    report.tables
}

/// A SQLite file that is not there yet.
fn new_file() -> (tempfile::TempDir, DatabaseUrl) {
    let folder = tempfile::tempdir().unwrap();
    let url = DatabaseUrl::Sqlite(folder.path().join("copied.db"));
    (folder, url)
}

#[test]
fn a_copy_to_postgresql_and_back_keeps_every_row_of_every_table() {
    let Some(between) = TestDatabase::postgres() else { return };
    let source = TestDatabase::sqlite();
    filled(&source);
    let (_folder, back) = new_file();
    let expected = digest(source.url()).unwrap();
    assert_eq!(copied(source.url(), between.url()), expected);
    assert_eq!(digest(between.url()).unwrap(), expected);
    assert_eq!(copied(between.url(), &back), expected);
    assert_eq!(digest(&back).unwrap(), expected);
    assert_eq!(dump(&back), dump(source.url()), "to the byte, not only in what they mean");
}

/// Every document of a SQLite file as text, with its place.
fn dump(url: &DatabaseUrl) -> Vec<String> {
    #[derive(diesel::QueryableByName)]
    struct Line {
        #[diesel(sql_type = Text)]
        line: String,
    }
    let DatabaseUrl::Sqlite(path) = url else { panic!("a file") };
    let mut connection = <diesel::SqliteConnection as diesel::Connection>::establish(&path.to_string_lossy()).unwrap();
    // What a program of ours wrote is compact already; the fixture was written by hand.
    let text = "SELECT hex(site_id) || json(page) AS line FROM store_page
        UNION ALL SELECT hex(template_id) || number || json(rules) FROM coupon_template_version
        UNION ALL SELECT hex(id) || json(payload) FROM job ORDER BY 1";
    let lines: Vec<Line> = sql_query(text).load(&mut connection).unwrap();
    lines.into_iter().map(|line| sorted(&line.line)).collect()
}

/// The document of the line with its keys in one order.
fn sorted(line: &str) -> String {
    let at = line.find(['{', '[', 'n']).unwrap();
    format!("{}{}", &line[..at], serde_json::from_str::<serde_json::Value>(&line[at..]).unwrap())
}

db_test! {
    fn a_copy_of_the_same_kind_keeps_every_row(database) {
        filled(database);
        let Some(target) = (match database.url() {
            DatabaseUrl::Sqlite(_) => Some(TestDatabase::sqlite()),
            DatabaseUrl::Postgres(_) => TestDatabase::postgres(),
        }) else { return };
        let expected = digest(database.url()).unwrap();
        assert_eq!(copied(database.url(), target.url()), expected);
        assert_eq!(digest(target.url()).unwrap(), expected);
    }

    /// Two thousand nodes in a chain, the younger above the older, so that no chunk and no order of keys helps.
    fn parents_come_before_their_children_however_many_there_are(database) {
        let mut db = support::open(database);
        deep_tree(&mut db, 2_000);
        let (_folder, file) = new_file();
        let to_postgres = TestDatabase::postgres();
        for target in [Some(&file), to_postgres.as_ref().map(TestDatabase::url)].into_iter().flatten() {
            let report = copy(database.url(), target, &|_step| ControlFlow::Continue(())).unwrap();
            let (_, nodes) = report.tables.iter().find(|(table, _)| *table == "node").unwrap();
            assert_eq!(nodes.rows, 2_000);
        }
    }

    fn what_is_told_on_the_way_adds_up(database) {
        filled(database);
        let (_folder, file) = new_file();
        let steps = Mutex::new(Vec::new());
        let report = copy(database.url(), &file, &|step| {
            steps.lock().unwrap().push(step);
            ControlFlow::Continue(())
        }).unwrap();
        let steps = steps.into_inner().unwrap();
        assert!(matches!(steps[0], CopyStep::Begun { rows } if rows == report.rows()));
        let copied = steps.iter().map(|step| match step { CopyStep::Copied { rows, .. } => *rows, _ => 0 });
        assert_eq!(copied.sum::<u64>(), report.rows());
        let compared = steps.iter().filter(|step| matches!(step, CopyStep::Comparing { .. })).count();
        assert_eq!(compared, report.tables.len());
    }

    /// What is written while the copy runs is not in it: the source is read in one snapshot.
    fn a_copy_is_one_moment_of_its_source(database) {
        filled(database);
        let expected = digest(database.url()).unwrap();
        let (_folder, file) = new_file();
        let writer = Mutex::new(support::open(database));
        let report = copy(database.url(), &file, &|step| {
            if let CopyStep::Copied { table: "node", .. } = step {
                let mut db = writer.lock().unwrap();
                let more = spell(&db, "UPDATE staff SET version = 2;
                    INSERT INTO node_lock (site_id, setting_key, locked, updated_by, updated_at)
                    VALUES (id(5), 'late', TRUE, NULL, at(1))");
                db.batch_execute(&more).unwrap();
            }
            ControlFlow::Continue(())
        });
        assert_eq!(report.unwrap().tables, expected);
        assert_ne!(digest(database.url()).unwrap(), expected, "it was written");
    }
}

fn deep_tree(db: &mut Db, depth: i64) {
    let mut text = String::from("BEGIN;");
    for level in 0..depth {
        let (id, kind) = (depth - level, if level == 0 { "head" } else { "region" });
        let parent = if level == 0 { "NULL".to_owned() } else { format!("id({})", id + 1) };
        text.push_str(&format!(
            "INSERT INTO node (id, kind, parent_id, code, name, zone, area, state, version, created_at, updated_at)
             VALUES (id({id}), '{kind}', {parent}, 'n{id}', 'n', 'Asia/Shanghai', NULL, 'active', 1, at(0), at(0));
             INSERT INTO node_closure (ancestor_id, node_id, depth) VALUES (id({depth}), id({id}), {level});"
        ));
    }
    let text = spell(db, &(text + "COMMIT"));
    db.batch_execute(&text).unwrap();
}
