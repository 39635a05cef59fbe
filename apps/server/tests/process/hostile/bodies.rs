//! Bodies.

use huike_harness::Server;

use super::{
    assert_unmoved,
    wire::{Heard, Wire},
};
use crate::each_home;

const JSON: &str = "application/json";
const MEGABYTE: usize = 1_000_000;

/// The head of a request that ends its connection.
fn head(path: &str, headers: &str) -> String {
    format!("POST {path} HTTP/1.1\r\nHost: huike\r\nConnection: close\r\n{headers}\r\n")
}

/// Sends a body of a known length to the sign-in, which asks nobody who they are.
fn post(server: &Server, media_type: &str, body: &[u8]) -> Heard {
    let headers = format!("Content-Type: {media_type}\r\nContent-Length: {}\r\n", body.len());
    Wire::to(server).send(head("/admin/v1/session", &headers)).send(body).answer()
}

/// `{"login": LOGIN, "password": "x"}`
fn login(login: &[u8]) -> Vec<u8> {
    [b"{\"login\":", login, b",\"password\":\"x\"}"].concat()
}

each_home! {
    async fn nothing_longer_than_the_limit_is_read_to_its_end(home) {
        let server = Server::start(home, &[]).await;
        let long = login(format!("\"{}\"", "a".repeat(10 * MEGABYTE)).as_bytes());
        post(&server, JSON, &long).problem(413, "body_too_large", "10 MB of a known length");
        post(&server, JSON, &[b'['; 100_000]).problem(413, "body_too_large", "100 000 arrays");
        let chunked = head("/admin/v1/session", "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n");
        let mut wire = Wire::to(&server).send(chunked);
        let chunk = [b"2000\r\n".as_slice(), &[b' '; 0x2000], b"\r\n"].concat();
        let mut sent = 0;
        while sent < 10 * MEGABYTE && wire.try_send(&chunk).is_ok() {
            sent += 0x2000;
        }
        // Whoever goes on sending may lose the answer when the server hangs up; what it hears is no other.
        for heard in wire.answers() {
            heard.problem(413, "body_too_large", "10 MB in chunks");
        }
        let short = Wire::to(&server).send(head("/admin/v1/session", "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n"));
        let chunks = [chunk.repeat(9), b"0\r\n\r\n".to_vec()].concat();
        short.send(chunks).answer().problem(413, "body_too_large", "72 kB in chunks");
        assert_unmoved(server);
    }

    async fn what_is_no_json_is_refused_as_such(home) {
        let server = Server::start(home, &[]).await;
        let deep = |open: &str| open.repeat(60_000 / open.len()).into_bytes();
        let utf16: Vec<u8> = "{\"login\":\"a\",\"password\":\"x\"}".encode_utf16().flat_map(u16::to_be_bytes).collect();
        let bodies: Vec<(&str, Vec<u8>)> = vec![
            ("nothing", Vec::new()),
            ("60 000 arrays", deep("[")),
            ("12 000 objects", deep("{\"a\":")),
            ("arrays in objects", deep("[{\"a\":")),
            ("text that is not UTF-8", login(b"\"\xff\xfe\"")),
            ("an overlong slash", login(b"\"\xc0\xaf\"")),
            ("a surrogate in UTF-8", login(b"\"\xed\xa0\x80\"")),
            ("NUL", login(b"\"a\0b\"")),
            ("a lone high surrogate", login(br#""\ud83d""#)),
            ("a lone low surrogate", login(br#""\udc3c""#)),
            ("surrogates the wrong way round", login(br#""\udc3c\ud83d""#)),
            ("1e400", login(b"1e400")),
            ("-1e400", login(b"-1e400")),
            ("ten thousand digits", login("9".repeat(10_000).as_bytes())),
            ("NaN", login(b"NaN")),
            ("Infinity", login(b"-Infinity")),
            ("a byte order mark", [b"\xef\xbb\xbf".as_slice(), &login(b"\"a\"")].concat()),
            ("UTF-16", utf16),
            ("two documents", b"{} {}".to_vec()),
            ("a trailing comma", login(b"\"a\",")),
            ("a comment", login(b"/* */ \"a\"")),
            ("single quotes", b"{'login':'a'}".to_vec()),
            ("a form", b"login=a&password=x".to_vec()),
            ("XML", b"<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]><a>&b;</a>".to_vec()),
            ("gzip", b"\x1f\x8b\x08\0\0\0\0\0\0\x03\xab\xae\x05\0C\xbf\xa6\xa3\x02\0\0\0".to_vec()),
        ];
        for (what, body) in bodies {
            post(&server, JSON, &body).problem(400, "body_malformed", what);
        }
        for (what, body) in [("at the top", &br#"{"login":"a","login":"b"}"#[..]), ("spelled otherwise", br#"{"login":"a","\u006cogin":"b"}"#)] {
            post(&server, JSON, body).problem(400, "body_duplicate_key", what);
        }
        assert_unmoved(server);
    }

    async fn json_of_another_shape_is_refused_by_its_field(home) {
        let server = Server::start(home, &[]).await;
        let (long, wide) = ("9".repeat(300), format!("[{}1]", "1,".repeat(4_000)));
        let values: [&[u8]; 14] = [
            b"1", b"-0", b"-0.0", b"1.5", b"1e300", b"123456789012345678901234567890", long.as_bytes(), b"null", b"true",
            b"[]", b"[\"a\"]", b"{}", b"{\"\":0}", wide.as_bytes(),
        ];
        for value in values {
            post(&server, JSON, &login(value)).problem(422, "request_invalid", &String::from_utf8_lossy(value));
        }
        for body in [&b"null"[..], b"1", b"\"a\"", b"[]", b"[\"a\",\"x\"]", b"{}", b"[[[[]]]]"] {
            post(&server, JSON, body).problem(422, "request_invalid", &String::from_utf8_lossy(body));
        }
        // Well formed and of the right shape: nobody is called that.
        for name in [&br#""\u0000""#[..], br#""\ud83d\udc3c""#, br#""' OR 1=1 --""#, br#""%_""#, br#""\u202e""#] {
            post(&server, JSON, &login(name)).problem(401, "credentials_wrong", &String::from_utf8_lossy(name));
        }
        assert_unmoved(server);
    }

    async fn only_plain_json_is_taken_for_json(home) {
        let server = Server::start(home, &[]).await;
        let good = login(b"\"a\"");
        for media_type in ["", "text/json", "text/plain", "application/xml", "multipart/form-data; boundary=x", "*/*",
            "application/x-www-form-urlencoded", "application/problem+json", "application/json, text/plain", "json", ";"] {
            post(&server, media_type, &good).problem(415, "media_type_unsupported", media_type);
        }
        let opaque = [b"Content-Type: application/json\xff\r\nContent-Length: 2\r\n\r\n{}".as_slice()].concat();
        let start = "POST /admin/v1/session HTTP/1.1\r\nHost: huike\r\nConnection: close\r\n";
        let heard = Wire::to(&server).send([start.as_bytes(), &opaque].concat()).answer();
        heard.problem(415, "media_type_unsupported", "a type with a strange byte");
        // RFC 8259 knows no other charset than UTF-8, whatever the header says.
        for media_type in ["application/json", "APPLICATION/JSON", "application/json; charset=utf-8", "application/json;charset=gbk"] {
            post(&server, media_type, &good).problem(401, "credentials_wrong", media_type);
        }
        let coded = |coding: &str| {
            let headers = format!("Content-Type: application/json\r\nContent-Encoding: {coding}\r\nContent-Length: {}\r\n", good.len());
            Wire::to(&server).send(head("/admin/v1/session", &headers)).send(&good).answer()
        };
        for coding in ["gzip", "deflate", "br", "zstd", "gzip, gzip, gzip", "x-bomb"] {
            coded(coding).problem(415, "content_encoding_unsupported", coding);
        }
        coded("identity").problem(401, "credentials_wrong", "identity");
        assert_unmoved(server);
    }

    async fn a_body_that_ends_too_soon_is_no_request(home) {
        let server = Server::start(home, &[]).await;
        for headers in ["Content-Length: 5000\r\n", "Transfer-Encoding: chunked\r\n"] {
            let headers = format!("Content-Type: application/json\r\n{headers}");
            let part = if headers.contains("chunked") { "1000\r\n{\"login\"" } else { "{\"login\"" };
            let wire = Wire::to(&server).send(head("/admin/v1/session", &headers)).send(part).finish();
            for heard in wire.answers() {
                heard.assert_civil(&headers);
                assert_eq!(heard.status, 400, "{heard}");
            }
        }
        server.stranger().get("/healthz").await.ok();
        assert_unmoved(server);
    }

    async fn the_page_for_codes_takes_a_short_form_and_nothing_else(home) {
        let server = Server::start(home, &[]).await;
        let post = |media_type: &str, body: &[u8]| {
            let headers = format!("Content-Type: {media_type}\r\nContent-Length: {}\r\n", body.len());
            Wire::to(&server).send(head("/check", &headers)).send(body).answer()
        };
        let form = "application/x-www-form-urlencoded";
        post(form, &[b'c'; 5_000]).problem(413, "body_too_large", "a long form");
        post(JSON, b"{}").problem(415, "media_type_unsupported", "JSON");
        post(form, b"code=%00").problem(422, "request_invalid", "NUL");
        for body in [&b"code=%3Cscript%3Ealert(1)%3C/script%3E"[..], b"code=\xff", b"code=%zz", b"", b"x=y", b"code="] {
            let heard = post(form, body);
            assert_eq!((heard.status, heard.header("content-type")), (200, "text/html; charset=utf-8"), "{heard}");
            assert!(!String::from_utf8_lossy(&heard.body).contains("alert"), "{heard}");
        }
        assert_unmoved(server);
    }

    async fn imports_are_held_to_their_limit_and_their_type(home) {
        let server = Server::start(home, &[]).await;
        let owner = server.owner().await;
        let nowhere = "01936f5e-7d2a-7c3e-9a41-5b6c7d8e9f00";
        let path = format!("/admin/v1/code-batches/import?template_id={nowhere}&site_id={nowhere}&name=bomb");
        let post = async |media_type: &str, body: Vec<u8>| owner.once("import").raw("POST", &path, media_type, body).await;
        post("application/json", b"[]".to_vec()).await.problem(415, "media_type_unsupported");
        post("application/zip", b"PK\x03\x04".to_vec()).await.problem(415, "media_type_unsupported");
        let packed = owner.once("import").with("content-encoding", "gzip");
        packed.raw("POST", &path, "text/csv", "code\nA\n").await.problem(415, "content_encoding_unsupported");
        for body in [vec![0xff; 70_000], vec![0; 70_000], b"\"".repeat(70_000), b"\n".repeat(70_000), "码\n".repeat(9_000).into_bytes()] {
            let answer = post("text/csv", body).await;
            assert!(answer.status < 500, "{}", answer.text());
        }
        assert_unmoved(server);
    }
}
