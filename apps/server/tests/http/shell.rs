//! What every path has in common.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use huike_persistence::testing::TestDatabase;
use serde_json::json;

use crate::{
    both,
    support::{
        TestApp,
        brand::{Brand, ten_off, with},
    },
};

both! {
    async fn what_is_not_there_is_a_problem_document(app) {
        let stranger = app.stranger();
        stranger.get("/").await.problem(404, "not_found");
        stranger.get("/admin/v1/nothing").await.problem(404, "not_found");
        let answer = stranger.call("PATCH", "/admin/v1/session").await;
        answer.problem(405, "method_not_allowed");
        assert_eq!(answer.header("allow"), "POST, DELETE");
    }

    async fn a_body_that_is_not_as_it_should_be_is_refused_by_name(app) {
        let post = async |content_type: &str, body: String| {
            app.stranger().raw("POST", "/admin/v1/session", content_type, body).await
        };
        post("text/plain", "{}".into()).await.problem(415, "media_type_unsupported");
        post("application/json", "{".into()).await.problem(400, "body_malformed");
        post("application/json", r#"{"login":"a","login":"b"}"#.into()).await.problem(400, "body_duplicate_key");
        post("application/json", format!("{{\"login\":\"{}\"}}", "a".repeat(70_000))).await.problem(413, "body_too_large");
        let unknown = post("application/json", r#"{"login":"a","password":"b","role":"owner"}"#.into()).await;
        assert_eq!(unknown.problem(422, "request_invalid")["errors"][0]["pointer"], "/role");
        let missing = post("application/json", r#"{"login":"a"}"#.into()).await;
        assert_eq!(missing.problem(422, "request_invalid")["errors"][0]["pointer"], "/password");
    }

    async fn an_answer_is_in_the_callers_language(app) {
        let chinese = app.stranger().with("accept-language", "zh-CN").get("/nothing").await;
        assert_eq!(chinese.problem(404, "not_found")["title"], "未找到");
        assert_eq!(chinese.header("content-language"), "zh-CN");
        assert_eq!(app.stranger().get("/nothing").await.problem(404, "not_found")["title"], "Not found");
    }

    async fn a_request_keeps_the_id_it_came_with_if_that_is_a_uuid(app) {
        let id = "01936f5e-7d2a-7c3e-9a41-5b6c7d8e9f00";
        assert_eq!(app.stranger().with("x-request-id", id).get("/healthz").await.header("x-request-id"), id);
        let made = app.stranger().with("x-request-id", "a log line of mine").get("/healthz").await;
        assert_ne!(made.header("x-request-id"), "a log line of mine");
    }

    async fn the_house_can_be_watched(app) {
        app.stranger().get("/healthz").await.ok();
        app.stranger().get("/readyz").await.ok();
        app.stranger().call("HEAD", "/healthz").await.ok();
        let metrics = app.stranger().get("/metrics").await.text();
        for name in ["huike_http_requests_total", "huike_http_request_duration_seconds", "huike_store_queue_depth"] {
            assert!(metrics.contains(name), "{name}");
        }
        assert_eq!(app.stranger().get("/docs/").await.status, 200);
        assert_eq!(app.stranger().get("/openapi/admin.json").await.ok()["openapi"], "3.1.0");
    }

    async fn the_clock_of_a_test_only_goes_forward(app) {
        app.set_clock("2030-01-01T00:00:00Z").await;
        app.set_clock("2029-01-01T00:00:00Z").await;
        assert_eq!(app.stranger().get("/test/clock").await.ok()["now"], "2030-01-01T00:00:00Z");
    }

    async fn a_moment_in_a_sentence_is_told_by_the_clock_of_the_site(app) {
        let brand = Brand::of(app).await;
        let window = json!({ "starts_at": "2099-12-31T16:00:00Z", "ends_at": "2100-01-02T15:30:00Z" });
        let template = brand.live(&brand.head, &with(ten_off(5), "claim_window", window)).await;
        let shopper = brand.shopper().await;
        let early = brand.try_claim(&shopper, &template).await.problem(409, "coupon_claim_not_open");
        assert_eq!(early["detail"], "The coupon can be claimed from 2100-01-01 00:00 on.");
        assert_eq!((&early["opens_at"], &early["zone"]), (&json!("2099-12-31T16:00:00Z"), &json!("Asia/Shanghai")));
        app.set_clock("2100-01-02T15:30:00Z").await;
        let shopper = brand.shopper().await;
        let late = shopper.client.with("accept-language", "zh-CN").once("k");
        let late = late.post("/app/v1/claims", &json!({ "template_id": template })).await;
        assert_eq!(late.problem(409, "coupon_claim_closed")["detail"], "该券领取已于 2100-01-02 23:30 截止。");
    }
}

#[actix_web::test]
async fn metrics_are_told_to_whoever_shows_the_token_where_there_is_one() {
    let app = TestApp::start(TestDatabase::sqlite(), |settings| settings.metrics_token = Some("let me see".into()));
    let stranger = app.stranger();
    stranger.get("/metrics").await.problem(401, "unauthenticated");
    for wrong in ["let me se", "let me see!", "LET ME SEE", ""] {
        stranger.with_token(wrong).get("/metrics").await.problem(401, "unauthenticated");
    }
    let told = stranger.with_token("let me see").get("/metrics").await;
    assert!(told.status == 200 && told.text().contains("huike_http_requests_total"), "{}", told.text());
    stranger.get("/readyz").await.ok();
}

/// A body that comes a byte at a time, until the server has said something about it.
#[actix_web::test]
async fn a_body_that_takes_too_long_is_refused_and_cut_off() {
    let wait = Duration::from_millis(300);
    let app = TestApp::start(TestDatabase::sqlite(), |settings| settings.body_wait = wait);
    for (path, media_type) in
        [("/admin/v1/session", "application/json"), ("/check", "application/x-www-form-urlencoded")]
    {
        let mut stream = TcpStream::connect(app.base.trim_start_matches("http://")).unwrap();
        stream.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
        let head =
            format!("POST {path} HTTP/1.1\r\nHost: h\r\nContent-Type: {media_type}\r\nContent-Length: 3000\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        let (mut heard, mut part) = (Vec::new(), [0; 4_096]);
        for _ in 0..500 {
            // Once the server has hung up there is nobody to send to.
            let _gone = stream.write_all(b" ");
            match stream.read(&mut part) {
                Ok(0) => break,
                Ok(read) => heard.extend_from_slice(&part[..read]),
                Err(_nothing_yet) => {}
            }
        }
        let heard = String::from_utf8_lossy(&heard);
        assert!(
            heard.starts_with("HTTP/1.1 408 ") && heard.contains("\"code\":\"body_too_slow\""),
            "{path}: {heard:?}"
        );
    }
}
