//! Offers over HTTP: their life, who may walk it, and how soon carts hear of it.

mod shelf;
pub mod stage;
mod trial;

use serde_json::{Value, json};

use self::stage::{OFFERS, Stand, act, at, draft, live, offer_for, self_publishing, thirty_off};
use crate::{both, support::brand::Brand};

fn ids(page: &Value) -> Vec<&str> {
    page["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap()).collect()
}

both! {
    async fn an_offer_goes_from_draft_to_its_end(app) {
        let brand = Brand::of(app).await;
        let ask = json!({ "site_id": brand.head, "name": "全场满减", "rules": thirty_off() });
        let drafted = brand.owner.post(OFFERS, &ask).await.created();
        let id = drafted["id"].as_str().unwrap();
        assert_eq!((&drafted["state"], &drafted["version"]), (&json!("draft"), &json!(1)));
        assert_eq!((&drafted["stock"], &drafted["worst_case_total"]), (&Value::Null, &json!("30000.00")));
        let edit = json!({ "version": 1, "name": "全场满200减30" });
        assert_eq!(brand.owner.patch(&at(id, ""), &edit).await.ok()["name"], "全场满200减30");
        brand.owner.patch(&at(id, ""), &edit).await.problem(409, "version_conflict");

        act(&brand.owner, id, "submit").await.ok();
        act(&brand.owner, id, "publish").await.problem(409, "offer_not_approved");
        act(&brand.owner, id, "approve").await.problem(403, "review_own_work");
        let rejected = act(&brand.approver, id, "reject").await.ok();
        assert_eq!(rejected["shown_version"]["reject_reason"], "预算太高");
        act(&brand.owner, id, "submit").await.ok();
        act(&brand.approver, id, "approve").await.ok();
        let live = act(&brand.owner, id, "publish").await.ok();
        assert_eq!((&live["state"], &live["live_version"]), (&json!("live"), &json!(1)));
        assert_eq!(live["stock"], json!({ "budget": "30000.00", "spent": "0.00", "uses_max": null, "uses": 0 }));

        act(&brand.owner, id, "pause").await.ok();
        act(&brand.owner, id, "pause").await.problem(409, "offer_not_live");
        act(&brand.owner, id, "resume").await.ok();
        assert_eq!(act(&brand.owner, id, "end").await.ok()["state"], "ended");
        act(&brand.owner, id, "resume").await.problem(409, "offer_ended");
    }

    async fn an_approved_offer_changes_only_by_a_new_version_and_the_old_one_holds_until_it_is_live(app) {
        let brand = Brand::of(app).await;
        let id = live(&brand, &brand.head, &thirty_off()).await;
        let edit = json!({ "version": 4, "rules": thirty_off() });
        brand.owner.patch(&at(&id, ""), &edit).await.problem(409, "offer_not_draft");
        let opened = brand.owner.post(&at(&id, "/versions"), &json!({})).await.created();
        assert_eq!((&opened["live_version"], &opened["shown_version"]["number"]), (&json!(1), &json!(2)));
        let mut dearer = thirty_off();
        dearer["effect"]["amount"] = json!("40.00");
        let edit = json!({ "version": opened["version"], "rules": dearer });
        brand.owner.patch(&at(&id, ""), &edit).await.ok();
        brand.owner.post(&at(&id, "/versions"), &json!({})).await.problem(409, "offer_version_open");
        act(&brand.owner, &id, "submit").await.ok();
        act(&brand.approver, &id, "approve").await.ok();
        assert_eq!(act(&brand.owner, &id, "publish").await.ok()["live_version"], 2);
        let versions = brand.owner.get(&at(&id, "/versions")).await.ok();
        let states: Vec<&Value> = versions["items"].as_array().unwrap().iter().map(|it| &it["state"]).collect();
        assert_eq!(states, [&json!("live"), &json!("superseded")]);
    }

    async fn every_fault_of_an_offer_is_told_at_its_place(app) {
        let brand = Brand::of(app).await;
        let rules = json!({
            "class": "shipping",
            "effect": { "kind": "nth_item", "n": 1, "rate_off": "0" },
            "condition": { "kind": "all", "of": [] },
            "budget": "0.00",
        });
        let ask = json!({ "site_id": brand.head, "name": "x", "rules": rules });
        let refused = brand.owner.post(OFFERS, &ask).await.problem(422, "offer_rules_invalid");
        let faults: Vec<(&str, &str)> = refused["errors"].as_array().unwrap().iter()
            .map(|fault| (fault["pointer"].as_str().unwrap(), fault["code"].as_str().unwrap()))
            .collect();
        assert_eq!(faults, [
            ("/rules/condition/of", "list_empty"),
            ("/rules/effect/kind", "effect_of_other_class"),
            ("/rules/effect/n", "count_out_of_range"),
            ("/rules/effect/rate_off", "rate_zero"),
            ("/rules/budget", "amount_out_of_range"),
        ]);
        let store = json!({ "site_id": brand.a.store, "name": "x", "rules": thirty_off() });
        brand.owner.post(OFFERS, &store).await.problem(422, "offer_owner_is_store");
        let mut elsewhere = thirty_off();
        elsewhere["condition"] = json!({ "kind": "place", "of": [brand.b.site] });
        let ask = json!({ "site_id": brand.a.site, "name": "x", "rules": elsewhere });
        brand.owner.post(OFFERS, &ask).await.problem(422, "offer_place_outside_owner");
    }

    async fn lists_narrow_by_state_class_kind_name_and_owner(app) {
        let brand = Brand::of(app).await;
        let mut freight = thirty_off();
        freight["class"] = json!("shipping");
        let of_head = live(&brand, &brand.head, &thirty_off()).await;
        let of_a = draft(&brand, &brand.a.site, &freight).await;
        let of_b = draft(&brand, &brand.b.site, &thirty_off()).await;
        let list = async |query: &str| brand.owner.get(&format!("{OFFERS}?{query}")).await.ok();
        assert_eq!(ids(&list("").await), [&of_b, &of_a, &of_head]);
        assert_eq!(ids(&list("state=live").await), [&of_head]);
        assert_eq!(ids(&list("class=shipping").await), [&of_a]);
        assert_eq!(ids(&list("kind=percent_off").await), [""; 0]);
        assert_eq!(ids(&list(&format!("site_id={}", brand.b.site)).await), [&of_b]);
        let name = brand.owner.get(&at(&of_a, "")).await.ok()["name"].clone();
        assert_eq!(ids(&list(&format!("q={}", name.as_str().unwrap())).await), [&of_a]);
        let first = list("limit=2").await;
        let rest = list(&format!("limit=2&cursor={}", first["next_cursor"].as_str().unwrap())).await;
        assert_eq!((ids(&first), ids(&rest)), (vec![of_b.as_str(), &of_a], vec![of_head.as_str()]));
        let at_a = brand.person(&[("marketer", &brand.a.site)]).await.client;
        assert_eq!(ids(&at_a.get(OFFERS).await.ok()), [&of_a, &of_head], "one's own, and what is live above");
    }

    async fn what_an_offer_may_cost_is_raised_by_somebody_who_did_not_write_it(app) {
        let brand = Brand::of(app).await;
        let id = live(&brand, &brand.head, &thirty_off()).await;
        let ask = json!({ "version": 4, "budget": "50000.00", "uses": 100 });
        brand.owner.put(&at(&id, "/budget"), &ask).await.problem(403, "review_own_work");
        let changed = brand.approver.put(&at(&id, "/budget"), &ask).await.ok();
        assert_eq!((&changed["stock"]["budget"], &changed["stock"]["uses_max"]), (&json!("50000.00"), &json!(100)));
        brand.approver.put(&at(&id, "/budget"), &ask).await.problem(409, "version_conflict");
        let unsound = json!({ "version": 5, "budget": "0.00" });
        brand.approver.put(&at(&id, "/budget"), &unsound).await.problem(422, "offer_rules_invalid");
        let drafted = draft(&brand, &brand.head, &thirty_off()).await;
        let early = json!({ "version": 1, "budget": "1.00" });
        brand.approver.put(&at(&drafted, "/budget"), &early).await.problem(409, "offer_not_live");
    }

    async fn a_maker_publishes_alone_only_as_far_as_the_policy_lets_them_and_it_shows(app) {
        let brand = Brand::of(app).await;
        let drafted = draft(&brand, &brand.head, &thirty_off()).await;
        act(&brand.owner, &drafted, "self-publish").await.problem(403, "review_own_work");
        let small = self_publishing(&brand).await;
        let live = act(&brand.owner, &small, "self-publish").await.ok();
        assert_eq!((&live["state"], &live["shown_version"]["unreviewed"]), (&json!("live"), &json!(true)));
        let submitted = offer_for(&brand, &brand.head, &thirty_off(), Stand::Submitted).await;
        act(&brand.owner, &submitted, "withdraw").await.ok();
        act(&brand.approver, &submitted, "approve").await.problem(409, "offer_not_in_review");
    }
}
