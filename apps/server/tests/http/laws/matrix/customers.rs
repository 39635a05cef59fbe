//! Customers: their own things, and nobody else's.

use serde_json::json;

use super::{ask::Ask, operation::operations, stage::Stage};
use crate::{both, orders, support::brand::Brand};

both! {
    async fn a_customer_sees_what_is_on_offer_and_what_is_theirs(app) {
        let brand = Brand::of(app).await;
        let mut stage = Stage::set(app, &brand).await;
        let (me, other) = (brand.shopper_at(&brand.a.site).await, brand.shopper_at(&brand.a.site).await);
        let template = brand.live(&brand.a.site, &crate::support::brand::ten_off(1_000)).await;
        let (mine, theirs) = (brand.claim(&me, &template).await, brand.claim(&other, &template).await);
        let code = brand.code(&me, &mine).await;
        let codes = ["claim_code.code", "check_code.code"].map(|name| (name, json!(code)));
        let sku = stage.table.own.value("sku_id");
        let order = async |who| {
            let order = orders::stage::order(&brand, who, (&brand.a.store, sku.as_str().unwrap())).await;
            ("order_id", order["order_id"].clone())
        };
        let (my_order, their_order) = (order(&me).await, order(&other).await);
        let own = stage.table.own.but(&codes).but(&[("coupon_id", json!(mine)), ("template_id", json!(template)), my_order]);
        let not_mine = own.but(&[("coupon_id", json!(theirs)), ("template_id", stage.table.sibling.value("template_id")), their_order]);
        let draft = brand.draft(&brand.a.site, &crate::support::brand::ten_off(1)).await;
        let hidden = own.but(&[("coupon_id", json!(brand.head)), ("template_id", json!(draft)), ("order_id", json!(brand.head))]);
        for operation in operations(app, "app").await {
            if operation.permission != "customer" || operation.id == "sign_out" {
                continue;
            }
            let what = format!("a customer at A: {}", operation.name());
            let answer = Ask::about(&operation, &own).send(&me.client).await;
            stage.findings.let_in(&answer, &what);
            stage.findings.tells_nothing(&answer, &what);
            if operation.path_parameters().is_empty() && operation.body.is_none() {
                continue;
            }
            if operation.id == "claim_code" {
                continue; // What a customer may learn of a code is a law of its own.
            }
            for (place, rows) in [("somebody else's", &not_mine), ("nobody's", &hidden)] {
                let answer = Ask::about(&operation, rows).send(&me.client).await;
                stage.findings.refused(&answer, &format!("{what}, {place}"));
                let reads = operation.path_parameters().contains(&"coupon_id") || operation.is_read();
                stage.findings.note(!reads || answer.status == 404, &answer, &format!("{what}, {place}"));
            }
        }
        stage.findings.assert_none();
    }
}
