//! Events and audit rows are only ever added to; a payload may be taken out once.

use diesel::{Connection, connection::SimpleConnection, result::Error};
use huike_persistence::{Db, db_test};

use crate::support::open;

/// Runs statements in a transaction of their own, so that a refusal leaves the connection well on PostgreSQL too.
fn attempt(db: &mut Db, statement: &str) -> Result<(), Error> {
    db.transaction(|db| db.batch_execute(statement))
}

/// An id, bytes and a time as both databases write them.
fn literals(db: &Db) -> [&'static str; 3] {
    match db {
        Db::Sqlite(_) => ["zeroblob(16)", "x'00'", "1800000000000000"],
        Db::Postgres(_) => ["'00000000-0000-0000-0000-000000000000'", "'\\x00'", "'2027-01-15 08:00:00Z'"],
    }
}

fn assert_only_redaction(db: &mut Db, table: &str, redaction: &str, time: &str) {
    for statement in [
        format!("DELETE FROM {table}"),
        format!("UPDATE {table} SET actor_kind = 'system'"),
        format!("UPDATE {table} SET payload = '{{\"a\":2}}'"),
        format!("UPDATE {table} SET {redaction}, actor_kind = 'system'"),
        format!("UPDATE {table} SET {redaction}, actor_id = NULL"),
        format!("UPDATE {table} SET {redaction}, occurred_at = NULL"),
    ] {
        assert!(attempt(db, &statement).is_err(), "{statement} passed");
    }
    attempt(db, &format!("UPDATE {table} SET {redaction}")).unwrap();
    for statement in [
        format!("UPDATE {table} SET {redaction}"),
        format!("UPDATE {table} SET payload = '{{\"a\":1}}'"),
        format!("UPDATE {table} SET occurred_at = {time}"),
        format!("DELETE FROM {table}"),
    ] {
        assert!(attempt(db, &statement).is_err(), "{statement} passed after the redaction");
    }
}

db_test! {
    fn an_event_is_never_changed_but_for_one_redaction(database) {
        let db = &mut open(database);
        let [id, _, time] = literals(db);
        let insert = format!(
            "INSERT INTO event (id, site_id, aggregate_kind, aggregate_id, seq, shard, kind, actor_kind, actor_id, payload,
                 occurred_at, local_day, local_hour)
             VALUES ({id}, {id}, 'coupon', {id}, 1, 0, 'claimed', 'staff', {id}, '{{\"a\":1}}', {time}, '2027-01-15', 16)");
        attempt(db, &insert).unwrap();
        assert_only_redaction(db, "event", "payload = NULL", time);
    }

    fn an_audit_row_is_never_changed_but_for_one_redaction(database) {
        let db = &mut open(database);
        let [id, bytes, time] = literals(db);
        let insert = format!(
            "INSERT INTO audit (id, site_id, actor_kind, actor_id, action, subject_kind, subject_id, payload,
                 payload_digest, request_id, occurred_at, redacted_at)
             VALUES ({id}, {id}, 'staff', {id}, 'void', 'coupon', 's', '{{\"a\":1}}', {bytes}, 'r', {time}, NULL)");
        attempt(db, &insert).unwrap();
        assert!(attempt(db, "UPDATE audit SET payload = NULL").is_err(), "a redaction without its time passed");
        assert_only_redaction(db, "audit", &format!("payload = NULL, redacted_at = {time}"), time);
    }

    fn a_stock_movement_is_never_changed(database) {
        let db = &mut open(database);
        let [id, _, time] = literals(db);
        // The rows it refers to do not matter here.
        let unbound = match db {
            Db::Sqlite(_) => "PRAGMA foreign_keys = OFF".to_owned(),
            Db::Postgres(_) => "ALTER TABLE stock_movement DROP CONSTRAINT stock_movement_sku_id_site_id_fkey".to_owned(),
        };
        db.batch_execute(&unbound).unwrap();
        let insert = format!(
            "INSERT INTO stock_movement (id, sku_id, site_id, seq, kind, quantity, on_hand_after, actor_kind, occurred_at,
                 local_day, local_hour)
             VALUES ({id}, {id}, {id}, 1, 'receipt', 1, 1, 'system', {time}, '2027-01-15', 16)");
        attempt(db, &insert).unwrap();
        for statement in ["DELETE FROM stock_movement", "UPDATE stock_movement SET quantity = 2"] {
            assert!(attempt(db, statement).is_err(), "{statement} passed");
        }
    }

    fn what_was_posted_in_the_ledger_is_never_changed(database) {
        let db = &mut open(database);
        let [id, _, time] = literals(db);
        let insert = format!(
            "INSERT INTO node VALUES ({id}, 'head', NULL, 'head', 'head', 'Asia/Shanghai', NULL, 'active', 1, {time}, {time});
             INSERT INTO ledger_account VALUES ({id}, {id}, 'clearing_payment', 'house', {id}, 'cny', {time});
             INSERT INTO ledger_transaction VALUES ({id}, {id}, NULL, 'order', {id}, 'system', NULL, {time}, '2027-01-15', 16);
             INSERT INTO ledger_entry VALUES ({id}, 0, {id}, 'cny', 1, 'earn', {time})");
        attempt(db, &insert).unwrap();
        for statement in [
            "DELETE FROM ledger_entry",
            "DELETE FROM ledger_transaction",
            "UPDATE ledger_entry SET amount = 2",
            "UPDATE ledger_entry SET reason = 'spend'",
            "UPDATE ledger_transaction SET source_kind = 'refund'",
            &format!("UPDATE ledger_transaction SET posted_at = {time}"),
        ] {
            assert!(attempt(db, statement).is_err(), "{statement} passed");
        }
    }
}

#[test]
fn append_only_tables_cannot_be_emptied_on_postgres() {
    let Some(database) = huike_persistence::testing::TestDatabase::postgres() else { return };
    let db = &mut open(&database);
    for table in
        ["event", "audit", "stock_movement", "ledger_transaction", "ledger_entry", "order_line", "order_allocation"]
    {
        assert!(attempt(db, &format!("TRUNCATE {table} CASCADE")).is_err());
    }
}
