//! `huike backup` beside a server at work: what is in it, and that there is never half of one.

use std::{
    fs,
    process::Stdio,
    sync::{Arc, Mutex},
    time::Duration,
};

use actix_web::rt::{spawn, task::JoinHandle, time::sleep};
use huike_harness::{
    Home, Ran, Server,
    brand::{Shopper, ten_off},
    poll,
};
use serde_json::json;

use crate::{
    each_home,
    elsewhere::{files, like, redeem, signed_in, wallet},
    homes,
    restoring::{backup_of, restore},
};

const WRITERS: usize = 8;
/// Enough to be in the middle of it.
const ACKNOWLEDGED_MIN: usize = 120;

/// A home with a brand, a shopper and one coupon in it; its server has stopped.
pub async fn lived_in(home: &Home) {
    let server = Server::start(home, &[]).await;
    let brand = server.brand().await;
    let template = brand.live(&brand.head, &ten_off(10)).await;
    let shopper = brand.shopper().await;
    brand.claim(&shopper, &template).await;
    server.stop().ok();
}

each_home! {
    async fn a_backup_under_load_holds_every_write_that_was_acknowledged_before_it_began(home) {
        let server = Server::start(home, &[]).await;
        let brand = server.brand().await;
        let template = brand.live(&brand.head, &ten_off(1_000_000)).await;
        let shoppers = brand.shoppers(WRITERS).await;
        let claimers: Vec<Claimer> = shoppers.iter().map(|shopper| Claimer::start(shopper, &template)).collect();
        while claimers.iter().map(Claimer::count).sum::<usize>() < ACKNOWLEDGED_MIN {
            sleep(Duration::from_millis(5)).await;
        }
        let before: Vec<Vec<String>> = claimers.iter().map(Claimer::acknowledged).collect();
        let backed_up = run_beside(home, &["backup", "huike.backup"]).await;
        let after: usize = claimers.iter().map(Claimer::count).sum();
        for claimer in claimers {
            claimer.stop().await;
        }
        assert!(backed_up.ok().contains("is a backup of"), "{backed_up:?}");
        let written = after - before.iter().map(Vec::len).sum::<usize>();
        eprintln!("{written} claims were acknowledged while the backup was made");
        assert!(written > 0, "nobody wrote while it was made");
        server.stop().ok();

        let elsewhere = like(home);
        let restored = restore(&elsewhere, &backup_of(home));
        assert!(restored.ok().contains("invariants hold"), "{restored:?}");
        elsewhere.verify();
        let server = Server::start(&elsewhere, &[]).await;
        for (shopper, acknowledged) in shoppers.iter().zip(&before) {
            let held = wallet(&signed_in(&server, shopper).await).await;
            let lost: Vec<_> = acknowledged.iter().filter(|coupon| !held.contains(coupon)).collect();
            assert!(lost.is_empty(), "acknowledged before the backup began, and not in it: {lost:?}");
        }
        let customer = signed_in(&server, &shoppers[0]).await;
        redeem(&server, &customer, &brand, &before[0][0]).await;
        server.stop().ok();
        elsewhere.verify();
    }

    async fn whoever_was_signed_in_signs_in_again_after_a_restore_and_the_log_tells_of_it(home) {
        let server = Server::start(home, &[]).await;
        let brand = server.brand().await;
        let shopper = brand.shopper().await;
        home.run(&["backup", "huike.backup"]).ok();
        brand.owner.get("/admin/v1/me").await.ok();
        server.stop().ok();
        let elsewhere = like(home);
        restore(&elsewhere, &backup_of(home)).ok();
        let server = Server::start(&elsewhere, &[]).await;
        brand.owner.on(&server.base).get("/admin/v1/me").await.expect(401);
        shopper.client.on(&server.base).get("/app/v1/coupons").await.expect(401);
        let log = server.owner().await.get("/admin/v1/audit?action=database.restore").await.ok();
        assert_eq!(log["items"].as_array().unwrap().len(), 1, "{log}");
    }

    async fn a_backup_says_that_the_master_key_is_not_in_it_and_where_it_is(home) {
        home.run(&["migrate"]).ok();
        let made = home.run(&["backup", "huike.backup"]);
        assert!(made.ok().contains("The master key is NOT in it"), "{made:?}");
        assert!(made.ok().contains("HUIKE_MASTER_KEY: keep a copy"), "{made:?}");
        if home.is_sqlite() {
            let without = Ran::of(home.huike(&["backup", "other"]).env_remove("HUIKE_MASTER_KEY").output().unwrap());
            assert!(without.ok().contains("The key is in data/huike.db.key"), "{without:?}");
        }
        assert!(home.run(&["backup", "huike.backup"]).refused().contains("--force"));
        home.run(&["backup", "--force", "huike.backup"]).ok();
    }

    async fn a_full_disk_ends_a_backup_clearly_and_leaves_no_half_of_it(home) {
        lived_in(home).await;
        fs::create_dir(home.path().join("small")).unwrap();
        let Some(ended) = on_a_disk_of("64k", home) else { return };
        assert_eq!(ended.code, Some(1), "{ended:?}");
        assert!(ended.err.contains("the disk is full: small/b"), "{ended:?}");
        assert_eq!(ended.out, "left: 0\n", "nothing is said to be there, and nothing is");
        home.verify();
        home.run(&["backup", "small/b"]).ok();
    }

    async fn a_file_that_may_not_grow_ends_a_backup_and_leaves_no_half_of_it(home) {
        lived_in(home).await;
        let ended = in_a_shell(home, "sh", "trap '' XFSZ; ulimit -f 128; exec \"$HUIKE\" backup b");
        assert!(ended.refused().contains("the disk is full") || ended.err.contains("is there room"), "{ended:?}");
        assert!(files(home).iter().all(|name| !name.starts_with('b')), "{:?}", files(home));
        home.verify();
    }
}

/// Backs up into a folder that is a file system of its own, with so much room. `None` (said aloud) where this machine does
/// not let us make one.
fn on_a_disk_of(room: &str, home: &Home) -> Option<Ran> {
    let script = format!(
        "mount -t tmpfs -o size={room} none small || exit 9
        \"$HUIKE\" backup small/b; code=$?
        echo left: $(ls -A small | wc -l); exit $code"
    );
    let ended = in_a_shell(home, "unshare --user --map-root-user --mount sh", &script);
    if ended.code == Some(9) || ended.err.contains("unshare") {
        eprintln!("SKIPPED: no file system of one's own here: {}", ended.err);
        return None;
    }
    Some(ended)
}

/// Runs a script in the home, as the binary would be run there.
fn in_a_shell(home: &Home, shell: &str, script: &str) -> Ran {
    let huike = home.huike(&[]);
    let mut words = shell.split(' ');
    let mut shell = std::process::Command::new(words.next().unwrap());
    shell.args(words).args(["-c", script]).current_dir(home.path()).stdin(Stdio::null());
    for (name, value) in huike.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    Ran::of(shell.env("HUIKE", huike.get_program()).output().unwrap())
}

/// Runs a command while this test's own tasks go on.
async fn run_beside(home: &Home, arguments: &[&str]) -> Ran {
    let mut child = home.huike(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    while child.try_wait().unwrap().is_none() {
        sleep(Duration::from_millis(5)).await;
    }
    Ran::of(child.wait_with_output().unwrap())
}

/// A customer who claims one coupon after the other.
struct Claimer {
    acknowledged: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl Claimer {
    fn start(shopper: &Shopper, template: &str) -> Self {
        let acknowledged = Arc::<Mutex<Vec<String>>>::default();
        let (client, ask, journal) =
            (shopper.client.clone(), json!({ "template_id": template }), Arc::clone(&acknowledged));
        let task = spawn(async move {
            for number in 0.. {
                let claimed = client.once(&format!("claim-{number}")).post("/app/v1/claims", &ask).await.created();
                journal.lock().unwrap().push(claimed["coupon_id"].as_str().unwrap().to_owned());
            }
        });
        Self { acknowledged, task }
    }

    fn count(&self) -> usize {
        self.acknowledged.lock().unwrap().len()
    }

    fn acknowledged(&self) -> Vec<String> {
        self.acknowledged.lock().unwrap().clone()
    }

    async fn stop(self) {
        self.task.abort();
        // It never ends by itself, unless the server refused it.
        assert!(self.task.await.unwrap_err().is_cancelled(), "a claim was refused");
    }
}

/// A pg_dump that tells how it was called, begins to write and does not end.
const SLOW: &str = r#"#!/bin/sh
case "$*" in *--version*) echo "pg_dump (PostgreSQL) $MAJOR.0"; exit 0 ;; esac
echo "$*" > "$TOLD"; echo "password $PGPASSWORD" >> "$TOLD"
for word in "$@"; do case "$word" in --file=*) file="${word#--file=}" ;; esac; done
echo PGDMP > "$file"; echo begun >> "$TOLD"
exec sleep 120
"#;

/// On Ctrl-C the program that dumps goes with us, and nothing is left; and nobody reads a password off its arguments.
#[cfg(unix)]
#[actix_web::test]
async fn an_interrupted_backup_leaves_nothing_and_its_password_is_no_argument() {
    use std::os::unix::fs::PermissionsExt;
    let Some(home) = homes::on_postgres() else { return };
    let (folder, told) = (home.path().join("a"), home.path().join("told"));
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("pg_dump"), SLOW).unwrap();
    fs::set_permissions(folder.join("pg_dump"), fs::Permissions::from_mode(0o755)).unwrap();
    let url = home.database_url().replacen("huike@", "huike:kaimen%40sesame@", 1);
    let mut command = home.huike(&["backup", "--database-url", &url, "huike.backup"]);
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
    command.env("PATH", path).env("TOLD", &told).env("MAJOR", major_of(&home));
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let begun = || fs::read_to_string(&told).ok().filter(|text| text.contains("begun"));
    let text = poll(Duration::from_secs(60), begun).expect("the dump begins");
    assert!(!text.lines().next().unwrap().contains("sesame"), "{text}");
    assert!(text.contains("password kaimen@sesame"), "{text}");
    assert!(home.path().join("huike.backup.partial").exists());
    let kill = format!("kill -INT {}", child.id());
    assert!(std::process::Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    let ended = Ran::of(child.wait_with_output().unwrap());
    assert!(ended.refused().contains("stopped; nothing was left behind"), "{ended:?}");
    assert_eq!(files(&home), ["a/pg_dump", "told"]);
}

/// The server's version: a program of that very version is the one that is taken.
fn major_of(home: &Home) -> String {
    let mut ask = std::process::Command::new("psql");
    let answer = Ran::of(ask.args(["-At", "-c", "SHOW server_version", home.database_url()]).output().unwrap());
    answer.ok().split(['.', ' ', '\n']).next().unwrap().to_owned()
}
