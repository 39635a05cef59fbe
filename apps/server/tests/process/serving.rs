//! Starting and stopping.

use std::{process::Stdio, time::Duration};

use huike_harness::{Ran, Server};

use crate::{each_home, homes};

/// The bound of a test on a busy machine, in a build for debugging; the product's own is a second.
const READY_MAX: Duration = Duration::from_secs(15);

each_home! {
    async fn a_server_is_soon_ready_on_a_database_that_is_there(home) {
        Server::start(home, &[]).await.stop().ok();
        let server = Server::start(home, &[]).await;
        eprintln!("ready after {:?} on {}", server.ready_in, if home.is_sqlite() { "SQLite" } else { "PostgreSQL" });
        assert!(server.ready_in < READY_MAX, "{:?}", server.ready_in);
        let ended = server.stop();
        assert!(ended.ok().lines().any(|line| line.starts_with("listening on http://127.0.0.1:")), "{ended:?}");
    }

    async fn an_owner_without_a_password_gets_one_that_is_shown_once(home) {
        let serve = ["serve", "--profile", "dev", "--listen", "127.0.0.1:0", "--owner", "laoban"];
        let mut command = home.huike(&serve);
        command.env_remove("HUIKE_OWNER_PASSWORD");
        let first = Server::spawn(command).await.stop();
        assert!(first.ok().contains("\"laoban\" with the one-time password"), "{first:?}");
        let again = Server::start(home, &[]).await.stop();
        assert!(!again.ok().contains("password"), "{again:?}");
    }
}

#[actix_web::test]
async fn two_servers_never_share_a_file() {
    let home = homes::on_sqlite();
    let first = Server::start(&home, &[]).await;
    let second = home.run(&["serve", "--profile", "dev", "--listen", "127.0.0.1:0"]);
    assert!(second.refused().contains("another huike process is using data/huike.db"), "{second:?}");
    assert!(home.run(&["migrate"]).refused().contains("another huike process"), "nor does a command that writes");
    first.stranger().get("/readyz").await.ok();
    first.stop().ok();
    Server::start(&home, &[]).await.stop().ok();
}

#[test]
fn aids_of_development_stay_out_of_production() {
    let home = homes::on_sqlite();
    let production = ["serve", "--listen", "127.0.0.1:0", "--public-url", "https://coupons.example"];
    let refused = |flag: &str| {
        let mut command = home.huike(&[&production[..], &[flag]].concat());
        Ran::of(command.stdout(Stdio::piped()).stderr(Stdio::piped()).output().unwrap())
    };
    assert!(refused("--manual-clock").refused().contains("profile dev only"));
    assert!(!home.path().join("data/huike.db").exists(), "refused before anything was touched");
}

#[test]
fn what_cannot_be_meant_is_refused_before_a_database_is_made() {
    let home = homes::on_sqlite();
    for (name, value, words) in [
        ("HUIKE_DATABASE_URL", "mysql://localhost/huike", "sqlite:// or postgres://"),
        ("HUIKE_LISTEN", "everywhere", "listen"),
        ("HUIKE_PROFILE", "holiday", "profile"),
        ("HUIKE_MASTER_KEY", "c2hvcnQ=", "master key"),
    ] {
        let mut command = home.huike(&["serve", "--profile", "dev", "--listen", "127.0.0.1:0"]);
        if name == "HUIKE_LISTEN" {
            command = home.huike(&["serve", "--profile", "dev"]);
        }
        let ran = Ran::of(command.env(name, value).output().unwrap());
        assert!(ran.refused().contains(words), "{name}: {ran:?}");
    }
}
