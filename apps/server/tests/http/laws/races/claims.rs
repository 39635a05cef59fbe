//! Claims at once: the stock, and every limit there is.

use serde_json::{Value, json};

use crate::{
    both,
    laws::{
        books::assert_balanced,
        many::{assert_tally, at_once, tally},
    },
    support::{
        Answer,
        brand::{Brand, Shopper, ten_off, with},
    },
};

/// Each of them claims one, all at the same time.
async fn claim_at_once(brand: &Brand, shoppers: &[Shopper], template: &str) -> Vec<Answer> {
    let calls = shoppers.iter().map(|shopper| {
        let (client, ask) = (shopper.client.once(&brand.key()), json!({ "template_id": template }));
        async move { client.post("/app/v1/claims", &ask).await }
    });
    at_once(calls).await
}

/// What the template counts: issued, claimed, and the money promised.
async fn counts(brand: &Brand, template: &str) -> (i64, i64, String) {
    let stock = brand.template(template).await["stock"].clone();
    let count = |name: &str| stock[name].as_i64().unwrap();
    (count("issued"), count("claimed"), stock["committed"].as_str().unwrap().to_owned())
}

/// A day, in seconds.
const DAY: i64 = 24 * 60 * 60;

fn limit(metric: &str, subject: &str, period: &str, cap: u32) -> Value {
    json!([{ "metric": metric, "subject": subject, "period": period, "cap": cap }])
}

both! {
    async fn fifty_claims_on_ten_left_make_ten(app) {
        let brand = Brand::of(app).await;
        let (template, shoppers) = (brand.live(&brand.head, &ten_off(10)).await, brand.shoppers(50).await);
        let answers = claim_at_once(&brand, &shoppers, &template).await;
        assert_tally(&answers, &[("201", 10), ("409 coupon_sold_out", 40)]);
        assert_eq!(counts(&brand, &template).await, (10, 10, "0.00".to_owned()));
        assert_balanced(app).await;
    }

    async fn nobody_gets_more_than_their_limit_by_asking_at_once(app) {
        let brand = Brand::of(app).await;
        let rules = with(ten_off(100), "limits", limit("claims", "customer", "ever", 2));
        let (template, one) = (brand.live(&brand.head, &rules).await, brand.shopper().await);
        let answers = claim_at_once(&brand, &vec![one; 50], &template).await;
        assert_tally(&answers, &[("201", 2), ("409 coupon_limit_reached", 48)]);
        assert_eq!(counts(&brand, &template).await.0, 2, "who is refused takes nothing");
        assert_balanced(app).await;
    }

    async fn a_days_limit_is_a_days_limit_and_tomorrow_is_another_day(app) {
        let mut brand = Brand::of(app).await;
        let rules = with(ten_off(100), "limits", limit("claims", "template", "day", 5));
        let (template, shoppers) = (brand.live(&brand.head, &rules).await, brand.shoppers(50).await);
        for day in 1..=2 {
            let answers = claim_at_once(&brand, &shoppers, &template).await;
            assert_tally(&answers, &[("201", 5), ("409 coupon_limit_reached", 45)]);
            assert_eq!(counts(&brand, &template).await.0, 5 * day);
            app.pass(DAY).await;
            brand.owner = app.owner().await;
        }
        assert_balanced(app).await;
    }

    async fn a_site_gives_no_more_than_its_share(app) {
        let brand = Brand::of(app).await;
        let template = brand.live(&brand.head, &ten_off(20)).await;
        let quotas = json!([{ "site_id": brand.a.site, "quota": 3 }, { "site_id": brand.b.site, "quota": 4 }]);
        let path = format!("/admin/v1/coupon-templates/{template}/quotas");
        brand.owner.put(&path, &json!({ "quotas": quotas })).await.ok();
        let mut shoppers = Vec::new();
        for number in 0..50 {
            let site = [&brand.a.site, &brand.b.site, &brand.head][number % 3];
            shoppers.push(brand.shopper_at(site).await);
        }
        let answers = claim_at_once(&brand, &shoppers, &template).await;
        let taken = |place: usize| tally(answers.iter().skip(place).step_by(3)).get("201").copied();
        // 17 asked at A, 17 at B, and 16 at the head for the 13 that no site was given.
        assert_eq!((taken(0), taken(1), taken(2)), (Some(3), Some(4), Some(13)));
        assert_tally(&answers, &[("201", 20), ("409 coupon_quota_used_up", 30)]);
        assert_eq!(counts(&brand, &template).await.0, 20);
        assert_balanced(app).await;
    }

    async fn a_budget_is_promised_only_once(app) {
        let brand = Brand::of(app).await;
        let rules = with(ten_off(100), "budget", json!({ "total": "75.00" }));
        let (template, shoppers) = (brand.live(&brand.head, &rules).await, brand.shoppers(50).await);
        let answers = claim_at_once(&brand, &shoppers, &template).await;
        // Whoever comes when the template has paused itself for it is told so.
        let words = tally(&answers);
        let of = |word: &str| words.get(word).copied().unwrap_or_default();
        assert_eq!((of("201"), of("409 coupon_budget_exhausted") + of("409 coupon_paused")), (7, 43), "{words:?}");
        assert_eq!(counts(&brand, &template).await, (7, 7, "70.00".to_owned()));
        assert_balanced(app).await;
    }

    async fn a_days_budget_is_promised_only_once_a_day(app) {
        let brand = Brand::of(app).await;
        let rules = with(ten_off(100), "budget", json!({ "total": "1000.00", "daily": "45.00" }));
        let (template, shoppers) = (brand.live(&brand.head, &rules).await, brand.shoppers(30).await);
        let answers = claim_at_once(&brand, &shoppers, &template).await;
        assert_tally(&answers, &[("201", 4), ("409 coupon_daily_budget_exhausted", 26)]);
        assert_eq!(brand.template(&template).await["state"], "live", "a day's budget pauses nothing");
        app.pass(DAY).await;
        let answers = claim_at_once(&brand, &shoppers, &template).await;
        assert_tally(&answers, &[("201", 4), ("409 coupon_daily_budget_exhausted", 26)]);
        assert_balanced(app).await;
    }

    async fn a_printed_code_finds_one_owner(app) {
        let brand = Brand::of(app).await;
        let template = brand.live(&brand.head, &ten_off(10)).await;
        let (_batch, codes) = brand.batch(&template, &brand.head, 1).await;
        let shoppers = brand.shoppers(40).await;
        let calls = shoppers.iter().map(|shopper| {
            let (client, ask) = (shopper.client.once(&brand.key()), json!({ "code": codes[0] }));
            async move { client.post("/app/v1/codes/claim", &ask).await }
        });
        let answers = at_once(calls).await;
        let won = answers.iter().filter(|answer| answer.status == 201).count();
        assert_eq!(won, 1, "{:?}", tally(&answers));
        assert_eq!(counts(&brand, &template).await, (1, 1, "0.00".to_owned()));
        assert_balanced(app).await;
    }

    async fn a_crowd_behind_one_address_claims_its_codes(app) {
        let brand = Brand::of(app).await;
        let template = brand.live(&brand.head, &ten_off(100)).await;
        let (_batch, codes) = brand.batch(&template, &brand.head, 70).await;
        let shoppers = brand.shoppers(70).await;
        let calls = shoppers.iter().zip(&codes).map(|(shopper, code)| {
            let (client, ask) = (shopper.client.once(&brand.key()), json!({ "code": code }));
            async move { client.post("/app/v1/codes/claim", &ask).await }
        });
        assert_tally(&at_once(calls).await, &[("201", 70)]);
        assert_balanced(app).await;
    }

    async fn after_a_pause_is_answered_nobody_claims(app) {
        let brand = Brand::of(app).await;
        let (template, shoppers) = (brand.live(&brand.head, &ten_off(100)).await, brand.shoppers(40).await);
        let pause = {
            let (owner, path) = (brand.owner.clone(), format!("/admin/v1/coupon-templates/{template}/pause"));
            async move { owner.post(&path, &json!({})).await }
        };
        let (early, late) = shoppers.split_at(20);
        let paused = actix_web::rt::spawn(pause);
        let mut answers = claim_at_once(&brand, early, &template).await;
        paused.await.unwrap().ok();
        let after = claim_at_once(&brand, late, &template).await;
        assert_tally(&after, &[("409 coupon_paused", 20)]);
        answers.extend(after);
        let claimed = tally(&answers).get("201").copied().unwrap_or_default();
        assert_eq!(counts(&brand, &template).await.0, i64::try_from(claimed).unwrap());
        assert_balanced(app).await;
    }
}
