//! Callers who take their time, so that others have none.

use std::time::{Duration, Instant};

use huike_harness::Server;

use super::{assert_unmoved, wire::Wire};
use crate::each_home;

/// A head that never ends, a line at a time.
fn dawdle(mut wire: Wire) -> (Duration, Vec<super::wire::Heard>) {
    let started = Instant::now();
    while wire.try_send(b"X-More: 1\r\n").is_ok() && started.elapsed() < Duration::from_secs(30) {
        std::thread::sleep(Duration::from_millis(100));
    }
    let took = started.elapsed();
    (took, wire.answers())
}

/// Chunks of a body that was refused long ago, for as long as anybody takes them.
fn go_on(mut wire: Wire) -> (Duration, Vec<super::wire::Heard>) {
    let started = Instant::now();
    while wire.try_send(b"4\r\nmore\r\n").is_ok() && started.elapsed() < Duration::from_secs(30) {
        std::thread::sleep(Duration::from_millis(50));
    }
    let took = started.elapsed();
    (took, wire.answers())
}

each_home! {
    async fn nobody_holds_a_connection_with_a_body_that_nobody_reads(home) {
        let server = Server::start(home, &[]).await;
        let head = |path: &str| {
            format!("POST {path} HTTP/1.1\r\nHost: huike\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
        };
        let refused = [("/nothing", 404), ("/healthz", 404), ("/admin/v1/nodes", 401), ("/open/v1/claims", 401)];
        let threads = refused.map(|(path, status)| {
            let wire = Wire::to(&server).send(head(path));
            (path, status, std::thread::spawn(move || go_on(wire)))
        });
        for (path, status, thread) in threads {
            let (took, heard) = thread.join().unwrap();
            assert!(took < Duration::from_secs(10), "{path}: chunks were taken for {took:?}");
            assert!(heard.iter().all(|heard| heard.status == status), "{path}: {heard:?}");
        }
        assert_unmoved(server);
    }

    async fn a_head_that_never_ends_is_cut_off_while_others_are_served(home) {
        let server = Server::start(home, &[]).await;
        let slow: Vec<_> = (0..50)
            .map(|_| {
                let wire = Wire::to(&server).send("GET /healthz HTTP/1.1\r\nHost: huike\r\n");
                std::thread::spawn(move || dawdle(wire))
            })
            .collect();
        let mut served = 0;
        while slow.iter().any(|thread| !thread.is_finished()) {
            let started = Instant::now();
            server.stranger().get("/readyz").await.ok();
            assert!(started.elapsed() < Duration::from_secs(2), "the others wait for the slow");
            served += 1;
        }
        assert!(served > 10, "{served}");
        for thread in slow {
            let (took, heard) = thread.join().unwrap();
            assert!(took < Duration::from_secs(20), "a head was waited for {took:?}");
            heard.iter().for_each(|heard| heard.bare(408, "a slow head"));
        }
        assert_unmoved(server);
    }
}
