//! What a server tells whoever runs it: nothing about anybody, enough about itself.

use huike_harness::{
    Client, Ran, Server,
    brand::{Brand, ten_off},
};
use serde_json::{Value, json};

use crate::{each_home, homes};

/// A name and a note that are found again wherever they go.
const NAME: &str = "赵钱孙李";
const NOTE: &str = "对花生过敏";

each_home! {
    async fn the_log_names_nobody(home) {
        let mut command = home.huike(&["serve", "--profile", "dev", "--listen", "127.0.0.1:0"]);
        command.env("HUIKE_LOG", "debug");
        let server = Server::spawn(command).await;
        let secrets = live_a_day(&server).await;
        let ended = server.stop();
        ended.ok();
        assert!(ended.err.lines().count() > 30, "there is a log to look through: {}", ended.err);
        for secret in &secrets {
            for (stream, text) in [("output", &ended.out), ("log", &ended.err)] {
                let line = text.lines().find(|line| line.contains(secret.as_str()));
                assert_eq!(line, None, "the {stream} holds {secret:?}");
            }
        }
    }
}

/// What a balancer asks every few seconds.
#[actix_web::test]
async fn being_asked_after_its_health_is_no_news() {
    let home = homes::on_sqlite();
    let mut command = Server::command(&home, &[]);
    command.env("HUIKE_LOG", "debug");
    let server = Server::spawn(command).await;
    for path in ["/healthz", "/readyz", "/metrics"] {
        server.stranger().get(path).await.expect(200);
    }
    let log = server.stop().err;
    let noise = log.lines().find(|line| line.contains("ManualClock") || line.contains("Failed to"));
    assert_eq!(noise, None);
}

/// Everything that personal data and secrets go through; all of them.
async fn live_a_day(server: &Server) -> Vec<String> {
    let brand = server.brand().await;
    let template = brand.live(&brand.head, &ten_off(100)).await;
    let shopper = brand.shopper().await;
    let coupon = brand.claim(&shopper, &template).await;
    let code = brand.code(&shopper, &coupon).await;
    let mut secrets =
        vec![shopper.phone.clone(), code.clone(), code.replace('-', ""), NAME.to_owned(), NOTE.to_owned()];

    let customer = format!("/admin/v1/customers/{}", shopper.id);
    let note = json!({ "site_id": brand.head, "body": NOTE });
    brand.owner.post(&format!("{customer}/notes"), &note).await.created();
    brand.owner.post("/admin/v1/customers/find", &json!({ "phone": shopper.phone })).await.ok();
    brand.owner.get(&format!("/admin/v1/customers?phone_tail={}", &shopper.phone[7..])).await.ok();
    let named =
        json!({ "site_id": brand.head, "login": "zhao.qian", "name": NAME, "password": "一岁一枯荣野火烧不尽" });
    brand.owner.post("/admin/v1/staff", &named).await.created();
    secrets.push("一岁一枯荣野火烧不尽".to_owned());

    let till = json!({ "site_id": brand.head, "name": "收银系统", "scopes": ["claims:write", "redemptions:write"] });
    let token = brand.owner.post("/admin/v1/api-keys", &till).await.created()["token"].as_str().unwrap().to_owned();
    let till = brand.stranger.with_token(&token);
    let claim = json!({ "template_id": template, "phone": shopper.phone });
    let claimed = till.once("t").post("/open/v1/claims", &claim).await.created();
    secrets.extend([token, claimed["code"].as_str().unwrap().to_owned()]);

    let shown = shopper.client.call("POST", &format!("/app/v1/coupons/{coupon}/qr-tokens")).await.created();
    let shown = shown["token"].as_str().unwrap().to_owned();
    brand.try_redeem(&brand.owner, &brand.a.store, &shown).await.ok();
    brand.try_redeem(&brand.owner, &brand.a.store, &code).await.problem(409, "coupon_already_redeemed");
    secrets.push(shown);
    secrets.extend(be_refused(&brand, &shopper.client, &code).await);
    let (_batch, codes) = brand.batch(&template, &brand.head, 2).await;
    secrets.extend(codes);
    secrets
}

/// Refusals of every kind, each with a secret in it.
async fn be_refused(brand: &Brand, shopper: &Client, code: &str) -> Vec<String> {
    let (wrong_phone, guess) = ("1381234567x", "GUESSED-4242");
    let phone = json!({ "provider": "dev", "phone": wrong_phone });
    brand.stranger.post("/app/v1/sessions", &phone).await.expect(422);
    let wrong = json!({ "login": "zhao.qian", "password": "我猜一个密码" });
    brand.stranger.post("/admin/v1/session", &wrong).await.expect(401);
    brand.stranger.with_token("hs_wrongtokenwrongtokenwrongtoken").get("/admin/v1/me").await.expect(401);
    shopper.once("g").post("/app/v1/codes/claim", &json!({ "code": guess })).await.expect(404);
    brand.try_redeem(&brand.owner, &brand.a.store, guess).await.expect(404);
    brand.stranger.get(&format!("/check?code={code}")).await.expect(200);
    brand.stranger.get(&format!("/admin/v1/{code}?phone={wrong_phone}")).await.expect(404);
    shopper
        .raw("POST", "/app/v1/codes/claim", "application/json", format!("{{\"code\": \"{guess}\""))
        .await
        .expect(400);
    [wrong_phone, guess, "我猜一个密码", "wrongtokenwrongtoken"].map(str::to_owned).to_vec()
}

#[actix_web::test]
async fn in_production_every_line_of_the_log_is_json_with_the_id_of_its_request() {
    let home = homes::on_sqlite();
    let serve = ["serve", "--listen", "127.0.0.1:0", "--public-url", "https://coupons.example"];
    let server = Server::spawn(home.huike(&serve)).await;
    let id = "01936f5e-7d2a-7c3e-9a41-5b6c7d8e9f00";
    server.stranger().with("x-request-id", id).get("/admin/v1/me").await.expect(401);
    let dev = json!({ "provider": "dev", "phone": "13812345678" });
    server.stranger().post("/app/v1/sessions", &dev).await.problem(422, "sign_in_provider_unknown");
    server.stranger().get("/test/clock").await.problem(404, "not_found");
    let Ran { err, .. } = server.stop();
    let lines: Vec<Value> =
        err.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"))).collect();
    assert!(lines.iter().all(|line| line["timestamp"].is_string() && line["level"].is_string()), "{err}");
    let of_ours = lines.iter().find(|line| line["span"]["request.id"] == id).unwrap_or_else(|| panic!("{err}"));
    assert_eq!((&of_ours["http.route"], &of_ours["http.status"]), (&json!("/admin/v1/me"), &json!(401)));
}

each_home! {
    async fn metrics_count_time_and_tell_of_queues_without_naming_anybody(home) {
        let server = Server::start(home, &[]).await;
        let brand = server.brand().await;
        let template = brand.live(&brand.head, &ten_off(10)).await;
        let shopper = brand.shopper().await;
        let coupon = brand.claim(&shopper, &template).await;
        brand.claim(&shopper, &template).await;
        brand.try_claim(&shopper, &brand.head).await.expect(404);
        let metrics = server.stranger().get("/metrics").await;
        assert!(metrics.header("content-type").starts_with("text/plain"));
        let text = metrics.text();
        let value = |series: &str| {
            let line = text.lines().find(|line| line.starts_with(series)).unwrap_or_else(|| panic!("{series}:\n{text}"));
            line.rsplit(' ').next().unwrap().parse::<f64>().unwrap()
        };
        let route = r#"method="POST",route="/app/v1/claims""#;
        assert!((value(&format!("huike_http_requests_total{{{route},status=\"201\"}}")) - 2.0).abs() < 0.1);
        assert!((value(&format!("huike_http_requests_total{{{route},status=\"404\"}}")) - 1.0).abs() < 0.1);
        assert!((value(&format!("huike_http_request_duration_seconds_count{{{route}}}")) - 3.0).abs() < 0.1);
        for lane in ["read", "write"] {
            assert!(value(&format!("huike_store_queue_depth{{lane=\"{lane}\"}}")) >= 0.0);
        }
        for personal in [&shopper.phone, &shopper.id, &coupon, &template] {
            assert!(!text.contains(personal.as_str()), "{personal}");
        }
    }
}
