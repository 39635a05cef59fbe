//! Templates over HTTP: drafting, review, publication, switches, quotas, channels, figures.

use serde_json::{Value, json};

use crate::{
    both,
    support::{
        TestApp,
        brand::{Brand, ten_off, with},
    },
};

const TEMPLATES: &str = "/admin/v1/coupon-templates";

async fn brand(app: &TestApp) -> Brand {
    Brand::of(app).await
}

fn at(template: &str, rest: &str) -> String {
    format!("{TEMPLATES}/{template}{rest}")
}

both! {
    async fn a_template_goes_from_draft_to_its_end(app) {
        let brand = brand(app).await;
        let rules = with(ten_off(100), "budget", json!({ "total": "500.00" }));
        let ask =
            json!({ "site_id": brand.head, "name": "新客立减10", "rules": rules, "look": { "colour": "#E4572E" } });
        let draft = brand.owner.post(TEMPLATES, &ask).await.created();
        let id = draft["id"].as_str().unwrap();
        assert_eq!(
            (&draft["state"], &draft["version"], &draft["kind"]),
            (&json!("draft"), &json!(1), &json!("amount_off"))
        );
        assert_eq!((&draft["worst_case_cost"], &draft["worst_case_total"]), (&json!("10.00"), &json!("500.00")));
        assert_eq!(draft["shown_version"]["look"]["colour"], "#e4572e");
        assert!(draft["rule_card"]["zh"]["lines"].as_array().is_some_and(|lines| !lines.is_empty()));

        let edit = json!({ "version": 1, "name": "新客立减10元" });
        assert_eq!(brand.owner.patch(&at(id, ""), &edit).await.ok()["name"], "新客立减10元");
        brand.owner.patch(&at(id, ""), &edit).await.problem(409, "version_conflict");
        let submitted = brand.act(&brand.owner, id, "submit", json!({})).await;
        brand.owner.post(&at(id, "/publish"), &json!({})).await.problem(409, "template_not_approved");
        let reason = json!({ "reason": "名称不清楚" });
        let rejected = brand.act(&brand.approver, id, "reject", reason).await;
        assert_eq!(
            (&rejected["state"], &rejected["shown_version"]["reject_reason"]),
            (&json!("draft"), &json!("名称不清楚"))
        );
        brand
            .approver
            .post(&at(id, "/approve"), &json!({ "version": submitted["version"] }))
            .await
            .problem(409, "version_conflict");
        brand.publish(id).await;
        let live = brand.template(id).await;
        assert_eq!(
            (&live["state"], &live["live_version"], &live["stock"]["budget"]),
            (&json!("live"), &json!(1), &json!("500.00"))
        );
        assert_eq!(live["shown_version"]["unreviewed"], false);

        brand.act(&brand.owner, id, "pause", json!({})).await;
        brand.owner.post(&at(id, "/pause"), &json!({})).await.problem(409, "template_not_live");
        brand.act(&brand.owner, id, "resume", json!({})).await;
        let killed = brand.act(&brand.approver, id, "kill", json!({ "reason": "券码泄露" })).await;
        assert_eq!((&killed["state"], &killed["kill"]["reason"]), (&json!("paused"), &json!("券码泄露")));
        brand.act(&brand.approver, id, "lift-kill", json!({})).await;
        assert_eq!(brand.act(&brand.owner, id, "end", json!({})).await["state"], "ended");
        brand.owner.post(&at(id, "/resume"), &json!({})).await.problem(409, "template_ended");
    }

    async fn every_fault_of_the_rules_is_told_at_its_place_in_the_callers_language(app) {
        let brand = brand(app).await;
        let rules = with(with(ten_off(0), "budget", json!({ "total": "5.00" })), "transferable", json!(true));
        let ask = json!({ "site_id": brand.head, "name": "x", "rules": rules });
        let told = brand
            .owner
            .with("accept-language", "zh-CN")
            .post(TEMPLATES, &ask)
            .await
            .problem(422, "coupon_rules_invalid");
        let faults: Vec<(&Value, &Value)> =
            told["errors"].as_array().unwrap().iter().map(|it| (&it["pointer"], &it["detail"])).collect();
        assert_eq!(
            faults,
            [
                (&json!("/rules/quantity"), &json!("数量应在 1 至 10000000 之间。")),
                (&json!("/rules/budget/total"), &json!("预算低于一张券的成本。")),
            ]
        );
        let card = with(ten_off(10), "effect", json!({ "kind": "times_card", "uses": 5 }));
        let ask = json!({ "site_id": brand.head, "name": "次卡", "rules": card });
        brand.owner.post(TEMPLATES, &ask).await.problem(422, "coupon_kind_unsupported");
        let surplus = json!({ "site_id": brand.head, "name": "x", "rules": with(ten_off(1), "site_id", json!("x")) });
        brand.owner.post(TEMPLATES, &surplus).await.problem(422, "request_invalid");
        let abroad = with(ten_off(1), "scope", json!({ "include_nodes": [brand.b.site] }));
        let ask = json!({ "site_id": brand.a.site, "name": "x", "rules": abroad });
        let told = brand.owner.post(TEMPLATES, &ask).await.problem(422, "scope_outside_owner");
        assert_eq!(told["errors"][0]["pointer"], "/rules/scope/include_nodes/0");
    }

    async fn two_people_are_needed_and_no_role_is_a_way_around(app) {
        let brand = brand(app).await;
        let both = brand.person(&[("marketer", &brand.head), ("approver", &brand.head)]).await.client;
        let marketer = brand.person(&[("marketer", &brand.head)]).await.client;
        let rules = with(ten_off(9), "budget", json!({ "total": "90.00" }));
        let ask = json!({ "site_id": brand.head, "name": "满减", "rules": rules });
        for maker in [&both, &brand.owner] {
            let id = maker.post(TEMPLATES, &ask).await.created()["id"].as_str().unwrap().to_owned();
            let submitted = brand.act(maker, &id, "submit", json!({})).await;
            maker
                .post(&at(&id, "/approve"), &json!({ "version": submitted["version"] }))
                .await
                .problem(403, "review_own_work");
            maker.post(&at(&id, "/approve"), &json!({})).await.problem(422, "request_invalid");
            marketer
                .post(&at(&id, "/approve"), &json!({ "version": submitted["version"] }))
                .await
                .problem(403, "permission_denied");
        }
        let id = brand.owner.post(TEMPLATES, &ask).await.created()["id"].as_str().unwrap().to_owned();
        brand.owner.post(&at(&id, "/self-publish"), &json!({})).await.problem(403, "review_own_work");
        let policy = json!({ "value": { "kind": "self_publish", "budget_cap": "100.00" } });
        brand.owner.put(&format!("/admin/v1/nodes/{}/settings/review_policy", brand.head), &policy).await.ok();
        brand.owner.post(&at(&id, "/self-publish"), &json!({})).await.problem(403, "review_team_exists");
    }

    async fn a_one_person_shop_publishes_alone_and_it_shows(app) {
        let owner = app.owner().await;
        let policy = json!({ "value": { "kind": "self_publish", "budget_cap": "100.00" } });
        owner.put(&format!("/admin/v1/nodes/{}/settings/review_policy", app.head), &policy).await.ok();
        let draft = async |rules: Value| {
            let ask = json!({ "site_id": app.head, "name": "开业立减", "rules": rules });
            owner.post(TEMPLATES, &ask).await.created()["id"].as_str().unwrap().to_owned()
        };
        let bare = draft(ten_off(9)).await;
        owner.post(&at(&bare, "/self-publish"), &json!({})).await.problem(422, "budget_required");
        let dear = draft(with(ten_off(99), "budget", json!({ "total": "100.01" }))).await;
        owner.post(&at(&dear, "/self-publish"), &json!({})).await.problem(409, "review_budget_over_cap");
        let fair = draft(with(ten_off(99), "budget", json!({ "total": "100.00" }))).await;
        let live = owner.post(&at(&fair, "/self-publish"), &json!({})).await.ok();
        assert_eq!((&live["state"], &live["shown_version"]["unreviewed"]), (&json!("live"), &json!(true)));
    }

    async fn lists_show_what_is_in_reach_and_page_on(app) {
        let brand = brand(app).await;
        let draft = brand.draft(&brand.head, &ten_off(1)).await;
        let live = brand.live(&brand.head, &ten_off(1)).await;
        let of_a = brand.draft(&brand.a.site, &ten_off(1)).await;
        let operator = brand.person(&[("site_operator", &brand.a.site)]).await.client;
        let ids = |page: &Value| {
            page["items"].as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(ids(&operator.get(TEMPLATES).await.ok()), [of_a.clone(), live.clone()]);
        assert_eq!(ids(&operator.get(&format!("{TEMPLATES}?state=live")).await.ok()), std::slice::from_ref(&live));
        let first = brand.owner.get(&format!("{TEMPLATES}?limit=2")).await.ok();
        let next = format!("{TEMPLATES}?limit=2&cursor={}", first["next_cursor"].as_str().unwrap());
        assert_eq!(
            [ids(&first), ids(&brand.owner.get(&next).await.ok())].concat(),
            [of_a.clone(), live.clone(), draft.clone()]
        );
        brand.owner.get(&format!("{TEMPLATES}?state=asleep")).await.problem(422, "request_invalid");

        operator.get(&at(&live, "")).await.ok();
        operator.get(&at(&draft, "")).await.problem(404, "not_found");
        operator.post(&at(&live, "/pause"), &json!({})).await.problem(404, "not_found");
        let of_b = brand.person(&[("site_operator", &brand.b.site)]).await.client;
        of_b.get(&at(&of_a, "")).await.problem(404, "not_found");
        of_b.post(&at(&of_a, "/submit"), &json!({})).await.problem(404, "not_found");
        let clerk = brand.person(&[("clerk", &brand.a.store)]).await.client;
        clerk.get(TEMPLATES).await.problem(403, "permission_denied");
    }

    async fn a_rule_card_is_shown_before_anything_is_saved(app) {
        let brand = brand(app).await;
        let rules = with(ten_off(10), "scope", json!({ "include_nodes": [brand.a.site] }));
        let card = brand
            .owner
            .post(&format!("{TEMPLATES}/rule-card"), &json!({ "site_id": brand.head, "rules": rules }))
            .await
            .ok();
        let id = brand.draft(&brand.head, &rules).await;
        assert_eq!(brand.owner.get(&at(&id, "/rule-card")).await.ok(), card);
        assert!(card["zh"].to_string().contains("site-a"), "{card}");
        assert!(card["en"]["lines"].as_array().unwrap().iter().any(|line| line["strong"] == true));
        let bad = json!({ "site_id": brand.head, "rules": ten_off(0) });
        brand.owner.post(&format!("{TEMPLATES}/rule-card"), &bad).await.problem(422, "coupon_rules_invalid");
    }

    async fn quotas_move_while_live_and_each_site_sees_its_own(app) {
        let brand = brand(app).await;
        let id = brand.live(&brand.head, &ten_off(100)).await;
        let set = async |quotas: Value| brand.owner.put(&at(&id, "/quotas"), &json!({ "quotas": quotas })).await;
        let (a, b) = (&brand.a.site, &brand.b.site);
        let done = set(json!([{ "site_id": a, "quota": 60 }, { "site_id": b, "quota": 10 }])).await.ok();
        assert_eq!((&done["quantity"], &done["remainder"]["quota"]), (&json!(100), &json!(30)));
        let told = set(json!([{ "site_id": a, "quota": 60 }, { "site_id": b, "quota": 41 }]))
            .await
            .problem(422, "quota_above_total");
        assert_eq!((&told["assigned"], &told["available"]), (&json!(101), &json!(100)));
        set(json!([{ "site_id": brand.a.store, "quota": 1 }])).await.problem(422, "quota_not_below");
        let operator = brand.person(&[("site_operator", a)]).await.client;
        let seen = operator.get(&at(&id, "/quotas")).await.ok();
        assert_eq!(seen["quotas"], json!([{ "site_id": a, "name": "site-a", "quota": 60, "issued": 0 }]));
        assert_eq!(seen["remainder"], Value::Null);
        operator.put(&at(&id, "/quotas"), &json!({ "quotas": [] })).await.problem(403, "permission_denied");
    }

    async fn channels_have_a_link_and_may_share_a_code(app) {
        let brand = brand(app).await;
        let id = brand.live(&brand.head, &ten_off(100)).await;
        let operator = brand.person(&[("site_operator", &brand.a.site)]).await.client;
        let ask = json!({ "site_id": brand.a.site, "kind": "poster", "name": "店门口海报", "code": "summer 10" });
        let made = operator.post(&at(&id, "/channels"), &ask).await.created();
        assert_eq!((&made["code"], &made["open"]), (&json!("SUMMER-10"), &json!(true)));
        assert_eq!(made["link_token"].as_str().unwrap().len(), 22);
        operator.post(&at(&id, "/channels"), &ask).await.problem(409, "already_taken");
        let short = json!({ "kind": "poster", "name": "x", "code": "ab" });
        brand.owner.post(&at(&id, "/channels"), &short).await.problem(422, "request_invalid");
        let batch = json!({ "kind": "code_batch", "name": "x" });
        brand.owner.post(&at(&id, "/channels"), &batch).await.problem(422, "request_invalid");
        assert_eq!(brand.owner.get(&at(&id, "/channels")).await.ok()["items"][0]["code"], "SUMMER-10");
        let close = format!("/admin/v1/channels/{}/close", made["id"].as_str().unwrap());
        assert_eq!(operator.call("POST", &close).await.ok()["open"], false);
        operator.call("POST", &close).await.problem(409, "coupon_channel_closed");
        let of_b = brand.person(&[("site_operator", &brand.b.site)]).await.client;
        of_b.call("POST", &close).await.problem(404, "not_found");
    }

    async fn figures_of_a_new_template_are_nothing_and_have_no_rate(app) {
        let brand = brand(app).await;
        let id = brand.live(&brand.head, &ten_off(100)).await;
        let figures = brand.owner.get(&at(&id, "/tracking?from=2026-11-01&to=2026-11-22")).await.ok();
        assert_eq!((&figures["totals"]["issued"], &figures["totals"]["redemption_rate"]), (&json!(0), &Value::Null));
        assert_eq!((&figures["claim_rate"], &figures["band"]["low"]), (&json!("0"), &json!("0.3")));
        assert_eq!((&figures["totals"]["gmv"], &figures["from"]), (&json!("0.00"), &json!("2026-11-01")));
        let told =
            brand.owner.get(&at(&id, "/tracking?from=2026-11-02&to=2026-11-01")).await.problem(422, "request_invalid");
        assert_eq!(told["errors"][0]["pointer"], "?from");
        brand.owner.get(&at(&id, "/tracking?from=yesterday")).await.problem(422, "request_invalid");
    }
}
