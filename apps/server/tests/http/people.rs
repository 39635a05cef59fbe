//! Staff, roles and keys of integrations.

use serde_json::{Value, json};

use crate::{
    both,
    support::{Client, TestApp},
};

const FIRST_PASSWORD: &str = "春眠不觉晓处处闻啼鸟";
const OWN_PASSWORD: &str = "夜来风雨声花落知多少";

/// A site with a store, by their ids.
async fn site(owner: &Client, app: &TestApp, code: &str) -> (Value, Value) {
    let site = json!({ "parent_id": app.head, "kind": "site", "name": "站", "code": code });
    let site = owner.post("/admin/v1/nodes", &site).await.created()["id"].clone();
    let store = json!({ "parent_id": site, "kind": "store", "name": "店", "code": format!("{code}-1") });
    let store = owner.post("/admin/v1/nodes", &store).await.created()["id"].clone();
    (site, store)
}

fn new_staff(site: &Value, login: &str, role: &str) -> Value {
    json!({
        "site_id": site, "login": login, "name": "陈芳", "password": FIRST_PASSWORD,
        "roles": [{ "role": role, "site_id": site }],
    })
}

/// Adds somebody, who then signs in and chooses a password.
async fn hire(by: &Client, app: &TestApp, ask: &Value) -> (Value, Client) {
    let added = by.post("/admin/v1/staff", ask).await.created();
    let login = ask["login"].as_str().unwrap();
    let first = app.staff(login, FIRST_PASSWORD).await;
    first.get("/admin/v1/staff").await.problem(403, "password_change_required");
    let change = json!({ "current": FIRST_PASSWORD, "new": OWN_PASSWORD });
    first.put("/admin/v1/me/password", &change).await.no_content();
    (added, app.staff(login, OWN_PASSWORD).await)
}

both! {
    async fn somebody_is_added_works_and_is_disabled(app) {
        let owner = app.owner().await;
        let (gz, _) = site(&owner, app, "gz").await;
        let (added, operator) = hire(&owner, app, &new_staff(&gz, "Chen.Fang", "site_operator")).await;
        assert_eq!((&added["login"], &added["state"]), (&json!("chen.fang"), &json!("active")));
        assert!(added.get("password_hash").is_none());
        operator.get("/admin/v1/nodes").await.ok();

        let here = format!("/admin/v1/staff/{}", added["id"].as_str().unwrap());
        let version = owner.get(&here).await.ok()["version"].clone();
        let disabled = owner.patch(&here, &json!({ "version": version, "state": "disabled" })).await.ok();
        assert_eq!(disabled["state"], "disabled");
        operator.get("/admin/v1/nodes").await.problem(401, "unauthenticated");
        let sign_in = json!({ "login": "chen.fang", "password": OWN_PASSWORD });
        app.stranger().post("/admin/v1/session", &sign_in).await.problem(403, "staff_disabled");
    }

    async fn a_site_operator_sees_and_manages_only_their_own(app) {
        let owner = app.owner().await;
        let ((gz, gz_store), (sz, sz_store)) = (site(&owner, app, "gz").await, site(&owner, app, "sz").await);
        let (_, operator) = hire(&owner, app, &new_staff(&gz, "gz.operator", "site_operator")).await;
        let stranger = owner.post("/admin/v1/staff", &new_staff(&sz, "sz.operator", "site_operator")).await.created();
        let clerk = operator.post("/admin/v1/staff", &new_staff(&gz_store, "gz.clerk", "clerk")).await.created();

        let seen = operator.get("/admin/v1/staff").await.ok();
        let logins: Vec<&Value> = seen["items"].as_array().unwrap().iter().map(|it| &it["login"]).collect();
        assert_eq!(logins, [&json!("gz.clerk"), &json!("gz.operator")]);
        let there = format!("/admin/v1/staff/{}", stranger["id"].as_str().unwrap());
        operator.get(&there).await.problem(404, "not_found");
        operator
            .put(&format!("{there}/password"), &json!({ "password": OWN_PASSWORD }))
            .await
            .problem(404, "not_found");
        operator.get(&format!("/admin/v1/nodes/{}", sz_store.as_str().unwrap())).await.problem(404, "not_found");

        let roles = format!("/admin/v1/staff/{}/roles", clerk["id"].as_str().unwrap());
        let above = operator.post(&roles, &json!({ "role": "approver", "site_id": gz })).await;
        assert_eq!(above.problem(403, "role_above_own")["role"], "approver");
        operator.post(&roles, &json!({ "role": "clerk", "site_id": sz_store })).await.problem(404, "not_found");
        let given = operator.post(&roles, &json!({ "role": "service", "site_id": gz })).await.ok();
        assert_eq!(given["roles"].as_array().unwrap().len(), 2);
        operator.post(&roles, &json!({ "role": "service", "site_id": gz })).await.problem(409, "already_taken");
        let taken = operator.delete(&format!("{roles}/{}/service", gz.as_str().unwrap())).await.ok();
        assert_eq!(taken["roles"].as_array().unwrap().len(), 1);
    }

    async fn a_role_that_is_taken_away_is_gone_at_once(app) {
        let owner = app.owner().await;
        let (gz, _) = site(&owner, app, "gz").await;
        let (added, operator) = hire(&owner, app, &new_staff(&gz, "gz.operator", "site_operator")).await;
        operator.get("/admin/v1/nodes").await.ok();
        let role =
            format!("/admin/v1/staff/{}/roles/{}/site_operator", added["id"].as_str().unwrap(), gz.as_str().unwrap());
        owner.delete(&role).await.ok();
        operator.get("/admin/v1/nodes").await.problem(403, "permission_denied");
    }

    async fn a_new_password_is_given_and_has_to_be_changed(app) {
        let owner = app.owner().await;
        let (gz, _) = site(&owner, app, "gz").await;
        let (added, operator) = hire(&owner, app, &new_staff(&gz, "gz.operator", "site_operator")).await;
        let path = format!("/admin/v1/staff/{}/password", added["id"].as_str().unwrap());
        let short = owner.put(&path, &json!({ "password": "short" })).await.problem(422, "password_too_short");
        assert_eq!(short["errors"][0]["pointer"], "/password");
        owner.put(&path, &json!({ "password": FIRST_PASSWORD })).await.no_content();
        operator.get("/admin/v1/me").await.problem(401, "unauthenticated");
        let again = app.staff("gz.operator", FIRST_PASSWORD).await;
        again.get("/admin/v1/nodes").await.problem(403, "password_change_required");
    }

    async fn the_last_owner_stays(app) {
        let owner = app.owner().await;
        let me = owner.get("/admin/v1/me").await.ok()["id"].as_str().unwrap().to_owned();
        let here = format!("/admin/v1/staff/{me}");
        owner.delete(&format!("{here}/roles/{}/owner", app.head)).await.problem(409, "owner_last");
        let version = owner.get(&here).await.ok()["version"].clone();
        owner.patch(&here, &json!({ "version": version, "state": "disabled" })).await.problem(409, "owner_last");
    }

    async fn a_member_of_staff_that_makes_no_sense_is_refused(app) {
        let owner = app.owner().await;
        let (gz, _) = site(&owner, app, "gz").await;
        let mut ask = new_staff(&gz, "gz.operator", "site_operator");
        for (field, value) in [("state", json!("active")), ("version", json!(7)), ("password_hash", json!("$"))] {
            ask[field] = value;
            owner.post("/admin/v1/staff", &ask).await.problem(422, "request_invalid");
            ask.as_object_mut().unwrap().remove(field);
        }
        ask["login"] = json!("陈芳");
        let refused = owner.post("/admin/v1/staff", &ask).await.problem(422, "request_invalid");
        assert_eq!(refused["errors"][0]["pointer"], "/login");
        ask["login"] = json!("gz.operator");
        ask["password"] = json!("1234567890");
        owner.post("/admin/v1/staff", &ask).await.problem(422, "password_common");
        ask["password"] = json!(FIRST_PASSWORD);
        owner.post("/admin/v1/staff", &ask).await.created();
        owner.post("/admin/v1/staff", &ask).await.problem(409, "already_taken");
    }

    async fn a_key_is_shown_once_works_and_is_revoked(app) {
        let owner = app.owner().await;
        let (gz, _) = site(&owner, app, "gz").await;
        let ask = json!({ "site_id": gz, "name": "收银系统", "scopes": ["redemptions:write", "coupons:read"] });
        let made = owner.post("/admin/v1/api-keys", &ask).await.created();
        let token = made["token"].as_str().unwrap();
        assert!(token.starts_with("hk_live_") && token.ends_with(made["key"]["tail"].as_str().unwrap()));
        let listed = owner.get("/admin/v1/api-keys").await;
        assert!(!listed.text().contains(token));
        assert_eq!(listed.ok()["items"][0], made["key"]);
        let program = app.stranger().with_token(token);
        assert_eq!(program.get("/open/v1/key").await.ok()["scopes"], json!(["coupons:read", "redemptions:write"]));

        let here = format!("/admin/v1/api-keys/{}", made["key"]["id"].as_str().unwrap());
        owner.delete(&here).await.no_content();
        program.get("/open/v1/key").await.problem(401, "unauthenticated");
        owner.delete(&here).await.problem(404, "not_found");

        let (nothing, past) = (json!([]), json!("2020-01-01T00:00:00Z"));
        let ask = json!({ "site_id": gz, "name": "收银系统", "scopes": nothing });
        owner.post("/admin/v1/api-keys", &ask).await.problem(422, "key_without_scope");
        let ask = json!({ "site_id": gz, "name": "收银系统", "scopes": ["coupons:read"], "expires_at": past });
        owner.post("/admin/v1/api-keys", &ask).await.problem(422, "key_expiry_past");
    }
}
