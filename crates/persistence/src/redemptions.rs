//! Redemptions: each use of a coupon, kept when it is undone.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use huike_kernel::{
    Actor, ApiKeyId, ChannelId, CouponId, CustomerId, Money, NodeId, RedemptionId, StaffId, TemplateId,
};
use uuid::Uuid;

use crate::{
    Db, Outcome, StoreError,
    db::each,
    schema::redemption,
    scope::subtree,
    sql_types::{DbId, DbTime},
};

/// Rows of one insert; SQLite bounds the number of bound values.
const ROWS_MAX: usize = 500;

/// How a redemption was undone (撤销核销).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reversal {
    /// When.
    pub at: DateTime<Utc>,
    /// Who wanted it: staff, or an integration.
    pub by: Uuid,
    /// Who confirmed it, where it took two people.
    pub approved_by: Option<StaffId>,
    /// Why.
    pub reason: String,
    /// The store's local day it is booked on.
    pub day: NaiveDate,
}

/// One use of a coupon (核销).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redemption {
    /// Its id.
    pub id: RedemptionId,
    /// The coupon.
    pub coupon: CouponId,
    /// Which use of the coupon it is; always the first, except with cards.
    pub use_number: i64,
    /// The store.
    pub store: NodeId,
    /// The node that owns the template.
    pub template_site: NodeId,
    /// The template.
    pub template: TemplateId,
    /// The version the coupon was issued under.
    pub template_version: i64,
    /// The coupon's owner; nobody when a code was redeemed that nobody had claimed.
    pub customer: Option<CustomerId>,
    /// The channel the coupon came through.
    pub channel: Option<ChannelId>,
    /// Who redeemed it: staff, or an integration.
    pub actor: Actor,
    /// What the clerk typed.
    pub order_amount: Option<Money>,
    /// What came off the bill.
    pub discount: Money,
    /// What it cost.
    pub cost: Money,
    /// When.
    pub redeemed_at: DateTime<Utc>,
    /// The store's local day.
    pub day: NaiveDate,
    /// The store's local hour.
    pub hour: u8,
    /// How it was undone, if it was.
    pub reversal: Option<Reversal>,
}

impl Redemption {
    /// Whether it still counts.
    pub fn is_active(&self) -> bool {
        self.reversal.is_none()
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = redemption, treat_none_as_default_value = false)]
struct Row {
    id: DbId,
    coupon_id: DbId,
    use_number: i64,
    site_id: DbId,
    template_site_id: DbId,
    template_id: DbId,
    template_version: i64,
    customer_id: Option<DbId>,
    channel_id: Option<DbId>,
    actor_kind: String,
    actor_id: DbId,
    order_amount_fen: Option<i64>,
    discount_fen: i64,
    cost_fen: i64,
    redeemed_at: DbTime,
    local_day: String,
    local_hour: i64,
    reversed_at: Option<DbTime>,
    reversed_by: Option<DbId>,
    reversal_approved_by: Option<DbId>,
    reversal_reason: Option<String>,
    reversal_day: Option<String>,
}

fn corrupt(what: impl ToString) -> StoreError {
    StoreError::corrupt("redemption", what)
}

impl TryFrom<&Redemption> for Row {
    type Error = StoreError;

    fn try_from(new: &Redemption) -> Result<Self, StoreError> {
        let reversal = new.reversal.as_ref();
        Ok(Self {
            id: new.id.into(),
            coupon_id: new.coupon.into(),
            use_number: new.use_number,
            site_id: new.store.into(),
            template_site_id: new.template_site.into(),
            template_id: new.template.into(),
            template_version: new.template_version,
            customer_id: new.customer.map(Into::into),
            channel_id: new.channel.map(Into::into),
            actor_kind: new.actor.kind().to_owned(),
            actor_id: DbId(new.actor.id().ok_or_else(|| corrupt("nobody redeemed it"))?),
            order_amount_fen: new.order_amount.map(Money::fen),
            discount_fen: new.discount.fen(),
            cost_fen: new.cost.fen(),
            redeemed_at: new.redeemed_at.into(),
            local_day: new.day.to_string(),
            local_hour: i64::from(new.hour),
            reversed_at: reversal.map(|undo| undo.at.into()),
            reversed_by: reversal.map(|undo| DbId(undo.by)),
            reversal_approved_by: reversal.and_then(|undo| undo.approved_by).map(Into::into),
            reversal_reason: reversal.map(|undo| undo.reason.clone()),
            reversal_day: reversal.map(|undo| undo.day.to_string()),
        })
    }
}

fn actor_of(kind: &str, id: DbId) -> Result<Actor, StoreError> {
    match kind {
        "staff" => Ok(Actor::Staff(StaffId::from(id.0))),
        "integration" => Ok(Actor::Integration(ApiKeyId::from(id.0))),
        other => Err(corrupt(format!("redeemed by {other}"))),
    }
}

fn reversal_of(row: &mut Row) -> Result<Option<Reversal>, StoreError> {
    let (Some(at), Some(by), Some(reason), Some(day)) =
        (row.reversed_at, row.reversed_by, row.reversal_reason.take(), &row.reversal_day)
    else {
        return Ok(None);
    };
    let approved_by = row.reversal_approved_by.map(Into::into);
    Ok(Some(Reversal { at: at.into(), by: by.0, approved_by, reason, day: day.parse().map_err(corrupt)? }))
}

impl TryFrom<Row> for Redemption {
    type Error = StoreError;

    fn try_from(mut row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            reversal: reversal_of(&mut row)?,
            id: row.id.into(),
            coupon: row.coupon_id.into(),
            use_number: row.use_number,
            store: row.site_id.into(),
            template_site: row.template_site_id.into(),
            template: row.template_id.into(),
            template_version: row.template_version,
            customer: row.customer_id.map(Into::into),
            channel: row.channel_id.map(Into::into),
            actor: actor_of(&row.actor_kind, row.actor_id)?,
            order_amount: row.order_amount_fen.map(Money::from_fen),
            discount: Money::from_fen(row.discount_fen),
            cost: Money::from_fen(row.cost_fen),
            redeemed_at: row.redeemed_at.into(),
            day: row.local_day.parse().map_err(corrupt)?,
            hour: u8::try_from(row.local_hour).map_err(corrupt)?,
        })
    }
}

/// Adds a redemption. Refused when the coupon has an active one for that use: the unique key over active redemptions
/// is the last word on "exactly once".
pub fn insert(db: &mut Db, new: &Redemption) -> Result<Outcome, StoreError> {
    let row = Row::try_from(new)?;
    let rows = each!(db, |c| diesel::insert_into(redemption::table).values(&row).on_conflict_do_nothing().execute(c))?;
    Ok(Outcome::of(rows))
}

/// Adds redemptions that were decided elsewhere, undone ones too. One that breaks the unique key breaks the whole insert.
pub fn insert_many(db: &mut Db, new: &[Redemption]) -> Result<(), StoreError> {
    for chunk in new.chunks(ROWS_MAX) {
        let rows = chunk.iter().map(Row::try_from).collect::<Result<Vec<_>, _>>()?;
        each!(db, |c| diesel::insert_into(redemption::table).values(&rows).execute(c))?;
    }
    Ok(())
}

/// The redemption with that id.
pub fn find(db: &mut Db, id: RedemptionId) -> Result<Option<Redemption>, StoreError> {
    let row: Option<Row> = redemption::table.find(DbId::from(id)).select(Row::as_select()).first(db).optional()?;
    row.map(Redemption::try_from).transpose()
}

/// The redemption of a coupon that still counts; the latest use, where there are several.
pub fn find_active(db: &mut Db, coupon: CouponId) -> Result<Option<Redemption>, StoreError> {
    let row: Option<Row> = redemption::table
        .filter(redemption::coupon_id.eq(DbId::from(coupon)).and(redemption::reversed_at.is_null()))
        .order(redemption::use_number.desc())
        .select(Row::as_select())
        .first(db)
        .optional()?;
    row.map(Redemption::try_from).transpose()
}

/// Marks a redemption as undone. Refused when it was undone before.
pub fn reverse(db: &mut Db, id: RedemptionId, reversal: &Reversal) -> Result<Outcome, StoreError> {
    let rows = diesel::update(redemption::table.find(DbId::from(id)))
        .filter(redemption::reversed_at.is_null())
        .set((
            redemption::reversed_at.eq(Some(DbTime::from(reversal.at))),
            redemption::reversed_by.eq(Some(DbId(reversal.by))),
            redemption::reversal_approved_by.eq(reversal.approved_by.map(DbId::from)),
            redemption::reversal_reason.eq(Some(&reversal.reason)),
            redemption::reversal_day.eq(Some(reversal.day.to_string())),
        ))
        .execute(db)?;
    Ok(Outcome::of(rows))
}

/// What narrows a list of redemptions.
#[derive(Debug, Clone, Copy, Default)]
pub struct RedemptionFilter {
    /// Only at or below this node.
    pub under: Option<NodeId>,
    /// Only of this local day.
    pub day: Option<NaiveDate>,
    /// Only by this member of staff or integration.
    pub by: Option<Uuid>,
    /// Only of this template.
    pub template: Option<TemplateId>,
    /// Only undone ones, or only those that count.
    pub reversed: Option<bool>,
}

/// Redemptions in stores at or below the roots, newest first, `limit` of them before `before`.
pub fn list(
    db: &mut Db,
    roots: &[NodeId],
    filter: &RedemptionFilter,
    before: Option<RedemptionId>,
    limit: i64,
) -> Result<Vec<Redemption>, StoreError> {
    let rows: Vec<Row> = each!(db, |c| {
        let mut query = redemption::table
            .filter(redemption::site_id.eq_any(subtree(roots)))
            .order(redemption::id.desc())
            .limit(limit)
            .select(Row::as_select())
            .into_boxed();
        if let Some(node) = filter.under {
            query = query.filter(redemption::site_id.eq_any(subtree(&[node])));
        }
        if let Some(day) = filter.day {
            query = query.filter(redemption::local_day.eq(day.to_string()));
        }
        if let Some(by) = filter.by {
            query = query.filter(redemption::actor_id.eq(DbId(by)));
        }
        if let Some(template) = filter.template {
            query = query.filter(redemption::template_id.eq(DbId::from(template)));
        }
        match filter.reversed {
            Some(true) => query = query.filter(redemption::reversed_at.is_not_null()),
            Some(false) => query = query.filter(redemption::reversed_at.is_null()),
            None => {}
        }
        if let Some(before) = before {
            query = query.filter(redemption::id.lt(DbId::from(before)));
        }
        query.load(c)
    })?;
    rows.into_iter().map(Redemption::try_from).collect()
}
