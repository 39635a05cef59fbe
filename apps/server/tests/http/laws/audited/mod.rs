//! Every write of staff and integrations is in the audit log: with who, what was and what is, and the request that the
//! answer names. The operations are those of the OpenAPI documents, so that a new one is asked the day it is served.

mod call;
mod goods;
mod templates;

use huike_kernel::{CustomerId, NodeId};
use huike_persistence::{
    StoreError,
    audit_log::{self, AuditFilter, AuditRow},
    bulk::{self, PastCustomer},
};
use serde_json::Value;
use uuid::Uuid;

use self::call::Call;
use super::matrix::{Stage, operations};
use crate::{
    both,
    support::{Answer, TestApp, brand::Brand},
};

/// What leaves no row, and why.
const UNAUDITED: [(&str, &str); 7] = [
    ("sign_in", "nobody has signed in before it; it changes nothing that others see"),
    ("sign_out", "ends one's own session and changes nothing that others see"),
    ("find_customer", "a read: the number is in the body so that it is in no log of addresses"),
    ("preview_rule_card", "a read: the rules are in the body because they are not saved yet"),
    ("simulate_offer", "a read: the offer and the cart are in the body because they need not be saved"),
    ("preview_redemption", "a read: the code is in the body so that it is in no log of addresses"),
    ("quote_cart", "a read: a cart does not fit into an address"),
];

/// The name of every customer of this law.
const CANARY: &str = "金丝雀小姐";
/// Customers who are known by their phone before they first sign in.
const CUSTOMERS: u32 = 400;

fn phone(number: u32) -> String {
    format!("139{number:08}")
}

/// Gives every customer that the brand will make a name.
async fn name_customers(app: &TestApp, brand: &Brand) {
    let (head, first) = (app.head, brand.next());
    let now = app.now().await;
    let customers: Vec<PastCustomer> = (first..first + CUSTOMERS)
        .map(|number| PastCustomer {
            id: CustomerId::from_uuid(Uuid::from_u128((7 << 76) | (0b10 << 62) | u128::from(number))),
            phone: phone(number).parse().unwrap(),
            name: CANARY.to_owned(),
            active_redemptions: 0,
            created_at: now,
        })
        .collect();
    app.store.write(move |db, _now| bulk::insert_customers(db, head, &customers)).await.unwrap();
}

/// The rows of one request.
async fn rows_of(app: &TestApp, request: &str) -> Vec<AuditRow> {
    let (roots, filter) = ([app.head], AuditFilter { request: Some(request.to_owned()), ..AuditFilter::default() });
    app.store.read(move |db| audit_log::list(db, &roots, &filter, None, 1_000)).await.unwrap()
}

/// What is wrong with the trace that an answered call left.
async fn flaw(app: &TestApp, call: &Call, answer: &Answer) -> Option<String> {
    if !(200..300).contains(&answer.status) {
        return Some(format!(
            "is not answered 2xx but {}: {}; teach it to laws/audited/call.rs",
            answer.status,
            answer.text()
        ));
    }
    let rows = rows_of(app, answer.header("x-request-id")).await;
    if rows.is_empty() {
        return Some("leaves no audit row".to_owned());
    }
    rows.iter().find_map(|row| flaw_of(row, call))
}

fn flaw_of(row: &AuditRow, call: &Call) -> Option<String> {
    let members: Vec<&String> = row.payload.iter().filter_map(Value::as_object).flat_map(|it| it.keys()).collect();
    if (row.actor.kind(), row.actor.id()) != (call.kind, Some(call.actor)) {
        return Some(format!("{} was done by {:?}", row.action, row.actor));
    }
    if members != ["after", "before"] {
        return Some(format!("{} tells {members:?}", row.action));
    }
    let is_word = |text: &str| text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    let named = row.action.split('.').count() == 2 && row.action.split('.').all(is_word);
    let complete = named && is_word(&row.subject_kind) && !row.subject_kind.is_empty() && !row.subject.is_empty();
    (!complete).then(|| format!("{:?} {:?} {:?}", row.action, row.subject_kind, row.subject))
}

both! {
    async fn every_write_of_staff_and_integrations_leaves_an_audit_row_and_none_tells_of_a_person(app) {
        let brand = Brand::of(app).await;
        name_customers(app, &brand).await;
        let stage = Stage::set(app, &brand).await;
        let (mut wrong, mut asked) = (Vec::new(), 0);
        for audience in ["admin", "open"] {
            for operation in operations(app, audience).await.into_iter().filter(|it| !it.is_read()) {
                if UNAUDITED.iter().any(|(id, _)| *id == operation.id) {
                    continue;
                }
                let call = Call::that_goes_well(app, &stage, audience, &operation).await;
                let answer = call.ask.send(&call.who).await;
                asked += 1;
                if let Some(flaw) = flaw(app, &call, &answer).await {
                    wrong.push(format!("{} {flaw}", operation.name()));
                }
            }
        }
        assert!(asked > 50, "only {asked} operations were asked");
        assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
        assert_nobody_is_told_of(app, &brand, &stage).await;
    }

    async fn what_is_said_to_leave_no_row_is_served_and_leaves_none(app) {
        let brand = Brand::of(app).await;
        let stage = Stage::set(app, &brand).await;
        let mut served = Vec::new();
        for audience in ["admin", "open"] {
            served.extend(operations(app, audience).await.into_iter().map(|operation| (audience, operation)));
        }
        for (id, why) in UNAUDITED {
            let found = served.iter().find(|(_, operation)| operation.id == id && !operation.is_read());
            let (audience, operation) = found.unwrap_or_else(|| panic!("{id} ({why}) is not served"));
            let call = Call::that_goes_well(app, &stage, audience, operation).await;
            let answer = call.ask.send(&call.who).await;
            assert!((200..300).contains(&answer.status), "{}: {}", operation.name(), answer.text());
            assert_eq!(rows_of(app, answer.header("x-request-id")).await, [], "{}", operation.name());
        }
    }
}

/// No row holds the name or the phone of a customer, whoever wrote it.
async fn assert_nobody_is_told_of(app: &TestApp, brand: &Brand, stage: &Stage<'_>) {
    let customer = stage.table.own.value("customer_id");
    let seen = brand.owner.get(&format!("/admin/v1/customers/{}", customer.as_str().unwrap())).await.ok();
    assert!(seen.to_string().contains(CANARY), "the customers of this law have no name: {seen}");
    let phones: Vec<String> = (0..brand.next()).map(phone).collect();
    let rows = everything(app, app.head).await;
    assert!(rows.len() > 100, "only {} rows", rows.len());
    for row in rows {
        let text = format!("{:?} {} {}", row.payload, row.subject, row.request_id);
        let told = phones.iter().map(String::as_str).chain([CANARY]).find(|secret| text.contains(secret));
        assert_eq!(told, None, "{}: {text}", row.action);
    }
}

async fn everything(app: &TestApp, head: NodeId) -> Vec<AuditRow> {
    let all = app.store.read(move |db| {
        let (mut all, mut before) = (Vec::new(), None);
        loop {
            let page = audit_log::list(db, &[head], &AuditFilter::default(), before, 1_000)?;
            before = page.last().map(AuditRow::key);
            if before.is_none() {
                return Ok::<_, StoreError>(all);
            }
            all.extend(page);
        }
    });
    all.await.unwrap()
}
