//! What claims cost: the statements that a batch sends, and the rows that a claim leaves. docs/performance.md says what each
//! is for; whoever adds one says it there.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use diesel::{
    Connection, QueryableByName, RunQueryDsl,
    connection::InstrumentationEvent,
    sql_query,
    sql_types::{BigInt, Text},
};
use huike_coupons::limits::{Period, Subject};
use huike_kernel::TemplateId;
use huike_persistence::{Db, StoreError, db_test};
use huike_usecases::{
    UseCaseError,
    claims::{OnceClaim, claim_once_each},
};

use crate::{
    ask,
    shop::{Shop, limit, rules},
};

/// Has all of them claim in one transaction, and counts the statements that are sent between its BEGIN and its COMMIT.
fn statements(shop: &Shop, template: TemplateId, asks: Vec<Arc<OnceClaim>>) -> usize {
    let count = Arc::new(AtomicUsize::new(0));
    let sent = Arc::clone(&count);
    let claimed = shop.store.write_blocking(move |db, now| {
        let sent = Arc::clone(&sent);
        db.set_instrumentation(move |event: InstrumentationEvent<'_>| {
            if matches!(event, InstrumentationEvent::StartQuery { .. }) {
                sent.fetch_add(1, Ordering::SeqCst);
            }
        });
        let answers = claim_once_each(db, now, template, &asks.iter().map(AsRef::as_ref).collect::<Vec<_>>());
        db.set_instrumentation(|_event: InstrumentationEvent<'_>| {});
        answers?.into_iter().collect::<Result<Vec<_>, UseCaseError>>()
    });
    claimed.unwrap();
    count.load(Ordering::SeqCst)
}

#[derive(QueryableByName)]
struct Table {
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(QueryableByName)]
struct Rows {
    #[diesel(sql_type = BigInt)]
    rows: i64,
}

/// How many rows each table has, whatever tables there are.
fn rows(shop: &Shop) -> BTreeMap<String, i64> {
    let count = |db: &mut Db| {
        let tables = match db {
            Db::Sqlite(_) => "SELECT name FROM sqlite_schema WHERE type = 'table'",
            Db::Postgres(_) => "SELECT CAST(tablename AS TEXT) AS name FROM pg_tables WHERE schemaname = 'public'",
        };
        let mut rows = BTreeMap::new();
        for Table { name } in sql_query(tables).load::<Table>(db)? {
            let found: Rows = sql_query(format!("SELECT COUNT(*) AS rows FROM {name}")).get_result(db)?;
            rows.insert(name, found.rows);
        }
        Ok::<_, StoreError>(rows)
    };
    shop.store.read_blocking(count).unwrap()
}

db_test! {
    fn a_claim_leaves_four_rows_and_a_first_visit_one_more(database) {
        let shop = Shop::open(database);
        let mut rules = rules(100);
        rules.limits = vec![limit(Subject::Customer, Period::Day, 2)];
        let template = shop.template(rules);
        let customers = shop.customers(30);
        let claim = |key: &str| {
            let before = rows(&shop);
            statements(&shop, template, customers.iter().map(|customer| ask(&shop, *customer, key, 1)).collect());
            let more = rows(&shop).into_iter().map(|(name, rows)| (name.clone(), rows - before[&name]));
            more.filter(|(_, more)| *more != 0).collect::<Vec<_>>()
        };
        let first = [("coupon", 30), ("event", 30), ("idempotency", 30), ("limit_counter", 30), ("site_customer", 30)];
        assert_eq!(claim("first"), first.map(|(name, rows)| (name.to_owned(), rows)));
        let second = [("coupon", 30), ("event", 30), ("idempotency", 30)];
        assert_eq!(claim("second"), second.map(|(name, rows)| (name.to_owned(), rows)));
    }

    fn a_batch_sends_as_many_statements_as_docs_performance_says(database) {
        let shop = Shop::open(database);
        let is_postgres = matches!(shop.store.url(), huike_persistence::DatabaseUrl::Postgres(_));
        let mut rules = rules(100);
        rules.limits = vec![limit(Subject::Customer, Period::Ever, 1)];
        let template = shop.template(rules);
        let customers = shop.customers(31);
        let asks: Vec<_> = customers.iter().map(|customer| ask(&shop, *customer, "k", 1)).collect();
        // Reads, the stock and the outbox once a batch; on PostgreSQL each table is written by one statement for all, on
        // SQLite by one for each claim, which costs no round trip there.
        let sent = |claims: usize| if is_postgres { 16 } else { 11 + 5 * claims };
        assert_eq!(statements(&shop, template, asks[..1].to_vec()), sent(1));
        assert_eq!(statements(&shop, template, asks[1..].to_vec()), sent(30));
    }
}
