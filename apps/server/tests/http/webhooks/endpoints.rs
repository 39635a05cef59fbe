//! Endpoints and their secrets.

use huike_persistence::testing::TestDatabase;
use huike_webhooks::EventType;
use serde_json::{Value, json};

use super::{ENDPOINTS, Receiver, ask, endpoint, text};
use crate::{
    both,
    support::{TestApp, brand::Brand},
};

both! {
    async fn an_endpoint_is_made_changed_and_removed_and_a_secret_is_shown_once(app) {
        let (brand, receiver) = (Brand::of(app).await, Receiver::listen());
        let made = brand.owner.post(ENDPOINTS, &ask(&brand.a.site, &receiver.url, &[])).await.created();
        let secret = text(&made["secret"]);
        assert!(secret.starts_with("whsec_"), "{secret}");
        let here = format!("{ENDPOINTS}/{}", text(&made["endpoint"]["id"]));
        let shown = brand.owner.get(&here).await;
        assert!(!shown.text().contains(&secret));
        assert_eq!(shown.ok(), made["endpoint"]);

        let rotated = brand.owner.post(&format!("{here}/secrets"), &json!({})).await.created();
        assert!(text(&rotated["secret"]).starts_with("whsec_") && rotated["secret"] != made["secret"]);
        let secrets = rotated["endpoint"]["secrets"].as_array().unwrap().clone();
        assert_eq!(secrets.iter().map(|secret| secret["number"].clone()).collect::<Vec<_>>(), [json!(2), json!(1)]);
        assert_eq!((&secrets[0]["expires_at"], &secrets[1]["expires_at"]), (&Value::Null, &rotated["old_signs_until"]));
        let known = brand.owner.post(&format!("{here}/secrets"), &json!({ "keep_old": false })).await.created();
        assert_eq!((known["old_signs_until"].clone(), known["endpoint"]["secrets"].as_array().unwrap().len()), (Value::Null, 1));

        let version = &known["endpoint"]["version"];
        let change = json!({ "version": version, "name": "新收银", "event_types": ["coupon_redeemed", "coupon_redeemed"] });
        let changed = brand.owner.patch(&here, &change).await.ok();
        assert_eq!((&changed["name"], &changed["event_types"]), (&json!("新收银"), &json!(["coupon_redeemed"])));
        brand.owner.patch(&here, &change).await.problem(409, "version_conflict");
        let off = brand.owner.post(&format!("{here}/disable"), &json!({ "version": changed["version"] })).await.ok();
        assert_eq!((&off["state"], &off["disabled_reason"]), (&json!("disabled"), &json!("staff")));
        brand.owner.post(&format!("{here}/test"), &json!({})).await.problem(409, "webhook_endpoint_disabled");
        let on = brand.owner.post(&format!("{here}/enable"), &json!({ "version": off["version"] })).await.ok();
        assert_eq!((&on["state"], &on["disabled_reason"]), (&json!("enabled"), &Value::Null));

        brand.owner.delete(&here).await.no_content();
        brand.owner.get(&here).await.problem(404, "not_found");
        brand.owner.delete(&here).await.problem(404, "not_found");
        assert_eq!(brand.owner.get(ENDPOINTS).await.ok()["items"], json!([]));
        let removed = brand.owner.get(&format!("{ENDPOINTS}?state=removed")).await.ok();
        assert_eq!(removed["items"][0]["secrets"], json!([]));
    }

    async fn what_is_no_endpoint_is_refused_at_once_and_says_where(app) {
        let brand = Brand::of(app).await;
        let try_url = async |url: &str| brand.owner.post(ENDPOINTS, &ask(&brand.a.site, url, &[])).await;
        for url in ["https://10.0.0.7/in", "https://169.254.169.254/", "http://192.168.1.1/", "https://[fd00::1]/", "https://0xa000001/"] {
            let refused = try_url(url).await.problem(422, "webhook_address_refused");
            assert_eq!(refused["errors"][0]["pointer"], "/url", "{url}");
        }
        for url in ["hooks.example", "ftp://hooks.example/", "https://u:p@hooks.example/", "https://hooks.example/#in"] {
            assert_eq!(try_url(url).await.problem(422, "webhook_url_malformed")["errors"][0]["pointer"], "/url", "{url}");
        }
        let long = format!("https://hooks.example/{}", "a".repeat(2_048));
        for (field, value) in
            [("url", json!(long)), ("url", json!("")), ("name", json!("长".repeat(41))), ("name", json!("")), ("event_types", json!(["coupon_invented"]))]
        {
            let mut body = ask(&brand.a.site, "https://hooks.example/", &[]);
            body[field] = value;
            let refused = brand.owner.post(ENDPOINTS, &body).await.problem(422, "request_invalid");
            assert!(refused["errors"][0]["pointer"].as_str().unwrap().starts_with(&format!("/{field}")), "{refused}");
        }
        let id = endpoint(&brand.owner, &brand.a.site, "https://hooks.example/", &["coupon_transferred"]).await;
        let change = json!({ "version": 1, "url": "https://127.0.0.1.nip.example@10.0.0.1/" });
        brand.owner.patch(&format!("{ENDPOINTS}/{id}"), &change).await.problem(422, "webhook_url_malformed");
        let change = json!({ "version": 1, "url": "https://10.0.0.1/" });
        brand.owner.patch(&format!("{ENDPOINTS}/{id}"), &change).await.problem(422, "webhook_address_refused");
        assert_eq!(brand.owner.get(&format!("{ENDPOINTS}/{id}")).await.ok()["url"], "https://hooks.example/");
    }

    async fn every_type_of_event_is_listed_in_both_languages(app) {
        let owner = app.owner().await;
        let listed = owner.get("/admin/v1/webhook-event-types").await.ok();
        let listed = listed["items"].as_array().unwrap();
        let words: Vec<&str> = listed.iter().map(|item| item["event_type"].as_str().unwrap()).collect();
        assert_eq!(words, EventType::ALL.iter().map(|kind| kind.as_str()).collect::<Vec<_>>());
        assert!(listed.iter().all(|item| item["text_zh"] != item["text_en"]));
    }
}

/// Outside of development.
#[actix_web::test]
async fn in_production_neither_this_machine_nor_plain_http_is_an_endpoint() {
    let app = TestApp::start(TestDatabase::sqlite(), |settings| settings.webhooks.allow_loopback = false);
    let owner = app.owner().await;
    let head = app.head.to_string();
    for (url, code) in [
        ("https://127.0.0.1/", "webhook_address_refused"),
        ("https://localhost/", "webhook_address_refused"),
        ("https://[::1]/", "webhook_address_refused"),
        ("http://hooks.example/", "webhook_url_not_https"),
    ] {
        let refused = owner.post(ENDPOINTS, &ask(&head, url, &[])).await.problem(422, code);
        assert_eq!(refused["errors"][0]["pointer"], "/url", "{url}");
    }
    owner.post(ENDPOINTS, &ask(&head, "https://hooks.example/", &[])).await.created();
}
