//! The hot row of an offer: what orders have taken of its budget and its uses. It moves only by guarded writes.

use diesel::prelude::*;
use huike_kernel::{Money, NodeId, OfferId};
use huike_pricing::managed::Used;

use crate::{
    Db, Outcome, StoreError,
    db::{each, lock_row},
    schema::{
        offer_revision,
        offer_stock::{self, dsl},
    },
    sql_types::DbId,
};

/// What is spent and used of one offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = offer_stock, treat_none_as_default_value = false)]
pub struct OfferStock {
    offer_id: DbId,
    site_id: DbId,
    /// Whether orders may take of it: the offer is live.
    pub accepting: bool,
    /// What it may cost in all, in fen, if there is a budget.
    pub budget_fen: Option<i64>,
    /// Taken off orders, in fen.
    pub spent_fen: i64,
    /// How often it may be used in all, if that is limited.
    pub uses_max: Option<i64>,
    /// Orders it was used in.
    pub uses: i64,
}

impl OfferStock {
    /// The stock of an offer that nobody has used yet.
    pub fn new(offer: OfferId, site: NodeId, budget: Option<Money>, uses_max: Option<i64>) -> Self {
        Self {
            offer_id: offer.into(),
            site_id: site.into(),
            accepting: false,
            budget_fen: budget.map(Money::fen),
            spent_fen: 0,
            uses_max,
            uses: 0,
        }
    }

    /// The offer it belongs to.
    pub fn offer(&self) -> OfferId {
        self.offer_id.into()
    }

    /// The node that owns the offer.
    pub fn site(&self) -> NodeId {
        self.site_id.into()
    }

    /// What orders took.
    pub fn used(&self) -> Used {
        Used { spent: Money::from_fen(self.spent_fen), uses: self.uses }
    }
}

/// Adds the stock of an offer that goes live for the first time.
pub fn insert(db: &mut Db, stock: &OfferStock) -> Result<(), StoreError> {
    diesel::insert_into(offer_stock::table).values(stock).execute(db)?;
    Ok(())
}

/// The stock, locked until the transaction ends.
pub fn lock(db: &mut Db, offer: OfferId) -> Result<Option<OfferStock>, StoreError> {
    Ok(lock_row!(db, dsl::offer_stock.find(DbId::from(offer)).select(OfferStock::as_select()))?)
}

/// Opens or closes the stock; follows the offer's state.
pub fn set_accepting(db: &mut Db, offer: OfferId, accepting: bool) -> Result<Outcome, StoreError> {
    let rows =
        diesel::update(dsl::offer_stock.find(DbId::from(offer))).set(dsl::accepting.eq(accepting)).execute(db)?;
    Ok(Outcome::of(rows))
}

/// Sets what it may cost and how often it may be used. Refused where more was taken already.
pub fn set_totals(
    db: &mut Db,
    offer: OfferId,
    budget: Option<Money>,
    uses_max: Option<i64>,
) -> Result<Outcome, StoreError> {
    let budget_fen = budget.map(Money::fen);
    let rows = diesel::update(dsl::offer_stock.find(DbId::from(offer)))
        .filter(dsl::spent_fen.le(budget_fen.unwrap_or(i64::MAX)))
        .filter(dsl::uses.le(uses_max.unwrap_or(i64::MAX)))
        .set((dsl::budget_fen.eq(budget_fen), dsl::uses_max.eq(uses_max)))
        .execute(db)?;
    Ok(Outcome::of(rows))
}

/// Takes one use and what it took off from the stock. One guarded write decides: refused when the offer is not live, its
/// uses are used up, or its budget would not hold it.
pub fn take(db: &mut Db, offer: OfferId, discount: Money) -> Result<Outcome, StoreError> {
    let discount = discount.fen();
    let rows = diesel::update(dsl::offer_stock.find(DbId::from(offer)))
        .filter(dsl::accepting.eq(true))
        .filter(dsl::uses_max.is_null().or((dsl::uses + 1).nullable().le(dsl::uses_max).assume_not_null()))
        .filter(
            dsl::budget_fen.is_null().or((dsl::spent_fen + discount).nullable().le(dsl::budget_fen).assume_not_null()),
        )
        .set((dsl::uses.eq(dsl::uses + 1), dsl::spent_fen.eq(dsl::spent_fen + discount)))
        .execute(db)?;
    Ok(Outcome::of(rows))
}

/// Gives one use back, and what it had taken off, also of an offer that is over. Refused where so much was never taken.
pub fn give_back(db: &mut Db, offer: OfferId, discount: Money) -> Result<Outcome, StoreError> {
    let discount = discount.fen();
    let rows = diesel::update(dsl::offer_stock.find(DbId::from(offer)))
        .filter(dsl::uses.ge(1))
        .filter(dsl::spent_fen.ge(discount))
        .set((dsl::uses.eq(dsl::uses - 1), dsl::spent_fen.eq(dsl::spent_fen - discount)))
        .execute(db)?;
    Ok(Outcome::of(rows))
}

/// Counts one change of what this node has in force.
pub fn note_change(db: &mut Db, site: NodeId) -> Result<(), StoreError> {
    let row = (offer_revision::site_id.eq(DbId::from(site)), offer_revision::revision.eq(1));
    each!(db, |c| {
        diesel::insert_into(offer_revision::table)
            .values(row)
            .on_conflict(offer_revision::site_id)
            .do_update()
            .set(offer_revision::revision.eq(offer_revision::revision + 1))
            .execute(c)
    })?;
    Ok(())
}

/// How often each node changed what it has in force.
pub fn list_revisions(db: &mut Db) -> Result<Vec<(NodeId, i64)>, StoreError> {
    Ok(offer_revision::table.select((offer_revision::site_id, offer_revision::revision)).load(db)?)
}

/// The stocks of offers in force that can be used up.
pub fn list_limited(db: &mut Db) -> Result<Vec<OfferStock>, StoreError> {
    Ok(dsl::offer_stock
        .filter(dsl::accepting.eq(true))
        .filter(dsl::budget_fen.is_not_null().or(dsl::uses_max.is_not_null()))
        .select(OfferStock::as_select())
        .load(db)?)
}
