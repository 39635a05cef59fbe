//! Money that goes faster than it should.

use std::time::Duration;

use actix_web::rt::time::sleep;
use serde_json::{Value, json};

use crate::{
    both,
    support::brand::{Brand, ten_off, with},
};

const ALARMS: &str = "/admin/v1/spending-alarms";

/// ¥60 off, with a budget of ¥1000.
fn rules(mode: &str) -> Value {
    let rules = with(ten_off(100), "effect", json!({ "kind": "amount_off", "amount": "60.00" }));
    with(with(rules, "budget", json!({ "total": "1000.00" })), "spending_alarm", json!(mode))
}

both! {
    async fn a_coupon_that_burns_its_budget_is_told_of_and_paused_and_a_flash_sale_is_not(app) {
        app.set_clock("2040-06-05T02:10:00Z").await;
        let brand = Brand::of(app).await;
        let leaked = brand.live(&brand.a.site, &rules("pause")).await;
        let flash = brand.live(&brand.a.site, &rules("off")).await;
        for template in [&flash, &leaked] {
            for _ in 0..2 {
                brand.redemption(&brand.a, template).await;
            }
        }
        app.pass(61).await;
        let mut seen = json!([]);
        for _ in 0..300 {
            seen = brand.owner.get(ALARMS).await.ok()["items"].clone();
            if seen != json!([]) {
                break;
            }
            sleep(Duration::from_millis(50)).await;
        }
        let told = [("template_id", json!(leaked)), ("cause", json!("runs_out")), ("last_hour", json!("120.00")), ("paused", json!(true))];
        for (member, value) in told {
            assert_eq!(seen[0][member], value, "{seen}");
        }
        assert_eq!(seen.as_array().unwrap().len(), 1, "{seen}");
        let state = async |template: &str| brand.template(template).await["state"].clone();
        assert_eq!((state(&leaked).await, state(&flash).await), (json!("paused"), json!("live")));
        let tracking = brand.owner.get(&format!("/admin/v1/coupon-templates/{leaked}/tracking")).await.ok();
        assert_eq!(tracking["last_alarm"], seen[0]);
        let neighbour = brand.person(&[("site_operator", &brand.b.site)]).await.client;
        assert_eq!(neighbour.get(ALARMS).await.ok()["items"], json!([]));
        let here = brand.person(&[("site_operator", &brand.a.site)]).await.client;
        assert_eq!(here.get(ALARMS).await.ok()["items"], seen);
    }
}
