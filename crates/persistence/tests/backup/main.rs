//! A backup comes back as what it was, into a place where nothing is, or not at all.
#![cfg(test)]

#[path = "../verify/dialect.rs"]
mod dialect;
mod files;
mod places;
#[path = "../support/mod.rs"]
mod support;

use std::{
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use dialect::{spell, uuid};
use diesel::connection::SimpleConnection;
use huike_persistence::{
    DatabaseUrl, StoreError,
    backup::{Archive, BackupError, BackupReport, Restoring, backup},
    copy::digest,
    db_test, secret_keys,
    testing::TestDatabase,
};
use tempfile::TempDir;

/// The small brand of the tests of `verify`, and a key.
fn filled(database: &TestDatabase) {
    change(database, &include_str!("../verify/fixture.sql").replace("{{maker}}", &uuid(10)).replace("{{rules}}", "{}"));
    change(
        database,
        "INSERT INTO secret_key (purpose, number, wrapped, created_at) VALUES
            ('seal', 1, blob(7), at(0)), ('a\tb', 31, blob(255), at(0))",
    );
}

fn change(database: &TestDatabase, text: &str) {
    let mut db = support::open(database);
    let text = spell(&db, text);
    db.batch_execute(&text).unwrap();
}

fn going_on(_bytes: u64) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

fn saved(url: &DatabaseUrl, file: &Path) -> BackupReport {
    backup(url, file, false, &going_on).unwrap()
}

fn restored(file: &Path, to: &DatabaseUrl) -> Result<(), BackupError> {
    Restoring::begin(&Archive::open(file, to)?, to, &going_on)?.finish()
}

/// A place of the database's kind where nothing is yet.
struct Place {
    url: DatabaseUrl,
    folder: TempDir,
    _server: Option<TestDatabase>,
}

impl Place {
    fn like(database: &TestDatabase) -> Self {
        let folder = tempfile::tempdir().unwrap();
        match database.url() {
            DatabaseUrl::Sqlite(_) => {
                Self { url: DatabaseUrl::Sqlite(folder.path().join("huike.db")), folder, _server: None }
            }
            DatabaseUrl::Postgres(_) => {
                let server = TestDatabase::empty_postgres().unwrap();
                Self { url: server.url().clone(), folder, _server: Some(server) }
            }
        }
    }

    fn backup_file(&self) -> PathBuf {
        self.folder.path().join("huike.backup")
    }

    fn names(&self) -> Vec<String> {
        let names = std::fs::read_dir(&self.folder).unwrap();
        let mut names: Vec<String> = names.map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

db_test! {
    fn what_was_backed_up_comes_back_as_it_was(database) {
        filled(database);
        let (place, expected) = (Place::like(database), digest(database.url()).unwrap());
        let file = place.backup_file();
        let report = saved(database.url(), &file);
        assert_eq!(report.bytes, file.metadata().unwrap().len());
        assert_eq!(place.names(), ["huike.backup"], "nothing is left beside it");
        change(database, "UPDATE node SET name = 'changed afterwards'");
        restored(&file, &place.url).unwrap();
        assert_eq!(digest(&place.url).unwrap(), expected);
        assert_ne!(digest(database.url()).unwrap(), expected);
    }

    fn a_backup_tells_its_keys_and_its_schema_before_it_is_restored(database) {
        filled(database);
        let place = Place::like(database);
        let report = saved(database.url(), &place.backup_file());
        let archive = Archive::open(&place.backup_file(), &place.url).unwrap();
        let keys = database.store().read_blocking(secret_keys::list).unwrap();
        assert_eq!(archive.keys(), keys);
        assert_eq!(keys.len(), 2);
        assert_eq!((archive.schema().len(), archive.schema()), (14, report.schema.as_str()));
    }

    /// What the rows stand on comes back as well: keys, checks, and that history is only ever added to.
    fn a_restored_database_guards_its_rows_like_any_other(database) {
        filled(database);
        let place = Place::like(database);
        saved(database.url(), &place.backup_file());
        restored(&place.backup_file(), &place.url).unwrap();
        let mut restoring = support::open_url(&place.url);
        for wrong in [
            "DELETE FROM event",
            "UPDATE coupon_stock SET issued = quantity + 1",
            "INSERT INTO store_page (site_id, page, version, updated_at) VALUES (id(99), '{}', 1, at(0))",
            "INSERT INTO secret_key (purpose, number, wrapped, created_at) VALUES ('seal', 1, blob(7), at(0))",
        ] {
            let text = spell(&restoring, wrong);
            assert!(restoring.batch_execute(&text).is_err(), "{wrong}");
        }
    }

    fn a_transaction_on_what_is_being_restored_is_kept_or_not_as_it_ends(database) {
        filled(database);
        let place = Place::like(database);
        saved(database.url(), &place.backup_file());
        let archive = Archive::open(&place.backup_file(), &place.url).unwrap();
        let mut restoring = Restoring::begin(&archive, &place.url, &going_on).unwrap();
        assert!(restoring.applied().is_empty());
        let refused = restoring.write(|db| {
            db.batch_execute("DELETE FROM secret_key")?;
            Err::<(), _>(StoreError::Unavailable("a refusal"))
        });
        assert!(refused.is_err());
        restoring.write(|db| Ok::<_, StoreError>(db.batch_execute("UPDATE node SET version = 7")?)).unwrap();
        assert_eq!(restoring.read(secret_keys::list).unwrap().len(), 2);
        restoring.finish().unwrap();
        let versions: Vec<i64> = {
            use diesel::prelude::*;
            use huike_persistence::schema::node;
            node::table.select(node::version).distinct().load(&mut support::open_url(&place.url)).unwrap()
        };
        assert_eq!(versions, [7]);
    }
}
