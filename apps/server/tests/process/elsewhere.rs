//! Other homes, to restore into and to copy to, and what there is to compare in them.

use huike_harness::{Brand, Client, Home, Server, brand::Shopper};
use huike_persistence::{
    DatabaseUrl,
    copy::{self, TableDigest},
    testing::TestDatabase,
};
use serde_json::json;

const BINARY: &str = env!("CARGO_BIN_EXE_huike");

/// A home with a database of the same kind, where nothing is yet.
pub fn like(home: &Home) -> Home {
    if home.is_sqlite() { Home::on_sqlite(BINARY) } else { on_empty_postgres().unwrap() }
}

/// A home on a PostgreSQL database without a single table, or `None` (said aloud) where there is no server.
pub fn on_empty_postgres() -> Option<Home> {
    let database = TestDatabase::empty_postgres()?;
    let DatabaseUrl::Postgres(url) = database.url().clone() else { unreachable!("it was asked for PostgreSQL") };
    Some(Home::on(BINARY, url).keeping(database))
}

/// The URL of the home's database, good from everywhere.
pub fn url(home: &Home) -> DatabaseUrl {
    match home.database_url().parse().unwrap() {
        DatabaseUrl::Sqlite(file) => DatabaseUrl::Sqlite(home.path().join(file)),
        postgres => postgres,
    }
}

/// The same as an option takes it.
pub fn url_text(home: &Home) -> String {
    match url(home) {
        DatabaseUrl::Sqlite(file) => format!("sqlite://{}", file.display()),
        DatabaseUrl::Postgres(url) => url,
    }
}

/// What every table adds up to.
pub fn digest(home: &Home) -> Vec<(&'static str, TableDigest)> {
    copy::digest(&url(home)).unwrap()
}

/// The file names in the home's folder and below, sorted.
pub fn files(home: &Home) -> Vec<String> {
    let mut folders = vec![home.path().to_owned()];
    let mut names = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            match entry.file_type().unwrap().is_dir() {
                true => folders.push(entry.path()),
                false => names.push(entry.path().strip_prefix(home.path()).unwrap().display().to_string()),
            }
        }
    }
    names.sort();
    names
}

/// The customer, signed in anew at another server.
pub async fn signed_in(server: &Server, shopper: &Shopper) -> Client {
    let ask = json!({ "provider": "dev", "phone": shopper.phone });
    let session = server.stranger().post("/app/v1/sessions", &ask).await.created();
    assert_eq!(session["is_new"], false, "they are known there");
    server.stranger().with_token(session["token"].as_str().unwrap())
}

/// Every coupon of the customer's wallet.
pub async fn wallet(client: &Client) -> Vec<String> {
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

/// Shows a coupon that was claimed elsewhere to its owner here, and redeems it.
pub async fn redeem(server: &Server, customer: &Client, brand: &Brand, coupon: &str) {
    let shown = customer.get(&format!("/app/v1/coupons/{coupon}")).await.ok();
    let ask = json!({ "store_id": brand.a.store, "code": shown["code"] });
    let redeemed = server.owner().await.once(&format!("redeem-{coupon}")).post("/admin/v1/redemptions", &ask).await;
    redeemed.ok();
}
