//! Holds: each ends once, whoever ends it first.

use chrono::{DateTime, Utc};
use diesel::{dsl::sql, prelude::*, sql_types::Bool};
use huike_kernel::{LedgerHoldId, LedgerTransactionId, NodeId};
use huike_ledger::{Amount, Hold, HoldState, Source};

use crate::{
    Db, Outcome, StoreError,
    cached::Cached,
    db::each,
    schema::ledger_hold,
    sql_types::{DbId, DbTime},
};

/// Keys of the statements that make a hold and capture it.
struct InsertHold;
struct CaptureHold;

/// A hold with what it is kept with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoldRow {
    /// The hold.
    pub hold: Hold,
    /// Where it was made.
    pub site: NodeId,
    /// What it follows from.
    pub source: Source,
    /// How much of it moved.
    pub captured: i64,
    /// The transfer it moved by, if it moved.
    pub moved_by: Option<(LedgerTransactionId, i64)>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = ledger_hold, treat_none_as_default_value = false)]
struct Row {
    id: DbId,
    site_id: DbId,
    account_id: DbId,
    amount: i64,
    state: String,
    captured: i64,
    transaction_id: Option<DbId>,
    leg: Option<i64>,
    source_kind: String,
    source_id: DbId,
    expires_at: DbTime,
    created_at: DbTime,
    ended_at: Option<DbTime>,
}

fn corrupt(what: impl ToString) -> StoreError {
    StoreError::corrupt("ledger_hold", what)
}

impl TryFrom<Row> for HoldRow {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let hold = Hold {
            id: row.id.into(),
            account: row.account_id.into(),
            amount: Amount::new(row.amount).map_err(corrupt)?,
            state: row.state.parse().map_err(corrupt)?,
            expires_at: row.expires_at.into(),
        };
        Ok(Self {
            hold,
            site: row.site_id.into(),
            source: Source { kind: row.source_kind, id: row.source_id.0 },
            captured: row.captured,
            moved_by: row.transaction_id.map(Into::into).zip(row.leg),
            created_at: row.created_at.into(),
        })
    }
}

/// Adds an open hold. Refused when there is one with that id.
pub fn insert(db: &mut Db, new: &HoldRow) -> Result<Outcome, StoreError> {
    let row = Row {
        id: new.hold.id.into(),
        site_id: new.site.into(),
        account_id: new.hold.account.into(),
        amount: new.hold.amount.get(),
        state: HoldState::Open.as_str().to_owned(),
        captured: 0,
        transaction_id: None,
        leg: None,
        source_kind: new.source.kind.clone(),
        source_id: DbId(new.source.id),
        expires_at: new.hold.expires_at.into(),
        created_at: new.created_at.into(),
        ended_at: None,
    };
    let insert = diesel::insert_into(ledger_hold::table).values(&row);
    let made: Vec<DbId> =
        each!(db, |c| { Cached::new(InsertHold, insert.on_conflict_do_nothing().returning(ledger_hold::id)).load(c) })?;
    Ok(Outcome::of(made.len()))
}

/// The hold with that id.
pub fn find(db: &mut Db, id: LedgerHoldId) -> Result<Option<HoldRow>, StoreError> {
    let row: Option<Row> = ledger_hold::table.find(DbId::from(id)).select(Row::as_select()).first(db).optional()?;
    row.map(HoldRow::try_from).transpose()
}

/// The holds with those ids, by id, locked until the transaction ends.
pub fn lock(db: &mut Db, ids: &[LedgerHoldId]) -> Result<Vec<HoldRow>, StoreError> {
    macro_rules! wanted {
        () => {
            ledger_hold::table
                .filter(ledger_hold::id.eq_any(DbId::list(ids)))
                .order(ledger_hold::id)
                .select(Row::as_select())
        };
    }
    let rows: Vec<Row> = match db {
        Db::Sqlite(c) => wanted!().load(c)?,
        Db::Postgres(c) => wanted!().for_no_key_update().load(c)?,
    };
    rows.into_iter().map(HoldRow::try_from).collect()
}

/// Up to `limit` open holds whose time is over, by id, locked until the transaction ends. What somebody else is working on
/// is passed by: it will be there the next time if it still has to.
pub fn lock_due(db: &mut Db, now: DateTime<Utc>, limit: i64) -> Result<Vec<HoldRow>, StoreError> {
    // The word is written out: only then the database sees that the index of open holds serves.
    let due: Vec<DbId> = ledger_hold::table
        .filter(sql::<Bool>("state = 'open'"))
        .filter(ledger_hold::expires_at.le(DbTime::from(now)))
        .order(ledger_hold::expires_at)
        .limit(limit)
        .select(ledger_hold::id)
        .load(db)?;
    // Asked again, with the rows in hand: one may have ended meanwhile.
    macro_rules! still_open {
        () => {
            ledger_hold::table
                .filter(ledger_hold::id.eq_any(due))
                .filter(ledger_hold::state.eq(HoldState::Open.as_str()))
                .order(ledger_hold::id)
                .select(Row::as_select())
        };
    }
    let rows: Vec<Row> = match db {
        Db::Sqlite(c) => still_open!().load(c)?,
        Db::Postgres(c) => still_open!().for_no_key_update().skip_locked().load(c)?,
    };
    rows.into_iter().map(HoldRow::try_from).collect()
}

/// Lets holds go. Refused when not all of them were open: then nothing of the transaction may be kept.
pub fn let_go(db: &mut Db, ids: &[LedgerHoldId], state: HoldState, now: DateTime<Utc>) -> Result<Outcome, StoreError> {
    let rows = diesel::update(ledger_hold::table)
        .filter(ledger_hold::id.eq_any(DbId::list(ids)))
        .filter(ledger_hold::state.eq(HoldState::Open.as_str()))
        .set((ledger_hold::state.eq(state.as_str()), ledger_hold::ended_at.eq(Some(DbTime::from(now)))))
        .execute(db)?;
    Ok(if rows == ids.len() { Outcome::Applied } else { Outcome::Refused })
}

/// Marks a hold as captured by a transfer. Refused when it ended before.
pub fn capture(
    db: &mut Db,
    id: LedgerHoldId,
    amount: Amount,
    (transaction, leg): (LedgerTransactionId, i64),
    now: DateTime<Utc>,
) -> Result<Outcome, StoreError> {
    let update = diesel::update(ledger_hold::table.find(DbId::from(id)))
        .filter(ledger_hold::state.eq(HoldState::Open.as_str()))
        .set((
            ledger_hold::state.eq(HoldState::Captured.as_str()),
            ledger_hold::captured.eq(amount.get()),
            ledger_hold::transaction_id.eq(Some(DbId::from(transaction))),
            ledger_hold::leg.eq(Some(leg)),
            ledger_hold::ended_at.eq(Some(DbTime::from(now))),
        ));
    let ended: Vec<DbId> = each!(db, |c| Cached::new(CaptureHold, update.returning(ledger_hold::id)).load(c))?;
    Ok(Outcome::of(ended.len()))
}

/// How many holds a transaction captured.
pub fn count_captured(db: &mut Db, transaction: LedgerTransactionId) -> Result<usize, StoreError> {
    let count: i64 = ledger_hold::table
        .filter(ledger_hold::transaction_id.eq(Some(DbId::from(transaction))))
        .count()
        .get_result(db)?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}
