//! Connections are cut around COMMIT: what was done is done once, whoever asks again.

use std::time::Duration;

use huike_harness::{Answer, Brand, Home, Moment, PostgresServer, Proxy, Server, brand::ten_off};
use serde_json::json;
use tokio::time::sleep;

use super::home_behind;
use crate::scene::Scene;

/// A server whose connections to PostgreSQL all lead through a proxy.
struct Line {
    /// Held so that it goes on running.
    _postgres: PostgresServer,
    proxy: Proxy,
    home: Home,
    server: Server,
}

impl Line {
    async fn start() -> Option<Self> {
        let postgres = PostgresServer::start()?;
        let proxy = Proxy::before(postgres.port());
        let home = home_behind(&proxy, &postgres);
        let server = Server::start(&home, &[]).await;
        Some(Self { _postgres: postgres, proxy, home, server })
    }
}

async fn claim(shopper: &huike_harness::brand::Shopper, key: &str, template: &str) -> Answer {
    shopper.client.once(key).post("/app/v1/claims", &json!({ "template_id": template })).await
}

async fn issued(brand: &Brand, template: &str) -> u64 {
    brand.template(template).await["stock"]["issued"].as_u64().unwrap()
}

#[actix_web::test]
async fn cut_after_the_commit_whoever_asks_again_under_the_same_key_gets_the_first_answer() {
    let Some(line) = Line::start().await else { return };
    let brand = line.server.brand().await;
    let template = brand.live(&brand.head, &ten_off(100)).await;
    let shopper = brand.shopper().await;
    let before = issued(&brand, &template).await;
    // The first claim makes the server know the customer, so that the next begins with its own transaction.
    claim(&shopper, "warm", &template).await.created();

    // Every COMMIT is done and never heard of, those with which the store itself asks again too.
    line.proxy.cut_some(Moment::AfterCommit, 1, 1);
    let lost = claim(&shopper, "k", &template).await;
    lost.problem(503, "outcome_unknown");
    assert_eq!(lost.header("retry-after"), "1");
    line.proxy.pass();

    let first = claim(&shopper, "k", &template).await.created();
    let second = claim(&shopper, "k", &template).await.created();
    assert_eq!(first, second);
    assert_eq!(issued(&brand, &template).await, before + 2, "one for each key");
    line.home.verify();
    line.server.stop().ok();
}

#[actix_web::test]
async fn cut_once_after_the_commit_the_store_asks_again_by_itself() {
    let Some(line) = Line::start().await else { return };
    let brand = line.server.brand().await;
    let template = brand.live(&brand.head, &ten_off(100)).await;
    let shopper = brand.shopper().await;
    for number in 0_u64..20 {
        // Jobs commit too; whoever is cut, the claim is answered.
        line.proxy.cut_next(if number % 2 == 0 { Moment::AfterCommit } else { Moment::BeforeCommit }, 1);
        claim(&shopper, &format!("k{number}"), &template).await.created();
        assert_eq!(issued(&brand, &template).await, number + 1);
    }
    assert!(line.proxy.cuts() >= 10, "{} were cut", line.proxy.cuts());
    line.home.verify();
}

#[actix_web::test]
async fn without_a_key_a_lost_commit_is_told_as_unknown_and_is_there_or_not_but_never_twice() {
    let Some(line) = Line::start().await else { return };
    let brand = line.server.brand().await;
    let shopper = brand.shopper().await;
    let path = format!("/admin/v1/customers/{}/notes", shopper.id);
    brand.owner.get(&path).await.ok();
    for (number, moment) in [Moment::AfterCommit, Moment::BeforeCommit].into_iter().enumerate() {
        line.proxy.cut_some(moment, 1, 1);
        let body = json!({ "site_id": brand.head, "body": format!("第 {number} 条") });
        let lost = brand.owner.post(&path, &body).await;
        line.proxy.pass();
        lost.problem(503, "outcome_unknown");
        assert_eq!(lost.header("retry-after"), "1");
        let notes = brand.owner.get(&path).await.ok();
        let there = notes["items"].as_array().unwrap().iter().filter(|note| note["body"] == body["body"]).count();
        assert_eq!(there, usize::from(moment == Moment::AfterCommit), "{notes}");
    }
    line.home.verify();
}

#[actix_web::test]
async fn cut_by_chance_around_commits_nothing_is_lost_and_nothing_twice() {
    let Some(postgres) = PostgresServer::start() else { return };
    let proxy = Proxy::before(postgres.port());
    let scene = Scene::begin(home_behind(&proxy, &postgres)).await;
    for (round, moment) in [Moment::AfterCommit, Moment::BeforeCommit].into_iter().cycle().take(6).enumerate() {
        proxy.cut_some(moment, 4, round as u64);
        sleep(Duration::from_secs(1)).await;
    }
    for _ in 0..10 {
        proxy.cut_all();
        sleep(Duration::from_millis(200)).await;
    }
    proxy.refuse();
    scene.unready().await;
    sleep(Duration::from_secs(2)).await;
    proxy.pass();
    let took = scene.recovered().await;
    let what =
        format!("{} of {} commits cut, recovered {took:.2?} after the line stood again", proxy.cuts(), proxy.commits());
    scene.end(&what).await;
}
