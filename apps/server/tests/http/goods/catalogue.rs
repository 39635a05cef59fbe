//! Categories, products and SKUs.

use serde_json::{Value, json};

use super::stage::{PRODUCTS, catalogue, category, product};
use crate::{both, support::brand::Brand};

fn faults(refused: &Value) -> Vec<(&str, &str)> {
    let errors = refused["errors"].as_array().unwrap().iter();
    errors.map(|it| (it["pointer"].as_str().unwrap(), it["code"].as_str().unwrap())).collect()
}

fn ids(page: &Value) -> Vec<&str> {
    page["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap()).collect()
}

both! {
    async fn a_product_is_added_changed_found_and_archived(app) {
        let brand = Brand::of(app).await;
        let root = category(&brand, "mother-baby", None).await;
        let leaf = category(&brand, "milk", Some(&root)).await;
        let first = product(&brand, &leaf).await;
        assert_eq!(first["category_path"], json!(["mother-baby", "milk"]));
        let at = format!("{PRODUCTS}/{}", first["id"].as_str().unwrap());
        let edit = json!({ "version": 1, "category_id": leaf, "name": "一段奶粉（新版）", "brand": "小象", "tags": ["进口"] });
        let edited = brand.owner.put(&at, &edit).await.ok();
        assert_eq!((&edited["name"], &edited["code"], &edited["version"]), (&json!("一段奶粉（新版）"), &first["code"], &json!(2)));
        brand.owner.put(&at, &edit).await.problem(409, "version_conflict");

        let sku = json!({ "code": "milk-400g", "name": "400克", "barcode": "6901234567892", "prices": { "list": "168.00" } });
        let second = brand.owner.post(&format!("{at}/skus"), &sku).await.created();
        assert_eq!(second["code"], "MILK-400G");
        brand.owner.post(&format!("{at}/skus"), &sku).await.problem(409, "already_taken");
        let list = async |query: &str| brand.owner.get(&format!("{PRODUCTS}?{query}")).await.ok();
        let other = product(&brand, &root).await;
        let (first, other) = (first["id"].as_str().unwrap(), other["id"].as_str().unwrap());
        assert_eq!(ids(&list("").await), [other, first]);
        for query in [format!("category_id={leaf}"), "q=milk-400g".to_owned(), "q=6901234567892".to_owned(), "brand=%E5%B0%8F%E8%B1%A1".to_owned()] {
            assert_eq!(ids(&list(&query).await), [first], "{query}");
        }
        assert_eq!(ids(&list(&format!("category_id={root}")).await), [other, first], "and what lies below");

        let archived = brand.owner.post(&format!("{at}/archive"), &json!({ "version": 2 })).await.ok();
        let states: Vec<&Value> = archived["skus"].as_array().unwrap().iter().map(|sku| &sku["state"]).collect();
        assert_eq!((&archived["state"], states), (&json!("archived"), vec![&json!("archived"); 2]));
        brand.owner.post(&format!("{at}/skus"), &sku).await.problem(409, "product_archived");
        assert_eq!(ids(&list("state=active").await), [other]);
    }

    async fn every_fault_of_a_product_is_told_at_its_place(app) {
        let brand = Brand::of(app).await;
        let category = category(&brand, "milk", None).await;
        let ask = json!({
            "code": "p", "category_id": category, "name": "奶粉", "tags": ["进口", "进口"], "images": ["http://cdn.example.com/a.jpg"],
            "skus": [{ "code": "p-1", "name": "一", "prices": { "list": "10.00", "sale": "11.00", "minimum": "-1.00" } }],
        });
        let refused = brand.owner.post(PRODUCTS, &ask).await.problem(422, "catalogue_form_invalid");
        assert_eq!(faults(&refused), [
            ("/tags/1", "entry_twice"),
            ("/images/0", "image_address_unsound"),
            ("/skus/0/prices/minimum", "price_out_of_range"),
            ("/skus/0/prices/sale", "price_above_list"),
        ]);
        let code = json!({ "code": "=1+1", "category_id": category, "name": "奶粉" });
        brand.owner.post(PRODUCTS, &code).await.problem(422, "request_invalid");
        assert_eq!(brand.owner.get(PRODUCTS).await.ok()["items"], json!([]));
    }

    async fn categories_are_a_bounded_tree_and_stay_while_something_is_in_them(app) {
        let brand = Brand::of(app).await;
        let mut parent = category(&brand, "c-1", None).await;
        let root = parent.clone();
        for depth in 2..=5 {
            parent = category(&brand, &format!("c-{depth}"), Some(&parent)).await;
        }
        let deeper = json!({ "parent_id": parent, "code": "c-6", "name": "太深" });
        brand.owner.post("/admin/v1/categories", &deeper).await.problem(422, "category_too_deep");
        let archive = async |id: &str| brand.owner.post(&format!("/admin/v1/categories/{id}/archive"), &json!({ "version": 1 })).await;
        archive(&root).await.problem(409, "category_in_use");
        let inside = product(&brand, &parent).await;
        archive(&parent).await.problem(409, "category_in_use");
        let at = format!("{PRODUCTS}/{}/archive", inside["id"].as_str().unwrap());
        brand.owner.post(&at, &json!({ "version": 1 })).await.ok();
        assert_eq!(archive(&parent).await.ok()["state"], "archived");
        let into = json!({ "code": "late", "category_id": parent, "name": "奶粉" });
        brand.owner.post(PRODUCTS, &into).await.problem(409, "category_archived");
        let tree = brand.owner.get("/admin/v1/categories").await.ok();
        let depths: Vec<i64> = tree["items"].as_array().unwrap().iter().map(|it| it["depth"].as_i64().unwrap()).collect();
        assert_eq!(depths, [1, 2, 3, 4, 5], "parents first");
    }

    async fn the_catalogue_is_the_brands_and_only_some_see_what_goods_cost(app) {
        let brand = Brand::of(app).await;
        let goods = catalogue(&brand).await;
        let at = format!("{PRODUCTS}/{}", goods.product);
        let cost = |seen: Value| seen["skus"][0]["prices"]["cost"].clone();
        for (role, node, seen) in [
            ("site_operator", &brand.a.site, Value::Null),
            ("store_manager", &brand.a.store, Value::Null),
            ("warehouse", &brand.a.site, json!("180.00")),
            ("marketer", &brand.head, json!("180.00")),
        ] {
            let who = brand.person(&[(role, node)]).await.client;
            assert_eq!(cost(who.get(&at).await.ok()), seen, "{role}");
            let file = who.get(&format!("{PRODUCTS}/export")).await;
            assert_eq!(file.text().contains("180.00"), seen != Value::Null, "{role}");
        }
        let at_a = brand.person(&[("marketer", &brand.a.site)]).await.client;
        let edit = json!({ "version": 1, "category_id": goods.category, "name": "改名" });
        at_a.put(&at, &edit).await.problem(403, "permission_denied");
    }
}
