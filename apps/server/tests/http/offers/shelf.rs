//! How soon carts hear of an offer: at once where it was changed, within two seconds on every other instance.

use std::time::{Duration, Instant};

use actix_web::rt::time::sleep;
use huike_access::IntegrationScope;
use huike_kernel::Money;
use huike_persistence::{DatabaseUrl, Outcome, offer_stock, testing::TestDatabase};
use serde_json::json;

use super::stage::{act, live, thirty_off};
use crate::{
    both,
    laws::matrix::key,
    support::{Client, TestApp, brand::Brand},
};

/// The promise, and as much again for a machine that is busy with other tests.
const SOON: Duration = Duration::from_secs(4);

/// A second server on the database of the first. A file of SQLite has one server and no other.
fn second(app: &TestApp) -> Option<TestApp> {
    let url = app.store.url().clone();
    let shared = matches!(url, DatabaseUrl::Postgres(_));
    shared.then(|| TestApp::start(TestDatabase::sqlite(), |settings| settings.database_url = url))
}

/// What 236.00 of milk costs.
async fn payable(till: &Client) -> String {
    let cart = json!({ "lines": [{ "id": "1", "sku": "milk-900g", "quantity": 2, "list_price": "118.00" }] });
    let quote = till.post("/open/v1/quotes", &cart).await.ok();
    quote["totals"]["payable"].as_str().unwrap().to_owned()
}

async fn assert_soon(till: &Client, wanted: &str) {
    let begun = Instant::now();
    loop {
        let seen = payable(till).await;
        if seen == wanted {
            return;
        }
        assert!(begun.elapsed() < SOON, "still {seen} and not {wanted} after {:?}", begun.elapsed());
        sleep(Duration::from_millis(50)).await;
    }
}

both! {
    async fn what_is_published_or_paused_here_is_in_the_quotes_of_every_instance_within_two_seconds(app) {
        let brand = Brand::of(app).await;
        let till = key(&brand, &brand.a.store, &[IntegrationScope::QuotesRead]).await;
        let other = second(app);
        let there = till.on(other.as_ref().map_or(&app.base, |other| &other.base));
        assert_eq!((payable(&till).await, payable(&there).await), ("236.00".to_owned(), "236.00".to_owned()));

        let offer = live(&brand, &brand.head, &thirty_off()).await;
        assert_eq!(payable(&till).await, "206.00", "who changed it sees it at once");
        assert_soon(&there, "206.00").await;
        act(&brand.owner, &offer, "pause").await.ok();
        assert_eq!(payable(&till).await, "236.00");
        assert_soon(&there, "236.00").await;
        act(&brand.owner, &offer, "resume").await.ok();
        assert_soon(&there, "206.00").await;

        // What orders take of the budget is seen as soon.
        let id = offer.parse().unwrap();
        let take = app.store.write(move |db, _now| offer_stock::take(db, id, Money::from_fen(2_999_000)));
        assert_eq!(take.await.unwrap(), Outcome::Applied);
        assert_soon(&there, "236.00").await;
        assert_soon(&till, "236.00").await;
    }

    async fn an_offer_of_a_site_is_for_carts_below_it_and_no_others(app) {
        let brand = Brand::of(app).await;
        let here = key(&brand, &brand.a.store, &[IntegrationScope::QuotesRead]).await;
        let there = key(&brand, &brand.b.store, &[IntegrationScope::QuotesRead]).await;
        assert_eq!((payable(&here).await, payable(&there).await), ("236.00".to_owned(), "236.00".to_owned()));
        live(&brand, &brand.a.site, &thirty_off()).await;
        assert_eq!((payable(&here).await, payable(&there).await), ("206.00".to_owned(), "236.00".to_owned()));
    }
}
