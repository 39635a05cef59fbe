//! For each invariant, what breaks it and nothing else.

/// A way to break the fixture.
pub(crate) struct Break {
    /// The invariant that must be found broken, and with it those that it implies.
    pub(crate) broken: &'static [&'static str],
    /// Only SQLite can be broken so.
    pub(crate) sqlite_only: bool,
    /// The statements.
    pub(crate) sql: &'static str,
}

pub(crate) const fn alone(broken: &'static [&'static str], sql: &'static str) -> Break {
    Break { broken, sqlite_only: false, sql }
}

const fn on_sqlite(broken: &'static [&'static str], sql: &'static str) -> Break {
    Break { broken, sqlite_only: true, sql }
}

pub(crate) const BREAKS: &[Break] = &[
    alone(&["coupon_edges"], "UPDATE event SET kind = 'coupon_locked' WHERE id = id(147)"),
    alone(&["coupon_edges"], "UPDATE event SET kind = 'coupon_invented' WHERE id = id(147)"),
    alone(&["coupon_state"], "UPDATE coupon SET state = 'transferred' WHERE id = id(44)"),
    alone(
        &["template_state"],
        "UPDATE coupon_template SET state = 'paused' WHERE id = id(30); UPDATE coupon_stock SET accepting = FALSE",
    ),
    alone(
        &["template_state"],
        "UPDATE coupon_template SET killed_at = at(9), kill_reason = 'x' WHERE id = id(30); UPDATE coupon_stock SET accepting = FALSE",
    ),
    alone(
        &["stock_issued"],
        "UPDATE coupon_stock SET issued = 8; UPDATE coupon_quota SET issued = 4 WHERE site_id = id(1)",
    ),
    alone(&["stock_claimed"], "UPDATE coupon_stock SET claimed = 5"),
    alone(&["stock_accepting"], "UPDATE coupon_stock SET accepting = FALSE"),
    alone(&["stock_accepting"], "DELETE FROM coupon_stock"),
    alone(&["stock_totals"], "UPDATE coupon_stock SET quantity = 11"),
    alone(&["stock_totals"], "UPDATE coupon_stock SET budget_fen = NULL"),
    alone(&["batch_made"], "UPDATE code_batch SET made = 0"),
    alone(&["quota_sum"], "UPDATE coupon_quota SET quota = 7 WHERE site_id = id(1)"),
    alone(&["quota_issued"], "UPDATE coupon_quota SET issued = 2 WHERE site_id = id(1)"),
    alone(
        &["quota_issued"],
        "INSERT INTO coupon_quota VALUES (id(30), id(5), id(1), 2, 2); UPDATE coupon_quota SET quota = 3, issued = 1 WHERE site_id = id(1)",
    ),
    alone(&["limit_counters"], "UPDATE limit_counter SET used = 1 WHERE metric = 'claims' AND subject_id = id(20)"),
    alone(&["limit_counters"], "DELETE FROM limit_counter WHERE metric = 'committed'"),
    alone(&["limit_caps"], "UPDATE coupon_template_version SET rules = '{{rules with a low cap}}' WHERE template_id = id(30)"),
    // Two active redemptions of one use imply an undo that is told but not kept.
    alone(
        &["redeemed_once", "redemption_events"],
        "DROP INDEX redemption_once;
         UPDATE redemption SET reversed_at = NULL, reversed_by = NULL, reversal_reason = NULL, reversal_day = NULL WHERE id = id(63);
         UPDATE customer SET active_redemptions = 2 WHERE id = id(21);
         UPDATE coupon_stock SET spent_fen = 3000;
         UPDATE limit_counter SET used = 2 WHERE metric = 'uses' AND subject_id = id(21);
         UPDATE limit_counter SET used = 16000 WHERE metric = 'order_value' AND subject_id = id(5);
         UPDATE store_day SET reversals = 0, order_amount_fen = 16000, discount_fen = 2000 WHERE site_id = id(5)",
    ),
    // A coupon that is not where its redemptions say is not where its events say either.
    alone(&["coupon_state", "redeemed_state"], "UPDATE coupon SET state = 'voided', committed_fen = 0 WHERE id = id(46);
         UPDATE limit_counter SET used = 2 WHERE metric = 'claims' AND subject_id = id(21);
         UPDATE limit_counter SET used = 5000 WHERE metric = 'committed'"),
    alone(&["customer_redemptions"], "UPDATE customer SET active_redemptions = 5 WHERE id = id(20)"),
    alone(&["redeemed_in_time"], "UPDATE coupon SET expires_at = at(30) WHERE id = id(41)"),
    alone(&["redeemed_in_time"], "UPDATE coupon SET usable_from = at(31) WHERE id = id(41)"),
    alone(&["redeemed_by_rules"], "UPDATE coupon_template_version SET rules = '{{rules without store b}}' WHERE template_id = id(30)"),
    alone(&["redeemed_by_rules"], "UPDATE coupon_template_version SET rules = '{{rules for weekends}}' WHERE template_id = id(30)"),
    alone(
        &["redeemed_by_somebody", "audit_chain"],
        "UPDATE redemption SET actor_id = id(99) WHERE id = id(61); UPDATE audit SET actor_id = id(99) WHERE id = id(211)",
    ),
    alone(&["budget_spent"], "UPDATE coupon_stock SET spent_fen = 1999"),
    alone(&["budget_committed"], "UPDATE coupon_stock SET committed_fen = 2999"),
    alone(&["store_days"], "UPDATE store_day SET redemptions = 3 WHERE site_id = id(3)"),
    alone(&["store_days"], "DELETE FROM store_day WHERE site_id = id(3)"),
    alone(&["node_closure"], "DELETE FROM node_closure WHERE ancestor_id = id(4) AND node_id = id(5)"),
    alone(&["node_closure"], "INSERT INTO node_closure VALUES (id(2), id(5), 1)"),
    alone(
        &["owner_keys"],
        "INSERT INTO coupon_template_version SELECT template_id, 2, site_id, rules_version, rules, look, review_state, unreviewed,
            makers, created_by, created_at, submitted_by, submitted_at, reviewed_by, reviewed_at, reject_reason
         FROM coupon_template_version WHERE template_id = id(30);
         UPDATE redemption SET template_version = 2 WHERE id = id(61)",
    ),
    alone(
        &["acts_in_subtree"],
        "INSERT INTO coupon_channel SELECT id(55), id(4), id(2), id(31), kind, name, 'another', NULL, NULL, state, created_by, created_at
         FROM coupon_channel",
    ),
    alone(&["idempotency_outcomes"], "UPDATE idempotency SET outcome = NULL"),
    alone(&["coupon_events"], "UPDATE coupon SET version = 9 WHERE id = id(40)"),
    alone(
        &["coupon_events"],
        "INSERT INTO event VALUES (id(190), id(1), 'coupon', id(98), 1, 0, 'coupon_printed', 'system', NULL, NULL, at(0),
            '2026-06-02', 10)",
    ),
    alone(
        &["template_events"],
        "INSERT INTO event VALUES (id(190), id(1), 'coupon_template', id(98), 1, 0, 'template_created', 'system', NULL, NULL,
            at(0), '2026-06-02', 10)",
    ),
    alone(&["template_events"], "UPDATE coupon_template SET version = 9 WHERE id = id(30)"),
    alone(&["event_gaps"], "UPDATE event SET seq = 3 WHERE id = id(148); UPDATE coupon SET version = 3 WHERE id = id(44)"),
    alone(&["expired_in_time"], "UPDATE coupon SET expires_at = at(21) WHERE id = id(44)"),
    alone(&["expired_in_time"], "UPDATE coupon SET usable_from = NULL, expires_at = NULL WHERE id = id(44)"),
    alone(
        &["redemption_events"],
        "DELETE FROM redemption WHERE id = id(62);
         UPDATE store_day SET redemptions = 1, reversals = 0 WHERE site_id = id(3)",
    ),
    alone(&["reviewed_by_another"], "UPDATE coupon_template_version SET makers = '[\"{{maker}}\",\"{{reviewer}}\"]' WHERE template_id = id(30)"),
    alone(
        &["live_was_reviewed"],
        "INSERT INTO coupon_template_version SELECT template_id, 2, site_id, rules_version, rules, look, 'superseded', unreviewed,
            makers, created_by, created_at, NULL, NULL, NULL, NULL, NULL
         FROM coupon_template_version WHERE template_id = id(30)",
    ),
    alone(&["reviewed_by_another"], "UPDATE offer_version SET makers = '[\"{{maker}}\",\"{{reviewer}}\"]'"),
    alone(
        &["live_was_reviewed"],
        "INSERT INTO offer_version SELECT offer_id, 2, site_id, rules_version, rules, 'superseded', unreviewed,
            makers, created_by, created_at, NULL, NULL, NULL, NULL, NULL FROM offer_version",
    ),
    alone(&["live_was_reviewed"], "UPDATE offer_version SET review_state = 'approved'"),
    alone(&["offer_accepting"], "UPDATE offer_stock SET accepting = FALSE"),
    alone(&["offer_accepting"], "UPDATE offer SET state = 'paused'"),
    alone(&["offer_accepting"], "DELETE FROM offer_stock"),
    alone(
        &["review_audit"],
        "INSERT INTO event (id, site_id, aggregate_kind, aggregate_id, seq, shard, kind, actor_kind, actor_id, payload, occurred_at, local_day, local_hour)
         VALUES (id(199), id(1), 'offer', id(35), 1, 0, 'offer_paused', 'staff', id(10), NULL, at(9), '2026-06-02', 10)",
    ),
    // Whoever forges or removes a sealed row breaks the chain with it.
    on_sqlite(&["review_audit", "audit_chain", "foreign_key_check"], "DELETE FROM audit WHERE id = id(203)"),
    alone(&["review_audit", "audit_chain"], "UPDATE audit SET subject_id = text(99) WHERE id = id(203)"),
    alone(&["review_audit", "audit_chain"], "UPDATE audit SET actor_id = id(12) WHERE id = id(203)"),
    alone(&["redemption_audit", "audit_chain"], "UPDATE audit SET subject_id = text(99) WHERE id = id(211)"),
    alone(&["redemption_audit", "audit_chain"], "UPDATE audit SET subject_id = text(99) WHERE id = id(213)"),
    alone(&["audit_request", "audit_chain"], "UPDATE audit SET request_id = '' WHERE id = id(203)"),
    alone(&["audit_request"], "UPDATE audit SET request_id = '' WHERE id = id(221)"),
    alone(&["audit_chain"], "UPDATE audit SET action = 'coupon.redeem_twice' WHERE id = id(215)"),
    alone(&["audit_chain", "audit_request"], "UPDATE audit SET actor_id = NULL WHERE id = id(215)"),
    alone(&["audit_chain"], "UPDATE audit_seal SET hash = blob(1) WHERE seq = 7"),
    alone(&["audit_chain"], "UPDATE audit_seal SET prev_hash = (SELECT hash FROM audit_seal WHERE seq = 2) WHERE seq = 7"),
    alone(&["audit_chain"], "UPDATE audit_seal SET seq = 99 WHERE seq = 15"),
    alone(&["audit_chain", "audit_queue"], "DELETE FROM audit_seal WHERE seq = 7"),
    alone(&["audit_queue"], "DELETE FROM audit_seal WHERE seq = 15"),
    alone(&["audit_queue"], "DELETE FROM audit_unsealed WHERE audit_id = id(221)"),
    on_sqlite(&["audit_queue", "foreign_key_check"], "DELETE FROM audit WHERE id = id(221)"),
    alone(&["audit_queue"], "INSERT INTO audit_unsealed VALUES (id(203))"),
    alone(&["audit_digest"], "UPDATE audit SET payload = '{\"before\": null, \"after\": {}}' WHERE id = id(203)"),
    alone(&["audit_digest"], "UPDATE audit SET payload = NULL WHERE id = id(221)"),
    alone(&["audit_digest"], "UPDATE audit SET payload = '{}' WHERE id = id(231)"),
    alone(&["audit_digest"], "UPDATE audit SET payload_digest = blob(1) WHERE id = id(222)"),
    alone(&["audit_digest", "audit_chain"], "UPDATE audit SET payload_digest = blob(1) WHERE id = id(203)"),
    alone(&["audit_redaction"], "UPDATE audit SET payload = NULL, redacted_at = at(60) WHERE id = id(203)"),
    alone(
        &["audit_sealed"],
        "INSERT INTO event VALUES (late(11), id(1), 'node', id(1), 1, 0, 'node_updated', 'system', NULL, NULL, at(0),
            '2026-06-02', 10)",
    ),
    alone(&["audit_two_people", "audit_chain"], "UPDATE audit SET actor_id = id(12) WHERE id = id(218)"),
    alone(
        &["audit_two_people", "audit_chain", "review_audit"],
        "UPDATE audit SET actor_id = id(10) WHERE id = id(203)",
    ),
    alone(&["late_undo"], "UPDATE store_day SET signed_by = id(13), signed_at = at(35) WHERE site_id = id(3)"),
    alone(&["late_undo"], "UPDATE redemption SET reversal_approved_by = id(13) WHERE id = id(62)"),
    on_sqlite(
        &["budget_total", "integrity_check"],
        "PRAGMA ignore_check_constraints = ON;
         UPDATE coupon_template_version SET rules = '{{rules with a small budget}}' WHERE template_id = id(30);
         UPDATE coupon_stock SET budget_fen = 4000;
         PRAGMA ignore_check_constraints = OFF",
    ),
    alone(&["stock_on_hand"], "UPDATE sku_stock SET on_hand = 8 WHERE id = id(73)"),
    alone(
        &["stock_on_hand", "stock_events"],
        "UPDATE sku_stock SET version = 4 WHERE id = id(73)",
    ),
    alone(&["stock_movements"], "UPDATE stock_movement SET on_hand_after = 9 WHERE id = id(400)"),
    // A movement that is gone leaves a gap, and the sum is another.
    alone(
        &["stock_movements", "stock_on_hand"],
        "DELETE FROM stock_movement WHERE id = id(400)",
    ),
    alone(&["stock_reserved"], "UPDATE sku_stock SET reserved = 1 WHERE id = id(73)"),
    alone(&["stock_reserved", "order_goods"], "UPDATE stock_reservation SET state = 'expired', ended_at = at(60) WHERE id = id(75)"),
    on_sqlite(
        &["stock_available", "order_goods", "integrity_check"],
        "PRAGMA ignore_check_constraints = ON;
         UPDATE stock_reservation SET quantity = 8 WHERE id = id(75);
         UPDATE sku_stock SET reserved = 8 WHERE id = id(73);
         PRAGMA ignore_check_constraints = OFF",
    ),
    alone(&["stock_places"], "UPDATE node SET kind = 'region' WHERE id = id(2)"),
    alone(&["transfer_books"], "UPDATE stock_transfer_line SET received = 2"),
    alone(&["transfer_books"], "UPDATE stock_movement SET source_id = id(99) WHERE id = id(402)"),
    alone(&["stock_events"], "UPDATE event SET aggregate_id = id(99) WHERE id = id(413)"),
    alone(&["order_sums"], "UPDATE customer_order SET list_fen = 1 WHERE id = id(90)"),
    alone(&["order_allocations"], "UPDATE order_allocation SET amount_fen = 2999"),
    alone(&["order_allocations"], "DELETE FROM order_allocation"),
    alone(&["order_paid"], "UPDATE customer_order SET paid_fen = 0 WHERE id = id(92)"),
    alone(&["order_paid"], "DELETE FROM order_tender WHERE order_id = id(90)"),
    alone(
        &["payment_returned"],
        "INSERT INTO payment (id, site_id, order_id, provider, due_fen, state, received_fen, kept_fen, provider_ref, created_at, ended_at)
         VALUES (id(95), id(2), id(90), 'test', 1000, 'returned', 900, 0, 'x', at(66), at(67))",
    ),
    alone(&["order_goods"], "UPDATE stock_reservation SET holder_id = id(99) WHERE id = id(75)"),
    alone(&["order_goods"], "UPDATE stock_movement SET source_id = id(99) WHERE id = id(403)"),
    alone(&["order_uses"], "UPDATE order_discount SET state = 'held'"),
    alone(&["order_uses"], "UPDATE order_tender SET state = 'released' WHERE order_id = id(90)"),
    alone(&["order_uses", "coupon_state"], "UPDATE coupon SET state = 'locked' WHERE id = id(40)"),
    alone(&["offer_used"], "UPDATE offer_stock SET uses = 2"),
    alone(&["offer_used"], "UPDATE offer_stock SET spent_fen = 2999"),
    alone(&["order_events"], "UPDATE customer_order SET version = 9 WHERE id = id(90)"),
    on_sqlite(&["integrity_check"], "PRAGMA ignore_check_constraints = ON; INSERT INTO guess_counter VALUES ('a', 'b', 0, -1);
         PRAGMA ignore_check_constraints = OFF"),
    on_sqlite(&["foreign_key_check"], "INSERT INTO customer_identity VALUES ('dev', blob(7), id(77), 0)"),
];

/// PostgreSQL checks by constraints with names of their own; there the budget's is dropped first.
pub(crate) const BUDGET_ON_POSTGRES: Break = alone(
    &["budget_total"],
    "DO $$ DECLARE it TEXT; BEGIN
        FOR it IN SELECT conname FROM pg_constraint WHERE conrelid = 'coupon_stock'::regclass AND contype = 'c' LOOP
            EXECUTE 'ALTER TABLE coupon_stock DROP CONSTRAINT ' || quote_ident(it);
        END LOOP; END $$;
     UPDATE coupon_template_version SET rules = '{{rules with a small budget}}' WHERE template_id = id(30);
     UPDATE coupon_stock SET budget_fen = 4000",
);

/// The same for what is reserved.
pub(crate) const STOCK_ON_POSTGRES: Break = alone(
    &["stock_available", "order_goods"],
    "DO $$ DECLARE it TEXT; BEGIN
        FOR it IN SELECT conname FROM pg_constraint WHERE conrelid = 'sku_stock'::regclass AND contype = 'c' LOOP
            EXECUTE 'ALTER TABLE sku_stock DROP CONSTRAINT ' || quote_ident(it);
        END LOOP; END $$;
     UPDATE stock_reservation SET quantity = 8 WHERE id = id(75);
     UPDATE sku_stock SET reserved = 8 WHERE id = id(73)",
);
