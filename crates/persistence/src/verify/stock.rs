//! I9 and I32: what was issued is what there is, and no more than there may be.

use super::{Check, Invariant, rules};

pub(super) const INVARIANTS: &[Invariant] = &[
    Invariant {
        id: "I9",
        name: "stock_issued",
        what: "a template's issued count is the number of its coupons and never above its quantity",
        check: Check::Sql(STOCK_ISSUED),
    },
    Invariant {
        id: "I9",
        name: "stock_claimed",
        what: "a template's claimed count is the number of its coupons with an owner",
        check: Check::Sql(STOCK_CLAIMED),
    },
    Invariant {
        id: "I9",
        name: "stock_accepting",
        what: "a template that was ever live has a stock, which takes claims exactly while the template is live and not killed",
        check: Check::Sql(STOCK_ACCEPTING),
    },
    Invariant {
        id: "I9",
        name: "stock_totals",
        what: "quantity and budget of a stock are those of the version in force",
        check: Check::Rules(rules::check_stock_totals),
    },
    Invariant {
        id: "I9",
        name: "offer_accepting",
        what: "an offer that was live has a stock, and orders take of it exactly while it is live",
        check: Check::Sql(OFFER_ACCEPTING),
    },
    Invariant {
        id: "I9",
        name: "batch_made",
        what: "a batch has made as many codes as there are coupons of it",
        check: Check::Sql(BATCH_MADE),
    },
    Invariant {
        id: "I32",
        name: "quota_sum",
        what: "the quotas of a template together are no more than its quantity",
        check: Check::Sql(QUOTA_SUM),
    },
    Invariant {
        id: "I32",
        name: "quota_issued",
        what: "the quotas of a template together count what was issued, and a site's no more than its coupons and its share",
        check: Check::Sql(QUOTA_ISSUED),
    },
];

const STOCK_ISSUED: &str = "
    SELECT s.template_id AS subject,
        'issued ' || s.issued || ', coupons ' || COALESCE(c.coupons, 0) || ', quantity ' || s.quantity AS detail
    FROM coupon_stock s
    LEFT JOIN (SELECT template_id, count(*) AS coupons FROM coupon GROUP BY template_id) c ON c.template_id = s.template_id
    WHERE s.issued <> COALESCE(c.coupons, 0) OR s.issued > s.quantity";

const STOCK_CLAIMED: &str = "
    SELECT s.template_id AS subject, 'claimed ' || s.claimed || ', coupons with an owner ' || COALESCE(c.owned, 0) AS detail
    FROM coupon_stock s
    LEFT JOIN (SELECT template_id, count(customer_id) AS owned FROM coupon GROUP BY template_id) c
        ON c.template_id = s.template_id
    WHERE s.claimed <> COALESCE(c.owned, 0)";

const STOCK_ACCEPTING: &str = "
    SELECT t.id AS subject, 'a template that was live, or has coupons, without a stock' AS detail
    FROM coupon_template t
    WHERE NOT EXISTS (SELECT 1 FROM coupon_stock s WHERE s.template_id = t.id)
        AND (t.live_version IS NOT NULL OR EXISTS (SELECT 1 FROM coupon c WHERE c.template_id = t.id))
    UNION ALL
    SELECT t.id, 'takes claims: ' || CASE WHEN s.accepting THEN 'yes' ELSE 'no' END || ', state ' || t.state
        || CASE WHEN t.killed_at IS NULL THEN '' ELSE ', killed' END
    FROM coupon_template t JOIN coupon_stock s ON s.template_id = t.id
    WHERE (CASE WHEN s.accepting THEN 1 ELSE 0 END) <> (CASE WHEN t.state = 'live' AND t.killed_at IS NULL THEN 1 ELSE 0 END)";

const OFFER_ACCEPTING: &str = "
    SELECT o.id AS subject, 'an offer that was live without a stock' AS detail
    FROM offer o
    WHERE o.live_version IS NOT NULL AND NOT EXISTS (SELECT 1 FROM offer_stock s WHERE s.offer_id = o.id)
    UNION ALL
    SELECT o.id, 'orders take of it: ' || CASE WHEN s.accepting THEN 'yes' ELSE 'no' END || ', state ' || o.state
    FROM offer o JOIN offer_stock s ON s.offer_id = o.id
    WHERE (CASE WHEN s.accepting THEN 1 ELSE 0 END) <> (CASE WHEN o.state = 'live' THEN 1 ELSE 0 END)";

const BATCH_MADE: &str = "
    SELECT b.id AS subject, 'made ' || b.made || ', coupons ' || COALESCE(c.coupons, 0) AS detail
    FROM code_batch b
    LEFT JOIN (SELECT batch_id, count(*) AS coupons FROM coupon WHERE batch_id IS NOT NULL GROUP BY batch_id) c
        ON c.batch_id = b.id
    WHERE b.made <> COALESCE(c.coupons, 0)";

const QUOTA_SUM: &str = "
    SELECT s.template_id AS subject, 'quotas ' || q.assigned || ', quantity ' || s.quantity AS detail
    FROM coupon_stock s
    JOIN (SELECT template_id, sum(quota) AS assigned FROM coupon_quota GROUP BY template_id) q
        ON q.template_id = s.template_id
    WHERE q.assigned > s.quantity";

/// A quota counts from the day it is given; what was issued before stays on the owner's row. So all rows together hold
/// what was issued, and a row of a site never more than its coupons.
const QUOTA_ISSUED: &str = "
    SELECT s.template_id AS subject, 'quotas count ' || q.issued || ' issued, the stock ' || s.issued AS detail
    FROM coupon_stock s
    JOIN (SELECT template_id, sum(issued) AS issued FROM coupon_quota GROUP BY template_id) q ON q.template_id = s.template_id
    WHERE q.issued <> s.issued
    UNION ALL
    SELECT q.template_id,
        'site ' || uuid_text(q.site_id) || ': issued ' || q.issued || ' of ' || q.quota || ', coupons ' || count(p.place)
    FROM coupon_quota q
    LEFT JOIN (
        SELECT c.template_id, w.ancestor_id AS place
        FROM coupon c LEFT JOIN code_batch b ON b.id = c.batch_id
        JOIN node_closure w ON w.node_id = COALESCE(b.site_id, c.site_id)
        WHERE c.template_id IN (SELECT template_id FROM coupon_quota)
    ) p ON p.template_id = q.template_id AND p.place = q.site_id
    WHERE q.site_id <> q.template_site_id
    GROUP BY q.template_id, q.site_id, q.issued, q.quota HAVING q.issued > q.quota OR q.issued > count(p.place)";
