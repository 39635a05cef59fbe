//! Where a backup may go, and where it may not.

use std::{
    fs,
    ops::ControlFlow,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
};

use huike_persistence::{
    DatabaseUrl,
    backup::{Archive, BackupError, Restoring, backup},
    copy::digest,
    db_test,
    testing::TestDatabase,
};

use crate::{Place, filled, going_on, restored, saved};

db_test! {
    fn nothing_that_is_there_is_restored_over(database) {
        filled(database);
        let (place, before) = (Place::like(database), digest(database.url()).unwrap());
        saved(database.url(), &place.backup_file());
        let error = restored(&place.backup_file(), database.url()).unwrap_err();
        assert!(matches!(error, BackupError::NotEmpty(..)), "{error}");
        assert_eq!(digest(database.url()).unwrap(), before);
    }

    /// Migrated and without a row is not empty either: a server may have been here.
    fn not_even_over_empty_tables(database) {
        let place = Place::like(database);
        saved(database.url(), &place.backup_file());
        let error = restored(&place.backup_file(), database.url()).unwrap_err();
        assert!(error.to_string().contains("is not empty"), "{error}");
    }

    fn a_backup_replaces_a_file_only_when_told(database) {
        filled(database);
        let place = Place::like(database);
        let file = place.backup_file();
        fs::write(&file, "something dear").unwrap();
        assert!(matches!(backup(database.url(), &file, false, &going_on), Err(BackupError::Exists(_))));
        assert_eq!(fs::read(&file).unwrap(), b"something dear");
        backup(database.url(), &file, true, &going_on).unwrap();
        restored(&file, &place.url).unwrap();
    }

    fn what_is_not_a_database_of_ours_is_not_backed_up(database) {
        let place = Place::like(database);
        if let DatabaseUrl::Sqlite(file) = &place.url {
            let error = backup(&place.url, &place.backup_file(), false, &going_on).unwrap_err();
            assert!(matches!(error, BackupError::NoDatabase(_)), "{error}");
            assert!(place.names().is_empty(), "it was not made by asking for it");
            fs::write(file, "").unwrap();
        }
        let error = backup(&place.url, &place.backup_file(), false, &going_on).unwrap_err();
        assert!(matches!(error, BackupError::NotOurs(_)), "{error}");
        assert!(!place.backup_file().exists());
    }

    fn a_backup_into_a_folder_that_is_not_there_says_so(database) {
        let place = Place::like(database);
        let file = place.folder.path().join("absent/b");
        let error = backup(database.url(), &file, false, &going_on).unwrap_err();
        assert!(error.to_string().contains("absent/b"), "{error}");
        let error = backup(database.url(), place.folder.path(), true, &going_on).unwrap_err();
        assert!(matches!(error, BackupError::Folder(_)), "{error}");
    }

    fn how_much_is_written_is_told(database) {
        filled(database);
        let place = Place::like(database);
        saved(database.url(), &place.backup_file());
        let (told, asked) = (AtomicU64::new(0), AtomicBool::new(false));
        let tell = |bytes: u64| {
            told.fetch_max(bytes, Ordering::Relaxed);
            asked.store(true, Ordering::Relaxed);
            ControlFlow::Continue(())
        };
        let archive = Archive::open(&place.backup_file(), &place.url).unwrap();
        Restoring::begin(&archive, &place.url, &tell).unwrap().finish().unwrap();
        assert!(asked.into_inner());
        if let DatabaseUrl::Sqlite(_) = place.url {
            assert_eq!(told.into_inner(), place.backup_file().metadata().unwrap().len());
        }
    }

    fn a_restore_that_is_told_to_stop_leaves_nothing(database) {
        filled(database);
        let place = Place::like(database);
        saved(database.url(), &place.backup_file());
        let archive = Archive::open(&place.backup_file(), &place.url).unwrap();
        let stop = |_bytes: u64| ControlFlow::Break(());
        assert!(matches!(Restoring::begin(&archive, &place.url, &stop), Err(BackupError::Stopped)));
        assert_eq!(place.names(), ["huike.backup"]);
        restored(&place.backup_file(), &place.url).unwrap();
    }
}

/// The log of a database that is gone would be taken for that of the restored one.
#[test]
fn a_log_without_its_database_is_in_the_way() {
    let database = TestDatabase::sqlite();
    let place = Place::like(&database);
    saved(database.url(), &place.backup_file());
    fs::write(place.folder.path().join("huike.db-wal"), "left behind").unwrap();
    let error = restored(&place.backup_file(), &place.url).unwrap_err();
    assert!(error.to_string().contains("huike.db-wal"), "{error}");
}

/// Dropped before it is finished, as by an error on the way.
#[test]
fn a_restore_that_is_given_up_leaves_no_file() {
    let database = TestDatabase::sqlite();
    filled(&database);
    let place = Place::like(&database);
    saved(database.url(), &place.backup_file());
    let archive = Archive::open(&place.backup_file(), &place.url).unwrap();
    let restoring = Restoring::begin(&archive, &place.url, &going_on).unwrap();
    assert_eq!(place.names(), ["huike.backup", "huike.db.partial"], "it has no name of its own yet");
    drop(restoring);
    assert_eq!(place.names(), ["huike.backup"]);
}

/// A second restore into the same place, while the first is under way.
#[test]
fn two_do_not_restore_into_one_place() {
    let database = TestDatabase::sqlite();
    let place = Place::like(&database);
    saved(database.url(), &place.backup_file());
    let archive = Archive::open(&place.backup_file(), &place.url).unwrap();
    let first = Restoring::begin(&archive, &place.url, &going_on).unwrap();
    assert!(matches!(Restoring::begin(&archive, &place.url, &going_on), Err(BackupError::UnderWay(_))));
    first.finish().unwrap();
    assert_eq!(place.names(), ["huike.backup", "huike.db"]);
}
