//! The hot row of a template: how many and how much money are left. It moves only by guarded writes.

use diesel::prelude::*;
use huike_kernel::{Money, NodeId, TemplateId};

use crate::{
    Db, Outcome, StoreError,
    cached::Cached,
    db::{each, lock_row},
    schema::coupon_stock::{self, dsl},
    sql_types::DbId,
};

/// What is issued, claimed, promised and spent of one template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = coupon_stock, treat_none_as_default_value = false)]
pub struct Stock {
    template_id: DbId,
    site_id: DbId,
    /// Whether claims are taken: the template is live and not killed.
    pub accepting: bool,
    /// How many may ever be issued.
    pub quantity: i64,
    /// How many ever were; never lowered.
    pub issued: i64,
    /// How many of them found an owner.
    pub claimed: i64,
    /// The money budget in fen, if there is one.
    pub budget_fen: Option<i64>,
    /// Promised to coupons that may still be redeemed, in fen.
    pub committed_fen: i64,
    /// Given away by redemptions, in fen.
    pub spent_fen: i64,
}

/// What a claim takes from the stock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Take {
    /// How many are issued.
    pub issued: i64,
    /// How many of them have an owner from the start.
    pub claimed: i64,
    /// What is promised for all of them together.
    pub committed: Money,
}

impl Stock {
    /// The stock of a template that has issued nothing yet.
    pub fn new(template: TemplateId, site: NodeId, quantity: i64, budget: Option<Money>) -> Self {
        Self {
            template_id: template.into(),
            site_id: site.into(),
            accepting: false,
            quantity,
            issued: 0,
            claimed: 0,
            budget_fen: budget.map(Money::fen),
            committed_fen: 0,
            spent_fen: 0,
        }
    }
}

/// Adds the stock of a template that goes live for the first time.
pub fn insert(db: &mut Db, stock: &Stock) -> Result<(), StoreError> {
    diesel::insert_into(coupon_stock::table).values(stock).execute(db)?;
    Ok(())
}

/// The stock, as it stands in this snapshot.
pub fn find(db: &mut Db, template: TemplateId) -> Result<Option<Stock>, StoreError> {
    Ok(dsl::coupon_stock.find(DbId::from(template)).select(Stock::as_select()).first(db).optional()?)
}

/// The stock, locked until the transaction ends.
pub fn lock(db: &mut Db, template: TemplateId) -> Result<Option<Stock>, StoreError> {
    Ok(lock_row!(db, dsl::coupon_stock.find(DbId::from(template)).select(Stock::as_select()))?)
}

/// Opens or closes the stock; follows the template's state.
pub fn set_accepting(db: &mut Db, template: TemplateId, accepting: bool) -> Result<Outcome, StoreError> {
    let rows =
        diesel::update(dsl::coupon_stock.find(DbId::from(template))).set(dsl::accepting.eq(accepting)).execute(db)?;
    Ok(Outcome::of(rows))
}

/// Sets the totals of a new live version. Refused where more was issued, or more promised and spent, than they allow.
pub fn set_totals(
    db: &mut Db,
    template: TemplateId,
    quantity: i64,
    budget: Option<Money>,
) -> Result<Outcome, StoreError> {
    let budget_fen = budget.map(Money::fen);
    let rows = diesel::update(dsl::coupon_stock.find(DbId::from(template)))
        .filter(dsl::issued.le(quantity))
        .filter((dsl::committed_fen + dsl::spent_fen).le(budget_fen.unwrap_or(i64::MAX)))
        .set((dsl::quantity.eq(quantity), dsl::budget_fen.eq(budget_fen)))
        .execute(db)?;
    Ok(Outcome::of(rows))
}

/// Key of the statement that takes.
struct TakeFromStock;

/// Takes from the stock what a claim or a batch of codes needs. One guarded write decides: refused when the stock is
/// closed, sold out, or the budget would not hold it.
pub fn take(db: &mut Db, template: TemplateId, take: Take) -> Result<Outcome, StoreError> {
    let committed = take.committed.fen();
    let guarded = diesel::update(dsl::coupon_stock.find(DbId::from(template)))
        .filter(dsl::accepting.eq(true))
        .filter((dsl::issued + take.issued).le(dsl::quantity))
        .filter(
            dsl::budget_fen
                .is_null()
                .or((dsl::spent_fen + dsl::committed_fen + committed).nullable().le(dsl::budget_fen).assume_not_null()),
        )
        .set((
            dsl::issued.eq(dsl::issued + take.issued),
            dsl::claimed.eq(dsl::claimed + take.claimed),
            dsl::committed_fen.eq(dsl::committed_fen + committed),
        ))
        .returning(dsl::issued);
    let taken = each!(db, |c| Cached::new(TakeFromStock, guarded).load::<i64>(c))?;
    Ok(Outcome::of(taken.len()))
}

/// Counts one issued code that found its owner.
pub fn add_owner(db: &mut Db, template: TemplateId) -> Result<Outcome, StoreError> {
    let rows = diesel::update(dsl::coupon_stock.find(DbId::from(template)))
        .filter(dsl::accepting.eq(true))
        .filter(dsl::claimed.lt(dsl::issued))
        .set(dsl::claimed.eq(dsl::claimed + 1))
        .execute(db)?;
    Ok(Outcome::of(rows))
}

/// Turns what was promised into what was spent: at a redemption `committed` leaves and `spent` comes; at an undo the
/// other way round, both negative. Refused where the budget or the promise does not hold it.
pub fn settle(db: &mut Db, template: TemplateId, committed: Money, spent: Money) -> Result<Outcome, StoreError> {
    let (out, in_) = (committed.fen(), spent.fen());
    let rows = diesel::update(dsl::coupon_stock.find(DbId::from(template)))
        .filter(dsl::committed_fen.ge(out))
        .filter((dsl::spent_fen + in_).ge(0))
        .filter(
            dsl::budget_fen.is_null().or((dsl::spent_fen + dsl::committed_fen + in_.saturating_sub(out))
                .nullable()
                .le(dsl::budget_fen)
                .assume_not_null()),
        )
        .set((dsl::committed_fen.eq(dsl::committed_fen - out), dsl::spent_fen.eq(dsl::spent_fen + in_)))
        .execute(db)?;
    Ok(Outcome::of(rows))
}
