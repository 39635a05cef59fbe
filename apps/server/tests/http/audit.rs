//! The audit log over HTTP: read within one's branch, taken along as a file, sealed, checked, and emptied of a person.

use std::time::Duration;

use actix_web::rt::time::sleep;
use huike_kernel::{Actor, AuditId};
use huike_persistence::{
    StoreError,
    audit::{self, NewAudit},
    audit_seals, verify,
};
use huike_trust::{Digest, Link};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    both,
    support::{
        Client, TestApp,
        brand::{Brand, node},
    },
};

const LOG: &str = "/admin/v1/audit";
const VERIFICATION: &str = "/admin/v1/audit/verification";

/// The rows of a query.
async fn items(who: &Client, query: &str) -> Vec<Value> {
    who.get(&format!("{LOG}?{query}")).await.ok()["items"].as_array().unwrap().clone()
}

fn ids(items: &[Value]) -> Vec<&str> {
    items.iter().map(|item| item["id"].as_str().unwrap()).collect()
}

/// Looks until every row is sealed; the answer.
async fn sealed(owner: &Client) -> Value {
    for _ in 0..200 {
        let seen = owner.get(VERIFICATION).await.ok();
        if seen["unsealed"] == 0 {
            return seen;
        }
        sleep(Duration::from_millis(50)).await;
    }
    panic!("the rows are not sealed");
}

both! {
    async fn a_change_is_read_with_who_did_it_what_was_what_is_and_its_place_in_the_chain(app) {
        let brand = Brand::of(app).await;
        let path = format!("/admin/v1/nodes/{}", brand.a.store);
        let version = brand.owner.get(&path).await.ok()["node"]["version"].clone();
        let change = brand.owner.patch(&path, &json!({ "name": "旗舰店", "version": version })).await;
        change.ok();
        let request = change.header("x-request-id");
        sealed(&brand.owner).await;
        let found = items(&brand.owner, &format!("request_id={request}")).await;
        assert_eq!(found.len(), 1);
        let (row, me) = (&found[0], brand.owner.get("/admin/v1/me").await.ok());
        assert_eq!((&row["action"], &row["subject_kind"]), (&json!("node.update"), &json!("node")));
        assert_eq!((&row["subject_id"], &row["site_id"]), (&json!(brand.a.store), &json!(brand.a.store)));
        assert_eq!((&row["actor"]["kind"], &row["actor"]["id"]), (&json!("staff"), &me["id"]));
        assert_eq!((&row["actor"]["login"], &row["request_id"]), (&json!("owner"), &json!(request)));
        assert_eq!((&row["before"]["name"], &row["after"]["name"]), (&json!("store-a"), &json!("旗舰店")));
        assert_eq!(row["redacted_at"], Value::Null);
        assert!(row["seq"].as_i64().unwrap() > 0 && row["hash"].as_str().unwrap().len() == 64, "{row}");
    }

    async fn each_filter_narrows_the_log_and_pages_follow_each_other(app) {
        let brand = Brand::of(app).await;
        let clerk = brand.person(&[("clerk", &brand.a.store)]).await;
        let me = brand.owner.get("/admin/v1/me").await.ok()["id"].as_str().unwrap().to_owned();
        let all = items(&brand.owner, "limit=100").await;
        let moment = all[3]["occurred_at"].as_str().unwrap();
        type Test<'t> = &'t dyn Fn(&Value) -> bool;
        let filters: [(String, Test<'_>); 9] = [
            (format!("node_id={}", brand.a.site), &|row| [&brand.a.site, &brand.a.store].contains(&&text(&row["site_id"]))),
            (format!("actor_id={me}"), &|row| row["actor"]["id"] == json!(me)),
            ("actor_kind=system".to_owned(), &|row| row["actor"]["kind"] == "system"),
            ("action=staff.".to_owned(), &|row| text(&row["action"]).starts_with("staff.")),
            ("action=node.create".to_owned(), &|row| row["action"] == "node.create"),
            ("subject_kind=staff".to_owned(), &|row| row["subject_kind"] == "staff"),
            (format!("subject_id={}", clerk.id), &|row| row["subject_id"] == json!(clerk.id)),
            (format!("from={moment}"), &|row| text(&row["occurred_at"]).as_str() >= moment),
            (format!("to={moment}"), &|row| text(&row["occurred_at"]).as_str() < moment),
        ];
        for (query, test) in &filters {
            let wanted: Vec<Value> = all.iter().filter(|row| test(row)).cloned().collect();
            let found = items(&brand.owner, &format!("{query}&limit=100")).await;
            assert_eq!(ids(&found), ids(&wanted), "{query}");
            // The clock stands still, so that no row comes before the moment of all.
            assert_eq!(wanted.is_empty(), query.starts_with("to="), "{query}");
        }

        let (mut paged, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = brand.owner.get(&format!("{LOG}?limit=3{cursor}")).await.ok();
            paged.extend(page["items"].as_array().unwrap().clone());
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(ids(&paged), ids(&all));
        for wrong in ["action=Staff", "action=", "actor_kind=god", "from=yesterday", "node_id=1", "limit=101", "colour=red"] {
            brand.owner.get(&format!("{LOG}?{wrong}")).await.problem(422, "request_invalid");
        }
    }

    async fn finance_of_a_site_reads_its_own_branch_and_knows_its_own_people_by_name(app) {
        let brand = Brand::of(app).await;
        let finance = brand.person(&[("finance", &brand.a.site)]).await;
        let local = brand.person(&[("owner", &brand.a.site)]).await;
        node(&local.client, &brand.a.site, "store", "by-local").await;
        node(&brand.owner, &brand.a.site, "store", "by-head").await;
        let seen = items(&finance.client, "limit=100").await;
        let site = seen.iter().all(|row| row["site_id"] != json!(brand.head) && row["site_id"] != json!(brand.b.site));
        assert!(site && seen.len() >= 4, "{seen:#?}");
        let of = |code: &str| seen.iter().find(|row| row["after"]["code"] == code).unwrap()["actor"].clone();
        assert_eq!((&of("by-local")["login"], &of("by-local")["id"]), (&json!(local.login), &json!(local.id)));
        let head = of("by-head");
        assert_eq!((&head["name"], &head["login"]), (&Value::Null, &Value::Null));
        assert!(head["id"].is_string());
        assert_eq!(items(&finance.client, &format!("node_id={}", brand.b.site)).await, [] as [Value; 0]);
        finance.client.get(VERIFICATION).await.problem(403, "permission_denied");
        for role in ["marketer", "site_operator", "service"] {
            let other = brand.person(&[(role, &brand.a.site)]).await.client;
            other.get(LOG).await.problem(403, "permission_denied");
        }
    }

    async fn the_log_as_a_file_holds_what_the_list_shows_guards_formulas_and_is_noted(app) {
        let brand = Brand::of(app).await;
        let password = "春眠不觉晓处处闻啼鸟";
        let ask = json!({
            "site_id": brand.a.site, "login": "formula", "name": "=HYPERLINK(\"x\")", "password": password,
            "roles": [{ "role": "owner", "site_id": brand.a.site }],
        });
        brand.owner.post("/admin/v1/staff", &ask).await.created();
        let first = app.staff("formula", password).await;
        let change = json!({ "current": password, "new": "夜来风雨声花落知多少" });
        first.put("/admin/v1/me/password", &change).await.no_content();
        let formula = app.staff("formula", "夜来风雨声花落知多少").await;
        node(&formula, &brand.a.site, "store", "made-by-formula").await;

        let listed = items(&brand.owner, &format!("node_id={}&limit=100", brand.a.site)).await;
        let file = brand.owner.get(&format!("{LOG}/export?node_id={}", brand.a.site)).await;
        file.expect(200);
        assert_eq!(file.header("content-type"), "text/csv; charset=utf-8");
        let text = file.text();
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[0].starts_with("seq,hash,occurred_at,"), "{}", lines[0]);
        assert_eq!(lines.len() - 1, listed.len());
        for (line, row) in lines[1..].iter().zip(&listed) {
            for member in ["action", "request_id", "subject_id", "site_id"] {
                assert!(line.contains(row[member].as_str().unwrap()), "{line}");
            }
        }
        let made = lines.iter().find(|line| line.contains("made-by-formula")).unwrap();
        assert!(made.contains("\"'=HYPERLINK(\"\"x\"\")\""), "{made}");
        let noted = items(&brand.owner, "action=audit.export").await;
        assert_eq!(noted.len(), 1);
        assert_eq!(noted[0]["after"], json!({ "narrowed_by": ["node_id"] }));
    }

    async fn a_check_tells_the_head_and_finds_a_link_that_does_not_seal_its_row(app) {
        let brand = Brand::of(app).await;
        let whole = sealed(&brand.owner).await;
        let seq = whole["head"]["seq"].as_i64().unwrap();
        assert_eq!((&whole["rows"], &whole["checked_from"], &whole["checked_to"]), (&json!(seq), &json!(1), &json!(seq)));
        assert_eq!((&whole["fault"], &whole["next_from"]), (&Value::Null, &Value::Null));
        assert_eq!(whole["checked_hash"], whole["head"]["hash"]);

        node(&brand.owner, &brand.a.site, "store", "later").await;
        let later = sealed(&brand.owner).await;
        let hash = whole["checked_hash"].as_str().unwrap();
        let rest = brand.owner.get(&format!("{VERIFICATION}?from={}&prev_hash={hash}", seq + 1)).await.ok();
        assert_eq!((&rest["fault"], &rest["checked_from"]), (&Value::Null, &json!(seq + 1)));
        assert_eq!(rest["checked_hash"], later["head"]["hash"]);
        let end = later["head"]["seq"].as_i64().unwrap();
        for (from, known, kind) in [
            (seq + 1, "ab".repeat(32), "known_differs"),
            (end + 2, hash.to_owned(), "link_missing"),
        ] {
            let answer = brand.owner.get(&format!("{VERIFICATION}?from={from}&prev_hash={known}")).await.ok();
            assert_eq!((&answer["fault"]["kind"], &answer["fault"]["seq"]), (&json!(kind), &json!(from - 1)));
        }
        for wrong in ["from=0", "prev_hash=12", "from=x"] {
            brand.owner.get(&format!("{VERIFICATION}?{wrong}")).await.problem(422, "request_invalid");
        }

        let forged = forge(app).await;
        let found = sealed(&brand.owner).await;
        assert_eq!((&found["fault"]["kind"], &found["fault"]["seq"]), (&json!("hash_differs"), &json!(forged)));
        assert_eq!((&found["checked_to"], &found["next_from"]), (&json!(forged - 1), &Value::Null));
        let report = app.store.read(verify::run).await.unwrap();
        let broken: Vec<&str> = report.findings.iter().map(|finding| finding.invariant.name).collect();
        assert_eq!(broken, ["audit_chain"]);
    }

    async fn what_a_row_tells_is_taken_out_once_by_the_owner_of_the_brand_and_the_chain_holds(app) {
        let brand = Brand::of(app).await;
        let site_owner = brand.person(&[("owner", &brand.a.site)]).await.client;
        let row = items(&brand.owner, &format!("subject_id={}", brand.a.store)).await[0].clone();
        assert!(row["after"].is_object());
        let path = format!("{LOG}/{}/redact", row["id"].as_str().unwrap());
        let reason = json!({ "reason": "客户要求删除" });
        site_owner.post(&path, &reason).await.problem(403, "permission_denied");
        brand.owner.post(&path, &json!({})).await.problem(422, "request_invalid");
        let before = sealed(&brand.owner).await["head"]["seq"].as_i64().unwrap();
        let done = brand.owner.post(&path, &reason).await.ok();
        assert_eq!((&done["before"], &done["after"], &done["id"]), (&Value::Null, &Value::Null, &row["id"]));
        assert!(done["redacted_at"].is_string());
        brand.owner.post(&path, &reason).await.problem(409, "audit_redacted");
        let unknown = format!("{LOG}/{}/redact", Uuid::from_u128(7));
        brand.owner.post(&unknown, &reason).await.problem(404, "not_found");

        let noted = items(&brand.owner, "action=audit.redact").await;
        assert_eq!((noted.len(), &noted[0]["subject_id"]), (1, &row["id"]));
        assert_eq!(noted[0]["after"]["reason"], "客户要求删除");
        let after = sealed(&brand.owner).await;
        assert_eq!((&after["fault"], &after["head"]["seq"]), (&Value::Null, &json!(before + 1)));
        let report = app.store.read(verify::run).await.unwrap();
        assert!(report.is_clean(), "{:?}", report.findings.iter().map(|finding| finding.invariant.name).collect::<Vec<_>>());
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Adds a row with a link that does not seal it, as somebody with the database in hand may; its number.
async fn forge(app: &TestApp) -> i64 {
    let head = app.head;
    let forged = app.store.write(move |db, now| {
        audit_seals::lock_chain(db)?;
        let end = audit_seals::head(db)?;
        let row = NewAudit {
            id: AuditId::from_uuid(Uuid::from_u128(7)),
            site: head,
            actor: Actor::System,
            action: "coupon.redeem",
            subject_kind: "coupon",
            subject: "forged".to_owned(),
            payload: json!({ "before": null, "after": null }),
            request_id: "forged".to_owned(),
            occurred_at: now,
        };
        audit::append(db, &row)?;
        let hash = Digest::of(&"whatever").unwrap();
        let link = Link { seq: end.seq + 1, prev: end.hash, hash };
        audit_seals::append(db, &[(row.id, link)], now)?;
        Ok::<_, StoreError>(link.seq)
    });
    forged.await.unwrap()
}
