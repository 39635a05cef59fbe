//! Claims and codes over HTTP: what a customer gets, what nobody may learn, and how guessing ends.

use actix_web::rt;
use serde_json::{Value, json};

use crate::{
    both,
    support::{
        Answer, Client, TestApp,
        brand::{Brand, ten_off, with},
    },
};

async fn brand(app: &TestApp) -> Brand {
    Brand::of(app).await
}

/// Asks again until the batch has come to its end.
async fn finished(brand: &Brand, batch: &Value) -> Value {
    let path = format!("/admin/v1/code-batches/{}", batch["batch_id"].as_str().unwrap());
    for _ in 0..200 {
        let seen = brand.owner.get(&path).await.ok();
        if seen["state"] != "running" {
            return seen;
        }
        rt::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("{path} is still running");
}

/// The codes of a batch, as exported.
async fn exported(brand: &Brand, batch: &Value) -> Vec<(String, String)> {
    let path = format!("/admin/v1/code-batches/{}/codes", batch["batch_id"].as_str().unwrap());
    let file = brand.owner.get(&path).await;
    assert_eq!((file.status, file.header("content-type")), (200, "text/csv; charset=utf-8"));
    let text = file.text();
    let rows = text.lines().skip(1).filter_map(|row| row.split_once(','));
    rows.map(|(code, state)| (code.to_owned(), state.to_owned())).collect()
}

/// Prints signed codes.
async fn print(brand: &Brand, template: &str, site: &str, quantity: u32) -> Vec<String> {
    let ask = json!({ "template_id": template, "site_id": site, "name": "传单", "quantity": quantity });
    let key = format!("print-{}", brand.next());
    let batch = brand.owner.once(&key).post("/admin/v1/code-batches", &ask).await.created();
    let done = finished(brand, &batch).await;
    assert_eq!((&done["state"], &done["made"]), (&json!("done"), &json!(quantity)));
    exported(brand, &batch).await.into_iter().map(|(code, _)| code).collect()
}

async fn enter(who: &Client, key: &str, code: &str) -> Answer {
    who.once(key).post("/app/v1/codes/claim", &json!({ "code": code })).await
}

async fn check(who: &Client, code: &str) -> Value {
    who.post("/app/v1/codes/check", &json!({ "code": code })).await.ok()["answer"].clone()
}

both! {
    async fn a_customer_sees_claims_and_shows_a_coupon(app) {
        let brand = brand(app).await;
        let template = brand.live(&brand.head, &ten_off(5)).await;
        let shopper = brand.shopper().await.client.at(&brand.a.site);
        let offers = shopper.get("/app/v1/coupon-templates").await.ok();
        assert_eq!(offers["items"][0]["id"], json!(template));
        assert_eq!(offers["items"][0]["available"], true);
        let claimed = shopper.once("k1").post("/app/v1/claims", &json!({ "template_id": template })).await.created();
        let again = shopper.once("k1").post("/app/v1/claims", &json!({ "template_id": template })).await.created();
        assert_eq!(claimed, again, "the same key takes effect once");
        let other = shopper.once("k1").post("/app/v1/claims", &json!({ "link_token": "x" })).await;
        other.problem(422, "idempotency_key_reused");
        let wallet = shopper.get("/app/v1/coupons").await.ok();
        assert_eq!(wallet["items"].as_array().unwrap().len(), 1);
        let path = format!("/app/v1/coupons/{}", claimed["coupon_id"].as_str().unwrap());
        let coupon = shopper.get(&path).await.ok();
        assert_eq!(coupon["code"].as_str().unwrap().len(), 29);
        assert!(coupon["rule_card"]["title"].as_str().is_some_and(|title| !title.is_empty()));
        assert_eq!(check(&app.stranger(), coupon["code"].as_str().unwrap()).await, "genuine");
        brand.shopper().await.client.get(&path).await.problem(404, "not_found");
        let nothing = shopper.get("/app/v1/coupons?side=used").await.ok();
        assert_eq!(nothing["items"], json!([]));
        let void = format!("/admin/v1/coupons/{}/void", claimed["coupon_id"].as_str().unwrap());
        brand.owner.post(&void, &json!({ "reason": "印错" })).await.ok();
        brand.owner.post(&void, &json!({ "reason": "印错" })).await.problem(409, "coupon_state_refuses");
        assert_eq!(shopper.get("/app/v1/coupons?side=over").await.ok()["items"][0]["state"], "voided");
        assert_eq!(check(&app.stranger(), coupon["code"].as_str().unwrap()).await, "used");
    }

    async fn codes_that_cannot_be_claimed_are_answered_byte_by_byte_alike(app) {
        let brand = brand(app).await;
        let template = brand.live(&brand.a.site, &ten_off(9)).await;
        let codes = print(&brand, &template, &brand.a.site, 3).await;
        let (owner, asker) = (brand.shopper().await.client.at(&brand.a.site), brand.shopper().await.client);
        enter(&owner, "mine", &codes[0]).await.created();
        let mut altered = codes[1].clone();
        altered.replace_range(28.., if altered.ends_with('0') { "1" } else { "0" });
        let unknown = "1ABCD-EFGHJ-KMNPQ-RSTVW-XYZ12";
        let fixed = asker.with("x-request-id", "01936f5e-7d2a-7c3e-9a41-5b6c7d8e9f00");
        let (here, there) = (fixed.at(&brand.a.site), fixed.at(&brand.b.site));
        let answers = [
            enter(&here, "used", &codes[0]).await,
            enter(&here, "altered", &altered).await,
            enter(&here, "unknown", unknown).await,
            enter(&here, "plain", "NEVER-SEEN-1").await,
            enter(&there, "foreign", &codes[1]).await,
        ];
        for answer in &answers {
            answer.problem(404, "code_not_claimable");
            assert_eq!(answer.bytes, answers[0].bytes, "{}", answer.asked);
        }
        enter(&here, "free", &codes[1].to_lowercase().replace('-', " ")).await.created();
    }

    async fn a_shared_code_that_leads_nowhere_is_answered_and_counted_like_an_unknown_one(app) {
        let brand = brand(app).await;
        let share = async |owner: &str, code: &str| {
            let template = brand.live(owner, &ten_off(9)).await;
            let path = format!("/admin/v1/coupon-templates/{template}/channels");
            let ask = json!({ "kind": "poster", "name": "海报", "code": code });
            (template, brand.owner.post(&path, &ask).await.created())
        };
        share(&brand.b.site, "FOREIGN-1").await;
        let (_, closed) = share(&brand.head, "CLOSED-1").await;
        brand.owner.call("POST", &format!("/admin/v1/channels/{}/close", closed["id"].as_str().unwrap())).await.ok();
        let (killed, _) = share(&brand.head, "KILLED-1").await;
        brand.act(&brand.owner, &killed, "kill", json!({ "reason": "价格有误" })).await;
        share(&brand.head, "GOOD-CODE-1").await;
        let fixed = brand.shopper().await.client.with("x-request-id", "01936f5e-7d2a-7c3e-9a41-5b6c7d8e9f00");
        let here = fixed.at(&brand.a.site);
        let unknown = enter(&here, "unknown", "NEVER-SEEN-1").await;
        unknown.problem(404, "code_not_claimable");
        for code in ["FOREIGN-1", "CLOSED-1", "KILLED-1", "NEVER-SEEN-2"] {
            let answer = enter(&here, code, code).await;
            assert_eq!((answer.status, &answer.bytes), (unknown.status, &unknown.bytes), "{code}");
        }
        enter(&here, "sixth", "GOOD-CODE-1").await.problem(429, "code_too_many_guesses");
        enter(&brand.shopper().await.client.at(&brand.a.site), "good", "GOOD-CODE-1").await.created();
    }

    async fn guessing_ends_in_come_again_later(app) {
        let brand = brand(app).await;
        let shopper = brand.shopper().await.client;
        for number in 0..5 {
            enter(&shopper, &format!("k{number}"), &format!("GUESS-{number:04}")).await.problem(404, "code_not_claimable");
        }
        let answer = enter(&shopper, "k9", "GUESS-9999").await;
        answer.problem(429, "code_too_many_guesses");
        assert!(answer.header("retry-after").parse::<u32>().is_ok_and(|seconds| (1..=600).contains(&seconds)));
    }

    async fn the_public_page_says_genuine_used_or_unknown_and_no_more(app) {
        let brand = brand(app).await;
        let template = brand.live(&brand.head, &ten_off(9)).await;
        let code = print(&brand, &template, &brand.head, 1).await.remove(0);
        let page = app.stranger().with("accept-language", "zh-CN").get("/check").await;
        assert!(page.text().contains("券码验真") && page.header("content-type").starts_with("text/html"));
        let form = "application/x-www-form-urlencoded";
        let answer = app.stranger().raw("POST", "/check", form, format!("code={code}")).await;
        assert!(answer.text().contains("Genuine"), "{}", answer.text());
        let answer = app.stranger().get("/check?code=%3Cscript%3E").await;
        assert!(answer.text().contains("Unknown") && !answer.text().contains("script>"));
        assert_eq!(check(&app.stranger(), &code).await, "genuine");
        for _ in 0..26 {
            assert_eq!(check(&app.stranger(), "1ABCD-EFGHJ-KMNPQ-RSTVW-XYZ12").await, "unknown");
        }
        let last = app.stranger().post("/app/v1/codes/check", &json!({ "code": code })).await;
        assert_eq!(last.status, 200);
        let over = app.stranger().post("/app/v1/codes/check", &json!({ "code": code })).await;
        over.problem(429, "too_many_tries");
    }

    async fn a_batch_is_made_exported_and_made_void(app) {
        let brand = brand(app).await;
        let template = brand.live(&brand.head, &with(ten_off(2_000), "budget", json!({ "total": "20000.00" }))).await;
        let ask = json!({
            "template_id": template, "site_id": brand.a.site, "name": "开业", "quantity": 450, "pattern": "KAI-####-@@",
        });
        let batch = brand.owner.once("b1").post("/admin/v1/code-batches", &ask).await.created();
        assert_eq!(batch, brand.owner.once("b1").post("/admin/v1/code-batches", &ask).await.created());
        assert_eq!(finished(&brand, &batch).await["made"], 450);
        let codes = exported(&brand, &batch).await;
        assert_eq!(codes.len(), 450);
        assert!(codes.iter().all(|(code, state)| code.starts_with("KAI-") && state == "unclaimed"));
        assert_eq!(brand.template(&template).await["stock"]["committed"], "4500.00");
        let shopper = brand.shopper().await.client;
        enter(&shopper, "one", &codes[0].0).await.created();
        let path = format!("/admin/v1/code-batches/{}", batch["batch_id"].as_str().unwrap());
        brand.owner.post(&format!("{path}/void"), &json!({ "reason": "印错" })).await.ok();
        for _ in 0..100 {
            if exported(&brand, &batch).await.iter().filter(|(_, state)| state == "voided").count() == 449 {
                break;
            }
            rt::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        let stock = brand.template(&template).await["stock"].clone();
        assert_eq!((&stock["committed"], &stock["issued"], &stock["claimed"]), (&json!("10.00"), &json!(450), &json!(1)));
        let too_many = json!({
            "template_id": template, "site_id": brand.a.site, "name": "多", "quantity": 51, "pattern": "AB-##",
        });
        brand.owner.once("b2").post("/admin/v1/code-batches", &too_many).await.problem(422, "code_pattern_too_small");
    }

    async fn a_file_of_codes_is_answered_row_by_row(app) {
        let brand = brand(app).await;
        let template = brand.live(&brand.head, &ten_off(100)).await;
        let path = format!("/admin/v1/code-batches/import?template_id={template}&site_id={}&name=old", brand.head);
        let send = async |key: &str, file: &str| {
            brand.owner.once(key).raw("POST", &path, "text/csv", file.to_owned()).await.ok()
        };
        let file = "code\r\nOLD-0001\r\nold 0002\r\nOLD-OOO1\r\nA=BC\r\n";
        let taken = send("i1", file).await;
        assert_eq!((&taken["report"]["accepted"], &taken["report"]["refused"]), (&json!(2), &json!(2)));
        assert_eq!(taken["report"]["refusals"][0], json!({ "line": 4, "reason": "duplicate", "first_line": 2 }));
        assert_eq!(finished(&brand, &taken).await["made"], 2);
        assert_eq!(send("i1", file).await["batch_id"], taken["batch_id"], "sent again, taken once");
        let second = send("i2", "OLD-0002\nNEW-0001\n").await;
        let done = finished(&brand, &second).await;
        assert_eq!((&done["state"], &done["made"]), (&json!("done"), &json!(1)));
        assert_eq!(done["report"]["refusals"], json!([{ "line": 1, "reason": "already_exists" }]));
        assert_eq!(send("i3", "???\n").await["batch_id"], Value::Null);
        let shopper = brand.shopper().await.client;
        enter(&shopper, "old", "old-0001").await.created();
    }

    async fn coupons_are_issued_to_named_customers_row_by_row(app) {
        let brand = brand(app).await;
        let template = brand.live(&brand.head, &ten_off(2)).await;
        let people = brand.shoppers(3).await;
        let ask = json!({ "template_id": template, "site_id": brand.head, "customers": [
            { "customer_id": people[0].id }, { "phone": people[1].phone }, { "phone": "12345" },
            { "phone": "13700000000" }, { "customer_id": people[2].id },
        ]});
        let issued = brand.owner.once("l1").post("/admin/v1/coupon-issues", &ask).await.ok();
        let refused: Vec<_> = issued["rows"].as_array().unwrap().iter().map(|row| row["refused"].clone()).collect();
        let expected = json!([null, null, "recipient_invalid", "not_found", "coupon_sold_out"]);
        assert_eq!((Value::Array(refused), &issued["issued"]), (expected, &json!(2)));
        assert_eq!(issued, brand.owner.once("l1").post("/admin/v1/coupon-issues", &ask).await.ok());
        assert_eq!(people[1].client.get("/app/v1/coupons").await.ok()["items"].as_array().unwrap().len(), 1);
    }

    async fn who_is_named_twice_in_a_long_list_gets_one_coupon(app) {
        let brand = brand(app).await;
        let template = brand.live(&brand.head, &ten_off(9)).await;
        let twice = &brand.shoppers(1).await[0];
        let mut customers = vec![json!({ "customer_id": twice.id })];
        customers.resize(100, json!({ "phone": "12345" }));
        customers.push(json!({ "phone": twice.phone }));
        let ask = json!({ "template_id": template, "site_id": brand.head, "customers": customers });
        let issued = brand.owner.once("l1").post("/admin/v1/coupon-issues", &ask).await.ok();
        assert_eq!((&issued["issued"], &issued["rows"][100]["refused"]), (&json!(1), &json!("named_twice")));
    }

    async fn an_integration_claims_for_a_customer(app) {
        let brand = brand(app).await;
        let template = brand.live(&brand.head, &ten_off(5)).await;
        let scopes = json!(["claims:write", "templates:read", "coupons:read"]);
        let ask = json!({ "site_id": brand.a.site, "name": "till", "scopes": scopes });
        let key = brand.owner.post("/admin/v1/api-keys", &ask).await.created();
        let till = app.stranger().with_token(key["token"].as_str().unwrap_or_else(|| panic!("{key}")));
        assert_eq!(till.get("/open/v1/coupon-templates").await.ok()["items"][0]["id"], json!(template));
        let shopper = brand.shopper().await;
        let ask = json!({ "template_id": template, "phone": shopper.phone });
        let claimed = till.once("c1").post("/open/v1/claims", &ask).await.created();
        assert_eq!(claimed, till.once("c1").post("/open/v1/claims", &ask).await.created());
        assert_eq!(claimed["customer_id"], json!(shopper.id));
        let coupon = till.get(&format!("/open/v1/coupons/{}", claimed["coupon_id"].as_str().unwrap())).await.ok();
        assert_eq!((&coupon["state"], coupon.get("code")), (&json!("issued"), None));
        let elsewhere = json!({ "template_id": template, "phone": shopper.phone, "site_id": brand.b.site });
        till.once("c2").post("/open/v1/claims", &elsewhere).await.problem(404, "not_found");
        let stranger = brand.shopper().await;
        let by_id = json!({ "template_id": template, "customer_id": stranger.id });
        till.once("c3").post("/open/v1/claims", &by_id).await.problem(404, "not_found");
    }

    async fn a_template_whose_budget_is_used_up_pauses_by_itself(app) {
        let brand = brand(app).await;
        let template = brand.live(&brand.head, &with(ten_off(9), "budget", json!({ "total": "10.00" }))).await;
        let claim = async |key: &str| {
            let ask = json!({ "template_id": template });
            brand.shopper().await.client.once(key).post("/app/v1/claims", &ask).await
        };
        claim("k").await.created();
        claim("k").await.problem(409, "coupon_budget_exhausted");
        for _ in 0..300 {
            if brand.template(&template).await["state"] == "paused" {
                claim("k").await.problem(409, "coupon_paused");
                return;
            }
            rt::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("the template did not pause");
    }

    async fn what_ran_out_expires_by_itself(app) {
        let brand = brand(app).await;
        let rules = with(ten_off(5), "budget", json!({ "total": "50.00" }));
        let template = brand.live(&brand.head, &rules).await;
        let shopper = brand.shopper().await;
        shopper.client.once("k").post("/app/v1/claims", &json!({ "template_id": template })).await.created();
        app.set_clock("2099-01-01T00:00:00Z").await;
        let template: huike_kernel::TemplateId = template.parse().unwrap();
        for _ in 0..200 {
            let stock = app.store.read(move |db| huike_persistence::stock::find(db, template)).await.unwrap().unwrap();
            if stock.committed_fen == 0 {
                return;
            }
            rt::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("the coupon did not expire");
    }
}
