//! Customers, as staff see them.

use serde_json::{Value, json};

use crate::{
    both,
    support::{Client, OWNER_PASSWORD, TestApp},
};

const PASSWORD: &str = "夜来风雨声花落知多少";

/// A site and somebody of its customer service, signed in.
async fn service(owner: &Client, app: &TestApp, code: &str) -> (String, Client) {
    let site = json!({ "parent_id": app.head, "kind": "site", "name": "站", "code": code });
    let site = owner.post("/admin/v1/nodes", &site).await.created()["id"].as_str().unwrap().to_owned();
    let staff = json!({
        "site_id": site, "login": format!("{code}.service"), "name": "客服", "password": OWNER_PASSWORD,
        "roles": [{ "role": "service", "site_id": site }],
    });
    owner.post("/admin/v1/staff", &staff).await.created();
    let first = app.staff(&format!("{code}.service"), OWNER_PASSWORD).await;
    first.put("/admin/v1/me/password", &json!({ "current": OWNER_PASSWORD, "new": PASSWORD })).await.no_content();
    (site, app.staff(&format!("{code}.service"), PASSWORD).await)
}

/// A customer who signs in while visiting that site, by id.
async fn visitor(app: &TestApp, phone: &str, site: &str) -> String {
    let ask = json!({ "provider": "dev", "phone": phone });
    let session = app.stranger().at(site).post("/app/v1/sessions", &ask).await.created();
    let me = app.stranger().with_token(session["token"].as_str().unwrap()).get("/app/v1/me").await.ok();
    me["id"].as_str().unwrap().to_owned()
}

both! {
    async fn a_customer_is_found_within_scope_and_shown_masked(app) {
        let owner = app.owner().await;
        let ((gz, gz_service), (sz, sz_service)) = (service(&owner, app, "gz").await, service(&owner, app, "sz").await);
        let id = visitor(app, "13812345678", &gz).await;
        visitor(app, "13999995678", &sz).await;
        let ids =
            |found: Value| found["items"].as_array().unwrap().iter().map(|it| it["id"].clone()).collect::<Vec<_>>();
        assert_eq!(ids(gz_service.get("/admin/v1/customers?phone_tail=5678").await.ok()), [json!(id)]);
        assert_eq!(ids(owner.get("/admin/v1/customers?phone_tail=5678").await.ok()).len(), 2);
        let by_number = gz_service.post("/admin/v1/customers/find", &json!({ "phone": "138 1234 5678" })).await;
        assert_eq!(by_number.ok()["phone"], "138****5678");
        sz_service.post("/admin/v1/customers/find", &json!({ "phone": "13812345678" })).await.problem(404, "not_found");

        let here = format!("/admin/v1/customers/{id}");
        let seen = gz_service.get(&here).await;
        assert!(!seen.text().contains("13812345678"));
        assert_eq!(seen.ok()["sites"][0]["site_id"], json!(gz));
        sz_service.get(&here).await.problem(404, "not_found");
        owner.get("/admin/v1/customers?phone_tail=56").await.problem(422, "request_invalid");
        owner.get("/admin/v1/customers?phone=13812345678").await.problem(422, "request_invalid");
    }

    async fn notes_and_tags_come_and_go(app) {
        let owner = app.owner().await;
        let (gz, service) = service(&owner, app, "gz").await;
        let here = format!("/admin/v1/customers/{}", visitor(app, "13812345678", &gz).await);
        let note = json!({ "site_id": gz, "body": "想要下午送货\n先打电话" });
        let written = service.post(&format!("{here}/notes"), &note).await.created();
        let listed = service.get(&format!("{here}/notes")).await.ok();
        assert_eq!(listed["items"], json!([written]));
        service.delete(&format!("{here}/notes/{}", written["id"].as_str().unwrap())).await.no_content();
        assert_eq!(service.get(&format!("{here}/notes")).await.ok()["items"], json!([]));
        let elsewhere = json!({ "site_id": app.head, "body": "没来过这里" });
        service.post(&format!("{here}/notes"), &elsewhere).await.problem(404, "not_found");

        let tag = format!("{here}/tags/{gz}/%E5%A5%B6%E7%B2%89");
        assert_eq!(service.put(&tag, &json!({})).await.ok()["tag"], "奶粉");
        assert_eq!(service.get(&here).await.ok()["tags"][0]["tag"], "奶粉");
        service.delete(&tag).await.no_content();
        service.delete(&tag).await.problem(404, "not_found");
    }

    async fn a_block_is_set_and_lifted_at_a_site_and_by_the_head(app) {
        let owner = app.owner().await;
        let (gz, service) = service(&owner, app, "gz").await;
        let here = format!("/admin/v1/customers/{}", visitor(app, "13812345678", &gz).await);
        let reason = json!({ "reason": "多次刷单" });
        service.put(&format!("{here}/blocks/{gz}"), &reason).await.no_content();
        assert_eq!(service.get(&here).await.ok()["sites"][0]["block_reason"], "多次刷单");
        service.delete(&format!("{here}/blocks/{gz}")).await.no_content();

        service.put(&format!("{here}/block"), &reason).await.problem(403, "permission_denied");
        owner.put(&format!("{here}/block"), &reason).await.no_content();
        assert_eq!(service.get(&here).await.ok()["customer"]["block_reason"], "多次刷单");
        owner.delete(&format!("{here}/block")).await.no_content();
        owner.delete(&format!("{here}/block")).await.problem(404, "not_found");
    }
}
