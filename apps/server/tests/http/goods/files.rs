//! The catalogue in and out as files.

use serde_json::{Value, json};

use super::stage::{PRODUCTS, category};
use crate::{
    both,
    support::{Answer, Client, brand::Brand},
};

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const TITLES: &str = "product_code,product_name,category_code,sku_code,sku_name,list_price,sale_price\n";

async fn send(who: &Client, key: &str, query: &str, rows: &str) -> Answer {
    let path = format!("{PRODUCTS}/import{query}");
    who.once(key).raw("POST", &path, "text/csv", format!("{TITLES}{rows}")).await
}

fn told(report: &Value) -> Vec<(i64, &str, &str)> {
    let rows = report["refusals"].as_array().unwrap().iter();
    rows.map(|it| (it["line"].as_i64().unwrap(), it["column"].as_str().unwrap_or(""), it["reason"].as_str().unwrap()))
        .collect()
}

fn counts(report: &Value) -> [i64; 5] {
    ["rows", "created", "updated", "unchanged", "refused"].map(|name| report[name].as_i64().unwrap())
}

both! {
    async fn a_file_is_taken_as_a_whole_or_not_at_all(app) {
        let brand = Brand::of(app).await;
        category(&brand, "milk", None).await;
        let good = "p-1,一段奶粉,milk,s-1,900克,298,\np-1,一段奶粉,milk,s-2,400克,168,158\n";
        let bad = format!("{good}p-2,二段奶粉,none,s-3,900克,298,\np-3,三段奶粉,milk,s-1,900克,298,\np-4,四段,milk,s-5,一,10,11\n");
        for query in ["", "?dry_run=true"] {
            let report = send(&brand.owner, &brand.key(), query, &bad).await.ok();
            assert_eq!((&report["taken"], counts(&report)), (&json!(false), [5, 2, 0, 0, 3]), "{query}");
            assert_eq!(told(&report), [
                (4, "category_code", "category_unknown"),
                (5, "sku_code", "sku_twice"),
                (6, "sale_price", "price_above_list"),
            ]);
        }
        let report = send(&brand.owner, &brand.key(), "?dry_run=true", good).await.ok();
        assert_eq!((&report["taken"], counts(&report)), (&json!(false), [2, 2, 0, 0, 0]));
        assert_eq!(brand.owner.get(PRODUCTS).await.ok()["items"], json!([]), "so far nothing was taken");

        let taken = send(&brand.owner, "k", "", good).await.ok();
        assert_eq!((&taken["taken"], counts(&taken)), (&json!(true), [2, 2, 0, 0, 0]));
        assert_eq!(send(&brand.owner, "k", "", good).await.ok(), taken, "the same key is the same answer");
        let again = send(&brand.owner, &brand.key(), "", &good.replace("168,158", "188,158")).await.ok();
        assert_eq!(counts(&again), [2, 0, 1, 1, 0]);
        let found = brand.owner.get(PRODUCTS).await.ok();
        assert_eq!(found["items"].as_array().unwrap().len(), 1);
        assert_eq!(found["items"][0]["skus"][1]["prices"]["list"], "188.00");
        let moved = send(&brand.owner, &brand.key(), "", "p-9,九段,milk,s-1,900克,298,\n").await.ok();
        assert_eq!(told(&moved), [(2, "sku_code", "of_other_product")]);
    }

    async fn what_is_exported_is_imported_unchanged_and_starts_no_formula(app) {
        let brand = Brand::of(app).await;
        let category = category(&brand, "milk", None).await;
        let ask = json!({
            "code": "p", "category_id": category, "name": "=HYPERLINK(\"x\")", "tags": ["进口", "-新品"], "description": "第一行\n=第二行",
            "images": ["https://cdn.example.com/1.jpg", "https://cdn.example.com/2.jpg"],
            "skus": [{ "code": "s", "name": "+1", "barcode": "6901234567892", "prices": { "list": "9.90", "sale": "8.80", "cost": "1.00" },
                "weight_grams": 900, "low_stock_policy": "clear_out" }],
        });
        brand.owner.post(PRODUCTS, &ask).await.created();
        let file = brand.owner.get(&format!("{PRODUCTS}/export")).await;
        let text = file.text();
        assert!(text.contains("\"'=HYPERLINK(\"\"x\"\")\"") && text.contains("'+1"), "{text}");
        let path = format!("{PRODUCTS}/import");
        let report = brand.owner.once(&brand.key()).raw("POST", &path, "text/csv", text).await.ok();
        assert_eq!((&report["taken"], counts(&report)), (&json!(true), [1, 0, 0, 1, 0]));
        let template = brand.owner.get(&format!("{PRODUCTS}/import/template")).await;
        let report = brand.owner.once(&brand.key()).raw("POST", &path, "text/csv", template.text()).await.ok();
        assert_eq!(told(&report), [(2, "category_code", "category_unknown")], "the template is sound but for its category");
    }

    async fn what_is_no_table_or_has_other_columns_is_refused(app) {
        let brand = Brand::of(app).await;
        let path = format!("{PRODUCTS}/import");
        let raw = async |media: &str, body: Vec<u8>| brand.owner.once(&brand.key()).raw("POST", &path, media, body).await;
        raw("text/csv", b"\xff\xfe\x00".to_vec()).await.problem(422, "import_unreadable");
        raw("text/csv", Vec::new()).await.problem(422, "import_unreadable");
        raw(XLSX, b"PK\x03\x04".to_vec()).await.problem(422, "import_unreadable");
        let refused = raw("text/csv", b"sku_code,colour\n".to_vec()).await.problem(422, "import_columns_invalid");
        assert_eq!(refused["unknown"], json!(["colour"]));
        let long = (0..1_001).fold(TITLES.to_owned(), |text, number| text + &format!("p,一,milk,s-{number},一,1,\n"));
        raw("text/csv", long.into_bytes()).await.problem(422, "import_too_long");
        raw("text/csv", vec![b'a'; 3 * 1_024 * 1_024]).await.problem(413, "body_too_large");
        raw("application/json", b"{}".to_vec()).await.problem(415, "media_type_unsupported");
    }
}
