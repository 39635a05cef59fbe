//! Everything that a workload can have brought about, read page by page.

use serde_json::Value;

use super::world::World;
use crate::{
    Server,
    client::Client,
    journal::{Census, Effect},
};

pub(super) async fn take(world: &World, server: &Server) -> Census {
    let mut census = Census::default();
    // The clock may have ended the owner's session.
    let owner = server.owner().await;
    for shopper in &world.shoppers {
        for side in ["usable", "used", "over"] {
            let wallet = format!("/app/v1/coupons?side={side}");
            all(&shopper.client, &wallet, |coupon| count(&mut census, "coupon", &coupon["id"])).await;
        }
        let notes = format!("/admin/v1/customers/{}/notes?", shopper.id);
        all(&owner, &notes, |note| count(&mut census, "note", &note["body"])).await;
    }
    all(&owner, "/admin/v1/redemptions?", |redemption| {
        count(&mut census, "redemption", &redemption["id"]);
        if !redemption["undo"].is_null() {
            count(&mut census, "undo", &redemption["id"]);
        }
    })
    .await;
    for draft in &world.drafts {
        let seen = owner.get(&format!("/admin/v1/coupon-templates/{draft}")).await.ok();
        census.set(format!("draft {draft}"), seen["name"].as_str().unwrap_or_default());
    }
    for node in [&world.brand.a.site, &world.brand.b.site] {
        let settings = owner.get(&format!("/admin/v1/nodes/{node}/settings")).await.ok();
        let slogan = settings["items"].as_array().into_iter().flatten().find(|setting| setting["key"] == "slogan");
        census.set(format!("slogan {node}"), slogan.and_then(|it| it["value"].as_str()).unwrap_or_default());
    }
    census
}

fn count(census: &mut Census, kind: &'static str, id: &Value) {
    census.add(Effect::new(kind, id.as_str().unwrap()));
}

/// Every row of a list.
async fn all(client: &Client, list: &str, mut see: impl FnMut(&Value)) {
    let mut cursor = String::new();
    loop {
        let page = client.get(&format!("{list}&limit=100{cursor}")).await.ok();
        page["items"].as_array().unwrap().iter().for_each(&mut see);
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return,
        }
    }
}
