//! I33 and I35: every change of state left its event, and every finished ask its outcome.

use huike_coupons::CouponEdge;

use super::{Check, Invariant};

pub(super) const INVARIANTS: &[Invariant] = &[
    Invariant {
        id: "I33",
        name: "idempotency_outcomes",
        what: "an idempotency key that was committed has its outcome",
        check: Check::Sql(IDEMPOTENCY_OUTCOMES),
    },
    Invariant {
        id: "I35",
        name: "coupon_events",
        what: "the version of a coupon is the number of its last event, and no event is of a coupon that does not exist",
        check: Check::Sql(COUPON_EVENTS),
    },
    Invariant {
        id: "I35",
        name: "template_events",
        what: "the version of a template is the number of its last event, and no event is of a template that does not exist",
        check: Check::Sql(TEMPLATE_EVENTS),
    },
    Invariant {
        id: "I35",
        name: "event_gaps",
        what: "the events of a coupon or a template are numbered from one without a gap",
        check: Check::Sql(EVENT_GAPS),
    },
    Invariant {
        id: "I35",
        name: "expired_in_time",
        what: "no coupon expired before its validity was over",
        check: Check::Made(expired_in_time),
    },
    Invariant {
        id: "I35",
        name: "redemption_events",
        what: "a coupon has one event for each redemption, by a store or an order, and one for each undo",
        check: Check::Made(redemption_events),
    },
];

const IDEMPOTENCY_OUTCOMES: &str = "
    SELECT NULL AS subject, principal || ': key ' || idempotency_key AS detail FROM idempotency WHERE outcome IS NULL";

const COUPON_EVENTS: &str = "
    SELECT c.id AS subject, 'version ' || c.version || ', last event ' || COALESCE(e.newest, 0) AS detail
    FROM coupon c
    LEFT JOIN (SELECT aggregate_id, max(seq) AS newest FROM event WHERE aggregate_kind = 'coupon' GROUP BY aggregate_id) e
        ON e.aggregate_id = c.id
    WHERE c.version <> COALESCE(e.newest, 0)
    UNION ALL
    SELECT e.aggregate_id, 'event ' || e.seq || ' (' || e.kind || ') of no coupon'
    FROM event e LEFT JOIN coupon c ON c.id = e.aggregate_id
    WHERE e.aggregate_kind = 'coupon' AND c.id IS NULL";

const TEMPLATE_EVENTS: &str = "
    SELECT t.id AS subject, 'version ' || t.version || ', last event ' || COALESCE(e.newest, 0) AS detail
    FROM coupon_template t
    LEFT JOIN (
        SELECT aggregate_id, max(seq) AS newest FROM event WHERE aggregate_kind = 'coupon_template' GROUP BY aggregate_id
    ) e ON e.aggregate_id = t.id
    WHERE t.version <> COALESCE(e.newest, 0)
    UNION ALL
    SELECT e.aggregate_id, 'event ' || e.seq || ' (' || e.kind || ') of no template'
    FROM event e LEFT JOIN coupon_template t ON t.id = e.aggregate_id
    WHERE e.aggregate_kind = 'coupon_template' AND t.id IS NULL";

const EVENT_GAPS: &str = "
    SELECT aggregate_id AS subject, count(*) || ' events, the last is number ' || max(seq) AS detail
    FROM event WHERE aggregate_kind IN ('coupon', 'coupon_template')
    GROUP BY aggregate_id HAVING count(*) <> max(seq)";

fn expired_in_time() -> String {
    format!(
        "SELECT c.id AS subject, 'event ' || e.seq || ' told that it expired while it was still good' AS detail
        FROM event e JOIN coupon c ON c.id = e.aggregate_id
        WHERE e.aggregate_kind = 'coupon' AND e.kind = '{expired}' AND (c.expires_at IS NULL OR e.occurred_at < c.expires_at)",
        expired = CouponEdge::Expire.event_kind(),
    )
}

fn redemption_events() -> String {
    format!(
        "WITH counted (coupon_id, told, told_undone, kept, kept_undone) AS (
            SELECT aggregate_id, sum(CASE kind WHEN '{redeemed}' THEN 1 ELSE 0 END),
                sum(CASE kind WHEN '{undone}' THEN 1 ELSE 0 END), 0, 0
            FROM event WHERE aggregate_kind = 'coupon' AND kind IN ('{redeemed}', '{undone}') GROUP BY aggregate_id
            UNION ALL
            SELECT coupon_id, 0, 0, count(*), count(reversed_at) FROM redemption GROUP BY coupon_id
            UNION ALL
            SELECT coupon_id, 0, 0, count(*), 0 FROM order_discount
            WHERE coupon_id IS NOT NULL AND state = 'used' GROUP BY coupon_id
        )
        SELECT coupon_id AS subject,
            'redemptions ' || sum(kept) || ', told ' || sum(told) || '; undos ' || sum(kept_undone) || ', told '
            || sum(told_undone) AS detail
        FROM counted GROUP BY coupon_id
        HAVING sum(kept) <> sum(told) OR sum(kept_undone) <> sum(told_undone)",
        redeemed = CouponEdge::Redeem.event_kind(),
        undone = CouponEdge::Unredeem.event_kind(),
    )
}
