//! A rush: many more than there are coupons, on one server and on two, before and after the last one is gone.

use huike_persistence::testing::TestDatabase;
use serde_json::{Value, json};

use crate::{
    both,
    laws::{
        books::assert_balanced,
        many::{assert_tally, at_once, tally},
    },
    support::{
        Answer, TestApp,
        brand::{Brand, Shopper, ten_off, with},
    },
};

/// Each of them claims one under a key of their own, all at the same time, by turns on each of the servers.
async fn rush(servers: &[&TestApp], shoppers: &[Shopper], template: &str) -> Vec<Answer> {
    let calls = shoppers.iter().enumerate().map(|(number, shopper)| {
        let client = shopper.client.once("rush").on(&servers[number % servers.len()].base);
        let ask = json!({ "template_id": template });
        async move { client.post("/app/v1/claims", &ask).await }
    });
    at_once(calls).await
}

async fn issued(brand: &Brand, template: &str) -> Value {
    brand.template(template).await["stock"]["issued"].clone()
}

/// The same rules with another quantity, live.
async fn set_quantity(brand: &Brand, template: &str, rules: &Value, quantity: u32) {
    let path = format!("/admin/v1/coupon-templates/{template}");
    let opened = brand.owner.post(&format!("{path}/versions"), &json!({})).await;
    let rules = with(rules.clone(), "quantity", json!(quantity));
    let edit = json!({ "version": opened.json()["version"], "rules": rules });
    brand.owner.patch(&path, &edit).await.ok();
    brand.publish(template).await;
}

/// A second server on the database of the first.
fn second(app: &TestApp) -> TestApp {
    let url = app.store.url().clone();
    // The file is a stand-in: what is served is what the first one serves.
    TestApp::start(TestDatabase::sqlite(), |settings| settings.database_url = url)
}

both! {
    async fn a_rush_takes_exactly_what_there_is(app) {
        let brand = Brand::of(app).await;
        let rules = with(ten_off(25), "limits", json!([{ "metric": "claims", "subject": "customer", "period": "ever", "cap": 1 }]));
        let (template, shoppers) = (brand.live(&brand.head, &rules).await, brand.shoppers(150).await);
        let answers = rush(&[app], &shoppers, &template).await;
        assert_tally(&answers, &[("201", 25), ("409 coupon_sold_out", 125)]);
        assert_eq!(issued(&brand, &template).await, 25);

        // Nothing is left, and still everybody hears what concerns them: a repeat its coupon, an owner their limit.
        let winner = answers.iter().position(|answer| answer.status == 201).unwrap();
        let again = rush(&[app], &shoppers, &template).await;
        assert_tally(&again, &[("201", 25), ("409 coupon_sold_out", 125)]);
        assert_eq!(again[winner].json(), answers[winner].json());
        brand.try_claim(&shoppers[winner], &template).await.problem(409, "coupon_limit_reached");
        let elsewhere = shoppers[winner].client.once("rush").at(&brand.a.site);
        elsewhere.post("/app/v1/claims", &json!({ "template_id": template })).await.problem(422, "idempotency_key_reused");

        set_quantity(&brand, &template, &rules, 30).await;
        let more = rush(&[app], &shoppers, &template).await;
        assert_tally(&more, &[("201", 30), ("409 coupon_sold_out", 120)]);
        assert_eq!(issued(&brand, &template).await, 30);
        assert_balanced(app).await;
    }

    async fn a_rush_through_a_link_is_counted_on_its_channel(app) {
        let brand = Brand::of(app).await;
        let template = brand.live(&brand.head, &ten_off(20)).await;
        let ask = json!({ "site_id": brand.head, "kind": "community", "name": "宝妈群" });
        let path = format!("/admin/v1/coupon-templates/{template}/channels");
        let channel = brand.owner.post(&path, &ask).await.created();
        let shoppers = brand.shoppers(60).await;
        let calls = shoppers.iter().map(|shopper| {
            let (client, ask) = (shopper.client.once("link"), json!({ "link_token": channel["link_token"] }));
            async move { client.post("/app/v1/claims", &ask).await }
        });
        assert_tally(&at_once(calls).await, &[("201", 20), ("409 coupon_sold_out", 40)]);
        let unknown = json!({ "link_token": "nobody-knows-it" });
        shoppers[0].client.once("u").post("/app/v1/claims", &unknown).await.problem(404, "not_found");
        assert_balanced(app).await;
    }

    async fn who_is_refused_at_one_site_leaves_the_others_alone(app) {
        let brand = Brand::of(app).await;
        let template = brand.live(&brand.head, &ten_off(40)).await;
        let quotas = json!([{ "site_id": brand.a.site, "quota": 2 }]);
        let path = format!("/admin/v1/coupon-templates/{template}/quotas");
        brand.owner.put(&path, &json!({ "quotas": quotas })).await.ok();
        for (site, expected) in [
            (&brand.a.site, [("201", 2), ("409 coupon_quota_used_up", 18)]),
            (&brand.b.site, [("201", 20), ("409 coupon_quota_used_up", 0)]),
            (&brand.a.site, [("201", 0), ("409 coupon_quota_used_up", 20)]),
        ] {
            let mut shoppers = Vec::new();
            for _ in 0..20 {
                shoppers.push(brand.shopper_at(site).await);
            }
            assert_tally(&rush(&[app], &shoppers, &template).await, &expected);
        }
        assert_balanced(app).await;
    }
}

#[actix_web::test]
async fn two_servers_hand_out_exactly_what_there_is() {
    let Some(app) = TestApp::on_postgres() else { return };
    let (other, brand) = (second(&app), Brand::of(&app).await);
    let (template, shoppers) = (brand.live(&brand.head, &ten_off(40)).await, brand.shoppers(120).await);
    let answers = rush(&[&app, &other], &shoppers, &template).await;
    assert_tally(&answers, &[("201", 40), ("409 coupon_sold_out", 80)]);
    // A repeat finds its answer wherever it asks.
    let swapped = rush(&[&other, &app], &shoppers, &template).await;
    assert_tally(&swapped, &[("201", 40), ("409 coupon_sold_out", 80)]);
    assert!(answers.iter().zip(&swapped).all(|(one, other)| one.status != 201 || one.json() == other.json()));
    assert_eq!(issued(&brand, &template).await, 40);
    assert_balanced(&app).await;
}

#[actix_web::test]
async fn what_happens_on_one_server_is_heard_on_the_other_at_once() {
    let Some(app) = TestApp::on_postgres() else { return };
    let (other, brand) = (second(&app), Brand::of(&app).await);
    let (template, shoppers) = (brand.live(&brand.head, &ten_off(100)).await, brand.shoppers(20).await);
    let claim = async |shopper: &Shopper| {
        let client = shopper.client.on(&other.base).once(&brand.key());
        client.post("/app/v1/claims", &json!({ "template_id": template })).await
    };
    for shopper in shoppers.iter().take(3) {
        brand.act(&brand.owner, &template, "pause", json!({})).await;
        claim(shopper).await.problem(409, "coupon_paused");
        brand.act(&brand.owner, &template, "resume", json!({})).await;
        claim(shopper).await.created();
    }
    brand.act(&brand.owner, &template, "end", json!({})).await;
    let answers = rush(&[&app, &other], &shoppers, &template).await;
    assert_eq!(tally(&answers).get("409 coupon_ended"), Some(&20));
    assert_balanced(&app).await;
}
