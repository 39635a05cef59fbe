//! Accounts, which are opened when something first moves on them and stay for good.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use huike_kernel::{LedgerAccountId, NodeId};
use huike_ledger::{AccountKey, AccountKind, Bound, Owner};
use uuid::Uuid;

use super::balances::STRIPES;
use crate::{
    Db, StoreError,
    db::each,
    schema::{ledger_account, ledger_balance},
    scope::subtree,
    sql_types::{DbId, DbTime},
};

/// An account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Account {
    /// Its id.
    pub id: LedgerAccountId,
    /// What makes it that account.
    pub key: AccountKey,
    /// When something first moved on it.
    pub opened_at: DateTime<Utc>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = ledger_account, treat_none_as_default_value = false)]
struct Row {
    id: DbId,
    site_id: DbId,
    kind: String,
    owner_kind: String,
    owner_id: DbId,
    unit: String,
    opened_at: DbTime,
}

impl From<&Account> for Row {
    fn from(account: &Account) -> Self {
        let key = &account.key;
        Self {
            id: account.id.into(),
            site_id: key.node().into(),
            kind: key.kind().as_str().to_owned(),
            owner_kind: key.owner().kind().to_owned(),
            owner_id: DbId(key.owner().id(key.node())),
            unit: key.unit().to_string(),
            opened_at: account.opened_at.into(),
        }
    }
}

fn corrupt(what: impl ToString) -> StoreError {
    StoreError::corrupt("ledger_account", what)
}

impl TryFrom<Row> for Account {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let owner = Owner::read(&row.owner_kind, row.owner_id.0).ok_or_else(|| corrupt("nobody's account"))?;
        let (kind, unit) = (row.kind.parse().map_err(corrupt)?, row.unit.parse().map_err(corrupt)?);
        let key = AccountKey::new(kind, owner, row.site_id.into(), unit).map_err(corrupt)?;
        Ok(Self { id: row.id.into(), key, opened_at: row.opened_at.into() })
    }
}

/// The account with that id.
pub fn find(db: &mut Db, id: LedgerAccountId) -> Result<Option<Account>, StoreError> {
    let row: Option<Row> = ledger_account::table.find(DbId::from(id)).select(Row::as_select()).first(db).optional()?;
    row.map(Account::try_from).transpose()
}

/// The accounts with those ids.
pub fn find_all(db: &mut Db, ids: &[LedgerAccountId]) -> Result<BTreeMap<LedgerAccountId, Account>, StoreError> {
    let rows: Vec<Row> =
        ledger_account::table.filter(ledger_account::id.eq_any(DbId::list(ids))).select(Row::as_select()).load(db)?;
    let account = |row| Account::try_from(row).map(|account| (account.id, account));
    rows.into_iter().map(account).collect()
}

/// Those of the accounts that are open.
pub fn find_by_keys(db: &mut Db, keys: &BTreeSet<AccountKey>) -> Result<BTreeMap<AccountKey, Account>, StoreError> {
    let owners: BTreeSet<Uuid> = keys.iter().map(|key| key.owner().id(key.node())).collect();
    let rows: Vec<Row> = ledger_account::table
        .filter(ledger_account::owner_id.eq_any(owners.into_iter().map(DbId)))
        .select(Row::as_select())
        .load(db)?;
    let accounts = rows.into_iter().map(Account::try_from).collect::<Result<Vec<_>, _>>()?;
    Ok(accounts.into_iter().filter(|it| keys.contains(&it.key)).map(|it| (it.key, it)).collect())
}

/// Opens accounts with nothing in them, in the order of their keys. Those that somebody else opened at the same moment
/// stay theirs.
pub fn open(db: &mut Db, new: &[Account]) -> Result<(), StoreError> {
    for account in new {
        let row = Row::from(account);
        let rows =
            each!(db, |c| diesel::insert_into(ledger_account::table).values(&row).on_conflict_do_nothing().execute(c))?;
        if rows > 0 {
            open_balance(db, account)?;
        }
    }
    Ok(())
}

fn open_balance(db: &mut Db, account: &Account) -> Result<(), StoreError> {
    let bound = account.key.kind().bound();
    let stripes = if bound == Bound::Free { STRIPES } else { 1 };
    let row = |stripe: i64| {
        (
            ledger_balance::account_id.eq(DbId::from(account.id)),
            ledger_balance::stripe.eq(stripe),
            ledger_balance::bound.eq(bound.as_str()),
            ledger_balance::posted.eq(0),
            ledger_balance::held.eq(0),
        )
    };
    let rows: Vec<_> = (0..stripes).map(row).collect();
    each!(db, |c| diesel::insert_into(ledger_balance::table).values(&rows).execute(c))?;
    Ok(())
}

/// What narrows a list of accounts.
#[derive(Debug, Clone, Default)]
pub struct AccountFilter {
    /// Only at or below this node.
    pub under: Option<NodeId>,
    /// Only for this.
    pub kind: Option<AccountKind>,
    /// Only of this customer, card or node.
    pub owner: Option<Uuid>,
    /// Only those that count this.
    pub unit: Option<String>,
}

/// Accounts at or below the roots, newest first, `limit` of them before `before`.
pub fn list(
    db: &mut Db,
    roots: &[NodeId],
    filter: &AccountFilter,
    before: Option<LedgerAccountId>,
    limit: i64,
) -> Result<Vec<Account>, StoreError> {
    let rows: Vec<Row> = each!(db, |c| {
        let mut query = ledger_account::table
            .filter(ledger_account::site_id.eq_any(subtree(roots)))
            .order(ledger_account::id.desc())
            .limit(limit)
            .select(Row::as_select())
            .into_boxed();
        if let Some(node) = filter.under {
            query = query.filter(ledger_account::site_id.eq_any(subtree(&[node])));
        }
        if let Some(kind) = filter.kind {
            query = query.filter(ledger_account::kind.eq(kind.as_str()));
        }
        if let Some(owner) = filter.owner {
            query = query.filter(ledger_account::owner_id.eq(DbId(owner)));
        }
        if let Some(unit) = &filter.unit {
            query = query.filter(ledger_account::unit.eq(unit));
        }
        if let Some(before) = before {
            query = query.filter(ledger_account::id.lt(DbId::from(before)));
        }
        query.load(c)
    })?;
    rows.into_iter().map(Account::try_from).collect()
}
