//! What the people of a workload share.

use std::sync::{Mutex, atomic::AtomicBool};

use serde_json::{Value, json};

use super::Plan;
use crate::{
    Server,
    brand::{Brand, Person, Shopper, ten_off, with},
    client::Client,
    journal::Journal,
};

/// Nobody runs out of it.
const PLENTY: u32 = 10_000_000;
/// Soon gone, so that there are refusals too.
const SCARCE: u32 = 60;
/// Of codes to redeem, so many are kept in mind.
const CODES_MAX: usize = 500;

/// The brand, its people, and what they have in hand.
#[derive(Debug)]
pub(super) struct World {
    pub journal: Journal,
    pub brand: Brand,
    pub shoppers: Vec<Shopper>,
    pub clerks: Vec<Person>,
    /// As whom tills call.
    pub till: Client,
    /// Templates that may be claimed: plenty, scarce, and few for each customer and day.
    pub offers: Vec<String>,
    /// A draft for each marketer.
    pub drafts: Vec<String>,
    /// Codes of coupons that somebody has claimed. Several clerks may hold the same.
    pub codes: Mutex<Vec<String>>,
    /// Redemptions that may be undone.
    pub redemptions: Mutex<Vec<String>>,
    pub stopping: AtomicBool,
}

impl World {
    pub(super) async fn build(server: &Server, plan: &Plan) -> Self {
        let brand = server.brand().await;
        let head = brand.head.clone();
        let few = with(
            ten_off(PLENTY),
            "limits",
            json!([{ "metric": "claims", "subject": "customer", "period": "day", "cap": 5 }]),
        );
        let mut offers = Vec::new();
        for rules in [ten_off(PLENTY), ten_off(SCARCE), few] {
            offers.push(brand.live(&head, &rules).await);
        }
        let mut drafts = Vec::new();
        for _ in 0..plan.marketers {
            drafts.push(brand.draft(&head, &ten_off(1)).await);
        }
        let mut clerks = Vec::new();
        for _ in 0..plan.clerks {
            clerks.push(brand.person(&[("store_manager", &brand.a.store)]).await);
        }
        Self {
            journal: Journal::new(plan.seed),
            shoppers: brand.shoppers(plan.customers).await,
            clerks,
            till: till(&brand, &head).await,
            brand,
            offers,
            drafts,
            codes: Mutex::default(),
            redemptions: Mutex::default(),
            stopping: AtomicBool::new(false),
        }
    }

    /// Keeps a code in mind, in place of the oldest where there are too many.
    pub(super) fn note_code(&self, code: &str) {
        let mut codes = self.codes.lock().unwrap();
        if codes.len() >= CODES_MAX {
            codes.remove(0);
        }
        codes.push(code.to_owned());
    }
}

async fn till(brand: &Brand, head: &str) -> Client {
    let ask = json!({ "site_id": head, "name": "收银系统", "scopes": ["claims:write"] });
    let made: Value = brand.owner.post("/admin/v1/api-keys", &ask).await.created();
    brand.stranger.with_token(made["token"].as_str().unwrap())
}
