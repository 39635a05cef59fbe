//! What breaks the books, and how it is found. Who is broken implies who else says the same thing of another side.

use crate::breaks::{Break, alone};

pub(crate) const BREAKS: &[Break] = &[
    alone(
        &["ledger_transfers", "ledger_events"],
        "INSERT INTO ledger_transaction VALUES (id(519), id(1), NULL, 'order', id(599), 'system', NULL, at(70), '2026-06-02', 10)",
    ),
    alone(&["ledger_transfers"], "UPDATE ledger_entry SET posted_at = at(61) WHERE transaction_id = id(510)"),
    // One fen that arrives and left nowhere, booked on both accounts: only the books as a whole tell.
    alone(
        &["ledger_transfers", "ledger_sum"],
        "UPDATE ledger_entry SET amount = 10001 WHERE transaction_id = id(510) AND account_id = id(503);
         UPDATE ledger_balance SET posted = 10001 WHERE account_id = id(503)",
    ),
    alone(&["ledger_balances"], "UPDATE ledger_balance SET posted = posted + 1 WHERE account_id = id(501)"),
    alone(&["ledger_balances", "ledger_held"], "UPDATE ledger_balance SET posted = 0, held = 0 WHERE account_id = id(503)"),
    alone(&["ledger_balances"], "DELETE FROM ledger_balance WHERE account_id = id(504)"),
    alone(&["ledger_bounds"], "UPDATE ledger_balance SET bound = 'free' WHERE account_id = id(501)"),
    alone(&["ledger_held"], "UPDATE ledger_balance SET held = 999 WHERE account_id = id(503)"),
    alone(&["ledger_held", "ledger_events"], "UPDATE ledger_hold SET state = 'voided', ended_at = at(90) WHERE id = id(521)"),
    alone(&["ledger_holds"], "UPDATE ledger_hold SET captured = 9999 WHERE id = id(520)"),
    alone(&["ledger_holds"], "UPDATE ledger_hold SET transaction_id = id(510) WHERE id = id(520)"),
    alone(&["ledger_reversals"], "UPDATE ledger_reversed SET reversed = 3999"),
    alone(&["ledger_reversals"], "DELETE FROM ledger_reversed"),
    alone(&["ledger_reversals"], "UPDATE ledger_transaction SET reverses_id = NULL WHERE id = id(512)"),
    alone(&["ledger_events"], "DELETE FROM event WHERE id = id(530)"),
    alone(&["ledger_events"], "UPDATE event SET kind = 'ledger_hold_expired' WHERE id = id(535)"),
    alone(
        &["ledger_events"],
        "INSERT INTO event VALUES (id(598), id(1), 'ledger_transaction', id(599), 1, 0, 'ledger_posted', 'system', NULL, NULL,
            at(0), '2026-06-02', 10)",
    ),
    alone(&["ledger_adjustments"], "UPDATE ledger_adjustment SET amount = 501"),
    alone(&["ledger_adjustments"], "UPDATE ledger_adjustment SET direction = 'debit'"),
    alone(&["ledger_adjustments"], "DELETE FROM ledger_adjustment"),
    alone(
        &["ledger_adjustments"],
        "UPDATE ledger_adjustment SET unreviewed = TRUE; UPDATE ledger_adjustment SET decided_by = requested_by;
         UPDATE ledger_adjustment SET transaction_id = id(511)",
    ),
];
