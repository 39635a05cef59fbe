//! Coupons that nobody was meant to have, and codes that nobody was meant to read.

use serde_json::json;

use super::{
    super::{
        books::assert_balanced,
        matrix::{Ask, Stage},
    },
    everything,
};
use crate::{
    both,
    support::brand::{Brand, ten_off, with},
};

both! {
    async fn what_is_not_live_is_claimed_by_nobody_and_told_to_nobody(app) {
        let brand = Brand::of(app).await;
        let template = brand.draft(&brand.head, &ten_off(10)).await;
        let shopper = brand.shopper().await;
        let offers = async || shopper.client.get("/app/v1/coupon-templates").await.ok()["items"].clone();
        let refused = async |step: &str| {
            let answer = brand.try_claim(&shopper, &template).await;
            assert!([404, 409].contains(&answer.status), "{step}: {}", answer.text());
            assert_eq!(shopper.client.get(&format!("/app/v1/coupon-templates/{template}")).await.status, 404, "{step}");
            assert_eq!(offers().await, json!([]), "{step}");
        };
        refused("a draft").await;
        let submitted = brand.act(&brand.owner, &template, "submit", json!({})).await;
        refused("in review").await;
        brand.act(&brand.approver, &template, "approve", json!({ "version": submitted["version"] })).await;
        refused("approved").await;
        brand.act(&brand.owner, &template, "publish", json!({})).await;
        assert_eq!(offers().await[0]["id"], template);
        brand.claim(&shopper, &template).await;
    }

    /// A special coupon whose link got out: it stops by itself at the day's money, and at once for good on one call.
    async fn a_leaked_coupon_stops_at_the_days_budget_and_dies_on_one_call(app) {
        let brand = Brand::of(app).await;
        let rules = with(ten_off(1_000), "budget", json!({ "total": "1000.00", "daily": "30.00" }));
        let template = brand.live(&brand.head, &rules).await;
        let first = brand.shopper().await;
        let code = brand.code(&first, &brand.claim(&first, &template).await).await;
        for _ in 0..2 {
            brand.claim(&brand.shopper().await, &template).await;
        }
        brand.try_claim(&brand.shopper().await, &template).await.problem(409, "coupon_daily_budget_exhausted");
        app.pass(24 * 3_600).await;
        let brand = { let mut brand = brand; brand.renew(app.owner().await).await; brand };
        brand.claim(&brand.shopper().await, &template).await;
        brand.act(&brand.approver, &template, "kill", json!({ "reason": "链接外泄" })).await;
        brand.try_claim(&brand.shopper().await, &template).await.problem(409, "coupon_killed");
        brand.try_redeem(&brand.owner, &brand.a.store, &code).await.problem(409, "coupon_killed");
        assert_balanced(app).await;
    }

    async fn no_read_of_staff_or_tills_shows_a_whole_code(app) {
        let brand = Brand::of(app).await;
        let mut stage = Stage::set(app, &brand).await;
        let shopper = brand.shopper_at(&brand.a.site).await;
        let template = brand.live(&brand.a.site, &ten_off(10)).await;
        let codes = [
            brand.code(&shopper, &brand.claim(&shopper, &template).await).await,
            brand.code(&shopper, &brand.claim(&shopper, &template).await).await,
        ];
        brand.try_redeem(&brand.owner, &brand.a.store, &codes[0]).await.ok();
        let printed = brand.batch(&template, &brand.a.site, 2).await.1;
        let whole: Vec<String> = codes.iter().chain(&printed).flat_map(|it| [it.clone(), it.replace('-', "")]).collect();
        for (who, operation) in everything(app, &stage).await {
            // Exporting them is a permission of its own, and every export is in the audit log.
            if !operation.is_read() || operation.path.starts_with("/app/") || operation.id == "export_codes" {
                continue;
            }
            let answer = Ask::about(&operation, &stage.table.own).send(&who).await;
            let text = answer.text();
            let told = whole.iter().any(|code| text.contains(code.as_str()));
            stage.findings.note(!told, &answer, &format!("{} shows a code", operation.name()));
        }
        stage.findings.assert_none();
    }
}
