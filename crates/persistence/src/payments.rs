//! Payments of orders through providers (支付单), what providers told of them, and what goes back.

use chrono::{DateTime, Utc};
use diesel::{dsl::sql, prelude::*, sql_types::Bool};
use huike_kernel::{Money, NodeId, OrderId, PaymentId, PaymentReturnId};
use huike_orders::order::{PaymentState, Provider};

use crate::{
    Db, Outcome, StoreError,
    db::{each, lock_row},
    schema::{payment, payment_notice, payment_return},
    sql_types::{DbId, DbTime},
};

/// A payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// Its id, the provider's too.
    pub id: PaymentId,
    /// Where the order was placed.
    pub site: NodeId,
    /// What it is for.
    pub order: OrderId,
    /// Who moves the money.
    pub provider: Provider,
    /// What is to be paid.
    pub due: Money,
    /// Where it stands.
    pub state: PaymentState,
    /// What came in.
    pub received: Money,
    /// What of it was kept.
    pub kept: Money,
    /// The provider's own number of it.
    pub provider_ref: Option<String>,
    /// When it was begun.
    pub created_at: DateTime<Utc>,
    /// When something came in.
    pub ended_at: Option<DateTime<Utc>>,
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = payment, treat_none_as_null = true, treat_none_as_default_value = false)]
struct Row {
    id: DbId,
    site_id: DbId,
    order_id: DbId,
    provider: String,
    due_fen: i64,
    state: String,
    received_fen: i64,
    kept_fen: i64,
    provider_ref: Option<String>,
    created_at: DbTime,
    ended_at: Option<DbTime>,
}

impl From<&Payment> for Row {
    fn from(it: &Payment) -> Self {
        Self {
            id: it.id.into(),
            site_id: it.site.into(),
            order_id: it.order.into(),
            provider: it.provider.as_str().to_owned(),
            due_fen: it.due.fen(),
            state: it.state.as_str().to_owned(),
            received_fen: it.received.fen(),
            kept_fen: it.kept.fen(),
            provider_ref: it.provider_ref.clone(),
            created_at: it.created_at.into(),
            ended_at: it.ended_at.map(Into::into),
        }
    }
}

impl TryFrom<Row> for Payment {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let corrupt = |what: &str| StoreError::corrupt("payment", what);
        Ok(Self {
            id: row.id.into(),
            site: row.site_id.into(),
            order: row.order_id.into(),
            provider: row.provider.parse().map_err(|_word| corrupt("provider"))?,
            due: Money::from_fen(row.due_fen),
            state: row.state.parse().map_err(|_word| corrupt("state"))?,
            received: Money::from_fen(row.received_fen),
            kept: Money::from_fen(row.kept_fen),
            provider_ref: row.provider_ref,
            created_at: row.created_at.into(),
            ended_at: row.ended_at.map(Into::into),
        })
    }
}

/// Adds a payment. The order is locked by the caller.
pub fn insert(db: &mut Db, new: &Payment) -> Result<(), StoreError> {
    let row = Row::from(new);
    each!(db, |c| diesel::insert_into(payment::table).values(&row).execute(c))?;
    Ok(())
}

/// The payment.
pub fn find(db: &mut Db, id: PaymentId) -> Result<Option<Payment>, StoreError> {
    let row: Option<Row> = payment::table.find(DbId::from(id)).select(Row::as_select()).first(db).optional()?;
    row.map(Payment::try_from).transpose()
}

/// The payment, locked until the transaction ends. Its order is locked before.
pub fn lock(db: &mut Db, id: PaymentId) -> Result<Option<Payment>, StoreError> {
    let row: Option<Row> = lock_row!(db, payment::table.find(DbId::from(id)).select(Row::as_select()))?;
    row.map(Payment::try_from).transpose()
}

/// The payment of an order through a provider that nothing came in for yet.
pub fn find_pending(db: &mut Db, order: OrderId, provider: Provider) -> Result<Option<Payment>, StoreError> {
    let row: Option<Row> = payment::table
        .filter(payment::order_id.eq(DbId::from(order)))
        .filter(payment::provider.eq(provider.as_str()))
        .filter(payment::state.eq(PaymentState::Pending.as_str()))
        .select(Row::as_select())
        .first(db)
        .optional()?;
    row.map(Payment::try_from).transpose()
}

/// Takes down what came in. Refused where something came in before.
pub fn end(db: &mut Db, it: &Payment) -> Result<Outcome, StoreError> {
    let row = Row::from(it);
    let rows = each!(db, |c| {
        diesel::update(payment::table.find(row.id))
            .filter(payment::state.eq(PaymentState::Pending.as_str()))
            .set(&row)
            .execute(c)
    })?;
    Ok(Outcome::of(rows))
}

/// What a provider told.
#[derive(Debug, Clone, Copy)]
pub struct Notice<'a> {
    /// Who told.
    pub provider: Provider,
    /// Its own number of the notice.
    pub id: &'a str,
    /// What it is about.
    pub payment: PaymentId,
    /// What was paid, where something was.
    pub paid: Option<Money>,
    /// What was decided on it.
    pub decision: &'static str,
    /// When it came in.
    pub received_at: DateTime<Utc>,
}

/// Notes down what a provider told. Refused when it was told before.
pub fn note(db: &mut Db, it: &Notice<'_>) -> Result<Outcome, StoreError> {
    let row = (
        payment_notice::provider.eq(it.provider.as_str()),
        payment_notice::notice_id.eq(it.id),
        payment_notice::payment_id.eq(DbId::from(it.payment)),
        payment_notice::paid_fen.eq(it.paid.map(Money::fen)),
        payment_notice::decision.eq(it.decision),
        payment_notice::received_at.eq(DbTime::from(it.received_at)),
    );
    let rows =
        each!(db, |c| diesel::insert_into(payment_notice::table).values(row).on_conflict_do_nothing().execute(c))?;
    Ok(Outcome::of(rows))
}

/// Money that is to go back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Return {
    /// Its id, the provider's too.
    pub id: PaymentReturnId,
    /// What came in.
    pub payment: PaymentId,
    /// How much of it goes back.
    pub amount: Money,
}

/// Takes down that money is to go back. Whoever sends it does so outside of any transaction.
pub fn ask_return(db: &mut Db, new: &Return, now: DateTime<Utc>) -> Result<(), StoreError> {
    let row = (
        payment_return::id.eq(DbId::from(new.id)),
        payment_return::payment_id.eq(DbId::from(new.payment)),
        payment_return::amount_fen.eq(new.amount.fen()),
        payment_return::state.eq("asked"),
        payment_return::asked_at.eq(DbTime::from(now)),
    );
    each!(db, |c| diesel::insert_into(payment_return::table).values(row).execute(c))?;
    Ok(())
}

/// Money that is still to be sent back, the longest waiting first.
pub fn list_returns(db: &mut Db, limit: i64) -> Result<Vec<(Return, Provider)>, StoreError> {
    // The word is written out: only then the database sees that the index of open returns serves.
    let rows: Vec<(PaymentReturnId, PaymentId, i64, String)> = payment_return::table
        .inner_join(payment::table)
        .filter(sql::<Bool>("payment_return.state = 'asked'"))
        .order((payment_return::asked_at, payment_return::id))
        .limit(limit)
        .select((payment_return::id, payment_return::payment_id, payment_return::amount_fen, payment::provider))
        .load(db)?;
    rows.into_iter()
        .map(|(id, payment, fen, provider)| {
            let provider = provider.parse().map_err(|_word| StoreError::corrupt("payment", "provider"))?;
            Ok((Return { id, payment, amount: Money::from_fen(fen) }, provider))
        })
        .collect()
}

/// Takes down that the money is back. Refused where it was taken down before.
pub fn finish_return(db: &mut Db, id: PaymentReturnId, now: DateTime<Utc>) -> Result<Outcome, StoreError> {
    let rows = diesel::update(payment_return::table.find(DbId::from(id)))
        .filter(payment_return::state.eq("asked"))
        .set((payment_return::state.eq("done"), payment_return::done_at.eq(Some(DbTime::from(now)))))
        .execute(db)?;
    Ok(Outcome::of(rows))
}
