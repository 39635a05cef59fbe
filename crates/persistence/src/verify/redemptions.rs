//! I11 and I13: redeemed once, in time, in the right place.

use super::{Check, Invariant, rules};

pub(super) const INVARIANTS: &[Invariant] = &[
    Invariant {
        id: "I11",
        name: "redeemed_once",
        what: "a use of a coupon has at most one active redemption",
        check: Check::Sql(REDEEMED_ONCE),
    },
    Invariant {
        id: "I11",
        name: "redeemed_state",
        what: "a coupon has an active redemption, or an order that used it, exactly while it is redeemed, or was returned after it",
        check: Check::Sql(REDEEMED_STATE),
    },
    Invariant {
        id: "I11",
        name: "customer_redemptions",
        what: "a customer's count of active redemptions and orders, which tells new customers, is the number of theirs",
        check: Check::Sql(CUSTOMER_REDEMPTIONS),
    },
    Invariant {
        id: "I13",
        name: "redeemed_in_time",
        what: "an active redemption lies within the validity of its coupon",
        check: Check::Sql(REDEEMED_IN_TIME),
    },
    Invariant {
        id: "I13",
        name: "redeemed_by_rules",
        what: "an active redemption lies in the scope and the use times of the rules its coupon was issued under",
        check: Check::Rules(rules::check_redemptions),
    },
    Invariant {
        id: "I13",
        name: "redeemed_by_somebody",
        what: "a redemption was made in a store, by staff or an integration that exists \
               (which roles they held then is history that no row keeps)",
        check: Check::Sql(REDEEMED_BY_SOMEBODY),
    },
];

const REDEEMED_ONCE: &str = "
    SELECT coupon_id AS subject, 'use ' || use_number || ': ' || count(*) || ' active redemptions' AS detail
    FROM redemption WHERE reversed_at IS NULL
    GROUP BY coupon_id, use_number HAVING count(*) > 1";

const REDEEMED_STATE: &str = "
    SELECT c.id AS subject,
        'state ' || c.state || CASE WHEN r.coupon_id IS NULL THEN ' without' ELSE ' with' END || ' an active redemption' AS detail
    FROM coupon c
    LEFT JOIN (
        SELECT coupon_id FROM redemption WHERE reversed_at IS NULL
        UNION SELECT coupon_id FROM order_discount WHERE coupon_id IS NOT NULL AND state = 'used'
    ) r ON r.coupon_id = c.id
    WHERE c.state <> 'returned' AND (c.state = 'redeemed') <> (r.coupon_id IS NOT NULL)";

const CUSTOMER_REDEMPTIONS: &str = "
    SELECT c.id AS subject, 'active redemptions ' || c.active_redemptions || ', counted ' || COALESCE(r.active, 0) AS detail
    FROM customer c
    LEFT JOIN (
        SELECT customer_id, count(*) AS active FROM (
            SELECT customer_id FROM redemption WHERE reversed_at IS NULL AND customer_id IS NOT NULL
            UNION ALL SELECT customer_id FROM customer_order WHERE state <> 'cancelled'
        ) AS counted GROUP BY customer_id
    ) r ON r.customer_id = c.id
    WHERE c.active_redemptions <> COALESCE(r.active, 0)";

const REDEEMED_IN_TIME: &str = "
    SELECT r.id AS subject,
        CASE WHEN r.redeemed_at < c.usable_from THEN 'before' ELSE 'after' END || ' the validity of coupon ' || uuid_text(c.id)
            AS detail
    FROM redemption r JOIN coupon c ON c.id = r.coupon_id
    WHERE r.reversed_at IS NULL AND (r.redeemed_at < c.usable_from OR r.redeemed_at >= c.expires_at)";

const REDEEMED_BY_SOMEBODY: &str = "
    SELECT r.id AS subject, 'made at a ' || n.kind || ', not in a store' AS detail
    FROM redemption r JOIN node n ON n.id = r.site_id WHERE n.kind <> 'store'
    UNION ALL
    SELECT r.id, 'made by unknown ' || r.actor_kind || ' ' || uuid_text(r.actor_id)
    FROM redemption r
    WHERE (r.actor_kind = 'staff' AND NOT EXISTS (SELECT 1 FROM staff s WHERE s.id = r.actor_id))
        OR (r.actor_kind = 'integration' AND NOT EXISTS (SELECT 1 FROM api_key k WHERE k.id = r.actor_id))";
