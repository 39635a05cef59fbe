//! Limit counters: rows that only a guarded write may move.

use std::collections::{BTreeMap, BTreeSet};

use diesel::{
    pg::PgConnection,
    prelude::*,
    sql_query,
    sql_types::{Array, BigInt, Text},
    sqlite::SqliteConnection,
};
use huike_coupons::limits::CounterMove;
use huike_kernel::TemplateId;
use uuid::Uuid;

use crate::{
    Db, Outcome, StoreError,
    cached::{Cached, column},
    db::each,
    schema::limit_counter::{self, dsl},
    sql_types::{DbId, Id},
};

/// Values of one query; SQLite bounds their number.
const SUBJECTS_MAX: usize = 500;

/// Keys of the statements that move counters.
struct TakeOne;
struct TakeEach;
struct GiveOneBack;
struct GiveEachBack;

/// Moves the counters in the order given, which must be the one global order (that of the domain's `moves_for_…`).
/// Stops at the first that would pass its cap and hands it back; the caller's refusal then undoes the earlier ones.
pub fn take<'m>(
    db: &mut Db,
    owner: TemplateId,
    moves: &'m [CounterMove],
) -> Result<Option<&'m CounterMove>, StoreError> {
    for wanted in moves {
        if wanted.amount > wanted.cap || take_one(db, owner, wanted)? == Outcome::Refused {
            return Ok(Some(wanted));
        }
    }
    Ok(None)
}

/// Moves the counters of many subjects under one limit, and says whose would have passed their cap. The moves differ in
/// subject and amount alone, no two have the same subject, and none exceeds the cap alone; they come in the global order.
pub fn take_each(db: &mut Db, owner: TemplateId, moves: &[CounterMove]) -> Result<BTreeSet<Uuid>, StoreError> {
    let mut refused: BTreeSet<Uuid> = moves.iter().map(|wanted| wanted.subject).collect();
    if let Db::Postgres(c) = db {
        for taken in take_on_postgres(c, owner, moves)? {
            refused.remove(&taken.subject_id.0);
        }
        return Ok(refused);
    }
    for wanted in moves {
        if take_one(db, owner, wanted)? == Outcome::Applied {
            refused.remove(&wanted.subject);
        }
    }
    Ok(refused)
}

#[derive(QueryableByName)]
struct Taken {
    #[diesel(sql_type = Id)]
    subject_id: DbId,
}

fn take_on_postgres(c: &mut PgConnection, owner: TemplateId, moves: &[CounterMove]) -> QueryResult<Vec<Taken>> {
    let Some(first) = moves.first() else {
        return Ok(Vec::new());
    };
    let upsert = sql_query(
        "INSERT INTO limit_counter (owner_id, metric, subject_kind, period, period_start, subject_id, used) \
         SELECT $1, $2, $3, $4, $5, * FROM unnest($6, $7) \
         ON CONFLICT (owner_id, metric, subject_kind, subject_id, period, period_start) \
         DO UPDATE SET used = limit_counter.used + excluded.used WHERE limit_counter.used + excluded.used <= $8 \
         RETURNING subject_id",
    )
    .bind::<Id, _>(DbId::from(owner))
    .bind::<Text, _>(first.metric.as_str())
    .bind::<Text, _>(first.subject_kind.as_str())
    .bind::<Text, _>(first.period.as_str())
    .bind::<Text, _>(first.period_start.to_string())
    .bind::<Array<Id>, _>(column(moves, |wanted| DbId(wanted.subject)))
    .bind::<Array<BigInt>, _>(column(moves, |wanted| wanted.amount))
    .bind::<BigInt, _>(first.cap);
    Cached::new(TakeEach, upsert).load(c)
}

/// Those of the subjects whose counter would pass its cap, as the counters stand in this snapshot. The moves differ in
/// their subject alone. A hint, like [`find_full`].
pub fn find_full_each(db: &mut Db, owner: TemplateId, moves: &[CounterMove]) -> Result<BTreeSet<Uuid>, StoreError> {
    let mut full = BTreeSet::new();
    for chunk in moves.chunks(SUBJECTS_MAX) {
        let Some(first) = chunk.first() else { continue };
        if first.exceeds_alone() {
            full.extend(chunk.iter().map(|wanted| wanted.subject));
            continue;
        }
        let found: Vec<DbId> = dsl::limit_counter
            .filter(dsl::owner_id.eq(DbId::from(owner)))
            .filter(dsl::metric.eq(first.metric.as_str()))
            .filter(dsl::subject_kind.eq(first.subject_kind.as_str()))
            .filter(dsl::subject_id.eq_any(column(chunk, |wanted| DbId(wanted.subject))))
            .filter(dsl::period.eq(first.period.as_str()))
            .filter(dsl::period_start.eq(first.period_start.to_string()))
            .filter(dsl::used.gt(first.cap.saturating_sub(first.amount)))
            .select(dsl::subject_id)
            .load(db)?;
        full.extend(found.into_iter().map(|id| id.0));
    }
    Ok(full)
}

/// The first of the moves that would pass its cap as the counters stand in this snapshot. Nothing moves, so it is a hint
/// for whoever asks beforehand, never a decision.
pub fn find_full<'m>(
    db: &mut Db,
    owner: TemplateId,
    moves: &'m [CounterMove],
) -> Result<Option<&'m CounterMove>, StoreError> {
    for wanted in moves {
        let used: Option<i64> = dsl::limit_counter
            .find((
                DbId::from(owner),
                wanted.metric.as_str(),
                wanted.subject_kind.as_str(),
                DbId(wanted.subject),
                wanted.period.as_str(),
                wanted.period_start.to_string(),
            ))
            .select(dsl::used)
            .first(db)
            .optional()?;
        if used.unwrap_or(0).saturating_add(wanted.amount) > wanted.cap {
            return Ok(Some(wanted));
        }
    }
    Ok(None)
}

/// How far each counter stands that these moves would move, in their order, in one query. What is read moves at once:
/// a hint, like [`find_full`].
pub fn list_used(db: &mut Db, moves: &[(TemplateId, CounterMove)]) -> Result<Vec<i64>, StoreError> {
    if moves.is_empty() {
        return Ok(Vec::new());
    }
    let distinct = |ids: Vec<DbId>| ids.into_iter().map(|id| id.0).collect::<BTreeSet<Uuid>>().into_iter().map(DbId);
    let owners: Vec<DbId> = distinct(column(moves, |(owner, _)| DbId::from(*owner))).collect();
    let subjects: Vec<DbId> = distinct(column(moves, |(_, wanted)| DbId(wanted.subject))).collect();
    let starts: BTreeSet<String> = moves.iter().map(|(_, wanted)| wanted.period_start.to_string()).collect();
    let rows: Vec<(DbId, String, String, DbId, String, String, i64)> = dsl::limit_counter
        .filter(dsl::owner_id.eq_any(owners))
        .filter(dsl::subject_id.eq_any(subjects))
        .filter(dsl::period_start.eq_any(starts))
        .select((
            dsl::owner_id,
            dsl::metric,
            dsl::subject_kind,
            dsl::subject_id,
            dsl::period,
            dsl::period_start,
            dsl::used,
        ))
        .load(db)?;
    let is_counter = |row: &(DbId, String, String, DbId, String, String, i64), owner: &TemplateId, it: &CounterMove| {
        row.0 == DbId::from(*owner)
            && row.1 == it.metric.as_str()
            && row.2 == it.subject_kind.as_str()
            && row.3.0 == it.subject
            && row.4 == it.period.as_str()
            && row.5 == it.period_start.to_string()
    };
    let used =
        |(owner, it): &(TemplateId, CounterMove)| rows.iter().find(|row| is_counter(row, owner, it)).map(|r| r.6);
    Ok(moves.iter().map(|wanted| used(wanted).unwrap_or(0)).collect())
}

/// `INSERT … ON CONFLICT DO UPDATE SET used = used + n WHERE used + n <= cap`: no row touched is a refusal.
fn take_one(db: &mut Db, owner: TemplateId, wanted: &CounterMove) -> Result<Outcome, StoreError> {
    use diesel::query_dsl::methods::FilterDsl;
    let key = (
        dsl::owner_id.eq(DbId::from(owner)),
        dsl::metric.eq(wanted.metric.as_str()),
        dsl::subject_kind.eq(wanted.subject_kind.as_str()),
        dsl::subject_id.eq(DbId(wanted.subject)),
        dsl::period.eq(wanted.period.as_str()),
        dsl::period_start.eq(wanted.period_start.to_string()),
        dsl::used.eq(wanted.amount),
    );
    let room = wanted.cap.saturating_sub(wanted.amount);
    let taken = each!(db, |c| {
        let upsert = diesel::insert_into(limit_counter::table)
            .values(key)
            .on_conflict((
                dsl::owner_id,
                dsl::metric,
                dsl::subject_kind,
                dsl::subject_id,
                dsl::period,
                dsl::period_start,
            ))
            .do_update()
            .set(dsl::used.eq(limit_counter::used + wanted.amount));
        // Named in full: the prelude's `filter` is for queries only.
        let upsert = FilterDsl::filter(upsert, limit_counter::used.le(room)).returning(limit_counter::used);
        Cached::new(TakeOne, upsert).load::<i64>(c)
    })?;
    Ok(Outcome::of(taken.len()))
}

/// Gives back what earlier moves took, from the periods they took it from. A counter that does not hold so much is a
/// defect that the caller reports; nothing goes below zero.
pub fn give_back(db: &mut Db, owner: TemplateId, moves: &[CounterMove]) -> Result<Outcome, StoreError> {
    // Several moves of one counter are one: a statement touches a row once.
    let mut sums: BTreeMap<CounterMove, i64> = BTreeMap::new();
    for taken in moves {
        let sum = sums.entry(CounterMove { amount: 0, cap: 0, ..taken.clone() }).or_default();
        *sum = sum.saturating_add(taken.amount.saturating_abs());
    }
    let back: Vec<CounterMove> = sums.into_iter().map(|(counter, amount)| CounterMove { amount, ..counter }).collect();
    let lowered = match db {
        Db::Postgres(c) => give_back_on_postgres(c, owner, &back)?,
        Db::Sqlite(c) => {
            back.iter().try_fold(0, |rows, taken| Ok::<_, StoreError>(rows + give_one_back(c, owner, taken)?))?
        }
    };
    Ok(if lowered == back.len() { Outcome::Applied } else { Outcome::Refused })
}

fn give_one_back(c: &mut SqliteConnection, owner: TemplateId, taken: &CounterMove) -> QueryResult<usize> {
    let counter = dsl::limit_counter.find((
        DbId::from(owner),
        taken.metric.as_str(),
        taken.subject_kind.as_str(),
        DbId(taken.subject),
        taken.period.as_str(),
        taken.period_start.to_string(),
    ));
    let lower = diesel::update(counter).filter(dsl::used.ge(taken.amount)).set(dsl::used.eq(dsl::used - taken.amount));
    Ok(Cached::new(GiveOneBack, lower.returning(dsl::used)).load::<i64>(c)?.len())
}

fn give_back_on_postgres(c: &mut PgConnection, owner: TemplateId, back: &[CounterMove]) -> QueryResult<usize> {
    if back.is_empty() {
        return Ok(0);
    }
    // Locked in the one order first: an UPDATE by itself takes rows as they come.
    let lower = sql_query(
        "UPDATE limit_counter SET used = limit_counter.used - back.amount FROM ( \
             SELECT taken.* FROM unnest($2, $3, $4, $5, $6, $7) WITH ORDINALITY \
             AS taken (metric, subject_kind, subject_id, period, period_start, amount, place) \
             JOIN limit_counter AS held ON held.owner_id = $1 AND held.metric = taken.metric \
             AND held.subject_kind = taken.subject_kind AND held.subject_id = taken.subject_id \
             AND held.period = taken.period AND held.period_start = taken.period_start \
             ORDER BY taken.place FOR NO KEY UPDATE OF held) AS back \
         WHERE limit_counter.owner_id = $1 AND limit_counter.metric = back.metric \
         AND limit_counter.subject_kind = back.subject_kind AND limit_counter.subject_id = back.subject_id \
         AND limit_counter.period = back.period AND limit_counter.period_start = back.period_start \
         AND limit_counter.used >= back.amount",
    )
    .bind::<Id, _>(DbId::from(owner))
    .bind::<Array<Text>, _>(column(back, |taken| taken.metric.as_str()))
    .bind::<Array<Text>, _>(column(back, |taken| taken.subject_kind.as_str()))
    .bind::<Array<Id>, _>(column(back, |taken| DbId(taken.subject)))
    .bind::<Array<Text>, _>(column(back, |taken| taken.period.as_str()))
    .bind::<Array<Text>, _>(column(back, |taken| taken.period_start.to_string()))
    .bind::<Array<BigInt>, _>(column(back, |taken| taken.amount));
    Cached::new(GiveEachBack, lower).execute(c)
}
