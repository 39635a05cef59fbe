//! I14 and I40: money promised, spent and given away adds up.

use super::{Check, Invariant};

pub(super) const INVARIANTS: &[Invariant] = &[
    Invariant {
        id: "I14",
        name: "budget_total",
        what: "spent and committed together never exceed the budget",
        check: Check::Sql(BUDGET_TOTAL),
    },
    Invariant {
        id: "I14",
        name: "budget_spent",
        what: "what a template has spent of its budget is the cost of its active redemptions and of orders that used its coupons",
        check: Check::Sql(BUDGET_SPENT),
    },
    Invariant {
        id: "I14",
        name: "budget_committed",
        what: "what a template has committed is what is held for its coupons that may still be redeemed",
        check: Check::Sql(BUDGET_COMMITTED),
    },
    Invariant {
        id: "I40",
        name: "store_days",
        what: "the figures of a store's day are those of the redemptions and the undos booked on it",
        check: Check::Sql(STORE_DAYS),
    },
];

const BUDGET_TOTAL: &str = "
    SELECT template_id AS subject,
        'spent ' || spent_fen || ' and committed ' || committed_fen || ' fen of ' || budget_fen AS detail
    FROM coupon_stock WHERE spent_fen + committed_fen > budget_fen";

/// Money is counted where there is a budget: under a version without one nothing is promised and nothing is spent.
const BUDGET_SPENT: &str = "
    SELECT s.template_id AS subject, 'spent ' || s.spent_fen || ' fen, redemptions cost ' || COALESCE(r.cost, 0) AS detail
    FROM coupon_stock s
    LEFT JOIN (
        SELECT u.template_id, sum(u.cost_fen) AS cost
        FROM (
            SELECT template_id, template_version, cost_fen FROM redemption WHERE reversed_at IS NULL
            UNION ALL
            SELECT template_id, template_version, cost_fen FROM order_discount WHERE template_id IS NOT NULL AND state = 'used'
        ) u
        JOIN coupon_template_version v ON v.template_id = u.template_id AND v.number = u.template_version
        WHERE v.rules -> 'budget' IS NOT NULL
        GROUP BY u.template_id
    ) r ON r.template_id = s.template_id
    WHERE s.spent_fen <> COALESCE(r.cost, 0)";

const BUDGET_COMMITTED: &str = "
    SELECT s.template_id AS subject, 'committed ' || s.committed_fen || ' fen, open coupons hold ' || COALESCE(c.held, 0) AS detail
    FROM coupon_stock s
    LEFT JOIN (
        SELECT template_id, sum(committed_fen) AS held FROM coupon
        WHERE state IN ('unclaimed', 'issued', 'locked') GROUP BY template_id
    ) c ON c.template_id = s.template_id
    WHERE s.committed_fen <> COALESCE(c.held, 0)";

/// A redemption counts on its local day for good, an undo takes its figures off again on the day it is booked on. What is
/// kept is counted against what there is, so that a day which stands in only one of the two is found as well.
const STORE_DAYS: &str = "
    WITH booked (site_id, day, redemptions, undos, orders, discounts) AS (
        SELECT site_id, local_day, redemptions, reversals, order_amount_fen, discount_fen FROM store_day
        UNION ALL
        SELECT site_id, local_day, -count(*), 0, -sum(COALESCE(order_amount_fen, 0)), -sum(discount_fen)
        FROM redemption GROUP BY site_id, local_day
        UNION ALL
        SELECT site_id, reversal_day, 0, -count(*), sum(COALESCE(order_amount_fen, 0)), sum(discount_fen)
        FROM redemption WHERE reversed_at IS NOT NULL GROUP BY site_id, reversal_day
    )
    SELECT site_id AS subject,
        day || ': too many by ' || sum(redemptions) || ' redemptions, ' || sum(undos) || ' undos, '
        || sum(orders) || ' fen of orders, ' || sum(discounts) || ' fen of discounts' AS detail
    FROM booked GROUP BY site_id, day
    HAVING sum(redemptions) <> 0 OR sum(undos) <> 0 OR sum(orders) <> 0 OR sum(discounts) <> 0";
