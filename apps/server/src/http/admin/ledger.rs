//! The books as finance reads them (财务账簿): the trial balance, accounts, what moved on them, and single transactions.

use std::collections::BTreeSet;

use actix_web::web::{Data, Json};
use huike_access::Permission;
use huike_kernel::{LedgerAccountId, LedgerTransactionId};
use huike_ledger::{LedgerError, Unit};
use huike_persistence::{
    Db, Store,
    ledger::{
        accounts::{self, Account, AccountFilter},
        balances, transactions, trial_balance,
    },
};
use huike_usecases::{Caller, UseCaseError};

use super::ledger_view::{LedgerAccountQuery, LedgerAccountView, TransactionView, TrialBalanceQuery, TrialBalanceView};
use crate::{
    auth::{Staff, may},
    extract::{Listing, Page, Path, Query},
    problem::Problem,
};

/// The account, if the caller may see it.
pub(super) fn reach(db: &mut Db, caller: &Caller, id: LedgerAccountId) -> Result<Account, UseCaseError> {
    let account = accounts::find(db, id)?.ok_or(UseCaseError::NotFound("account"))?;
    caller.reach(db, account.key.node(), Permission::LedgerRead, "account")?;
    Ok(account)
}

/// `GET /ledger/trial-balance`
pub async fn trial_balance(
    who: Staff<may::LedgerRead>,
    store: Data<Store>,
    query: Query<TrialBalanceQuery>,
) -> Result<Json<TrialBalanceView>, Problem> {
    let (roots, under) = (who.scope.permitted.clone(), query.node_id);
    Ok(Json(store.read(move |db| trial_balance::list(db, &roots, under)).await?.into()))
}

/// `GET /ledger/accounts`
pub async fn list_accounts(
    who: Staff<may::LedgerRead>,
    store: Data<Store>,
    listing: Listing<LedgerAccountQuery>,
) -> Result<Json<Page<LedgerAccountView>>, Problem> {
    let Listing { page, filter } = listing;
    let (before, limit) = (page.after()?, page.fetch());
    let unit = filter.unit.map(|unit| Ok::<_, LedgerError>(unit.parse::<Unit>()?.to_string())).transpose()?;
    let filter = AccountFilter { under: filter.node_id, kind: filter.kind, owner: filter.owner_id, unit };
    let roots = who.scope.permitted.clone();
    let views = store
        .read(move |db| {
            let rows = accounts::list(db, &roots, &filter, before, limit)?;
            let ids: Vec<LedgerAccountId> = rows.iter().map(|row| row.id).collect();
            let has = balances::list(db, &ids)?;
            let view = |row: &Account| LedgerAccountView::new(row, has.get(&row.id).copied().unwrap_or_default());
            Ok::<_, UseCaseError>(rows.iter().map(view).collect::<Vec<_>>())
        })
        .await?;
    Ok(Json(Page::cut(views, &page, |view| view.id, |view| view)))
}

/// `GET /ledger/accounts/{account_id}`
pub async fn show_account(
    who: Staff<may::LedgerRead>,
    store: Data<Store>,
    path: Path<LedgerAccountId>,
) -> Result<Json<LedgerAccountView>, Problem> {
    let (caller, id) = (who.caller(), *path);
    let read = store.read(move |db| {
        let account = reach(db, &caller, id)?;
        Ok::<_, UseCaseError>(LedgerAccountView::new(&account, balances::find(db, id)?))
    });
    Ok(Json(read.await?))
}

/// `GET /ledger/transactions/{transaction_id}`
pub async fn show_transaction(
    who: Staff<may::LedgerRead>,
    store: Data<Store>,
    path: Path<LedgerTransactionId>,
) -> Result<Json<TransactionView>, Problem> {
    let (caller, id) = (who.caller(), *path);
    let read = store.read(move |db| {
        let found = transactions::find(db, id)?.ok_or(UseCaseError::NotFound("transaction"))?;
        caller.reach(db, found.site, Permission::LedgerRead, "transaction")?;
        let legs = transactions::list_legs(db, id)?;
        let touched: BTreeSet<LedgerAccountId> =
            legs.iter().flat_map(|leg| [leg.moved.debit, leg.moved.credit]).collect();
        let accounts = accounts::find_all(db, &touched.into_iter().collect::<Vec<_>>())?;
        Ok::<_, UseCaseError>(TransactionView::new(found, &legs, &accounts, transactions::list_reversals(db, id)?))
    });
    Ok(Json(read.await?))
}
