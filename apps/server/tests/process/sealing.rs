//! The audit log as it is when a server goes, and the head that somebody kept.

use std::{sync::Arc, time::Duration};

use actix_web::rt::time::sleep;
use huike_harness::{Home, Ran, Server, brand::node};
use huike_kernel::SystemClock;
use huike_persistence::{DatabaseUrl, Store, StoreOptions, audit_seals};
use huike_trust::Head;

use crate::each_home;

fn store(home: &Home) -> Store {
    let url = match home.database_url().parse().unwrap() {
        DatabaseUrl::Sqlite(file) => DatabaseUrl::Sqlite(home.path().join(file)),
        postgres => postgres,
    };
    Store::open(&url, &StoreOptions::default(), Arc::new(SystemClock)).unwrap()
}

/// How many rows wait for their seal, and where the chain ends.
async fn standing(home: &Home) -> (i64, Head) {
    let read = |db: &mut huike_persistence::Db| Ok((audit_seals::count_unsealed(db)?.0, audit_seals::head(db)?));
    let standing: Result<(i64, Head), huike_persistence::StoreError> = store(home).read(read).await;
    standing.unwrap()
}

/// A few acts of staff, the last of them just now.
async fn work(server: &Server, name: &str) {
    let owner = server.owner().await;
    let head = owner.get("/admin/v1/nodes").await.ok()["items"][0]["id"].as_str().unwrap().to_owned();
    for number in 0..10 {
        node(&owner, &head, "site", &format!("{name}-{number}")).await;
    }
}

/// The head that the log told, as somebody may have kept it.
fn told(ended: &Ran) -> String {
    let line = ended.err.lines().find(|line| line.contains("the audit log is sealed up to")).unwrap_or(&ended.err);
    let rest = line.split("sealed up to ").nth(1).unwrap_or_else(|| panic!("no head was told: {}", ended.err));
    rest.split(';').next().unwrap_or_default().to_owned()
}

each_home! {
    async fn what_was_written_up_to_the_end_is_sealed_when_a_server_stops(home) {
        let server = Server::start(home, &[]).await;
        work(&server, "stopped").await;
        server.stop().ok();
        let (unsealed, head) = standing(home).await;
        assert_eq!(unsealed, 0);
        assert!(head.seq > 10, "{head}");
        home.run(&["verify"]).ok();
    }

    async fn what_a_killed_server_left_open_is_no_fault_and_the_next_one_seals_it(home) {
        let server = Server::start(home, &[]).await;
        work(&server, "killed").await;
        server.kill();
        server.stopped();
        home.run(&["verify"]).ok();
        let server = Server::start(home, &[]).await;
        for _ in 0..200 {
            if standing(home).await.0 == 0 {
                break;
            }
            sleep(Duration::from_millis(50)).await;
        }
        assert_eq!(standing(home).await.0, 0);
        home.run(&["verify"]).ok();
        server.stop().ok();
    }

    async fn a_head_that_was_kept_is_found_for_as_long_as_the_log_is_the_same(home) {
        let server = Server::start(home, &[]).await;
        work(&server, "kept").await;
        let kept = told(&server.stop());
        let (_, hash) = kept.split_once(':').unwrap();
        for head in [kept.as_str(), hash] {
            let found = home.run(&["verify", "--audit-head", head]);
            assert!(found.ok().contains(&format!("goes through {kept}")), "{found:?}");
        }
        let server = Server::start(home, &[]).await;
        work(&server, "later").await;
        let beside = home.run(&["verify", "--audit-head", &kept]);
        assert!(beside.ok().contains("goes through"), "{beside:?}");
        server.stop().ok();

        let end = standing(home).await.1;
        let another = Head { hash: kept.parse::<Head>().unwrap().hash, ..end }.to_string();
        let beyond = Head { seq: end.seq + 1, ..end }.to_string();
        for (head, words) in [(another, "its link is"), (beyond, "it ends at"), ("ab".repeat(32), "it ends at")] {
            let missing = home.run(&["verify", "--audit-head", &kept, "--audit-head", &head]);
            assert_eq!(missing.code, Some(1), "{missing:?}");
            assert!(missing.out.contains("goes through") && missing.out.contains(words), "{missing:?}");
            assert!(missing.err.contains("1 of the heads"), "{missing:?}");
        }
        assert_ne!(home.run(&["verify", "--audit-head", "12"]).code, Some(0));
    }
}
