//! `huike restore`: into a place where nothing is, with the right key, or not at all.

use std::{
    fs,
    path::{Path, PathBuf},
};

use huike_harness::{Home, Ran, Server};

use crate::{
    backing_up::lived_in,
    each_home,
    elsewhere::{digest, files, like, on_empty_postgres},
    homes,
};

/// A key that is one, and not the one.
const OTHER_KEY: &str = "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=";

/// Where the home's backup is.
pub fn backup_of(home: &Home) -> PathBuf {
    home.path().join("huike.backup")
}

/// Restores a backup into the home.
pub fn restore(home: &Home, backup: &Path) -> Ran {
    home.run(&["restore", backup.to_str().unwrap()])
}

each_home! {
    async fn nothing_is_restored_without_the_master_key_that_opens_it(home) {
        lived_in(home).await;
        home.run(&["backup", "huike.backup"]).ok();
        let elsewhere = like(home);
        let backup = backup_of(home);
        let with_key = |key: Option<&str>| {
            let mut command = elsewhere.huike(&["restore", backup.to_str().unwrap()]);
            match key {
                Some(key) => command.env("HUIKE_MASTER_KEY", key),
                None => command.env_remove("HUIKE_MASTER_KEY"),
            };
            Ran::of(command.output().unwrap())
        };
        assert!(with_key(Some(OTHER_KEY)).refused().contains("the master key does not open the keys"));
        let absent = with_key(None);
        let words = if home.is_sqlite() { "data/huike.db.key is missing" } else { "HUIKE_MASTER_KEY must be set" };
        assert!(absent.refused().contains(words), "{absent:?}");
        assert!(with_key(Some("short")).refused().contains("not 32 bytes"));
        assert_eq!(files(&elsewhere), [""; 0], "nothing was made");
        restore(&elsewhere, &backup).ok();
    }

    async fn nothing_is_restored_over_what_is_there(home) {
        lived_in(home).await;
        home.run(&["backup", "huike.backup"]).ok();
        let before = digest(home);
        let refused = restore(home, &backup_of(home));
        assert!(refused.refused().contains("is not empty"), "{refused:?}");
        assert_eq!(digest(home), before);
    }

    async fn a_broken_backup_is_refused_and_leaves_nothing(home) {
        lived_in(home).await;
        home.run(&["backup", "huike.backup"]).ok();
        let whole = fs::read(backup_of(home)).unwrap();
        let elsewhere = like(home);
        let broken = elsewhere.path().join("broken");
        for length in [whole.len() - 1, whole.len() / 2, 100, 0] {
            fs::write(&broken, &whole[..length]).unwrap();
            let refused = restore(&elsewhere, &broken);
            let said = refused.refused();
            assert!(said.contains("is broken") || said.contains("is not a backup"), "{length}: {refused:?}");
            assert_eq!(files(&elsewhere), ["broken"], "{length}");
        }
        restore(&elsewhere, &backup_of(home)).ok();
    }
}

#[actix_web::test]
async fn a_backup_of_one_kind_is_not_restored_into_the_other() {
    let Some(postgres) = on_empty_postgres() else { return };
    let sqlite = homes::on_sqlite();
    sqlite.run(&["migrate"]).ok();
    sqlite.run(&["backup", "huike.backup"]).ok();
    let refused = restore(&postgres, &backup_of(&sqlite));
    assert!(refused.refused().contains("is a backup of SQLite"), "{refused:?}");
    postgres.run(&["migrate"]).ok();
    postgres.run(&["backup", "huike.backup"]).ok();
    let refused = restore(&like(&sqlite), &backup_of(&postgres));
    assert!(refused.refused().contains("is a backup of PostgreSQL"), "{refused:?}");
}

#[actix_web::test]
async fn a_server_and_a_restore_never_share_a_file() {
    let home = homes::on_sqlite();
    let server = Server::start(&home, &[]).await;
    home.run(&["backup", "huike.backup"]).ok();
    let refused = restore(&home, &backup_of(&home));
    assert!(refused.refused().contains("another huike process is using"), "{refused:?}");
    server.stop().ok();
}
