//! I15 and I17: an order is what its lines say, is paid with what came in, and keeps exactly what an unpaid order keeps.

use super::{Check, Invariant};

pub(super) const INVARIANTS: &[Invariant] = &[
    Invariant {
        id: "I15",
        name: "order_sums",
        what: "the sums of an order are those of its lines and of its discounts",
        check: Check::Sql(ORDER_SUMS),
    },
    Invariant {
        id: "I15",
        name: "order_allocations",
        what: "what the discounts of an order took off its lines adds up by line and by discount",
        check: Check::Sql(ORDER_ALLOCATIONS),
    },
    Invariant {
        id: "I17",
        name: "order_paid",
        what: "what an order counts as paid is what was captured and kept for it",
        check: Check::Sql(ORDER_PAID),
    },
    Invariant {
        id: "I18",
        name: "payment_returned",
        what: "what came in with a payment was kept or goes back",
        check: Check::Sql(PAYMENT_RETURNED),
    },
    Invariant {
        id: "S2",
        name: "order_goods",
        what: "goods are kept for exactly the orders that wait for their payment, and left the stock for those that are paid",
        check: Check::Sql(ORDER_GOODS),
    },
    Invariant {
        id: "I8",
        name: "order_uses",
        what: "coupons, offers and stored value of an order stand where the order stands",
        check: Check::Sql(ORDER_USES),
    },
    Invariant {
        id: "I14",
        name: "offer_used",
        what: "what was taken of an offer is what orders hold or used of it",
        check: Check::Sql(OFFER_USED),
    },
    Invariant {
        id: "I35",
        name: "order_events",
        what: "the version of an order is the number of its last event",
        check: Check::Sql(ORDER_EVENTS),
    },
];

const ORDER_SUMS: &str = "
    SELECT o.id AS subject,
        'list ' || o.list_fen || ', lines ' || COALESCE(l.list, 0) || '; subtotal ' || o.subtotal_fen || ', lines '
            || COALESCE(l.subtotal, 0) || '; discount ' || o.discount_fen || ', lines ' || COALESCE(l.discount, 0) || ', discounts '
            || COALESCE(d.discount, 0) || '; payable ' || o.payable_fen || ', lines ' || COALESCE(l.payable, 0) AS detail
    FROM customer_order o
    LEFT JOIN (
        SELECT order_id, sum(CASE kind WHEN 'sold' THEN list_price_fen * quantity ELSE 0 END) AS list,
            sum(subtotal_fen) AS subtotal, sum(discount_fen) AS discount, sum(payable_fen) AS payable
        FROM order_line GROUP BY order_id
    ) l ON l.order_id = o.id
    LEFT JOIN (SELECT order_id, sum(discount_fen) AS discount FROM order_discount GROUP BY order_id) d ON d.order_id = o.id
    WHERE o.list_fen <> COALESCE(l.list, 0) OR o.subtotal_fen <> COALESCE(l.subtotal, 0)
        OR o.discount_fen <> COALESCE(l.discount, 0) OR o.discount_fen <> COALESCE(d.discount, 0)
        OR o.payable_fen <> COALESCE(l.payable, 0)";

const ORDER_ALLOCATIONS: &str = "
    SELECT l.order_id AS subject, 'line ' || l.number || ': discount ' || l.discount_fen || ', parts ' || COALESCE(a.parts, 0) AS detail
    FROM order_line l
    LEFT JOIN (SELECT order_id, line, sum(amount_fen) AS parts FROM order_allocation GROUP BY order_id, line) a
        ON a.order_id = l.order_id AND a.line = l.number
    WHERE l.discount_fen <> COALESCE(a.parts, 0)
    UNION ALL
    SELECT d.order_id, 'discount ' || d.number || ': ' || d.discount_fen || ', parts ' || COALESCE(a.parts, 0)
    FROM order_discount d
    LEFT JOIN (SELECT order_id, discount, sum(amount_fen) AS parts FROM order_allocation GROUP BY order_id, discount) a
        ON a.order_id = d.order_id AND a.discount = d.number
    WHERE d.discount_fen <> COALESCE(a.parts, 0)";

const ORDER_PAID: &str = "
    SELECT o.id AS subject, 'paid ' || o.paid_fen || ', captured ' || COALESCE(t.captured, 0) AS detail
    FROM customer_order o
    LEFT JOIN (
        SELECT order_id, sum(fen) AS captured FROM (
            SELECT order_id, amount_fen AS fen FROM order_tender WHERE state = 'captured'
            UNION ALL SELECT order_id, kept_fen FROM payment
        ) AS came_in GROUP BY order_id
    ) t ON t.order_id = o.id
    WHERE o.paid_fen <> COALESCE(t.captured, 0)
    UNION ALL
    SELECT o.id, 'stored value ' || o.stored_value_fen || ', tenders ' || COALESCE(t.amount, 0)
    FROM customer_order o
    LEFT JOIN (SELECT order_id, sum(amount_fen) AS amount FROM order_tender GROUP BY order_id) t ON t.order_id = o.id
    WHERE o.stored_value_fen <> COALESCE(t.amount, 0)";

const PAYMENT_RETURNED: &str = "
    SELECT p.id AS subject,
        'received ' || p.received_fen || ', kept ' || p.kept_fen || ', goes back ' || COALESCE(r.amount_fen, 0) AS detail
    FROM payment p LEFT JOIN payment_return r ON r.payment_id = p.id
    WHERE p.received_fen <> p.kept_fen + COALESCE(r.amount_fen, 0)";

/// Both ways: an order without its goods, and goods without their order.
const ORDER_GOODS: &str = "
    SELECT order_id AS subject, uuid_text(sku_id) || ': ' || sum(quantity) || ' more ordered than kept' AS detail
    FROM (
        SELECT l.order_id, l.sku_id, o.site_id, l.quantity
        FROM order_line l JOIN customer_order o ON o.id = l.order_id WHERE o.state = 'created'
        UNION ALL
        SELECT holder_id, sku_id, site_id, -quantity FROM stock_reservation WHERE holder_kind = 'order' AND state = 'open'
    ) AS kept
    GROUP BY order_id, sku_id, site_id HAVING sum(quantity) <> 0
    UNION ALL
    SELECT order_id, uuid_text(sku_id) || ': ' || sum(quantity) || ' more paid for than left'
    FROM (
        SELECT l.order_id, l.sku_id, o.site_id, l.quantity
        FROM order_line l JOIN customer_order o ON o.id = l.order_id WHERE o.state NOT IN ('created', 'cancelled')
        UNION ALL
        SELECT source_id, sku_id, site_id, quantity FROM stock_movement WHERE kind = 'sale' AND source_kind = 'order'
    ) AS sold
    GROUP BY order_id, sku_id, site_id HAVING sum(quantity) <> 0";

const ORDER_USES: &str = "
    SELECT d.order_id AS subject, 'discount ' || d.number || ' is ' || d.state || ', the order ' || o.state AS detail
    FROM order_discount d JOIN customer_order o ON o.id = d.order_id
    WHERE d.state <> CASE o.state WHEN 'created' THEN 'held' WHEN 'cancelled' THEN 'released' ELSE 'used' END
    UNION ALL
    SELECT t.order_id, t.kind || ' is ' || t.state || ', the order ' || o.state
    FROM order_tender t JOIN customer_order o ON o.id = t.order_id
    WHERE t.state <> CASE o.state WHEN 'created' THEN 'held' WHEN 'cancelled' THEN 'released' ELSE 'captured' END
    UNION ALL
    SELECT t.order_id, t.kind || ' is ' || t.state || ', its hold ' || h.state
    FROM order_tender t JOIN ledger_hold h ON h.id = t.hold_id
    WHERE (t.state = 'captured') <> (h.state = 'captured') OR (t.state = 'released' AND h.state = 'open')
    UNION ALL
    SELECT c.id, 'locked by no order'
    FROM coupon c
    WHERE c.state = 'locked' AND NOT EXISTS (SELECT 1 FROM order_discount d WHERE d.coupon_id = c.id AND d.state = 'held')
    UNION ALL
    SELECT d.order_id, 'holds coupon ' || uuid_text(c.id) || ', which is ' || c.state
    FROM order_discount d JOIN coupon c ON c.id = d.coupon_id WHERE d.state = 'held' AND c.state <> 'locked'";

const OFFER_USED: &str = "
    SELECT s.offer_id AS subject,
        'uses ' || s.uses || ', of orders ' || COALESCE(u.uses, 0) || '; spent ' || s.spent_fen || ', by orders ' || COALESCE(u.spent, 0)
            AS detail
    FROM offer_stock s
    LEFT JOIN (
        SELECT offer_id, count(*) AS uses, sum(discount_fen) AS spent
        FROM order_discount WHERE coupon_id IS NULL AND state <> 'released' GROUP BY offer_id
    ) u ON u.offer_id = s.offer_id
    WHERE s.uses <> COALESCE(u.uses, 0) OR s.spent_fen <> COALESCE(u.spent, 0)";

const ORDER_EVENTS: &str = "
    SELECT o.id AS subject, 'version ' || o.version || ', last event ' || COALESCE(e.newest, 0) AS detail
    FROM customer_order o
    LEFT JOIN (SELECT aggregate_id, max(seq) AS newest FROM event WHERE aggregate_kind = 'order' GROUP BY aggregate_id) e
        ON e.aggregate_id = o.id
    WHERE o.version <> COALESCE(e.newest, 0)";
