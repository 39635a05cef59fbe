//! Signing in and out, for staff and customers.

use serde_json::json;

use crate::{
    both,
    support::{OWNER, OWNER_PASSWORD},
};

const NEXT_PASSWORD: &str = "白日依山尽黄河入海流";

both! {
    async fn the_owner_signs_in_and_out(app) {
        let owner = app.owner().await;
        let me = owner.get("/admin/v1/me").await.ok();
        assert_eq!(me["login"], OWNER);
        assert_eq!(me["roles"], json!([{ "role": "owner", "site_id": app.head }]));
        owner.delete("/admin/v1/session").await.no_content();
        owner.get("/admin/v1/me").await.problem(401, "unauthenticated");
    }

    async fn a_wrong_name_and_a_wrong_password_are_told_alike(app) {
        for (login, password) in [(OWNER, "wrong"), ("nobody", OWNER_PASSWORD), ("no such name", "x")] {
            let ask = json!({ "login": login, "password": password });
            app.stranger().post("/admin/v1/session", &ask).await.problem(401, "credentials_wrong");
        }
    }

    async fn guessing_ends_in_come_again_later(app) {
        let ask = json!({ "login": OWNER, "password": "wrong" });
        for _ in 0..10 {
            app.stranger().post("/admin/v1/session", &ask).await.problem(401, "credentials_wrong");
        }
        let right = json!({ "login": OWNER, "password": OWNER_PASSWORD });
        let answer = app.stranger().post("/admin/v1/session", &right).await;
        answer.problem(429, "too_many_tries");
        assert_eq!(answer.header("retry-after"), "60");
    }

    async fn a_session_ends_by_itself(app) {
        let owner = app.owner().await;
        app.set_clock("2099-01-01T00:00:00Z").await;
        owner.get("/admin/v1/me").await.problem(401, "unauthenticated");
    }

    async fn a_cookie_alone_changes_nothing(app) {
        let ask = json!({ "login": OWNER, "password": OWNER_PASSWORD });
        let answer = app.stranger().post("/admin/v1/session", &ask).await;
        let session = answer.created();
        let cookie = answer.header("set-cookie").split(';').next().unwrap().to_owned();
        assert!(cookie.starts_with("huike_session=hs_"), "over plain http the cookie has its plain name");
        let browser = app.stranger().with("cookie", &cookie);
        browser.get("/admin/v1/me").await.ok();
        browser.delete("/admin/v1/session").await.problem(403, "csrf_missing");
        let page = browser.with("x-csrf-token", session["csrf_token"].as_str().unwrap());
        page.delete("/admin/v1/session").await.no_content();
        browser.get("/admin/v1/me").await.problem(401, "unauthenticated");
    }

    async fn a_new_password_ends_the_other_sessions(app) {
        let (here, elsewhere) = (app.owner().await, app.owner().await);
        let wrong = json!({ "current": "wrong", "new": NEXT_PASSWORD });
        here.put("/admin/v1/me/password", &wrong).await.problem(422, "password_wrong");
        let weak = json!({ "current": OWNER_PASSWORD, "new": "1234567890" });
        here.put("/admin/v1/me/password", &weak).await.problem(422, "password_common");
        let good = json!({ "current": OWNER_PASSWORD, "new": NEXT_PASSWORD });
        here.put("/admin/v1/me/password", &good).await.no_content();
        here.get("/admin/v1/me").await.ok();
        elsewhere.get("/admin/v1/me").await.problem(401, "unauthenticated");
        app.staff(OWNER, NEXT_PASSWORD).await.get("/admin/v1/me").await.ok();
    }

    async fn a_customer_is_met_once(app) {
        let ask = json!({ "provider": "dev", "phone": "13812345678" });
        let first = app.stranger().post("/app/v1/sessions", &ask).await.created();
        let again = app.stranger().post("/app/v1/sessions", &ask).await.created();
        assert_eq!((&first["is_new"], &again["is_new"]), (&json!(true), &json!(false)));
        assert_eq!(first["customer_id"], again["customer_id"]);
        let customer = app.stranger().with_token(first["token"].as_str().unwrap());
        assert_eq!(customer.get("/app/v1/me").await.ok()["phone"], "138****5678");
        customer.delete("/app/v1/session").await.no_content();
        customer.get("/app/v1/me").await.problem(401, "unauthenticated");
    }

    async fn twenty_first_sign_ins_at_once_make_one_customer(app) {
        let ask = json!({ "provider": "dev", "phone": "13912345678" });
        let calls: Vec<_> = (0..20)
            .map(|_| {
                let (client, ask) = (app.stranger(), ask.clone());
                actix_web::rt::spawn(async move { client.post("/app/v1/sessions", &ask).await.created() })
            })
            .collect();
        let mut ids = Vec::new();
        for call in calls {
            ids.push(call.await.unwrap()["customer_id"].clone());
        }
        ids.dedup();
        assert_eq!(ids.len(), 1, "{ids:?}");
    }

    async fn a_credential_of_one_audience_opens_no_other(app) {
        let (owner, customer) = (app.owner().await, app.customer("13812345678").await);
        customer.get("/admin/v1/me").await.problem(401, "unauthenticated");
        owner.get("/app/v1/me").await.problem(401, "unauthenticated");
        owner.get("/open/v1/key").await.problem(401, "unauthenticated");
    }

    async fn a_customer_visits_only_sites_that_are_open(app) {
        let customer = app.customer("13812345678").await;
        customer.at(app.head).get("/app/v1/me").await.ok();
        for site in ["nowhere", "01936f5e-7d2a-7c3e-9a41-5b6c7d8e9f00"] {
            customer.at(site).get("/app/v1/me").await.problem(422, "site_unknown");
        }
    }

    async fn odd_proofs_are_refused_without_repeating_them(app) {
        let unknown = json!({ "provider": "wechat", "code": "x" });
        app.stranger().post("/app/v1/sessions", &unknown).await.problem(422, "sign_in_provider_unknown");
        let wrong = json!({ "provider": "dev", "phone": "12345" });
        let answer = app.stranger().post("/app/v1/sessions", &wrong).await;
        assert_eq!(answer.problem(422, "sign_in_proof_invalid")["errors"][0]["pointer"], "/phone");
        assert!(!answer.text().contains("12345"));
    }
}
