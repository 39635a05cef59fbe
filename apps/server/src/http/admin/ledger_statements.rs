//! Statements of accounts (对账单), as pages and as a file.

use actix_web::web::{Data, Json};
use chrono::SecondsFormat;
use huike_kernel::{LedgerAccountId, TimeWindow, format_row};
use huike_ledger::{Line, Unit, run_on};
use huike_persistence::{
    Db, Store, StoreError,
    ledger::{
        accounts::Account,
        balances,
        statements::{self, Entry, EntryKey},
    },
    nodes,
};
use huike_usecases::{Caller, UseCaseError};

use super::{
    ledger::reach,
    ledger_statement_view::{StatementLineView, StatementQuery, StatementView},
    ledger_view::LedgerAccountView,
};
use crate::{
    api::{CsvFile, CsvPage, CsvPages, Reading},
    auth::{Staff, may},
    extract::{Listing, Page, Path, Query},
    problem::{Problem, Refusal},
};

/// Lines read at once for a file.
const PAGE: i64 = 500;
/// The columns of the file.
const COLUMNS: [&str; 8] =
    ["posted_at", "transaction_id", "reason", "source_kind", "source_id", "debit", "credit", "balance"];

/// The account and the span that the days are of, by the clock of the node that keeps it.
fn open(
    db: &mut Db,
    caller: &Caller,
    id: LedgerAccountId,
    days: StatementQuery,
) -> Result<(Account, TimeWindow), UseCaseError> {
    let account = reach(db, caller, id)?;
    let node = nodes::find(db, account.key.node())?
        .ok_or_else(|| StoreError::corrupt("ledger_account", "its node is gone"))?;
    Ok((account, days.span(node.zone)))
}

/// So many lines after that one, each with what was there afterwards.
fn read_lines(
    db: &mut Db,
    account: LedgerAccountId,
    span: TimeWindow,
    after: Option<EntryKey>,
    limit: i64,
) -> Result<Vec<Line<Entry>>, StoreError> {
    let before = match after {
        None => statements::turnover(db, account, span)?.opening,
        Some(key) => statements::balance_after(db, account, key)?,
    };
    let entries = statements::list_entries(db, account, span, after, limit)?;
    Ok(run_on(before, entries, |entry| entry.amount))
}

/// `GET /ledger/accounts/{account_id}/statement`
pub async fn show(
    who: Staff<may::LedgerRead>,
    store: Data<Store>,
    path: Path<LedgerAccountId>,
    listing: Listing<StatementQuery>,
) -> Result<Json<StatementView>, Problem> {
    let Listing { page, filter: days } = listing;
    let (caller, id) = (who.caller(), *path);
    let (after, limit) = (page.after::<EntryKey>()?, page.fetch());
    let read = store.read(move |db| {
        let (account, span) = open(db, &caller, id, days)?;
        // A cursor of other days is none of this statement.
        if after.is_some_and(|key| !span.contains(key.posted_at)) {
            return Ok(None);
        }
        let lines = read_lines(db, id, span, after, limit)?;
        let turnover = statements::turnover(db, id, span)?;
        Ok::<_, UseCaseError>(Some((account, balances::find(db, id)?, turnover, lines)))
    });
    let (account, balance, turnover, lines) = read.await?.ok_or(Refusal::CursorInvalid)?;
    let unit = account.key.unit();
    let cut = Page::cut(lines, &page, |line| line.entry.key, |line| StatementLineView::new(unit, line));
    let [opening, debits, credits, closing] = StatementView::totals(unit, turnover);
    Ok(Json(StatementView {
        account: LedgerAccountView::new(&account, balance),
        first: days.first,
        last: days.last,
        opening,
        debits,
        credits,
        closing,
        items: cut.items,
        next_cursor: cut.next_cursor,
    }))
}

/// `GET /ledger/accounts/{account_id}/statement/export`
pub async fn export(
    who: Staff<may::LedgerRead>,
    store: Data<Store>,
    path: Path<LedgerAccountId>,
    query: Query<StatementQuery>,
) -> Result<CsvFile<StatementPages>, Problem> {
    let (caller, id, days) = (who.caller(), *path, query.into_inner());
    let (account, span) = store.read(move |db| open(db, &caller, id, days)).await?;
    let name = format!("statement-{id}-{}-{}.csv", days.first, days.last);
    Ok(CsvFile { name, pages: StatementPages { store, account: id, unit: account.key.unit(), span } })
}

/// The lines of a file, oldest first.
pub struct StatementPages {
    store: Data<Store>,
    account: LedgerAccountId,
    unit: Unit,
    span: TimeWindow,
}

impl CsvPages for StatementPages {
    type Key = EntryKey;

    fn header(&self) -> String {
        format_row(&COLUMNS)
    }

    fn read(&self, after: Option<EntryKey>) -> Reading<EntryKey> {
        let (store, account, unit, span) = (self.store.clone(), self.account, self.unit, self.span);
        Box::pin(async move {
            let lines = store.read(move |db| read_lines(db, account, span, after, PAGE)).await?;
            let next = lines.last().map(|line| line.entry.key);
            Ok(CsvPage {
                rows: lines.into_iter().map(|line| csv_row(&StatementLineView::new(unit, line))).collect(),
                next,
            })
        })
    }
}

fn csv_row(line: &StatementLineView) -> String {
    let guarded = format_row(&[
        &line.posted_at.to_rfc3339_opts(SecondsFormat::Micros, true),
        &line.transaction_id.to_string(),
        line.reason.as_str(),
        &line.source_kind,
        &line.source_id.to_string(),
        line.debit.as_deref().unwrap_or_default(),
        line.credit.as_deref().unwrap_or_default(),
    ]);
    // A number of ours, which may be below zero: a spreadsheet should add it up, and the guard would make it a text.
    format!("{},{}\r\n", guarded.trim_end(), line.balance)
}
