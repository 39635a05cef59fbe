//! I1 to I7, I23, and the ledger's part of I35 and I36: the books balance, and everything in them has its reason.

use huike_ledger::AccountKind;

use super::{Check, Invariant};

pub(super) const INVARIANTS: &[Invariant] = &[
    Invariant {
        id: "I1",
        name: "ledger_transfers",
        what: "every transaction moves something, and what leaves one account arrives on another, in one unit",
        check: Check::Sql(TRANSFERS),
    },
    Invariant { id: "I2", name: "ledger_sum", what: "all entries of a unit come to nothing", check: Check::Sql(SUM) },
    Invariant {
        id: "I3",
        name: "ledger_balances",
        what: "what an account has is the sum of its entries",
        check: Check::Sql(BALANCES),
    },
    Invariant {
        id: "I4",
        name: "ledger_bounds",
        what: "every balance is guarded as its kind asks for, and stands on the right side of zero",
        check: Check::Made(bounds),
    },
    Invariant {
        id: "I6",
        name: "ledger_held",
        what: "what an account holds is the sum of its open holds",
        check: Check::Sql(HELD),
    },
    Invariant {
        id: "I7",
        name: "ledger_holds",
        what: "what was captured of a hold moved from its account by one transfer of its own",
        check: Check::Sql(HOLDS),
    },
    Invariant {
        id: "I23",
        name: "ledger_reversals",
        what: "a reversal takes back what was posted, the other way round, and in all never more than that",
        check: Check::Sql(REVERSALS),
    },
    Invariant {
        id: "I35",
        name: "ledger_events",
        what: "every transaction and every step of a hold has its event, and no event is of a transaction that does not exist",
        check: Check::Sql(EVENTS),
    },
    Invariant {
        id: "I36",
        name: "ledger_adjustments",
        what: "an adjustment that counts as reviewed was approved by somebody else, moved what was asked for, and no other was posted",
        check: Check::Sql(ADJUSTMENTS),
    },
];

const TRANSFERS: &str = "
    SELECT t.id AS subject, 'moves nothing' AS detail
    FROM ledger_transaction t WHERE NOT EXISTS (SELECT 1 FROM ledger_entry e WHERE e.transaction_id = t.id)
    UNION ALL
    SELECT transaction_id, 'transfer ' || leg || ': ' || count(*) || ' entries come to ' || sum(amount)
    FROM ledger_entry GROUP BY transaction_id, leg
    HAVING sum(amount) <> 0 OR count(*) <> 2 OR count(DISTINCT unit) <> 1 OR count(DISTINCT reason) <> 1
    UNION ALL
    SELECT e.transaction_id, 'transfer ' || e.leg || ' was posted at another time'
    FROM ledger_entry e JOIN ledger_transaction t ON t.id = e.transaction_id WHERE e.posted_at <> t.posted_at";

const SUM: &str = "
    SELECT NULL AS subject, unit || ': entries come to ' || sum(amount) AS detail
    FROM ledger_entry GROUP BY unit HAVING sum(amount) <> 0";

const BALANCES: &str = "
    SELECT a.id AS subject, 'has ' || COALESCE(b.posted, 0) || ', entries come to ' || COALESCE(e.moved, 0) AS detail
    FROM ledger_account a
    LEFT JOIN (SELECT account_id, sum(posted) AS posted FROM ledger_balance GROUP BY account_id) b ON b.account_id = a.id
    LEFT JOIN (SELECT account_id, sum(amount) AS moved FROM ledger_entry GROUP BY account_id) e ON e.account_id = a.id
    WHERE b.posted IS NULL OR b.posted <> COALESCE(e.moved, 0)";

fn bounds() -> String {
    let bound_of = |kind: &AccountKind| format!("WHEN '{kind}' THEN '{}'", kind.bound());
    let wanted: Vec<String> = AccountKind::ALL.iter().map(bound_of).collect();
    format!(
        "SELECT account_id AS subject,
            kind || ' is kept as ' || bound || ', has ' || posted || ' and holds ' || held AS detail
        FROM (
            SELECT b.account_id, a.kind, b.bound, b.posted, b.held, CASE a.kind {} ELSE 'of no kind' END AS wanted
            FROM ledger_balance b JOIN ledger_account a ON a.id = b.account_id
        ) AS kept
        WHERE bound <> wanted OR (wanted = 'not_negative' AND held > posted) OR (wanted = 'not_positive' AND posted > 0)",
        wanted.join(" ")
    )
}

const HELD: &str = "
    SELECT b.account_id AS subject, 'holds ' || b.held || ', open holds come to ' || COALESCE(h.amount, 0) AS detail
    FROM (SELECT account_id, sum(held) AS held FROM ledger_balance GROUP BY account_id) b
    LEFT JOIN (SELECT account_id, sum(amount) AS amount FROM ledger_hold WHERE state = 'open' GROUP BY account_id) h
        ON h.account_id = b.account_id
    WHERE b.held <> COALESCE(h.amount, 0)";

const HOLDS: &str = "
    SELECT h.id AS subject, 'captured ' || h.captured || ' of ' || h.amount || ', moved ' || COALESCE(-e.amount, 0) AS detail
    FROM ledger_hold h
    LEFT JOIN ledger_entry e ON e.transaction_id = h.transaction_id AND e.leg = h.leg AND e.account_id = h.account_id
    WHERE h.state = 'captured' AND (e.amount IS NULL OR e.amount <> -h.captured)
    UNION ALL
    SELECT h.id, 'was captured by a transfer of another hold'
    FROM ledger_hold h JOIN ledger_hold o ON o.transaction_id = h.transaction_id AND o.leg = h.leg AND o.id <> h.id";

/// A reversal's transfers bear the numbers of those they take back.
const REVERSALS: &str = "
    WITH taken_back (transaction_id, leg, amount) AS (
        SELECT t.reverses_id, e.leg, sum(e.amount)
        FROM ledger_transaction t JOIN ledger_entry e ON e.transaction_id = t.id AND e.amount > 0
        WHERE t.reverses_id IS NOT NULL GROUP BY t.reverses_id, e.leg
    )
    SELECT p.transaction_id AS subject,
        'transfer ' || p.leg || ' of ' || p.amount || ': ' || COALESCE(b.amount, 0) || ' taken back, '
        || COALESCE(r.reversed, 0) || ' noted' AS detail
    FROM ledger_entry p
    LEFT JOIN ledger_reversed r ON r.transaction_id = p.transaction_id AND r.leg = p.leg
    LEFT JOIN taken_back b ON b.transaction_id = p.transaction_id AND b.leg = p.leg
    WHERE p.amount > 0
        AND (COALESCE(r.reversed, 0) <> COALESCE(b.amount, 0) OR COALESCE(b.amount, 0) > p.amount OR r.amount <> p.amount)
    UNION ALL
    SELECT e.transaction_id, 'transfer ' || e.leg || ' takes back what was not posted'
    FROM ledger_transaction t JOIN ledger_entry e ON e.transaction_id = t.id
    WHERE t.reverses_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM ledger_entry o
        WHERE o.transaction_id = t.reverses_id AND o.leg = e.leg AND o.account_id = e.account_id
            AND ((o.amount > 0 AND e.amount < 0) OR (o.amount < 0 AND e.amount > 0)))";

const EVENTS: &str = "
    SELECT t.id AS subject, 'a transaction with ' || count(e.id) || ' events' AS detail
    FROM ledger_transaction t
    LEFT JOIN event e ON e.aggregate_id = t.id AND e.aggregate_kind = 'ledger_transaction' AND e.kind = 'ledger_posted'
    GROUP BY t.id HAVING count(e.id) <> 1
    UNION ALL
    SELECT h.id, 'a hold that is ' || h.state || ', with ' || count(e.id) || ' events that say so'
    FROM ledger_hold h
    LEFT JOIN event e ON e.aggregate_id = h.id AND e.aggregate_kind = 'ledger_hold'
        AND ((e.seq = 1 AND e.kind = 'ledger_held') OR (e.seq = 2 AND e.kind = 'ledger_hold_' || h.state))
    GROUP BY h.id, h.state HAVING count(e.id) <> CASE h.state WHEN 'open' THEN 1 ELSE 2 END
    UNION ALL
    SELECT e.aggregate_id, e.kind || ' of no transaction'
    FROM event e LEFT JOIN ledger_transaction t ON t.id = e.aggregate_id
    WHERE e.aggregate_kind = 'ledger_transaction' AND t.id IS NULL";

const ADJUSTMENTS: &str = "
    SELECT id AS subject, 'was approved by whoever asked for it' AS detail
    FROM ledger_adjustment WHERE state = 'approved' AND NOT unreviewed AND decided_by = requested_by
    UNION ALL
    SELECT a.id, a.direction || ' of ' || a.amount || ', moved ' || COALESCE(e.amount, 0)
    FROM ledger_adjustment a
    LEFT JOIN ledger_entry e ON e.transaction_id = a.transaction_id AND e.account_id = a.account_id
    WHERE a.state = 'approved'
        AND (e.amount IS NULL OR e.amount <> CASE a.direction WHEN 'credit' THEN a.amount ELSE -a.amount END)
    UNION ALL
    SELECT e.transaction_id, 'an adjustment that nobody asked for'
    FROM ledger_entry e
    WHERE e.reason = 'adjust' AND NOT EXISTS (SELECT 1 FROM ledger_adjustment a WHERE a.transaction_id = e.transaction_id)";
