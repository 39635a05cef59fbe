//! The stock: what is on hand is the sum of its movements, what is reserved the sum of what is kept for somebody, and never
//! more than is there.

use super::{Check, Invariant};

pub(super) const INVARIANTS: &[Invariant] = &[
    Invariant {
        id: "S1",
        name: "stock_on_hand",
        what: "what is on hand is the sum of a stock's movements, which its version counts",
        check: Check::Sql(STOCK_ON_HAND),
    },
    Invariant {
        id: "S1",
        name: "stock_movements",
        what: "the movements of a stock are numbered from one without a gap, and each tells what was on hand then",
        check: Check::Sql(STOCK_MOVEMENTS),
    },
    Invariant {
        id: "S2",
        name: "stock_reserved",
        what: "what is reserved of a stock is the sum of its open reservations",
        check: Check::Sql(STOCK_RESERVED),
    },
    Invariant {
        id: "S3",
        name: "stock_available",
        what: "no more is reserved of a stock than is on hand",
        check: Check::Sql(STOCK_AVAILABLE),
    },
    Invariant {
        id: "S4",
        name: "stock_places",
        what: "stock lies at sites and stores, and goods are on the way between them",
        check: Check::Sql(STOCK_PLACES),
    },
    Invariant {
        id: "S5",
        name: "transfer_books",
        what: "what left and what arrived with a transfer is what the movements say",
        check: Check::Sql(TRANSFER_BOOKS),
    },
    Invariant {
        id: "I35",
        name: "stock_events",
        what: "the version of a stock is the number of its last event",
        check: Check::Sql(STOCK_EVENTS),
    },
];

const STOCK_ON_HAND: &str = "
    SELECT s.id AS subject,
        'on hand ' || s.on_hand || ', movements ' || COALESCE(m.moved, 0) || ', version ' || s.version || ' of ' || COALESCE(m.newest, 0)
            AS detail
    FROM sku_stock s
    LEFT JOIN (SELECT sku_id, site_id, sum(quantity) AS moved, max(seq) AS newest FROM stock_movement GROUP BY sku_id, site_id) m
        ON m.sku_id = s.sku_id AND m.site_id = s.site_id
    WHERE s.on_hand <> COALESCE(m.moved, 0) OR s.version <> COALESCE(m.newest, 0)";

const STOCK_MOVEMENTS: &str = "
    SELECT m.id AS subject, 'number ' || m.seq || ' is the ' || m.place || '. and tells ' || m.on_hand_after || ' of ' || m.moved AS detail
    FROM (
        SELECT id, seq, on_hand_after,
            row_number() OVER (PARTITION BY sku_id, site_id ORDER BY seq) AS place,
            sum(quantity) OVER (PARTITION BY sku_id, site_id ORDER BY seq) AS moved
        FROM stock_movement
    ) m
    WHERE m.seq <> m.place OR m.on_hand_after <> m.moved";

const STOCK_RESERVED: &str = "
    SELECT s.id AS subject, 'reserved ' || s.reserved || ', kept ' || COALESCE(r.kept, 0) AS detail
    FROM sku_stock s
    LEFT JOIN (
        SELECT sku_id, site_id, sum(quantity) AS kept FROM stock_reservation WHERE state = 'open' GROUP BY sku_id, site_id
    ) r ON r.sku_id = s.sku_id AND r.site_id = s.site_id
    WHERE s.reserved <> COALESCE(r.kept, 0)";

const STOCK_AVAILABLE: &str = "
    SELECT id AS subject, 'on hand ' || on_hand || ', reserved ' || reserved AS detail
    FROM sku_stock WHERE on_hand < 0 OR reserved < 0 OR reserved > on_hand";

const STOCK_PLACES: &str = "
    SELECT s.id AS subject, 'stock at a ' || n.kind AS detail
    FROM sku_stock s JOIN node n ON n.id = s.site_id WHERE n.kind NOT IN ('site', 'store')
    UNION ALL
    SELECT t.id, 'a transfer between ' || f.kind || ' and ' || n.kind
    FROM stock_transfer t JOIN node n ON n.id = t.site_id JOIN node f ON f.id = t.from_site_id
    WHERE n.kind NOT IN ('site', 'store') OR f.kind NOT IN ('site', 'store')";

/// Both ways: a line without its movement, and a movement without its line.
const TRANSFER_BOOKS: &str = "
    SELECT l.transfer_id AS subject,
        'sent ' || COALESCE(l.sent, 0) || ', left ' || COALESCE(o.moved, 0) || ', received ' || COALESCE(l.received, 0)
            || ', arrived ' || COALESCE(i.moved, 0) AS detail
    FROM stock_transfer_line l
    JOIN stock_transfer t ON t.id = l.transfer_id
    LEFT JOIN (
        SELECT source_id, sku_id, site_id, -sum(quantity) AS moved FROM stock_movement
        WHERE kind = 'transfer_out' GROUP BY source_id, sku_id, site_id
    ) o ON o.source_id = l.transfer_id AND o.sku_id = l.sku_id AND o.site_id = t.from_site_id
    LEFT JOIN (
        SELECT source_id, sku_id, site_id, sum(quantity) AS moved FROM stock_movement
        WHERE kind = 'transfer_in' GROUP BY source_id, sku_id, site_id
    ) i ON i.source_id = l.transfer_id AND i.sku_id = l.sku_id AND i.site_id = t.site_id
    WHERE COALESCE(l.sent, 0) <> COALESCE(o.moved, 0) OR COALESCE(l.received, 0) <> COALESCE(i.moved, 0)
    UNION ALL
    SELECT m.id, 'a movement of a transfer that does not name the SKU'
    FROM stock_movement m
    LEFT JOIN stock_transfer_line l ON l.transfer_id = m.source_id AND l.sku_id = m.sku_id
    WHERE m.kind IN ('transfer_out', 'transfer_in') AND l.transfer_id IS NULL";

const STOCK_EVENTS: &str = "
    SELECT s.id AS subject, 'version ' || s.version || ', last event ' || COALESCE(e.newest, 0) AS detail
    FROM sku_stock s
    LEFT JOIN (SELECT aggregate_id, max(seq) AS newest FROM event WHERE aggregate_kind = 'stock' GROUP BY aggregate_id) e
        ON e.aggregate_id = s.id
    WHERE s.version <> COALESCE(e.newest, 0)";
