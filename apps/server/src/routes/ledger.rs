//! The books, for finance.

use crate::{
    api::Api,
    http::admin::{ledger, ledger_adjustments as adjustments, ledger_statements as statements},
};

/// Adds them to `/admin/v1`.
pub(super) fn add(api: &mut Api) {
    const ACCOUNT: &str = "/ledger/accounts/{account_id}";
    const ADJUSTMENT: &str = "/ledger/adjustments/{adjustment_id}";
    let of_account = |rest: &str| format!("{ACCOUNT}{rest}");
    api.tag("Ledger 账簿")
        .get(
            "/ledger/trial-balance",
            ledger::trial_balance,
            "show_trial_balance",
            "See all accounts by what they are for",
        )
        .get("/ledger/accounts", ledger::list_accounts, "list_ledger_accounts", "List accounts with what they have")
        .get(ACCOUNT, ledger::show_account, "show_ledger_account", "See what an account has")
        .get(&of_account("/statement"), statements::show, "show_statement", "See what moved on an account, day by day")
        .get(&of_account("/statement/export"), statements::export, "export_statement", "Have a statement as CSV")
        .get(
            "/ledger/transactions/{transaction_id}",
            ledger::show_transaction,
            "show_ledger_transaction",
            "See a transaction with both sides of each transfer",
        );

    api.tag("Adjustments 调账")
        .get("/ledger/adjustments", adjustments::list, "list_adjustments", "List requests for adjustments")
        .post("/ledger/adjustments", adjustments::create, "request_adjustment", "Ask for an account to be put right")
        .post(
            &format!("{ADJUSTMENT}/approve"),
            adjustments::approve,
            "approve_adjustment",
            "Post it, as the second person",
        )
        .post(&format!("{ADJUSTMENT}/reject"), adjustments::reject, "reject_adjustment", "Leave the account as it is");
}
