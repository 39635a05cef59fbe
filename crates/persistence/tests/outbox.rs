//! What webhooks cost those who have none: one statement more for each write, and it reads no event.
#![cfg(test)]

mod support;

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use chrono::{DateTime, Utc};
use diesel::{
    Connection, QueryableByName, RunQueryDsl,
    connection::{InstrumentationEvent, SimpleConnection},
    sql_query,
    sql_types::Text,
};
use huike_kernel::{Actor, EventId, NodeId, Zone};
use huike_persistence::{
    Db, db_test,
    events::{self, NewEvent},
    outbox,
};
use serde_json::json;
use support::open;
use uuid::Uuid;

fn event(number: u128) -> NewEvent {
    let now: DateTime<Utc> = "2026-11-22T08:00:00Z".parse().unwrap();
    NewEvent {
        id: EventId::from_uuid(Uuid::from_u128(number)),
        site: NodeId::from_uuid(Uuid::from_u128(1)),
        aggregate_kind: "coupon",
        aggregate: Uuid::from_u128(number),
        seq: 1,
        kind: "coupon_claimed",
        actor: Actor::System,
        payload: json!({}),
        occurred_at: now,
        local: Zone::default().local(now),
    }
}

/// Counts the statements that the work sends.
fn statements(db: &mut Db, work: impl FnOnce(&mut Db)) -> usize {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    db.set_instrumentation(move |event: InstrumentationEvent<'_>| {
        if matches!(event, InstrumentationEvent::StartQuery { .. }) {
            counted.fetch_add(1, Ordering::SeqCst);
        }
    });
    work(db);
    db.set_instrumentation(|_event: InstrumentationEvent<'_>| {});
    count.load(Ordering::SeqCst)
}

fn listen(db: &mut Db) {
    let id = match db {
        Db::Sqlite(_) => "zeroblob(16)",
        Db::Postgres(_) => "'00000000-0000-0000-0000-000000000000'",
    };
    let now = match db {
        Db::Sqlite(_) => "0",
        Db::Postgres(_) => "now()",
    };
    db.batch_execute(&format!(
        "INSERT INTO node VALUES ({id}, 'head', NULL, 'head', 'head', 'Asia/Shanghai', NULL, 'active', 1, {now}, {now});
         INSERT INTO webhook_endpoint VALUES
             ({id}, {id}, 'till', 'https://hooks.example/', '[]', 'enabled', NULL, 1, {id}, {now}, {now})"
    ))
    .unwrap();
}

db_test! {
    fn a_write_sends_one_statement_more_for_webhooks_however_many_events_it_makes(database) {
        let db = &mut open(database);
        let many: Vec<NewEvent> = (100..150).map(event).collect();
        for listens in [false, true] {
            let offset = if listens { 1_000 } else { 0 };
            let one = [event(1 + offset)];
            let many: Vec<NewEvent> = many.iter().map(|it| event(it.aggregate.as_u128() + offset)).collect();
            // SQLite keeps one prepared text for one row; PostgreSQL takes all rows in one statement.
            let for_many = if matches!(db, Db::Sqlite(_)) { many.len() } else { 1 };
            assert_eq!(statements(db, |db| events::append(db, &one).unwrap()), 1 + 1);
            assert_eq!(statements(db, |db| events::append(db, &many).unwrap()), for_many + 1);
            assert_eq!(statements(db, |db| events::append(db, &[]).unwrap()), 0);
            let kept = if listens { 51 } else { 0 };
            assert_eq!(outbox::backlog(db, outbox::WEBHOOK).unwrap().0, kept);
            if !listens {
                listen(db);
            }
        }
    }
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    #[diesel(column_name = "QUERY PLAN")]
    line: String,
}

#[test]
fn where_nobody_listens_no_event_is_read_again() {
    let Some(database) = huike_persistence::testing::TestDatabase::postgres() else { return };
    let db = &mut open(&database);
    events::append(db, &[event(1)]).unwrap();
    let plan = "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) SELECT id FROM event
        WHERE EXISTS (SELECT 1 FROM webhook_endpoint WHERE webhook_endpoint.state = 'enabled') AND event.id = '00000000-0000-0000-0000-000000000001'";
    let read = |db: &mut Db| {
        let lines: Vec<Line> = sql_query(plan).load(db).unwrap();
        let lines: Vec<String> =
            lines.into_iter().map(|line| line.line).filter(|line| line.contains(" on event")).collect();
        assert_eq!(lines.len(), 1, "{lines:?}");
        !lines.concat().contains("never executed")
    };
    assert!(!read(db));
    listen(db);
    assert!(read(db));
}
