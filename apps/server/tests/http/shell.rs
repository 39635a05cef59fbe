//! What every path has in common.

use crate::both;

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
}
