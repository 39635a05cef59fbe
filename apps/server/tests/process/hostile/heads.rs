//! Request lines and headers.

use huike_harness::Server;

use super::{assert_unmoved, bearer, wire::Wire};
use crate::each_home;

/// A request whose connection ends with it.
fn get(path: &[u8], headers: &[u8]) -> Vec<u8> {
    [b"GET ", path, b" HTTP/1.1\r\nHost: huike\r\nConnection: close\r\n", headers, b"\r\n"].concat()
}

each_home! {
    /// Not ours to answer: the HTTP library finds no request line in raw bytes beyond ASCII, so it says 400 and hangs up.
    /// Such a path is sent with percent signs, which every client does by itself.
    async fn a_request_line_of_other_characters_is_no_request(home) {
        let server = Server::start(home, &[]).await;
        for line in ["/check?code=满", "/admin/v1/nodes?q=满减", "/admin/v1/客户", "/\u{7f}", "/a b"] {
            Wire::to(&server).send(get(line.as_bytes(), b"")).answer().bare(400, line);
        }
        for line in [&b"/\xff\xfe"[..], b"/?\xc0\xaf", b"/\0", b"", b"\t", b"http://[/"] {
            Wire::to(&server).send(get(line, b"")).answer().bare(400, &String::from_utf8_lossy(line));
        }
        let lines = ["GET /healthz HTTP/9.9", "GET /healthz", "PRI * HTTP/2.0", "G\u{0}T / HTTP/1.1", "GET  / HTTP/1.1", "/", "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}"];
        for line in lines {
            let wire = Wire::to(&server).send(format!("{line}\r\nHost: huike\r\nConnection: close\r\n\r\n"));
            wire.answer().bare(400, line);
        }
        Wire::to(&server).send("GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n").answer().bare(400, "no Host");
        assert_unmoved(server);
    }

    async fn strange_paths_name_nothing(home) {
        let server = Server::start(home, &[]).await;
        let bearer = bearer(&server).await;
        for path in [
            "//", "/.", "/..", "/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/docs/../../Cargo.toml", "/docs/%2e%2e/x",
            "/admin/v1/nodes/", "/admin//v1/nodes", "/ADMIN/v1/me", "/admin/v1/nodes/%", "/admin/v1/nodes/%zz",
            "/admin/v1/nodes/%ff%fe", "/admin/v1/nodes/%00", "/admin/v1/nodes/%0d%0aset-cookie:a=b", "/admin/v1/nodes/%c0%af",
            "/admin/v1/nodes/%ed%a0%80", "/admin/v1/nodes/%2f", "/admin/v1/nodes/'%20OR%201=1--", "/admin/v1/me;jsessionid=1",
            "/admin/v1/nodes/01936f5e-7d2a-7c3e-9a41-5b6c7d8e9f00%00", "/admin/v1/nodes/{node_id}", "/%E6%BB%A1%E5%87%8F",
        ] {
            let heard = Wire::to(&server).send(get(path.as_bytes(), bearer.as_bytes())).answer();
            heard.problem(404, "not_found", path);
        }
        assert_unmoved(server);
    }

    async fn strange_queries_are_read_or_refused(home) {
        let server = Server::start(home, &[]).await;
        let bearer = bearer(&server).await;
        for query in [
            "", "&", "=", "&&==&", "q", "q=", "q=%", "q=%zz", "q=%ff", "q=%ed%a0%80", "q=%00", "%00=q", "q=%e6%bb%a1", "q=a&q=b", "q[]=a",
            "q=%25%5f", "limit=1&limit=1", "limit=1e400", "limit=-0", "limit=+1", "limit=99999999999999999999", "limit=%31", "cursor=%00",
            "cursor=W10", "cursor=eyJhIjoxfQ", "cursor=bnVsbA", "cursor=....", "cursor=WzEsMl0",
        ] {
            for list in ["coupon-templates", "customers", "store-days", "redemptions"] {
                let path = format!("/admin/v1/{list}?{query}");
                let heard = Wire::to(&server).send(get(path.as_bytes(), bearer.as_bytes())).answer();
                heard.assert_civil(&path);
                assert!([200, 422].contains(&heard.status), "{path}: {heard}");
            }
        }
        let long = format!("/admin/v1/customers?tag={}", "a".repeat(60_000));
        Wire::to(&server).send(get(long.as_bytes(), bearer.as_bytes())).answer().problem(422, "request_invalid", "60 kB of query");
        let longer = format!("/healthz?{}", "a".repeat(100_000));
        Wire::to(&server).send(get(longer.as_bytes(), b"")).answer().bare(400, "100 kB of query");
        assert_unmoved(server);
    }

    async fn headers_are_bounded_and_keep_to_their_lines(home) {
        let server = Server::start(home, &[]).await;
        let huge = [b"X-Big: ".as_slice(), &[b'a'; 1_000_000], b"\r\n"].concat();
        Wire::to(&server).send(get(b"/healthz", &huge)).answer().bare(431, "a header of 1 MB");
        let many = "X-One: 1\r\n".repeat(1_000);
        Wire::to(&server).send(get(b"/healthz", many.as_bytes())).answer().bare(431, "a thousand headers");
        for header in [
            &b"X-Bad: a\0b\r\n"[..], b"X Bad: a\r\n", b"X-Bad : a\r\n", b": a\r\n", b"no colon\r\n", b"X-Bad: a\r\n folded\r\n", b"X-Bad: a\rb\r\n",
            "X-客: a\r\n".as_bytes(), b"Host: another\r\nX\n\n\r: a\r\n",
        ] {
            let heard = Wire::to(&server).send(get(b"/healthz", header)).answer();
            heard.bare(400, &String::from_utf8_lossy(header));
        }
        assert_unmoved(server);
    }

    async fn no_header_is_believed_or_repeated_as_it_comes(home) {
        let server = Server::start(home, &[]).await;
        for (header, status, code) in [
            (&b"Authorization: Bearer \xff\xfe\r\n"[..], 401, "unauthenticated"),
            (b"Authorization: Bearer\r\n", 401, "unauthenticated"),
            (b"Authorization: Basic b3duZXI6b3duZXI=\r\n", 401, "unauthenticated"),
            (b"Authorization: Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJvd25lciJ9.\r\n", 401, "unauthenticated"),
            (b"Cookie: huike_session=\xff; a=b; ;;=;\r\n", 401, "unauthenticated"),
            (b"Cookie: huike_session=hs_0000000000000000000000000000000000000000000\r\n", 401, "unauthenticated"),
            (b"X-Huike-Role: owner\r\nX-User-Id: 1\r\nX-Original-URL: /healthz\r\n", 401, "unauthenticated"),
            (b"X-HTTP-Method-Override: DELETE\r\nX-Forwarded-For: 127.0.0.1\r\n", 401, "unauthenticated"),
        ] {
            let heard = Wire::to(&server).send(get(b"/admin/v1/me", header)).answer();
            heard.problem(status, code, &String::from_utf8_lossy(header));
        }
        for header in [
            &b"X-Request-Id: 1\xff\r\n"[..], b"X-Request-Id: <script>alert(1)</script>\r\n", b"X-Request-Id: a\tb\r\n",
            b"Accept-Language: \xe4\xb8\xad\r\n", b"Accept-Language: en;q=1e400,*;q=-1,;;;,\r\n", b"Accept: application/xml\r\n",
            b"Accept-Encoding: gzip;q=nonsense, \xff\r\n", b"Range: bytes=9-1\r\n", b"If-Modified-Since: never\r\n", b"Origin: null\r\n",
            b"Host: evil.example\r\n", b"Upgrade: websocket\r\nSec-WebSocket-Key: a\r\n", b"Expect: 200-maybe\r\n", b"Idempotency-Key: \xff\r\n",
        ] {
            let heard = Wire::to(&server).send(get(b"/nothing", header)).answer();
            let what = String::from_utf8_lossy(header);
            heard.assert_civil(&what);
            assert!([400, 404].contains(&heard.status), "{what}: {heard}");
            for theirs in ["script", "evil", "never", "\u{fffd}"] {
                assert!(!heard.head.contains(theirs), "{what}: {heard}");
            }
        }
        assert_unmoved(server);
    }

    async fn strange_methods_do_nothing(home) {
        let server = Server::start(home, &[]).await;
        let line = |method: &str, target: &str| {
            format!("{method} {target} HTTP/1.1\r\nHost: huike\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
        };
        for method in ["FOO", "get", "TRACE", "PROPFIND", "OPTIONS", "PUT", "CONNECT", &"M".repeat(5_000)] {
            let heard = Wire::to(&server).send(line(method, "/admin/v1/me")).answer();
            heard.problem(405, "method_not_allowed", method);
        }
        for (method, target) in [("OPTIONS", "*"), ("CONNECT", "evil.example:443"), ("GET", "http://evil.example/admin/v1/x"), ("FOO", "/nothing")] {
            let heard = Wire::to(&server).send(line(method, target)).answer();
            heard.problem(404, "not_found", target);
        }
        // A proxy's way of asking is answered for the path it names, and no further request is made of it.
        let heard = Wire::to(&server).send(line("GET", "http://evil.example/healthz")).answer();
        assert_eq!(heard.status, 200, "{heard}");
        let old = Wire::to(&server).send("GET /healthz HTTP/1.0\r\n\r\n").answer();
        assert_eq!(old.status, 200, "{old}");
        assert_unmoved(server);
    }
}
