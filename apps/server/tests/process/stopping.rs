//! Stopping in the middle of everything: what was acknowledged is there afterwards.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use actix_web::rt::{spawn, task::JoinHandle, time::sleep};
use huike_harness::{
    Home, Ran, Server,
    brand::{Shopper, ten_off},
};
use serde_json::json;

use crate::each_home;

const WRITERS: usize = 20;
/// Enough to be in the middle of it.
const ACKNOWLEDGED_MIN: usize = 200;

each_home! {
    async fn a_server_told_to_stop_loses_nothing_it_acknowledged(home) {
        let ended = stop_in_the_middle(home, Server::terminate).await;
        ended.ok();
        assert!(!ended.err.contains("ERROR") && !ended.err.contains("panicked"), "{}", ended.err);
    }

    async fn a_server_that_is_killed_has_kept_what_it_acknowledged(home) {
        let ended = stop_in_the_middle(home, Server::kill).await;
        assert_eq!(ended.code, None, "killed by the signal");
    }
}

/// Twenty customers claim without a pause; the server is stopped; the journal of what they were told is compared with
/// what the next server knows.
async fn stop_in_the_middle(home: &Home, stop: impl Fn(&Server)) -> Ran {
    let server = Server::start(home, &[]).await;
    let brand = server.brand().await;
    let template = brand.live(&brand.head, &ten_off(1_000_000)).await;
    let shoppers = brand.shoppers(WRITERS).await;
    let acknowledged = Arc::new(AtomicUsize::new(0));
    let writers: Vec<JoinHandle<Vec<String>>> = shoppers
        .iter()
        .map(|shopper| spawn(claim_until_the_end(shopper.clone(), template.clone(), acknowledged.clone())))
        .collect();
    while acknowledged.load(Ordering::Relaxed) < ACKNOWLEDGED_MIN {
        sleep(Duration::from_millis(5)).await;
    }
    stop(&server);
    let mut journals = Vec::new();
    for writer in writers {
        journals.push(writer.await.unwrap());
    }
    let ended = server.stopped();

    let server = Server::start(home, &[]).await;
    let mut told = 0;
    for (shopper, journal) in shoppers.iter().zip(&journals) {
        let held = all_coupons(&server, shopper).await;
        told += journal.len();
        for coupon in journal {
            assert!(held.contains(coupon), "a claim that was acknowledged is gone");
        }
    }
    let seen = server.owner().await.get(&format!("/admin/v1/coupon-templates/{template}")).await.ok();
    // A claim that was never answered may have been kept; of each customer at most the last one.
    let issued = seen["stock"]["issued"].as_u64().unwrap() as usize;
    assert!((told..=told + WRITERS).contains(&issued), "{told} were told, {issued} are there");
    home.run(&["verify"]).ok();
    server.stop().ok();
    ended
}

/// Claims one after the other until nobody answers any more; the coupons that were acknowledged.
async fn claim_until_the_end(shopper: Shopper, template: String, acknowledged: Arc<AtomicUsize>) -> Vec<String> {
    let mut journal = Vec::new();
    for number in 0.. {
        let client = shopper.client.once(&format!("claim-{number}"));
        let ask = json!({ "template_id": template });
        let Ok(answer) = client.try_send("POST", "/app/v1/claims", &ask).await else { break };
        match answer.status {
            201 => journal.push(answer.json()["coupon_id"].as_str().unwrap().to_owned()),
            503 => break,
            _ => panic!("{}: {}", answer.status, answer.text()),
        }
        acknowledged.fetch_add(1, Ordering::Relaxed);
    }
    journal
}

/// The whole wallet of a customer, page by page.
async fn all_coupons(server: &Server, shopper: &Shopper) -> Vec<String> {
    let client = shopper.client.on(&server.base);
    let (mut held, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = client.get(&format!("/app/v1/coupons?limit=100{cursor}")).await.ok();
        held.extend(page["items"].as_array().unwrap().iter().map(|coupon| coupon["id"].as_str().unwrap().to_owned()));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return held,
        }
    }
}
