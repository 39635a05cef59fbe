//! Review: nobody lets pass what they wrote, except where there is nobody else, and then it shows.

use serde_json::{Value, json};

use crate::{
    both,
    support::{
        Answer, Client,
        brand::{Brand, ten_off, with},
    },
};

/// Four coupons of ten yuan under a budget of fifty.
fn small() -> Value {
    with(ten_off(4), "budget", json!({ "total": "50.00" }))
}

/// A draft of the head's, made by that person.
async fn draft(who: &Client, head: &str, rules: Value) -> String {
    let ask = json!({ "site_id": head, "name": "新店开业", "rules": rules });
    who.post("/admin/v1/coupon-templates", &ask).await.created()["id"].as_str().unwrap().to_owned()
}

async fn act(who: &Client, template: &str, act: &str) -> Answer {
    let template = format!("/admin/v1/coupon-templates/{template}");
    // An approver says what they looked at.
    let body = match act {
        "approve" => json!({ "version": who.get(&template).await.ok()["version"] }),
        _ => json!({}),
    };
    who.post(&format!("{template}/{act}"), &body).await
}

async fn set_policy(owner: &Client, node: &str, policy: Value) {
    let setting = format!("/admin/v1/nodes/{node}/settings/review_policy");
    owner.put(&setting, &json!({ "value": policy })).await.ok();
}

fn self_publish(cap: &str) -> Value {
    json!({ "kind": "self_publish", "budget_cap": cap })
}

both! {
    async fn a_shop_of_one_publishes_alone_within_its_budget_and_it_shows(app) {
        let (owner, head) = (app.owner().await, app.head.to_string());
        let first = draft(&owner, &head, small()).await;
        act(&owner, &first, "self-publish").await.problem(403, "review_own_work");
        set_policy(&owner, &head, self_publish("50.00")).await;
        let live = act(&owner, &first, "self-publish").await.ok();
        assert_eq!((&live["state"], &live["shown_version"]["unreviewed"]), (&json!("live"), &json!(true)));

        let unbounded = draft(&owner, &head, ten_off(4)).await;
        act(&owner, &unbounded, "self-publish").await.problem(422, "budget_required");
        let dear = draft(&owner, &head, with(ten_off(6), "budget", json!({ "total": "60.00" }))).await;
        act(&owner, &dear, "self-publish").await.problem(409, "review_budget_over_cap");
        for refused in [unbounded, dear] {
            let template = owner.get(&format!("/admin/v1/coupon-templates/{refused}")).await.ok();
            assert_eq!(template["state"], "draft", "a refused act leaves the draft a draft");
        }
    }

    async fn a_team_cannot_choose_to_do_without_review(app) {
        let brand = Brand::of(app).await;
        set_policy(&brand.owner, &brand.head, self_publish("50.00")).await;
        let template = draft(&brand.owner, &brand.head, small()).await;
        act(&brand.owner, &template, "self-publish").await.problem(403, "review_team_exists");
        act(&brand.owner, &template, "submit").await.ok();
        act(&brand.owner, &template, "approve").await.problem(403, "review_team_exists");
        act(&brand.owner, &template, "publish").await.problem(409, "template_not_approved");
        act(&brand.approver, &template, "approve").await.ok();
        let live = act(&brand.owner, &template, "publish").await.ok();
        assert_eq!(live["shown_version"]["unreviewed"], false);
    }

    async fn a_shop_is_of_one_again_when_the_other_is_gone(app) {
        let brand = Brand::of(app).await;
        set_policy(&brand.owner, &brand.head, self_publish("50.00")).await;
        let others = brand.owner.get("/admin/v1/staff?role=approver").await.ok();
        let other = others["items"][0].clone();
        let change = json!({ "version": other["version"], "state": "disabled" });
        brand.owner.patch(&format!("/admin/v1/staff/{}", other["id"].as_str().unwrap()), &change).await.ok();
        let template = draft(&brand.owner, &brand.head, small()).await;
        act(&brand.owner, &template, "self-publish").await.ok();
        brand.person(&[("approver", &brand.head)]).await;
        let next = draft(&brand.owner, &brand.head, small()).await;
        act(&brand.owner, &next, "self-publish").await.problem(403, "review_team_exists");
    }

    async fn holding_both_roles_is_not_being_two_people(app) {
        let brand = Brand::of(app).await;
        let both_roles = brand.person(&[("marketer", &brand.head), ("approver", &brand.head)]).await.client;
        let template = draft(&both_roles, &brand.head, small()).await;
        act(&both_roles, &template, "submit").await.ok();
        act(&both_roles, &template, "approve").await.problem(403, "review_own_work");
        act(&both_roles, &template, "self-publish").await.problem(409, "template_not_draft");

        // Whoever changes a draft has written on it, and so has whoever hands it in.
        let theirs = draft(&brand.owner, &brand.head, small()).await;
        let edit = json!({ "version": 1, "look": { "slogan": "我改过" } });
        both_roles.patch(&format!("/admin/v1/coupon-templates/{theirs}"), &edit).await.ok();
        act(&brand.owner, &theirs, "submit").await.ok();
        act(&both_roles, &theirs, "approve").await.problem(403, "review_own_work");
        act(&brand.approver, &theirs, "approve").await.ok();
        let handed_in = draft(&brand.owner, &brand.head, small()).await;
        act(&both_roles, &handed_in, "submit").await.ok();
        act(&both_roles, &handed_in, "approve").await.problem(403, "review_own_work");
    }

    async fn what_changed_since_the_reviewer_looked_is_not_approved(app) {
        let brand = Brand::of(app).await;
        let template = draft(&brand.owner, &brand.head, small()).await;
        let looked_at = act(&brand.owner, &template, "submit").await.ok()["version"].clone();
        let path = format!("/admin/v1/coupon-templates/{template}");
        let withdrawn = act(&brand.owner, &template, "withdraw").await.ok();
        let dearer = json!({ "version": withdrawn["version"], "rules": ten_off(4_000_000) });
        brand.owner.patch(&path, &dearer).await.ok();
        act(&brand.owner, &template, "submit").await.ok();
        let approve = json!({ "version": looked_at });
        brand.approver.post(&format!("{path}/approve"), &approve).await.problem(409, "version_conflict");
        brand.approver.post(&format!("{path}/approve"), &json!({})).await.problem(422, "request_invalid");
        assert_eq!(brand.template(&template).await["state"], "in_review");
    }

    async fn an_amount_bounds_what_passes_without_review(app) {
        let brand = Brand::of(app).await;
        set_policy(&brand.owner, &brand.head, json!({ "kind": "above_amount", "amount": "40.00" })).await;
        let cheap = draft(&brand.owner, &brand.head, small()).await;
        let live = act(&brand.owner, &cheap, "self-publish").await.ok();
        assert_eq!(live["shown_version"]["unreviewed"], true);
        let dear = draft(&brand.owner, &brand.head, with(ten_off(5), "budget", json!({ "total": "50.00" }))).await;
        act(&brand.owner, &dear, "self-publish").await.problem(403, "review_above_amount");
    }

    async fn only_an_owner_says_how_work_is_reviewed(app) {
        let brand = Brand::of(app).await;
        let setting = format!("/admin/v1/nodes/{}/settings/review_policy", brand.a.site);
        let operator = brand.person(&[("site_operator", &brand.a.site)]).await.client;
        let policy = json!({ "value": self_publish("1000000.00") });
        operator.put(&setting, &policy).await.problem(403, "permission_denied");
        operator.put(&format!("{setting}/lock"), &json!({})).await.problem(403, "permission_denied");
        brand.owner.put(&setting, &policy).await.ok();
        operator.delete(&setting).await.problem(403, "permission_denied");
        // The policy of the brand, where the brand says that it is not the sites' to choose.
        brand.owner.delete(&setting).await.ok();
        brand.owner.call("PUT", &format!("/admin/v1/nodes/{}/settings/review_policy/lock", brand.head)).await.ok();
        let local = brand.person(&[("owner", &brand.a.site)]).await.client;
        local.put(&setting, &policy).await.problem(409, "setting_locked");
    }
}
