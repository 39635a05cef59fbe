//! Codes: who is told what about one, and how often anybody may guess.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use serde_json::json;

use crate::{
    both,
    laws::{
        books::assert_balanced,
        many::{at_once, tally, word},
    },
    support::{
        Answer, TestApp,
        brand::{Brand, Shopper, ten_off},
    },
};

/// One code of each kind, with what staff of the store at A are told.
struct Codes {
    brand: Brand,
    refused: Vec<(&'static str, String, &'static str)>,
    /// Unclaimed, and good.
    good: String,
}

impl Codes {
    async fn lay(app: &TestApp) -> Self {
        let brand = Brand::of(app).await;
        let template = brand.live(&brand.head, &ten_off(100)).await;
        let (_batch, codes) = brand.batch(&template, &brand.head, 4).await;
        let [good, used, forged_from, held] = <[String; 4]>::try_from(codes).unwrap();
        brand.try_redeem(&brand.owner, &brand.a.store, &used).await.ok();
        brand.shopper().await.client.once("h").post("/app/v1/codes/claim", &json!({ "code": held })).await.created();

        let foreign = brand.live(&brand.b.site, &ten_off(10)).await;
        let (_batch, foreign) = brand.batch(&foreign, &brand.b.site, 1).await;
        let (void, voided) = brand.batch(&template, &brand.head, 1).await;
        let reason = json!({ "reason": "印错面额" });
        brand.owner.post(&format!("/admin/v1/code-batches/{void}/void"), &reason).await.ok();
        let killed = brand.live(&brand.head, &ten_off(10)).await;
        let (_batch, killed_codes) = brand.batch(&killed, &brand.head, 1).await;
        brand.act(&brand.owner, &killed, "kill", json!({ "reason": "券码泄露" })).await;
        let refused = vec![
            ("forged", altered(&forged_from), "422 code_forged"),
            ("unknown", "NO-SUCH-CODE".to_owned(), "404 code_unknown"),
            ("used", used, "409 coupon_already_redeemed"),
            ("foreign", foreign[0].clone(), "404 code_foreign"),
            ("voided", voided[0].clone(), "409 coupon_voided"),
            ("killed", killed_codes[0].clone(), "409 coupon_killed"),
            ("held", held, "200"),
        ];
        wait_until_void(&brand, &voided[0]).await;
        Self { brand, refused, good }
    }
}

/// The code with one of its random characters changed.
fn altered(code: &str) -> String {
    let mut characters: Vec<char> = code.chars().collect();
    characters[3] = if characters[3] == 'A' { 'B' } else { 'A' };
    characters.into_iter().collect()
}

/// Codes of a batch are made void by a job.
async fn wait_until_void(brand: &Brand, code: &str) {
    let ask = json!({ "store_id": brand.a.store, "code": code });
    for _ in 0..200 {
        if word(&brand.owner.post("/admin/v1/redemption-previews", &ask).await) == "409 coupon_voided" {
            return;
        }
        actix_web::rt::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("the codes of a voided batch do not become void");
}

async fn enter(brand: &Brand, shopper: &Shopper, code: &str) -> Answer {
    // The same id on every request, so that answers can be compared to the byte.
    let client = shopper.client.with("x-request-id", "01936f5e-7d2a-7c3e-9a41-5b6c7d8e9f00");
    client.once(&brand.key()).post("/app/v1/codes/claim", &json!({ "code": code })).await
}

async fn check(app: &TestApp, code: &str) -> Answer {
    app.stranger().post("/app/v1/codes/check", &json!({ "code": code })).await
}

both! {
    async fn staff_are_told_what_is_wrong_with_a_code(app) {
        let Codes { brand, refused, good } = Codes::lay(app).await;
        let clerk = brand.person(&[("clerk", &brand.a.store)]).await.client;
        let mut told = BTreeSet::new();
        for (kind, code, expected) in &refused {
            let answer = brand.try_redeem(&clerk, &brand.a.store, code).await;
            assert_eq!(word(&answer), *expected, "{kind}: {}", answer.text());
            assert!(told.insert(word(&answer)), "{kind} is told like another");
            assert!(!answer.text().contains(code.as_str()), "{kind}: the answer repeats the code");
        }
        brand.try_redeem(&clerk, &brand.a.store, &good).await.ok();
        assert_balanced(app).await;
    }

    async fn a_claiming_customer_cannot_tell_one_bad_code_from_another(app) {
        let Codes { brand, refused, good } = Codes::lay(app).await;
        let mut first: Option<Answer> = None;
        for (kind, code, _) in &refused {
            let (shopper, started) = (brand.shopper().await, Instant::now());
            let answer = enter(&brand, &shopper, code).await;
            assert!(started.elapsed() >= Duration::from_millis(55), "{kind} was answered too soon");
            answer.problem(answer.status, "code_not_claimable");
            let first = first.get_or_insert_with(|| answer.clone());
            assert_eq!((answer.status, &answer.bytes), (first.status, &first.bytes), "{kind}: {}", answer.text());
            let names = |answer: &Answer| answer.headers.keys().map(ToString::to_string).collect::<BTreeSet<_>>();
            assert_eq!(names(&answer), names(first), "{kind}");
        }
        let shopper = brand.shopper().await;
        let claimed = enter(&brand, &shopper, &good).await.created();
        let again = enter(&brand, &shopper, &good).await;
        assert!(again.status < 300 && again.json()["coupon_id"] == claimed["coupon_id"], "their own: {}", again.text());
        assert_balanced(app).await;
    }

    async fn an_expired_code_is_refused_like_any_other(app) {
        let brand = Brand::of(app).await;
        let mut rules = ten_off(10);
        let now = app.stranger().get("/test/clock").await.ok()["now"].clone();
        rules["validity"] = json!({ "kind": "fixed", "starts_at": now, "ends_at": later(&now, 3_600) });
        let template = brand.live(&brand.head, &rules).await;
        let (_batch, codes) = brand.batch(&template, &brand.head, 1).await;
        app.pass(3_600).await;
        let answer = brand.try_redeem(&brand.owner, &brand.a.store, &codes[0]).await;
        assert_eq!(word(&answer), "409 coupon_expired", "{}", answer.text());
        let unknown = enter(&brand, &brand.shopper().await, "NO-SUCH-CODE").await;
        let expired = enter(&brand, &brand.shopper().await, &codes[0]).await;
        assert_eq!((expired.status, expired.bytes), (unknown.status, unknown.bytes));
        assert_eq!(check(app, &codes[0]).await.ok()["answer"], "used");
    }

    async fn anybody_may_check_a_signed_code_but_not_fish_for_plain_ones(app) {
        let Codes { brand, refused, good } = Codes::lay(app).await;
        let template = brand.live(&brand.head, &ten_off(10)).await;
        let ask = json!({ "template_id": template, "site_id": brand.head, "name": "旧券", "quantity": 1, "pattern": "OLD-####-@@@@" });
        let begun = brand.owner.once(&brand.key()).post("/admin/v1/code-batches", &ask).await.created();
        let plain = brand.codes(begun["batch_id"].as_str().unwrap()).await;
        let says = async |code: &str| check(app, code).await.ok()["answer"].as_str().unwrap().to_owned();
        assert_eq!(says(&good).await, "genuine");
        assert_eq!(says(&plain[0]).await, "unknown", "a plain code could have been guessed");
        for (kind, code, _) in &refused {
            let expected = match *kind {
                "used" | "voided" | "killed" => "used",
                "held" | "foreign" => "genuine",
                _ => "unknown",
            };
            assert_eq!(says(code).await, expected, "{kind}");
        }
        assert_eq!(says(&good.to_lowercase().replace('-', " ")).await, "genuine", "as people type it");
        let page = app.stranger().get(&format!("/check?code={good}")).await;
        assert!(page.status == 200 && page.text().contains("Genuine") && !page.text().contains(&good));
    }

    async fn checking_is_limited(app) {
        let mut answers = Vec::new();
        for number in 0..31 {
            answers.push(check(app, &format!("GUESS-{number:04}")).await);
        }
        assert_eq!(tally(&answers[..30]).get("200"), Some(&30), "{:?}", tally(&answers));
        assert_eq!(answers[30].status, 429, "{}", answers[30].text());
        assert!(answers[30].header("retry-after").parse::<u32>().is_ok_and(|seconds| seconds > 0));
    }

    async fn a_customer_who_guesses_is_told_to_come_later(app) {
        let Codes { brand, good, .. } = Codes::lay(app).await;
        let guesser = brand.shopper().await;
        let calls = (0..15).map(|number| {
            let (client, ask) = (guesser.client.once(&brand.key()), json!({ "code": format!("GUESS-{number:04}") }));
            async move { client.post("/app/v1/codes/claim", &ask).await }
        });
        let answers = at_once(calls).await;
        let late: Vec<&Answer> = answers.iter().filter(|answer| answer.status == 429).collect();
        assert_eq!(late.len(), 10, "five plain codes in ten minutes: {:?}", tally(&answers));
        assert!(late[0].header("retry-after").parse::<u32>().is_ok_and(|seconds| (1..=600).contains(&seconds)));
        for number in 0..5 {
            enter(&brand, &guesser, &altered(&good.replacen('-', "", number))).await;
        }
        assert_eq!(enter(&brand, &guesser, &good).await.status, 429, "not even a good one any more");
        enter(&brand, &brand.shopper().await, &good).await.created();
        app.pass(600).await;
        assert_eq!(word(&enter(&brand, &guesser, &good).await).split(' ').nth(1), Some("code_not_claimable"));
    }

    async fn a_clerk_who_guesses_is_told_to_come_later(app) {
        let Codes { brand, good, .. } = Codes::lay(app).await;
        let clerk = brand.person(&[("clerk", &brand.a.store)]).await.client;
        let mut words = Vec::new();
        for number in 0..12 {
            words.push(brand.try_redeem(&clerk, &brand.a.store, &format!("GUESS-{number:04}")).await);
        }
        let last = words.last().unwrap();
        assert_eq!(last.status, 429, "{:?}", tally(&words));
        assert!(last.header("retry-after").parse::<u32>().is_ok_and(|seconds| seconds > 0));
        app.pass(600).await;
        brand.try_redeem(&clerk, &brand.a.store, &good).await.ok();
    }
}

/// So many seconds after a moment.
fn later(moment: &serde_json::Value, seconds: i64) -> String {
    let moment: chrono::DateTime<chrono::Utc> = moment.as_str().unwrap().parse().unwrap();
    (moment + chrono::TimeDelta::seconds(seconds)).to_rfc3339()
}
