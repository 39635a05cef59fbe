//! Clerks who redeem what nobody came for.

use serde_json::{Value, json};

use crate::{
    both,
    support::{
        Client,
        brand::{Brand, Person, ten_off},
    },
};

const FIGURES: &str = "/admin/v1/clerk-figures";
/// Enough for a flag.
const MANY: usize = 12;

async fn redeem_all(brand: &Brand, clerk: &Person, codes: &[String]) {
    for code in codes {
        brand.try_redeem(&clerk.client, &brand.a.store, code).await.ok();
    }
}

/// What somebody sees of a clerk.
async fn figures_of(who: &Client, clerk: &Person) -> Value {
    let seen = who.get(FIGURES).await.ok();
    seen["items"].as_array().unwrap().iter().find(|it| it["staff_id"] == clerk.id).cloned().unwrap_or_default()
}

both! {
    async fn a_clerk_who_harvests_near_expiry_is_flagged_and_an_ordinary_one_is_not(app) {
        app.set_clock("2040-06-05T02:00:00Z").await;
        let mut brand = Brand::of(app).await;
        let template = brand.live(&brand.head, &ten_off(100)).await;
        let (mut codes, mut expires) = (Vec::new(), Value::Null);
        for shopper in brand.shoppers(2 * MANY).await {
            let coupon = brand.claim(&shopper, &template).await;
            let seen = shopper.client.get(&format!("/app/v1/coupons/{coupon}")).await.ok();
            codes.push(seen["code"].as_str().unwrap().to_owned());
            expires = seen["expires_at"].clone();
        }
        let (ordinary_codes, left_over) = codes.split_at(MANY);
        app.pass(3_600).await;
        let ordinary = brand.person(&[("clerk", &brand.a.store)]).await;
        redeem_all(&brand, &ordinary, ordinary_codes).await;
        let expires: chrono::DateTime<chrono::Utc> = expires.as_str().unwrap().parse().unwrap();
        app.set_clock(&(expires - chrono::TimeDelta::hours(3)).to_rfc3339()).await;
        brand.renew(app.owner().await).await;
        let harvester = brand.person(&[("clerk", &brand.a.store)]).await;
        redeem_all(&brand, &harvester, left_over).await;

        let manager = brand.person(&[("store_manager", &brand.a.store)]).await.client;
        let odd = figures_of(&manager, &harvester).await;
        let figures = [("redemptions", json!(12)), ("near_expiry", json!(12)), ("near_expiry_share", json!("1")), ("customers", json!(12)), ("top_customer", json!(1)), ("undone", json!(0)), ("name", json!(harvester.login))];
        for (member, value) in figures {
            assert_eq!(odd[member], value, "{odd}");
        }
        assert_eq!(odd["flags"][0]["code"], "near_expiry");
        assert_eq!(odd["flags"].as_array().unwrap().len(), 1);
        let fine = figures_of(&manager, &ordinary).await;
        assert_eq!((&fine["redemptions"], &fine["flags"]), (&json!(12), &json!([])));

        // The oddest first, a page at a time.
        let page = manager.get(&format!("{FIGURES}?limit=1")).await.ok();
        assert_eq!(page["items"][0]["staff_id"], harvester.id);
        let next = manager.get(&format!("{FIGURES}?limit=1&cursor={}", page["next_cursor"].as_str().unwrap())).await.ok();
        assert_eq!((&next["items"][0]["staff_id"], &next["next_cursor"]), (&json!(ordinary.id), &Value::Null));
        let day = brand.owner.get(&format!("{FIGURES}?first=2040-06-05&last=2040-06-05")).await.ok();
        assert_eq!(day["items"].as_array().unwrap().len(), 1, "the harvest was another day: {day}");

        let file = manager.get(&format!("{FIGURES}/export")).await;
        file.expect(200);
        let lines: Vec<String> = file.text().lines().map(str::to_owned).collect();
        assert_eq!(lines.len(), 3, "{lines:?}");
        assert!(lines[1].starts_with(&format!("{},{},near_expiry,12,0,0,12,1,", harvester.id, harvester.login)), "{lines:?}");

        let neighbour = brand.person(&[("store_manager", &brand.b.store)]).await.client;
        for query in [String::new(), format!("?node_id={}", brand.a.store), format!("?node_id={}", brand.head)] {
            assert_eq!(neighbour.get(&format!("{FIGURES}{query}")).await.ok()["items"], json!([]), "{query}");
        }
        let elsewhere = brand.owner.get(&format!("{FIGURES}?node_id={}", brand.b.site)).await.ok();
        assert_eq!(elsewhere["items"], json!([]));
        harvester.client.get(FIGURES).await.problem(403, "permission_denied");
    }
}
