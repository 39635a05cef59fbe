//! Commands beside `serve`, and what they may do while a server runs.

use std::{
    io::{BufRead, BufReader},
    process::Stdio,
};

use huike_harness::{OWNER, OWNER_PASSWORD, Ran, Server};
use serde_json::{Value, json};

use crate::{each_home, homes};

#[test]
fn help_names_every_command() {
    let home = homes::on_sqlite();
    let help = home.run(&["--help"]);
    for command in ["serve", "migrate", "verify", "seed-demo", "backup", "restore", "copy", "openapi", "owner"] {
        assert!(help.ok().contains(command), "{command}");
    }
    let serve = home.run(&["serve", "--help"]);
    for flag in ["--listen", "--database-url", "--public-url", "--profile", "--owner", "--demo", "--manual-clock"] {
        assert!(serve.ok().contains(flag), "{flag}");
    }
}

/// As in `huike openapi admin | head -1`.
#[test]
fn whoever_has_read_enough_of_the_output_makes_no_command_fail() {
    let home = homes::on_sqlite();
    for arguments in [&["openapi", "admin"][..], &["verify", "--list"]] {
        let mut child = home.huike(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        out.read_line(&mut String::new()).unwrap();
        drop(out);
        let ended = Ran::of(child.wait_with_output().unwrap());
        assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""), "{arguments:?}");
    }
}

each_home! {
    async fn migrating_twice_is_migrating_once(home) {
        home.run(&["migrate"]).ok();
        assert!(home.run(&["migrate"]).ok().contains("is up to date"));
    }

    async fn the_documents_are_printed_beside_a_server_as_it_serves_them(home) {
        let server = Server::start(home, &[]).await;
        for audience in ["admin", "app", "open"] {
            let printed: Value = serde_json::from_str(home.run(&["openapi", audience]).ok()).unwrap();
            assert_eq!(printed, server.stranger().get(&format!("/openapi/{audience}.json")).await.ok());
        }
    }

    async fn the_books_are_verified_beside_a_server(home) {
        let server = Server::start(home, &[]).await;
        server.owner().await.get("/admin/v1/me").await.ok();
        home.run(&["verify"]).ok();
        let names = home.run(&["verify", "--list"]);
        assert!(names.ok().lines().count() > 10, "{names:?}");
    }

    async fn an_owner_who_forgot_gets_a_password_for_one_sign_in(home) {
        Server::start(home, &[]).await.stop().ok();
        let reset = Ran::of(
            home.huike(&["owner", "reset-password"]).env_remove("HUIKE_OWNER_PASSWORD").output().unwrap(),
        );
        let password = reset.ok().split_whitespace().last().unwrap();
        let server = Server::start(home, &[]).await;
        let sign_in = async |password: &str| {
            server.stranger().post("/admin/v1/session", &json!({ "login": OWNER, "password": password })).await
        };
        sign_in(OWNER_PASSWORD).await.problem(401, "credentials_wrong");
        let session = sign_in(password).await.created();
        assert_eq!(session["must_change_password"], true);
        let owner = server.stranger().with_token(session["token"].as_str().unwrap());
        let change = json!({ "current": password, "new": OWNER_PASSWORD });
        owner.put("/admin/v1/me/password", &change).await.no_content();
        server.owner().await.get("/admin/v1/me").await.ok();
    }
}

#[test]
fn a_password_is_reset_for_nobody_who_is_not_there() {
    let home = homes::on_sqlite();
    home.run(&["migrate"]).ok();
    assert!(
        home.run(&["owner", "reset-password", "--owner", "nobody"]).refused().contains("nobody signs in as nobody")
    );
}
