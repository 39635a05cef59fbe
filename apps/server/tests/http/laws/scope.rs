//! Where a coupon is good: it belongs to the head or a site, and its rules may name places.

use serde_json::json;

use crate::{
    both,
    laws::books::assert_balanced,
    support::brand::{Brand, ten_off, with},
};

both! {
    async fn a_coupon_of_the_head_claimed_at_a_is_good_in_every_store_below(app) {
        let brand = Brand::of(app).await;
        let template = brand.live(&brand.head, &ten_off(10)).await;
        for store in [&brand.a.store, &brand.b.store] {
            let shopper = brand.shopper_at(&brand.a.site).await;
            let code = brand.code(&shopper, &brand.claim(&shopper, &template).await).await;
            let clerk = brand.person(&[("clerk", store)]).await.client;
            brand.try_redeem(&clerk, store, &code).await.ok();
        }
        assert_balanced(app).await;
    }

    async fn a_coupon_is_refused_where_its_rules_do_not_reach(app) {
        let brand = Brand::of(app).await;
        let only_a = with(ten_off(10), "scope", json!({ "include_nodes": [brand.a.site] }));
        let template = brand.live(&brand.head, &only_a).await;
        let shopper = brand.shopper_at(&brand.a.site).await;
        let code = brand.code(&shopper, &brand.claim(&shopper, &template).await).await;
        let at_b = brand.person(&[("clerk", &brand.b.store)]).await.client;
        brand.try_redeem(&at_b, &brand.b.store, &code).await.problem(422, "coupon_out_of_scope");
        let at_a = brand.person(&[("clerk", &brand.a.store)]).await.client;
        brand.try_redeem(&at_a, &brand.a.store, &code).await.ok();
        let elsewhere = brand.shopper_at(&brand.b.site).await;
        brand.try_claim(&elsewhere, &template).await.problem(422, "coupon_out_of_scope");
        assert_eq!(brand.template(&template).await["stock"]["issued"], 1);
        assert_balanced(app).await;
    }

    async fn a_coupon_of_a_site_is_foreign_to_another(app) {
        let brand = Brand::of(app).await;
        let template = brand.live(&brand.a.site, &ten_off(10)).await;
        let shopper = brand.shopper_at(&brand.a.site).await;
        let code = brand.code(&shopper, &brand.claim(&shopper, &template).await).await;
        let at_b = brand.person(&[("clerk", &brand.b.store)]).await.client;
        brand.try_redeem(&at_b, &brand.b.store, &code).await.problem(404, "code_foreign");
        // A clerk stands in one store; another's does not exist for them.
        brand.try_redeem(&at_b, &brand.a.store, &code).await.expect(404);
        let visitor = brand.shopper_at(&brand.b.site).await;
        brand.try_claim(&visitor, &template).await.problem(422, "coupon_out_of_scope");
    }

    async fn nobody_redeems_their_own_coupon(app) {
        let brand = Brand::of(app).await;
        let template = brand.live(&brand.head, &ten_off(10)).await;
        let shopper = brand.shopper().await;
        let code = brand.code(&shopper, &brand.claim(&shopper, &template).await).await;
        let clerk = brand.person(&[("clerk", &brand.a.store)]).await;
        let path = format!("/admin/v1/staff/{}", clerk.id);
        let version = brand.owner.get(&path).await.ok()["version"].clone();
        brand.owner.patch(&path, &json!({ "version": version, "customer_id": shopper.id })).await.ok();
        let refused = brand.try_redeem(&clerk.client, &brand.a.store, &code).await;
        assert_eq!(refused.status, 403, "{}", refused.text());
        brand.try_redeem(&brand.owner, &brand.a.store, &code).await.ok();
    }
}
