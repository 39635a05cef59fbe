//! The books over HTTP: what finance reads of them adds up, and what is put right by hand takes two.

use huike_kernel::{CustomerId, NodeId, new_id};
use huike_ledger::AccountKind;
use huike_server::sources::SystemIds;
use serde_json::{Value, json};

use crate::{
    both,
    support::{
        Client, TestApp,
        brand::Brand,
        ledger::{account, house, principal, transfer},
    },
};

/// A brand of which a customer of site A has bought stored value and spent of it, on two days.
struct Shop {
    brand: Brand,
    finance: Client,
    account: String,
    spent: String,
    customer: CustomerId,
}

impl Shop {
    /// From six in the evening to one in the morning: two local days, and sessions that last.
    async fn open(app: &TestApp) -> Self {
        app.set_clock("2040-06-05T10:00:00Z").await;
        let brand = Brand::of(app).await;
        let site: NodeId = brand.a.site.parse().unwrap();
        let customer: CustomerId = new_id(&SystemIds);
        let key = principal(site, customer);
        transfer(app, (house(AccountKind::ClearingPayment, site), key), 50_000).await;
        let sales = house(AccountKind::ClearingSales, site);
        for fen in [1_000, 2_000, 3_000] {
            transfer(app, (key, sales), fen).await;
        }
        app.set_clock("2040-06-05T17:00:00Z").await;
        let spent = transfer(app, (key, sales), 4_000).await.to_string();
        let finance = brand.person(&[("finance", &brand.head)]).await.client;
        let account = account(app, key).await.to_string();
        Self { brand, finance, account, spent, customer }
    }

    fn statement(&self, first: &str, last: &str, rest: &str) -> String {
        format!("/admin/v1/ledger/accounts/{}/statement{rest}first={first}&last={last}", self.account)
    }

    async fn adjust(&self, who: &Client, ask: Value) -> crate::support::Answer {
        let mut whole =
            json!({ "account_id": self.account, "direction": "credit", "amount": "5.00", "reason": "补录" });
        for (name, value) in ask.as_object().unwrap() {
            whole[name] = value.clone();
        }
        who.once(&self.brand.next().to_string()).post("/admin/v1/ledger/adjustments", &whole).await
    }

    async fn decide(&self, who: &Client, adjustment: &Value, how: &str) -> crate::support::Answer {
        let path = format!("/admin/v1/ledger/adjustments/{}/{how}", adjustment["id"].as_str().unwrap());
        who.once(&self.brand.next().to_string()).post(&path, &json!({})).await
    }
}

both! {
    async fn the_trial_balance_of_the_brand_comes_to_nothing(app) {
        let shop = Shop::open(app).await;
        let trial = shop.finance.get("/admin/v1/ledger/trial-balance").await.ok();
        let total = json!([{ "unit": "cny", "debit": "500.00", "credit": "500.00", "is_balanced": true }]);
        assert_eq!(trial["totals"], total);
        let row = |kind: &str| trial["rows"].as_array().unwrap().iter().find(|row| row["kind"] == kind).unwrap().clone();
        assert_eq!(row("stored_value_principal")["credit"], "400.00");
        assert_eq!((&row("clearing_payment")["debit"], &row("clearing_payment")["accounts"]), (&json!("500.00"), &json!(1)));
        let elsewhere = format!("/admin/v1/ledger/trial-balance?node_id={}", shop.brand.b.site);
        assert_eq!(shop.finance.get(&elsewhere).await.ok()["rows"], json!([]));
        let of_b = shop.brand.person(&[("finance", &shop.brand.b.site)]).await.client;
        assert_eq!(of_b.get("/admin/v1/ledger/trial-balance").await.ok()["rows"], json!([]));
    }

    async fn accounts_are_found_by_what_they_are_and_whose(app) {
        let shop = Shop::open(app).await;
        let list = async |query: &str| {
            let path = format!("/admin/v1/ledger/accounts?{query}");
            shop.finance.get(&path).await.ok()["items"].as_array().unwrap().clone()
        };
        assert_eq!(list("").await.len(), 3);
        let of_customer = list(&format!("owner_id={}&unit=cny", shop.customer)).await;
        let shown = ["kind", "owner_kind", "posted", "held", "available"].map(|name| of_customer[0][name].clone());
        assert_eq!(json!(shown), json!(["stored_value_principal", "customer", "400.00", "0.00", "400.00"]));
        assert_eq!(list("kind=clearing_sales").await[0]["posted"], "100.00");
        assert_eq!(list("kind=points").await.len(), 0);
        shop.finance.get("/admin/v1/ledger/accounts?unit=gold").await.problem(422, "unit_unknown");
        let one = shop.finance.get(&format!("/admin/v1/ledger/accounts/{}", shop.account)).await.ok();
        assert_eq!(one, of_customer[0]);
    }

    async fn a_statement_goes_from_its_opening_to_its_closing_page_by_page(app) {
        let shop = Shop::open(app).await;
        let (mut lines, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = shop.finance.get(&shop.statement("2040-06-05", "2040-06-06", &format!("?limit=2{cursor}&"))).await.ok();
            let shown = ["opening", "debits", "credits", "closing"].map(|name| page[name].clone());
            assert_eq!(json!(shown), json!(["0.00", "100.00", "500.00", "400.00"]));
            lines.extend(page["items"].as_array().unwrap().clone());
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        let balances: Vec<&Value> = lines.iter().map(|line| &line["balance"]).collect();
        assert_eq!(json!(balances), json!(["500.00", "490.00", "470.00", "440.00", "400.00"]));
        assert_eq!((&lines[1]["debit"], &lines[1]["credit"]), (&json!("10.00"), &Value::Null));
        assert_eq!(lines[4]["transaction_id"], json!(shop.spent));

        let second = shop.finance.get(&shop.statement("2040-06-06", "2040-06-06", "?")).await.ok();
        assert_eq!((&second["opening"], &second["closing"]), (&json!("440.00"), &json!("400.00")));
        assert_eq!(second["items"].as_array().unwrap().len(), 1);
        let before = shop.finance.get(&shop.statement("2040-06-01", "2040-06-04", "?")).await.ok();
        assert_eq!((&before["opening"], &before["closing"], &before["items"]), (&json!("0.00"), &json!("0.00"), &json!([])));
        shop.finance.get(&shop.statement("2040-06-06", "2040-06-05", "?")).await.problem(422, "request_invalid");
        let other_days = shop.statement("2040-06-01", "2040-06-04", &format!("?limit=2{cursor}&"));
        shop.finance.get(&other_days).await.problem(422, "cursor_invalid");
    }

    async fn a_statement_as_a_file_says_the_same(app) {
        let shop = Shop::open(app).await;
        let file = shop.finance.get(&shop.statement("2040-06-05", "2040-06-06", "/export?")).await;
        assert_eq!(file.header("content-type"), "text/csv; charset=utf-8");
        let text = file.text();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 6, "{text}");
        assert!(lines[0].starts_with("posted_at,transaction_id,reason"), "{text}");
        assert!(lines[1].ends_with(",,500.00,500.00") && lines[5].ends_with(",40.00,,400.00"), "{text}");
    }

    async fn a_transaction_shows_both_sides_and_nothing_changes_it(app) {
        let shop = Shop::open(app).await;
        let path = format!("/admin/v1/ledger/transactions/{}", shop.spent);
        let shown = shop.finance.get(&path).await.ok();
        let transfer = &shown["transfers"][0];
        assert_eq!((&transfer["debit"]["amount"], &transfer["credit"]["amount"]), (&json!("-40.00"), &json!("40.00")));
        assert_eq!(transfer["debit"]["account_id"], json!(shop.account));
        assert_eq!(transfer["credit"]["account_kind"], "clearing_sales");
        for method in ["PUT", "PATCH", "DELETE", "POST"] {
            shop.finance.call(method, &path).await.problem(405, "method_not_allowed");
        }
    }

    async fn an_adjustment_takes_two_people_and_a_key(app) {
        let shop = Shop::open(app).await;
        let ask = json!({ "account_id": shop.account, "direction": "debit", "amount": "30.00", "reason": "多记一笔" });
        let path = "/admin/v1/ledger/adjustments";
        shop.finance.post(path, &ask).await.problem(400, "idempotency_key_missing");
        let first = shop.finance.once("adjust").post(path, &ask).await.created();
        assert_eq!(shop.finance.once("adjust").post(path, &ask).await.created(), first, "one key, one request");
        assert_eq!(shop.finance.get(&format!("{path}?state=open")).await.ok()["items"].as_array().unwrap().len(), 1);
        shop.decide(&shop.finance, &first, "approve").await.problem(403, "second_person_missing");

        let owner = &shop.brand.owner;
        let done = shop.decide(owner, &first, "approve").await.ok();
        assert_eq!((&done["state"], &done["unreviewed"], &done["amount"]), (&json!("approved"), &json!(false), &json!("30.00")));
        let posted = format!("/admin/v1/ledger/transactions/{}", done["transaction_id"].as_str().unwrap());
        assert_eq!(owner.get(&posted).await.ok()["transfers"][0]["reason"], "adjust");
        let has = shop.finance.get(&format!("/admin/v1/ledger/accounts/{}", shop.account)).await.ok();
        assert_eq!(has["posted"], "370.00");
        shop.decide(owner, &first, "reject").await.problem(409, "adjustment_decided");
    }

    async fn an_adjustment_that_cannot_be_moves_nothing(app) {
        let shop = Shop::open(app).await;
        let house = shop.finance.get("/admin/v1/ledger/accounts?kind=clearing_sales").await.ok();
        let refused = shop.adjust(&shop.finance, json!({ "account_id": house["items"][0]["id"] })).await;
        refused.problem(422, "account_not_adjustable");
        for amount in ["0", "-5", "5.001", "five", "99999999999999"] {
            shop.adjust(&shop.finance, json!({ "amount": amount })).await.problem(422, "amount_invalid");
        }
        let more = shop.adjust(&shop.finance, json!({ "direction": "debit", "amount": "400.01" })).await.created();
        shop.decide(&shop.brand.owner, &more, "approve").await.problem(409, "balance_insufficient");
        let back = shop.decide(&shop.finance, &more, "reject").await.ok();
        assert_eq!(back["state"], "rejected");
        let has = shop.finance.get(&format!("/admin/v1/ledger/accounts/{}", shop.account)).await.ok();
        assert_eq!(has["posted"], "400.00");
    }
}
