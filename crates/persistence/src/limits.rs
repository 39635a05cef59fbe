//! Limit counters: rows that only a guarded write may move.

use diesel::{prelude::*, query_dsl::methods::FilterDsl};
use huike_coupons::limits::CounterMove;
use huike_kernel::TemplateId;

use crate::{
    Db, Outcome, StoreError,
    db::each,
    schema::limit_counter::{self, dsl},
    sql_types::DbId,
};

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

/// `INSERT … ON CONFLICT DO UPDATE SET used = used + n WHERE used + n <= cap`: no row touched is a refusal.
fn take_one(db: &mut Db, owner: TemplateId, wanted: &CounterMove) -> Result<Outcome, StoreError> {
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
    let rows = each!(db, |c| {
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
        FilterDsl::filter(upsert, limit_counter::used.le(room)).execute(c)
    })?;
    Ok(Outcome::of(rows))
}

/// Gives back what earlier moves took, from the periods they took it from. A counter that does not hold so much is a
/// defect that the caller reports; nothing goes below zero.
pub fn give_back(db: &mut Db, owner: TemplateId, moves: &[CounterMove]) -> Result<Outcome, StoreError> {
    let mut all = Outcome::Applied;
    for taken in moves {
        let amount = taken.amount.saturating_abs();
        let rows = diesel::update(dsl::limit_counter.find((
            DbId::from(owner),
            taken.metric.as_str(),
            taken.subject_kind.as_str(),
            DbId(taken.subject),
            taken.period.as_str(),
            taken.period_start.to_string(),
        )))
        .filter(dsl::used.ge(amount))
        .set(dsl::used.eq(dsl::used - amount))
        .execute(db)?;
        if Outcome::of(rows) == Outcome::Refused {
            all = Outcome::Refused;
        }
    }
    Ok(all)
}
