//! Very many connections.

use std::{
    net::TcpStream,
    time::{Duration, Instant},
};

use huike_harness::{Server, brand::ten_off};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::assert_unmoved;
use crate::each_home;

/// How many do nothing.
const IDLE: usize = 1_000;

/// As many open files as the system lets anybody have, for us and for the server we start. Often 1 024 are given unasked.
fn raise_file_limit() {
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }).unwrap();
}

/// Some have asked already, some have begun to ask, most say nothing at all.
fn idle(server: &Server) -> Vec<TcpStream> {
    let address = server.base.trim_start_matches("http://");
    (0..IDLE)
        .map(|number| {
            let mut stream = TcpStream::connect(address).unwrap();
            let start: &[u8] = match number % 4 {
                0 => b"GET /healthz HTTP/1.1\r\nHost: huike\r\n\r\n",
                1 => b"POST /admin/v1/session HTTP/1.1\r\nHost: huike\r\nContent-Le",
                _ => b"",
            };
            std::io::Write::write_all(&mut stream, start).unwrap();
            stream
        })
        .collect()
}

each_home! {
    async fn a_thousand_idle_connections_keep_nobody_waiting(home) {
        raise_file_limit();
        let server = Server::start(home, &[]).await;
        let brand = server.brand().await;
        let template = brand.live(&brand.head, &ten_off(100)).await;
        let crowd = idle(&server);
        let mut slowest = Duration::ZERO;
        for _ in 0..10 {
            let started = Instant::now();
            let shopper = brand.shopper().await;
            let coupon = brand.claim(&shopper, &template).await;
            let code = brand.code(&shopper, &coupon).await;
            brand.try_redeem(&brand.owner, &brand.a.store, &code).await.ok();
            slowest = slowest.max(started.elapsed());
        }
        assert!(slowest < Duration::from_secs(5), "a sign-in, a claim and a redemption took {slowest:?}");
        assert_eq!(crowd.len(), IDLE);
        drop(crowd);
        server.stranger().get("/readyz").await.ok();
        assert_unmoved(server);
    }
}
