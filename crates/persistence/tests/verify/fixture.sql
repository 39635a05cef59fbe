-- A small brand in which every invariant holds, and has something to hold about.
-- 1 head, 2 and 4 sites with the stores 3 and 5; 10 maker, 11 reviewer, 12 clerk, 13 finance; 20 and 21 customers.
INSERT INTO node (id, kind, parent_id, code, name, zone, area, state, version, created_at, updated_at) VALUES
    (id(1), 'head', NULL, 'head', 'head', 'Asia/Shanghai', NULL, 'active', 1, at(0), at(0)),
    (id(2), 'site', id(1), 'site-a', 'site a', 'Asia/Shanghai', NULL, 'active', 1, at(0), at(0)),
    (id(3), 'store', id(2), 'store-a', 'store a', 'Asia/Shanghai', NULL, 'active', 1, at(0), at(0)),
    (id(4), 'site', id(1), 'site-b', 'site b', 'Asia/Shanghai', NULL, 'active', 1, at(0), at(0)),
    (id(5), 'store', id(4), 'store-b', 'store b', 'Asia/Shanghai', NULL, 'active', 1, at(0), at(0));
INSERT INTO node_closure (ancestor_id, node_id, depth) VALUES
    (id(1), id(1), 0), (id(2), id(2), 0), (id(3), id(3), 0), (id(4), id(4), 0), (id(5), id(5), 0),
    (id(1), id(2), 1), (id(1), id(4), 1), (id(2), id(3), 1), (id(4), id(5), 1), (id(1), id(3), 2), (id(1), id(5), 2);
INSERT INTO staff (id, site_id, login, name, password_hash, must_change_password, customer_id, state, version, created_at, updated_at) VALUES
    (id(10), id(1), 'maker', 'maker', '-', FALSE, NULL, 'active', 1, at(0), at(0)),
    (id(11), id(1), 'reviewer', 'reviewer', '-', FALSE, NULL, 'active', 1, at(0), at(0)),
    (id(12), id(3), 'clerk', 'clerk', '-', FALSE, NULL, 'active', 1, at(0), at(0)),
    (id(13), id(1), 'finance', 'finance', '-', FALSE, NULL, 'active', 1, at(0), at(0));
INSERT INTO customer (id, site_id, phone, phone_tail, name, state, block_reason, active_redemptions, version, created_at, updated_at) VALUES
    (id(20), id(1), NULL, NULL, NULL, 'active', NULL, 3, 1, at(0), at(0)),
    (id(21), id(1), NULL, NULL, NULL, 'active', NULL, 1, 1, at(0), at(0));

-- A template with limits, a budget by day and quotas; and a draft of site a.
INSERT INTO coupon_template (id, site_id, name, kind, state, live_version, newest_version, killed_at, kill_reason, version, created_by, created_at, updated_at) VALUES
    (id(30), id(1), 'ten off', 'amount_off', 'live', 1, 1, NULL, NULL, 4, id(10), at(0), at(4)),
    (id(31), id(2), 'a draft', 'amount_off', 'draft', NULL, 1, NULL, NULL, 1, id(10), at(0), at(0));
INSERT INTO coupon_template_version (template_id, number, site_id, rules_version, rules, look, review_state, unreviewed, makers, created_by, created_at, submitted_by, submitted_at, reviewed_by, reviewed_at, reject_reason) VALUES
    (id(30), 1, id(1), 1, '{{rules}}', '{}', 'live', FALSE, '["{{maker}}"]', id(10), at(0), id(10), at(2), id(11), at(3), NULL),
    (id(31), 1, id(2), 1, '{{rules}}', '{}', 'draft', FALSE, '["{{maker}}"]', id(10), at(0), NULL, NULL, NULL, NULL, NULL);
INSERT INTO offer (id, site_id, name, class, kind, state, live_version, newest_version, version, created_by, created_at, updated_at) VALUES
    (id(35), id(1), 'thirty off', 'order', 'amount_off', 'live', 1, 1, 4, id(10), at(0), at(4));
INSERT INTO offer_version (offer_id, number, site_id, rules_version, rules, review_state, unreviewed, makers, created_by, created_at, submitted_by, submitted_at, reviewed_by, reviewed_at, reject_reason) VALUES
    (id(35), 1, id(1), 1, '{"class":"order","effect":{"kind":"amount_off","amount":"30.00"}}', 'live', FALSE, '["{{maker}}"]', id(10), at(0), id(10), at(2), id(11), at(3), NULL);
INSERT INTO offer_stock (offer_id, site_id, accepting, budget_fen, spent_fen, uses_max, uses) VALUES
    (id(35), id(1), TRUE, 100000, 3000, NULL, 1);
INSERT INTO coupon_stock (template_id, site_id, accepting, quantity, issued, claimed, budget_fen, committed_fen, spent_fen) VALUES
    (id(30), id(1), TRUE, 10, 7, 6, 100000, 3000, 2000);
INSERT INTO coupon_quota (template_id, site_id, template_site_id, quota, issued) VALUES
    (id(30), id(1), id(1), 6, 3), (id(30), id(2), id(1), 4, 4);
INSERT INTO coupon_channel (id, site_id, template_site_id, template_id, kind, name, link_token, code_lookup, code_sealed, state, created_by, created_at) VALUES
    (id(50), id(2), id(1), id(30), 'code_batch', 'flyer', 'token', NULL, NULL, 'active', id(10), at(5));
INSERT INTO code_batch (id, site_id, template_site_id, template_id, template_version, channel_id, kind, pattern, quantity, made, state, report, created_by, created_at) VALUES
    (id(51), id(2), id(1), id(30), 1, id(50), 'signed', NULL, 1, 1, 'done', NULL, id(10), at(5));

-- 40 held, 41 redeemed, 42 undone, 43 a code nobody owns, 44 expired, 45 voided, 46 redeemed again after an undo.
INSERT INTO coupon (id, site_id, template_site_id, template_id, template_version, state, customer_id, channel_id, batch_id, code_kind, code_lookup, code_sealed, usable_from, expires_at, committed_fen, issued_at, claimed_at, claim_day, claim_hour, version) VALUES
    (id(40), id(2), id(1), id(30), 1, 'issued', id(20), NULL, NULL, 'signed', blob(40), blob(0), at(10), at(9999), 1000, at(10), at(10), '2026-06-02', 10, 1),
    (id(41), id(2), id(1), id(30), 1, 'redeemed', id(20), NULL, NULL, 'signed', blob(41), blob(0), at(10), at(9999), 0, at(10), at(10), '2026-06-02', 10, 2),
    (id(42), id(2), id(1), id(30), 1, 'issued', id(21), NULL, NULL, 'signed', blob(42), blob(0), at(10), at(9999), 1000, at(10), at(10), '2026-06-02', 10, 3),
    (id(43), id(2), id(1), id(30), 1, 'unclaimed', NULL, id(50), id(51), 'signed', blob(43), blob(0), NULL, NULL, 1000, at(10), NULL, NULL, NULL, 1),
    (id(44), id(2), id(1), id(30), 1, 'expired', id(21), NULL, NULL, 'signed', blob(44), blob(0), at(10), at(20), 0, at(10), at(10), '2026-06-02', 10, 2),
    (id(45), id(4), id(1), id(30), 1, 'voided', id(21), NULL, NULL, 'signed', blob(45), blob(0), at(10), at(9999), 0, at(10), at(10), '2026-06-02', 10, 2),
    (id(46), id(4), id(1), id(30), 1, 'redeemed', id(21), NULL, NULL, 'signed', blob(46), blob(0), at(10), at(9999), 0, at(10), at(10), '2026-06-02', 10, 4);
INSERT INTO redemption (id, coupon_id, use_number, site_id, template_site_id, template_id, template_version, customer_id, channel_id, actor_kind, actor_id, order_amount_fen, discount_fen, cost_fen, redeemed_at, local_day, local_hour, reversed_at, reversed_by, reversal_approved_by, reversal_reason, reversal_day) VALUES
    (id(61), id(41), 1, id(3), id(1), id(30), 1, id(20), NULL, 'staff', id(12), 6000, 1000, 1000, at(30), '2026-06-02', 10, NULL, NULL, NULL, NULL, NULL),
    (id(62), id(42), 1, id(3), id(1), id(30), 1, id(21), NULL, 'staff', id(12), 7000, 1000, 1000, at(31), '2026-06-02', 10, at(40), id(12), NULL, 'mistake', '2026-06-02'),
    (id(63), id(46), 1, id(5), id(1), id(30), 1, id(21), NULL, 'staff', id(13), 8000, 1000, 1000, at(32), '2026-06-02', 10, at(41), id(13), NULL, 'mistake', '2026-06-02'),
    (id(64), id(46), 1, id(5), id(1), id(30), 1, id(21), NULL, 'staff', id(13), 8000, 1000, 1000, at(50), '2026-06-02', 10, NULL, NULL, NULL, NULL, NULL);
INSERT INTO limit_counter (owner_id, metric, subject_kind, subject_id, period, period_start, used) VALUES
    (id(30), 'claims', 'customer', id(20), 'ever', '1970-01-01', 2),
    (id(30), 'claims', 'customer', id(21), 'ever', '1970-01-01', 3),
    (id(30), 'uses', 'customer', id(20), 'day', '2026-06-02', 1),
    (id(30), 'uses', 'customer', id(21), 'day', '2026-06-02', 1),
    (id(30), 'order_value', 'store', id(3), 'day', '2026-06-02', 6000),
    (id(30), 'order_value', 'store', id(5), 'day', '2026-06-02', 8000),
    (id(30), 'committed', 'template', id(30), 'day', '2026-06-02', 6000);
INSERT INTO store_day (site_id, local_day, redemptions, reversals, order_amount_fen, discount_fen, signed_by, signed_at) VALUES
    (id(3), '2026-06-02', 2, 1, 6000, 1000, NULL, NULL),
    (id(5), '2026-06-02', 2, 1, 8000, 1000, NULL, NULL);

INSERT INTO event (id, site_id, aggregate_kind, aggregate_id, seq, shard, kind, actor_kind, actor_id, payload, occurred_at, local_day, local_hour) VALUES
    (id(101), id(1), 'coupon_template', id(30), 1, 0, 'template_created', 'staff', id(10), NULL, at(0), '2026-06-02', 10),
    (id(102), id(1), 'coupon_template', id(30), 2, 0, 'template_submitted', 'staff', id(10), NULL, at(2), '2026-06-02', 10),
    (id(103), id(1), 'coupon_template', id(30), 3, 0, 'template_approved', 'staff', id(11), NULL, at(3), '2026-06-02', 10),
    (id(104), id(1), 'coupon_template', id(30), 4, 0, 'template_published', 'staff', id(10), NULL, at(4), '2026-06-02', 10),
    (id(105), id(2), 'coupon_template', id(31), 1, 0, 'template_created', 'staff', id(10), NULL, at(0), '2026-06-02', 10),
    (id(140), id(2), 'coupon', id(40), 1, 0, 'coupon_claimed', 'customer', id(20), NULL, at(10), '2026-06-02', 10),
    (id(141), id(2), 'coupon', id(41), 1, 0, 'coupon_claimed', 'customer', id(20), NULL, at(10), '2026-06-02', 10),
    (id(142), id(3), 'coupon', id(41), 2, 0, 'coupon_redeemed', 'staff', id(12), NULL, at(30), '2026-06-02', 10),
    (id(143), id(2), 'coupon', id(42), 1, 0, 'coupon_claimed', 'customer', id(21), NULL, at(10), '2026-06-02', 10),
    (id(144), id(3), 'coupon', id(42), 2, 0, 'coupon_redeemed', 'staff', id(12), NULL, at(31), '2026-06-02', 10),
    (id(145), id(3), 'coupon', id(42), 3, 0, 'coupon_unredeemed', 'staff', id(12), NULL, at(40), '2026-06-02', 10),
    (id(146), id(2), 'coupon', id(43), 1, 0, 'coupon_printed', 'staff', id(10), NULL, at(10), '2026-06-02', 10),
    (id(147), id(2), 'coupon', id(44), 1, 0, 'coupon_claimed', 'customer', id(21), NULL, at(10), '2026-06-02', 10),
    (id(148), id(2), 'coupon', id(44), 2, 0, 'coupon_expired', 'system', NULL, NULL, at(20), '2026-06-02', 10),
    (id(149), id(4), 'coupon', id(45), 1, 0, 'coupon_issued', 'staff', id(10), NULL, at(10), '2026-06-02', 10),
    (id(150), id(4), 'coupon', id(45), 2, 0, 'coupon_voided', 'staff', id(10), NULL, at(20), '2026-06-02', 10),
    (id(151), id(4), 'coupon', id(46), 1, 0, 'coupon_claimed', 'customer', id(21), NULL, at(10), '2026-06-02', 10),
    (id(152), id(5), 'coupon', id(46), 2, 0, 'coupon_redeemed', 'staff', id(13), NULL, at(32), '2026-06-02', 10),
    (id(153), id(5), 'coupon', id(46), 3, 0, 'coupon_unredeemed', 'staff', id(13), NULL, at(41), '2026-06-02', 10),
    (id(154), id(5), 'coupon', id(46), 4, 0, 'coupon_redeemed', 'staff', id(13), NULL, at(50), '2026-06-02', 10);
INSERT INTO idempotency (principal, idempotency_key, request_hash, outcome, created_at) VALUES
    ('customer:20', 'k', blob(1), '{}', at(10));

-- An endpoint at site a that heard of coupon 41, and is hearing of coupon 42, whose undo is still to be handed out.
INSERT INTO webhook_endpoint (id, site_id, name, url, event_types, state, disabled_reason, version, created_by, created_at, updated_at) VALUES
    (id(300), id(2), 'till', 'https://hooks.example/', '[]', 'enabled', NULL, 1, id(10), at(0), at(0));
INSERT INTO webhook_secret (endpoint_id, number, sealed, created_at, expires_at) VALUES
    (id(300), 1, blob(1), at(0), at(60)), (id(300), 2, blob(2), at(1), NULL);
INSERT INTO event (id, site_id, aggregate_kind, aggregate_id, seq, shard, kind, actor_kind, actor_id, payload, occurred_at, local_day, local_hour) VALUES
    (id(301), id(2), 'webhook_endpoint', id(300), 1, 0, 'webhook_endpoint_created', 'staff', id(10), NULL, at(0), '2026-06-02', 10);
INSERT INTO webhook_delivery (id, endpoint_id, site_id, event_id, origin, replay_of, replay_id, aggregate_id, seq, kind, state, attempts, due_at, lease_until, created_at, delivered_at, last_status, last_error) VALUES
    (id(311), id(300), id(2), id(141), 'event', NULL, NULL, id(41), 1, 'coupon_claimed', 'delivered', 2, at(11), NULL, at(10), at(12), 204, NULL),
    (id(312), id(300), id(2), id(142), 'event', NULL, NULL, id(41), 2, 'coupon_redeemed', 'delivered', 1, at(30), NULL, at(30), at(30), 200, NULL),
    (id(313), id(300), id(2), id(144), 'event', NULL, NULL, id(42), 2, 'coupon_redeemed', 'pending', 1, at(90), NULL, at(31), NULL, 503, NULL),
    (id(314), id(300), id(2), id(141), 'replay', id(311), NULL, id(41), 1, 'coupon_claimed', 'parked', 1, at(40), NULL, at(40), NULL, NULL, 'timed_out'),
    (id(315), id(300), id(2), NULL, 'test', NULL, NULL, id(300), 1, 'webhook_test', 'cancelled', 0, at(40), NULL, at(40), NULL, NULL, NULL);
INSERT INTO webhook_attempt (delivery_id, number, started_at, took_ms, status, error) VALUES
    (id(311), 1, at(10), 900, 500, NULL), (id(311), 2, at(11), 80, 204, NULL), (id(312), 1, at(30), 70, 200, NULL),
    (id(313), 1, at(31), 60, 503, NULL), (id(314), 1, at(40), 10000, NULL, 'timed_out');
INSERT INTO webhook_replay (id, endpoint_id, site_id, from_at, until_at, event_types, state, shard, last_at, last_event_id, made, created_by, created_at, finished_at) VALUES
    (id(320), id(300), id(2), at(0), at(5), '[]', 'done', 16, NULL, NULL, 0, id(10), at(50), at(51));
INSERT INTO outbox (consumer, event_id, aggregate_id, seq, shard, created_at) VALUES ('webhook', id(145), id(42), 3, 0, at(40));

-- A SKU that came in at site a, of which three went on to its store and two are kept for an order.
INSERT INTO category (id, site_id, parent_id, code, name, depth, position, state, version, created_at, updated_at) VALUES
    (id(70), id(1), NULL, 'milk', 'milk', 1, 0, 'active', 1, at(0), at(0));
INSERT INTO product (id, site_id, category_id, code, name, brand, tags, images, description, state, version, created_by, created_at, updated_at) VALUES
    (id(71), id(1), id(70), 'MILK', 'milk', NULL, '[]', '[]', NULL, 'active', 1, id(10), at(0), at(0));
INSERT INTO sku (id, site_id, product_id, code, name, barcode, list_price_fen, sale_price_fen, minimum_price_fen, cost_price_fen, weight_grams, low_stock_policy, state, version, created_at, updated_at) VALUES
    (id(72), id(1), id(71), 'MILK-1', 'one', NULL, 1000, NULL, NULL, NULL, 900, 'replenish', 'active', 1, at(0), at(0));
INSERT INTO sku_stock (sku_id, site_id, id, on_hand, reserved, safety, version, updated_at) VALUES
    (id(72), id(2), id(73), 6, 2, 5, 3, at(62)), (id(72), id(3), id(74), 3, 0, NULL, 1, at(3));
INSERT INTO stock_transfer (id, site_id, from_site_id, state, note, reason, version, requested_by, requested_at, sent_by, sent_at, ended_by, ended_at) VALUES
    (id(76), id(3), id(2), 'received', NULL, NULL, 3, id(10), at(1), id(10), at(2), id(12), at(3));
INSERT INTO stock_transfer_line (transfer_id, sku_id, requested, sent, received) VALUES (id(76), id(72), 3, 3, 3);
INSERT INTO stock_movement (id, sku_id, site_id, seq, kind, quantity, on_hand_after, reason, source_kind, source_id, actor_kind, actor_id, occurred_at, local_day, local_hour) VALUES
    (id(400), id(72), id(2), 1, 'receipt', 10, 10, NULL, NULL, NULL, 'staff', id(10), at(1), '2026-06-02', 10),
    (id(401), id(72), id(2), 2, 'transfer_out', -3, 7, NULL, 'stock_transfer', id(76), 'staff', id(10), at(2), '2026-06-02', 10),
    (id(402), id(72), id(3), 1, 'transfer_in', 3, 3, NULL, 'stock_transfer', id(76), 'staff', id(12), at(3), '2026-06-02', 10),
    (id(403), id(72), id(2), 3, 'sale', -1, 6, NULL, 'order', id(92), 'customer', id(20), at(62), '2026-06-02', 11);
INSERT INTO stock_reservation (id, sku_id, site_id, quantity, holder_kind, holder_id, state, expires_at, created_at, ended_at) VALUES
    (id(75), id(72), id(2), 2, 'order', id(90), 'open', at(60), at(30), NULL),
    (id(78), id(72), id(2), 4, 'order', id(91), 'released', at(60), at(30), at(40));
INSERT INTO production_batch (id, sku_id, site_id, quantity, supplier, batch_number, produced_on, inspection, inspection_url, created_by, created_at) VALUES
    (id(77), id(72), id(2), 10, 'dairy', 'L1', '2026-05-01', 'sound', NULL, id(10), at(1));
INSERT INTO event (id, site_id, aggregate_kind, aggregate_id, seq, shard, kind, actor_kind, actor_id, payload, occurred_at, local_day, local_hour) VALUES
    (id(410), id(2), 'stock', id(73), 1, 0, 'stock_moved', 'staff', id(10), NULL, at(1), '2026-06-02', 10),
    (id(411), id(2), 'stock', id(73), 2, 0, 'stock_moved', 'staff', id(10), NULL, at(2), '2026-06-02', 10),
    (id(412), id(3), 'stock', id(74), 1, 0, 'stock_moved', 'staff', id(12), NULL, at(3), '2026-06-02', 10),
    (id(413), id(2), 'stock', id(73), 3, 0, 'stock_moved', 'customer', id(20), NULL, at(62), '2026-06-02', 11);

-- Customer 20 bought stored value for 500 with 100 on top, spent 100 of it, which was held before, got 40 back, and five
-- by an adjustment; holds of theirs are open and were let go.
INSERT INTO ledger_account (id, site_id, kind, owner_kind, owner_id, unit, opened_at) VALUES
    (id(500), id(1), 'clearing_payment', 'house', id(1), 'cny', at(60)),
    (id(501), id(1), 'stored_value_principal', 'customer', id(20), 'cny', at(60)),
    (id(502), id(1), 'issuer_bonus', 'house', id(1), 'cny', at(60)),
    (id(503), id(1), 'stored_value_bonus', 'customer', id(20), 'cny', at(60)),
    (id(504), id(1), 'clearing_sales', 'house', id(1), 'cny', at(62)),
    (id(505), id(1), 'clearing_adjustment', 'house', id(1), 'cny', at(64));
INSERT INTO ledger_balance (account_id, stripe, bound, posted, held) VALUES
    (id(500), 0, 'free', -60000, 0), (id(500), 1, 'free', 10000, 0),
    (id(501), 0, 'not_negative', 44500, 0),
    (id(502), 0, 'free', -10000, 0),
    (id(503), 0, 'not_negative', 10000, 1000),
    (id(504), 0, 'free', 6000, 0),
    (id(505), 0, 'free', -500, 0);
INSERT INTO ledger_transaction (id, site_id, reverses_id, source_kind, source_id, actor_kind, actor_id, posted_at, local_day, local_hour) VALUES
    (id(510), id(1), NULL, 'order', id(590), 'customer', id(20), at(60), '2026-06-02', 11),
    (id(511), id(3), NULL, 'order', id(591), 'customer', id(20), at(62), '2026-06-02', 11),
    (id(513), id(1), NULL, 'ledger_adjustment', id(540), 'staff', id(11), at(64), '2026-06-02', 11);
INSERT INTO ledger_transaction (id, site_id, reverses_id, source_kind, source_id, actor_kind, actor_id, posted_at, local_day, local_hour) VALUES
    (id(512), id(3), id(511), 'refund', id(592), 'staff', id(12), at(63), '2026-06-02', 11);
INSERT INTO ledger_entry (transaction_id, leg, account_id, unit, amount, reason, posted_at) VALUES
    (id(510), 0, id(500), 'cny', -50000, 'top_up', at(60)), (id(510), 0, id(501), 'cny', 50000, 'top_up', at(60)),
    (id(510), 1, id(502), 'cny', -10000, 'bonus', at(60)), (id(510), 1, id(503), 'cny', 10000, 'bonus', at(60)),
    (id(511), 0, id(501), 'cny', -10000, 'spend', at(62)), (id(511), 0, id(504), 'cny', 10000, 'spend', at(62)),
    (id(512), 0, id(504), 'cny', -4000, 'refund', at(63)), (id(512), 0, id(501), 'cny', 4000, 'refund', at(63)),
    (id(513), 0, id(505), 'cny', -500, 'adjust', at(64)), (id(513), 0, id(501), 'cny', 500, 'adjust', at(64));
INSERT INTO ledger_hold (id, site_id, account_id, amount, state, captured, transaction_id, leg, source_kind, source_id, expires_at, created_at, ended_at) VALUES
    (id(520), id(3), id(501), 12000, 'captured', 10000, id(511), 0, 'order', id(591), at(91), at(61), at(62)),
    (id(521), id(3), id(503), 1000, 'open', 0, NULL, NULL, 'order', id(593), at(95), at(65), NULL),
    (id(522), id(3), id(501), 700, 'voided', 0, NULL, NULL, 'order', id(594), at(95), at(65), at(66));
INSERT INTO ledger_reversed (transaction_id, leg, amount, reversed) VALUES (id(511), 0, 10000, 4000);
INSERT INTO ledger_adjustment (id, site_id, account_id, direction, amount, reason, state, unreviewed, requested_by, requested_at, decided_by, decided_at, transaction_id) VALUES
    (id(540), id(1), id(501), 'credit', 500, 'a mistake', 'approved', FALSE, id(13), at(63), id(11), at(64), id(513));
INSERT INTO event (id, site_id, aggregate_kind, aggregate_id, seq, shard, kind, actor_kind, actor_id, payload, occurred_at, local_day, local_hour) VALUES
    (id(530), id(1), 'ledger_transaction', id(510), 1, 0, 'ledger_posted', 'customer', id(20), NULL, at(60), '2026-06-02', 11),
    (id(531), id(3), 'ledger_transaction', id(511), 1, 0, 'ledger_posted', 'customer', id(20), NULL, at(62), '2026-06-02', 11),
    (id(532), id(3), 'ledger_transaction', id(512), 1, 0, 'ledger_posted', 'staff', id(12), NULL, at(63), '2026-06-02', 11),
    (id(533), id(1), 'ledger_transaction', id(513), 1, 0, 'ledger_posted', 'staff', id(11), NULL, at(64), '2026-06-02', 11),
    (id(534), id(3), 'ledger_hold', id(520), 1, 0, 'ledger_held', 'customer', id(20), NULL, at(61), '2026-06-02', 11),
    (id(535), id(3), 'ledger_hold', id(520), 2, 0, 'ledger_hold_captured', 'customer', id(20), NULL, at(62), '2026-06-02', 11),
    (id(536), id(3), 'ledger_hold', id(521), 1, 0, 'ledger_held', 'customer', id(20), NULL, at(65), '2026-06-02', 11),
    (id(537), id(3), 'ledger_hold', id(522), 1, 0, 'ledger_held', 'customer', id(20), NULL, at(65), '2026-06-02', 11),
    (id(538), id(3), 'ledger_hold', id(522), 2, 0, 'ledger_hold_voided', 'customer', id(20), NULL, at(66), '2026-06-02', 11);

-- Customer 20 placed three orders: 90 waits for its payment, 91 was given up, 92 was paid with stored value, three yuan off.
INSERT INTO customer_order (id, site_id, customer_id, state, resumes, version, quote_hash, policy, tier, channel, delivery_area, list_fen, subtotal_fen, discount_fen, payable_fen, stored_value_fen, paid_fen, placed_at, expires_at, paid_at, closed_at, close_reason, local_day, local_hour) VALUES
    (id(90), id(2), id(20), 'created', NULL, 1, blob(1), 'p', NULL, NULL, NULL, 2000, 2000, 0, 2000, 1000, 0, at(65), at(95), NULL, NULL, NULL, '2026-06-02', 11),
    (id(91), id(2), id(20), 'cancelled', NULL, 2, blob(1), 'p', NULL, NULL, NULL, 4000, 4000, 0, 4000, 700, 0, at(65), at(95), NULL, at(66), 'customer', '2026-06-02', 11),
    (id(92), id(2), id(20), 'paid', NULL, 2, blob(1), 'p', NULL, NULL, NULL, 13000, 13000, 3000, 10000, 10000, 10000, at(61), at(91), at(62), NULL, NULL, '2026-06-02', 11);
INSERT INTO order_line (order_id, number, kind, sku_id, code, name, quantity, list_price_fen, unit_price_fen, price_source, subtotal_fen, discount_fen, payable_fen) VALUES
    (id(90), 1, 'sold', id(72), 'MILK-1', 'milk', 2, 1000, 1000, 'list', 2000, 0, 2000),
    (id(91), 1, 'sold', id(72), 'MILK-1', 'milk', 4, 1000, 1000, 'list', 4000, 0, 4000),
    (id(92), 1, 'sold', id(72), 'MILK-1', 'milk', 1, 13000, 13000, 'list', 13000, 3000, 10000);
INSERT INTO order_discount (order_id, number, offer_id, coupon_id, template_id, template_version, discount_fen, cost_fen, state) VALUES
    (id(92), 1, id(35), NULL, NULL, NULL, 3000, 3000, 'used');
INSERT INTO order_allocation (order_id, line, discount, amount_fen) VALUES (id(92), 1, 1, 3000);
INSERT INTO order_tender (order_id, kind, account_site_id, amount_fen, state, hold_id, transaction_id) VALUES
    (id(90), 'stored_value_bonus', id(1), 1000, 'held', id(521), NULL),
    (id(91), 'stored_value_principal', id(1), 700, 'released', id(522), NULL),
    (id(92), 'stored_value_principal', id(1), 10000, 'captured', id(520), id(511));
INSERT INTO event (id, site_id, aggregate_kind, aggregate_id, seq, shard, kind, actor_kind, actor_id, payload, occurred_at, local_day, local_hour) VALUES
    (id(550), id(2), 'order', id(90), 1, 0, 'order_placed', 'customer', id(20), NULL, at(65), '2026-06-02', 11),
    (id(551), id(2), 'order', id(91), 1, 0, 'order_placed', 'customer', id(20), NULL, at(65), '2026-06-02', 11),
    (id(552), id(2), 'order', id(91), 2, 0, 'order_cancelled', 'customer', id(20), NULL, at(66), '2026-06-02', 11),
    (id(553), id(2), 'order', id(92), 1, 0, 'order_placed', 'customer', id(20), NULL, at(61), '2026-06-02', 11),
    (id(554), id(2), 'order', id(92), 2, 0, 'order_paid', 'customer', id(20), NULL, at(62), '2026-06-02', 11);
