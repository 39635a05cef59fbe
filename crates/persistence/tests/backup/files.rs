//! Files that are no backups, or not any more.

use std::{fs, path::Path};

use huike_persistence::{
    DatabaseUrl,
    backup::{BackupError, Restoring, backup},
    db_test,
    testing::TestDatabase,
};

use crate::{Archive, Place, change, filled, going_on, restored, saved};

/// Nothing was put where it should have gone.
fn assert_untouched(place: &Place) {
    assert!(place.names().iter().all(|name| !name.starts_with("huike.db")), "{:?}", place.names());
    if let DatabaseUrl::Postgres(_) = place.url {
        let probe = place.folder.path().join("probe");
        assert!(matches!(backup(&place.url, &probe, false, &going_on), Err(BackupError::NotOurs(_))));
    }
}

/// The backup cut off after so many thousandths of its length.
fn cut(file: &Path, thousandths: u64) {
    let length = file.metadata().unwrap().len();
    fs::OpenOptions::new().write(true).open(file).unwrap().set_len(length * thousandths / 1_000).unwrap();
}

db_test! {
    fn a_backup_that_was_cut_off_anywhere_is_refused_and_leaves_nothing(database) {
        filled(database);
        let place = Place::like(database);
        let file = place.backup_file();
        saved(database.url(), &file);
        let whole = fs::read(&file).unwrap();
        for thousandths in [999, 900, 500, 100, 10, 0] {
            fs::write(&file, &whole).unwrap();
            cut(&file, thousandths);
            let error = restored(&file, &place.url).unwrap_err();
            assert!(matches!(error, BackupError::Broken(..) | BackupError::NoBackup(_)), "{thousandths}: {error}");
            assert_untouched(&place);
        }
        fs::write(&file, &whole).unwrap();
        restored(&file, &place.url).unwrap();
    }

    fn a_file_of_something_else_is_refused(database) {
        let place = Place::like(database);
        let file = place.backup_file();
        for content in [&b""[..], b"SQLite format", b"PGDM", &[0; 100_000], "备份".as_bytes()] {
            fs::write(&file, content).unwrap();
            assert!(matches!(restored(&file, &place.url), Err(BackupError::NoBackup(_))), "{content:?}");
        }
        fs::remove_file(&file).unwrap();
        assert!(matches!(restored(&file, &place.url), Err(BackupError::File(..))));
        assert_untouched(&place);
    }

    fn a_backup_of_the_other_kind_is_refused_by_name(database) {
        filled(database);
        let place = Place::like(database);
        saved(database.url(), &place.backup_file());
        let (other, kind) = match database.url() {
            DatabaseUrl::Sqlite(_) => ("postgres://nobody@127.0.0.1:1/nowhere".parse().unwrap(), "SQLite"),
            DatabaseUrl::Postgres(_) => {
                (DatabaseUrl::Sqlite(place.folder.path().join("huike.db")), "PostgreSQL")
            }
        };
        let error = restored(&place.backup_file(), &other).unwrap_err();
        assert!(error.to_string().contains(&format!("is a backup of {kind}")), "{error}");
        assert_untouched(&place);
    }

    fn a_backup_of_a_newer_schema_is_refused(database) {
        filled(database);
        let place = Place::like(database);
        saved(database.url(), &place.backup_file());
        // A newer program made it: a migration that this one has never heard of.
        change(database, "INSERT INTO __diesel_schema_migrations (version) VALUES ('29991231000000')");
        assert!(matches!(backup(database.url(), &place.folder.path().join("b"), false, &going_on), Err(BackupError::Newer(..))));
        let file = newer(database, &place);
        let error = restored(&file, &place.url).unwrap_err();
        assert!(error.to_string().contains("newer huike (migration 29991231000000)"), "{error}");
        assert_untouched(&place);
    }
}

/// The backup that a newer program would make.
fn newer(database: &TestDatabase, place: &Place) -> std::path::PathBuf {
    let file = place.folder.path().join("newer");
    let done = match database.url() {
        DatabaseUrl::Sqlite(path) => {
            let vacuum = format!("VACUUM INTO '{}'", file.display());
            let mut connection =
                <diesel::SqliteConnection as diesel::Connection>::establish(&path.to_string_lossy()).unwrap();
            diesel::connection::SimpleConnection::batch_execute(&mut connection, &vacuum).is_ok()
        }
        DatabaseUrl::Postgres(url) => std::process::Command::new("pg_dump")
            .args(["--format=custom", "--no-owner", "--file"])
            .arg(&file)
            .arg(format!("--dbname={url}"))
            .status()
            .unwrap()
            .success(),
    };
    assert!(done);
    file
}

/// A page in the middle that is not what it was: SQLite keeps no checksums, but it knows what a page looks like.
#[test]
fn a_sqlite_file_with_a_page_overwritten_is_refused() {
    let database = TestDatabase::sqlite();
    filled(&database);
    let place = Place::like(&database);
    let file = place.backup_file();
    saved(database.url(), &file);
    let mut bytes = fs::read(&file).unwrap();
    let middle = bytes.len() / 8_192 * 4_096;
    bytes[middle..middle + 4_096].fill(0xA5);
    fs::write(&file, bytes).unwrap();
    assert!(matches!(restored(&file, &place.url), Err(BackupError::Broken(..))));
    assert_untouched(&place);
}

/// The database file of a server at work is not all of it.
#[test]
fn a_copied_database_file_is_not_taken_for_a_backup() {
    let database = TestDatabase::sqlite();
    filled(&database);
    let _store = database.store();
    let place = Place::like(&database);
    let DatabaseUrl::Sqlite(file) = database.url() else { unreachable!() };
    fs::copy(file, place.backup_file()).unwrap();
    let error = restored(&place.backup_file(), &place.url).unwrap_err();
    assert!(error.to_string().contains("use `huike backup`"), "{error}");
}

/// A backup of an older program is brought up to date, and says by what.
#[test]
fn a_backup_of_an_older_schema_is_migrated() {
    let database = TestDatabase::sqlite();
    let newest = take_newest_migration_back(&database);
    let place = Place::like(&database);
    saved(database.url(), &place.backup_file());
    let archive = Archive::open(&place.backup_file(), &place.url).unwrap();
    assert!(archive.schema() < newest.as_str());
    let restoring = Restoring::begin(&archive, &place.url, &going_on).unwrap();
    assert_eq!(restoring.applied(), [newest]);
    restoring.finish().unwrap();
    huike_persistence::copy::digest(&place.url).unwrap();
}

fn take_newest_migration_back(database: &TestDatabase) -> String {
    let migrations = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations/sqlite");
    let folders = fs::read_dir(migrations).unwrap().map(|it| it.unwrap().path());
    let newest = folders.max().unwrap();
    let version = newest.file_name().unwrap().to_str().unwrap().split_once('_').unwrap().0.to_owned();
    change(database, &fs::read_to_string(newest.join("down.sql")).unwrap());
    change(database, &format!("DELETE FROM __diesel_schema_migrations WHERE version = '{version}'"));
    version
}
