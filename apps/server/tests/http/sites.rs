//! The tree, its settings, blueprints, launching and store pages.

use serde_json::{Value, json};

use crate::{
    both,
    support::{Client, TestApp},
};

/// Makes a node and hands it back.
async fn node(owner: &Client, parent: &Value, kind: &str, code: &str) -> Value {
    let ask = json!({ "parent_id": parent, "kind": kind, "name": format!("机构 {code}"), "code": code });
    owner.post("/admin/v1/nodes", &ask).await.created()
}

fn launch_ask(app: &TestApp) -> Value {
    json!({
        "parent_id": app.head,
        "site": { "name": "广州站", "code": "guangzhou", "area": "440100" },
        "look": { "slogan": "广州的小熊", "modules": { "coupons": true } },
        "stores": [{
            "store": { "name": "天河店", "code": "gz-tianhe" },
            "page": {
                "address": "天河路 208 号",
                "phone": "020-8888 6666",
                "opening_hours": { "mon": [["09:00", "21:30"]] },
                "position": { "latitude_udeg": 23_129_110, "longitude_udeg": 113_264_385, "datum": "gcj02" },
            },
        }],
    })
}

both! {
    async fn the_tree_grows_changes_and_closes(app) {
        let owner = app.owner().await;
        let site = node(&owner, &json!(app.head), "site", "gz").await;
        let store = node(&owner, &site["id"], "store", "gz-th").await;
        assert_eq!((&store["kind"], &store["parent_id"], &store["version"]), (&json!("store"), &site["id"], &json!(1)));

        let here = format!("/admin/v1/nodes/{}", store["id"].as_str().unwrap());
        let detail = owner.get(&here).await.ok();
        let above: Vec<&Value> = detail["above"].as_array().unwrap().iter().map(|node| &node["kind"]).collect();
        assert_eq!(above, [&json!("head"), &json!("site")]);
        let renamed = owner.patch(&here, &json!({ "version": 1, "name": " 天河旗舰店 " })).await.ok();
        assert_eq!((&renamed["name"], &renamed["version"]), (&json!("天河旗舰店"), &json!(2)));
        owner.patch(&here, &json!({ "version": 1, "name": "晚了" })).await.problem(409, "version_conflict");

        let site_here = format!("/admin/v1/nodes/{}", site["id"].as_str().unwrap());
        let refused = owner.post(&format!("{site_here}/close"), &json!({ "version": 1 })).await;
        assert_eq!(refused.problem(409, "node_has_children")["active"], 1);
        assert_eq!(owner.post(&format!("{here}/close"), &json!({ "version": 2 })).await.ok()["state"], "closed");
        assert_eq!(owner.post(&format!("{here}/reopen"), &json!({ "version": 3 })).await.ok()["state"], "active");
    }

    async fn the_tree_is_listed_page_by_page(app) {
        let owner = app.owner().await;
        for code in ["aa", "bb", "cc"] {
            node(&owner, &json!(app.head), "site", code).await;
        }
        let mut codes = Vec::new();
        let mut path = "/admin/v1/nodes?limit=2&kind=site".to_owned();
        loop {
            let page = owner.get(&path).await.ok();
            codes.extend(page["items"].as_array().unwrap().iter().map(|node| node["code"].clone()));
            let Some(cursor) = page["next_cursor"].as_str() else { break };
            path = format!("/admin/v1/nodes?limit=2&kind=site&cursor={cursor}");
        }
        assert_eq!(codes, ["aa", "bb", "cc"]);
        owner.get("/admin/v1/nodes?state=gone").await.problem(422, "request_invalid");
    }

    async fn a_node_that_makes_no_sense_is_refused_with_the_reason(app) {
        let owner = app.owner().await;
        let ask = |change: Value| {
            let mut ask = json!({ "parent_id": app.head, "kind": "site", "name": "站", "code": "gz" });
            ask.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            ask
        };
        owner.post("/admin/v1/nodes", &ask(json!({ "kind": "store" }))).await.problem(422, "node_kind_mismatch");
        owner
            .post("/admin/v1/nodes", &ask(json!({ "parent_id": "01936f5e-7d2a-7c3e-9a41-5b6c7d8e9f00" })))
            .await
            .problem(404, "not_found");
        let refused =
            owner.post("/admin/v1/nodes", &ask(json!({ "code": "不行" }))).await.problem(422, "request_invalid");
        assert_eq!(refused["errors"][0]["pointer"], "/code");
        for unknown in ["state", "version", "id", "site_id"] {
            let refused =
                owner.post("/admin/v1/nodes", &ask(json!({ unknown: "x" }))).await.problem(422, "request_invalid");
            assert_eq!(
                refused["errors"][0]["pointer"],
                format!("/{unknown}"),
                "nobody assigns what is not theirs to say"
            );
        }
        node(&owner, &json!(app.head), "site", "gz").await;
        let taken = owner.post("/admin/v1/nodes", &ask(json!({}))).await.problem(409, "node_code_taken");
        assert_eq!(taken["errors"][0]["pointer"], "/code");
        owner.get("/admin/v1/nodes/no-id").await.problem(404, "not_found");
        app.stranger().get("/admin/v1/nodes").await.problem(401, "unauthenticated");
    }

    async fn a_setting_inherits_is_locked_and_explains_itself(app) {
        let owner = app.owner().await;
        let site = node(&owner, &json!(app.head), "site", "gz").await;
        let (head, site) = (
            format!("/admin/v1/nodes/{}/settings", app.head),
            format!("/admin/v1/nodes/{}/settings", site["id"].as_str().unwrap()),
        );
        owner.put(&format!("{head}/slogan"), &json!({ "value": "陪你长大" })).await.ok();
        let all = owner.get(&format!("{site}?explain=true")).await.ok();
        let find = |key: &str| all["items"].as_array().unwrap().iter().find(|it| it["key"] == key).cloned().unwrap();
        let slogan = json!({ "key": "slogan", "value": "陪你长大", "source": { "from": app.head, "locked_by": null, "locks_below": false } });
        assert_eq!(find("slogan"), slogan);
        assert_eq!(find("main_colour")["source"]["locked_by"], json!(app.head));
        assert!(owner.get(&site).await.ok()["items"][0].get("source").is_none());

        let refused = owner.put(&format!("{site}/main_colour"), &json!({ "value": "#00AA00" })).await;
        assert_eq!(refused.problem(409, "setting_locked")["locked_by"], json!(app.head));
        owner.delete(&format!("{head}/main_colour/lock")).await.ok();
        owner.put(&format!("{site}/main_colour"), &json!({ "value": "#00AA00" })).await.ok();
        owner.put(&format!("{head}/main_colour/lock"), &json!({})).await.ok();
        owner.delete(&format!("{site}/main_colour")).await.ok();

        let wrong = owner.put(&format!("{site}/slogan"), &json!({ "value": 7 })).await.problem(422, "setting_invalid");
        assert_eq!(wrong["errors"][0]["pointer"], "/value");
        owner.put(&format!("{site}/no_such_key"), &json!({ "value": 7 })).await.problem(404, "not_found");
        owner.put(&format!("{site}/slogan"), &json!({})).await.problem(422, "request_invalid");
    }

    async fn one_form_launches_a_site_once(app) {
        let owner = app.owner().await;
        let look = json!({ "name": "标准站", "look": { "accent_colour": "#00aa00" } });
        let blueprint = owner.post("/admin/v1/blueprints", &look).await.created();
        let mut ask = launch_ask(app);
        ask["blueprint_id"] = blueprint["id"].clone();
        owner.post("/admin/v1/sites", &ask).await.problem(400, "idempotency_key_missing");
        let once = owner.once("launch-1");
        let launched = once.post("/admin/v1/sites", &ask).await.created();
        assert_eq!(once.post("/admin/v1/sites", &ask).await.created(), launched, "the same ask has the same answer");
        owner.once("launch-2").post("/admin/v1/sites", &ask).await.problem(409, "node_code_taken");

        let site = launched["site_id"].as_str().unwrap();
        let settings = owner.get(&format!("/admin/v1/nodes/{site}/settings")).await.ok();
        let value =
            |key: &str| settings["items"].as_array().unwrap().iter().find(|it| it["key"] == key).cloned().unwrap();
        assert_eq!(
            (&value("accent_colour")["value"], &value("slogan")["value"]),
            (&json!("#00AA00"), &json!("广州的小熊"))
        );

        let page = format!("/admin/v1/stores/{}/page", launched["store_ids"][0].as_str().unwrap());
        let stored = owner.get(&page).await.ok();
        assert_eq!((&stored["version"], &stored["page"]["address"]), (&json!(1), &json!("天河路 208 号")));
        let mut next = stored["page"].clone();
        next["phone"] = json!("020-6666 8888");
        assert_eq!(owner.put(&page, &json!({ "version": 1, "page": next })).await.ok()["version"], 2);
        next["phone"] = json!("no number");
        let refused = owner.put(&page, &json!({ "version": 2, "page": next })).await.problem(422, "request_invalid");
        assert_eq!(refused["errors"][0]["pointer"], "/page/phone");
    }

    async fn a_blueprint_is_made_changed_and_closed(app) {
        let owner = app.owner().await;
        let made = owner.post("/admin/v1/blueprints", &json!({ "name": "标准站" })).await.created();
        let here = format!("/admin/v1/blueprints/{}", made["id"].as_str().unwrap());
        let next = json!({ "version": 1, "name": "旗舰站", "look": { "blocks": ["coupons", "stores"] } });
        assert_eq!(owner.put(&here, &next).await.ok()["version"], 2);
        owner.put(&here, &next).await.problem(409, "version_conflict");
        assert_eq!(owner.post(&format!("{here}/close"), &json!({ "version": 2 })).await.ok()["closed"], true);
        assert_eq!(owner.get("/admin/v1/blueprints").await.ok()["items"], json!([]));
        assert_eq!(owner.get("/admin/v1/blueprints?with_closed=true").await.ok()["items"][0]["name"], "旗舰站");
        assert_eq!(owner.get(&here).await.ok()["look"], json!({ "blocks": ["coupons", "stores"] }));
        let ask = json!({ "parent_id": app.head, "blueprint_id": made["id"], "site": { "name": "站", "code": "gz" } });
        owner.once("late").post("/admin/v1/sites", &ask).await.problem(404, "not_found");
    }
}
