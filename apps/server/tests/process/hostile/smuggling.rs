//! Requests that two readers would cut apart at different places. Behind a proxy that cuts otherwise than we do, the rest
//! of one caller's request would become the start of another's, so whatever is not clear is refused and the line is cut.

use huike_harness::Server;

use super::{assert_unmoved, wire::Wire};
use crate::each_home;

/// What the sender hopes is taken for a request of its own.
const SMUGGLED: &str = "GET /healthz HTTP/1.1\r\nHost: huike\r\nX-Smuggled: 1\r\n\r\n";

each_home! {
    async fn a_request_without_a_clear_end_is_refused_with_all_that_follows(home) {
        let server = Server::start(home, &[]).await;
        let length = SMUGGLED.len() + 5;
        for (what, headers) in [
            ("both lengths", format!("Content-Length: {length}\r\nTransfer-Encoding: chunked\r\n")),
            ("both lengths, the other way", format!("Transfer-Encoding: chunked\r\nContent-Length: {length}\r\n")),
            ("two lengths", "Content-Length: 0\r\nContent-Length: 5\r\n".to_owned()),
            ("two lengths in one", "Content-Length: 5, 5\r\n".to_owned()),
            ("a signed length", "Content-Length: +5\r\n".to_owned()),
            ("a negative length", "Content-Length: -1\r\n".to_owned()),
            ("a hexadecimal length", "Content-Length: 0x5\r\n".to_owned()),
            ("a length past all numbers", "Content-Length: 99999999999999999999999\r\n".to_owned()),
            ("no number", "Content-Length: five\r\n".to_owned()),
            ("an unknown coding", "Transfer-Encoding: xchunked\r\n".to_owned()),
            ("chunked, but not last", "Transfer-Encoding: chunked, identity\r\n".to_owned()),
            ("two codings", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n".to_owned()),
            ("chunked twice", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n".to_owned()),
            ("a tab before it", "Transfer-Encoding:\x0bchunked\r\n".to_owned()),
            ("space before the colon", "Transfer-Encoding : chunked\r\n".to_owned()),
            ("a folded line", "Transfer-Encoding:\r\n chunked\r\n".to_owned()),
        ] {
            let start = format!("POST /admin/v1/session HTTP/1.1\r\nHost: huike\r\n{headers}\r\n");
            let heard = Wire::to(&server).send(format!("{start}0\r\n\r\n{SMUGGLED}")).answer();
            heard.bare(400, what);
        }
        let old = format!("POST /admin/v1/session HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{SMUGGLED}");
        Wire::to(&server).send(old).answer().bare(400, "chunks in HTTP/1.0");
        assert_unmoved(server);
    }

    async fn chunks_that_lie_end_the_connection(home) {
        let server = Server::start(home, &[]).await;
        for chunks in ["-1\r\n", "FFFFFFFFFFFFFFFFF\r\n", "5\r\nabcdefgh\r\n", "zz\r\n", "5;\0\r\nabcde\r\n", "5 5\r\nabcde\r\n", "\r\n"] {
            let start = "POST /admin/v1/session HTTP/1.1\r\nHost: huike\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
            let heard = Wire::to(&server).send(format!("{start}{chunks}0\r\n\r\n{SMUGGLED}")).answers();
            assert!(heard.iter().all(|heard| heard.status == 400), "{chunks:?}: {heard:?}");
            heard.iter().for_each(|heard| heard.assert_civil(chunks));
        }
        assert_unmoved(server);
    }

    async fn requests_sent_without_waiting_are_answered_in_order(home) {
        let server = Server::start(home, &[]).await;
        let id = |number: u32| format!("01936f5e-7d2a-7c3e-9a41-{number:012x}");
        let requests: String = (0..40)
            .map(|number| {
                let path = if number % 2 == 0 { "/healthz" } else { "/admin/v1/me" };
                let last = if number == 39 { "Connection: close\r\n" } else { "" };
                format!("GET {path} HTTP/1.1\r\nHost: huike\r\nX-Request-Id: {}\r\n{last}\r\n", id(number))
            })
            .collect();
        let heard = Wire::to(&server).send(requests).answers();
        let told: Vec<(u16, String)> =
            heard.iter().map(|heard| (heard.status, heard.header("x-request-id").to_owned())).collect();
        let expected: Vec<(u16, String)> =
            (0..40).map(|number| (if number % 2 == 0 { 200 } else { 401 }, id(number))).collect();
        assert_eq!(told, expected);
        assert_unmoved(server);
    }

    /// A body that nobody read must not become the next request.
    async fn a_refused_body_is_not_taken_for_a_request(home) {
        let server = Server::start(home, &[]).await;
        let start = |path: &str| format!(
            "POST {path} HTTP/1.1\r\nHost: huike\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{SMUGGLED}",
            SMUGGLED.len()
        );
        for path in ["/admin/v1/nodes", "/nothing", "/healthz", "/admin/v1/session"] {
            let heard = Wire::to(&server).send(start(path)).send("GET /nothing HTTP/1.1\r\nHost: huike\r\nConnection: close\r\n\r\n").answers();
            assert!(heard.iter().all(|heard| heard.status >= 400), "{path}: {heard:?}");
        }
        assert_unmoved(server);
    }
}
