//! What redemptions of templates cost in a span of time, and the alarms that were raised over it.

use chrono::{DateTime, Days, NaiveDate, Utc};
use diesel::{dsl::sql, expression::SqlLiteral, prelude::*, sql_types::BigInt};
use huike_coupons::spending::AlarmCause;
use huike_kernel::{Money, NodeId, SpendingAlarmId, TemplateId};

use crate::{
    Db, Outcome, StoreError,
    db::each,
    schema::{coupon, coupon_template, redemption, spending_alarm},
    scope::subtree,
    sql_types::{DbId, DbTime},
};

/// An alarm that was raised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RaisedAlarm {
    /// Its id.
    pub id: SpendingAlarmId,
    /// The node that owns the template.
    pub site: NodeId,
    /// The template.
    pub template: TemplateId,
    /// The hour it was raised in; there is one alarm of a template and an hour.
    pub hour_start: DateTime<Utc>,
    /// Why.
    pub cause: AlarmCause,
    /// What the redemptions of the sixty minutes before cost.
    pub last_hour: Money,
    /// What an hour usually costs, where that is known.
    pub usual_hour: Option<Money>,
    /// Spent in all.
    pub spent: Money,
    /// The budget in all.
    pub budget: Option<Money>,
    /// When a budget will be gone, if it goes on like this.
    pub runs_out_at: Option<DateTime<Utc>>,
    /// Whether the template was paused over it.
    pub paused: bool,
    /// When.
    pub raised_at: DateTime<Utc>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = spending_alarm, treat_none_as_default_value = false)]
struct Row {
    id: DbId,
    site_id: DbId,
    template_id: DbId,
    hour_start: DbTime,
    cause: String,
    last_hour_fen: i64,
    usual_hour_fen: Option<i64>,
    spent_fen: i64,
    budget_fen: Option<i64>,
    runs_out_at: Option<DbTime>,
    paused: bool,
    raised_at: DbTime,
}

impl From<&RaisedAlarm> for Row {
    fn from(alarm: &RaisedAlarm) -> Self {
        Self {
            id: alarm.id.into(),
            site_id: alarm.site.into(),
            template_id: alarm.template.into(),
            hour_start: alarm.hour_start.into(),
            cause: alarm.cause.as_str().to_owned(),
            last_hour_fen: alarm.last_hour.fen(),
            usual_hour_fen: alarm.usual_hour.map(Money::fen),
            spent_fen: alarm.spent.fen(),
            budget_fen: alarm.budget.map(Money::fen),
            runs_out_at: alarm.runs_out_at.map(Into::into),
            paused: alarm.paused,
            raised_at: alarm.raised_at.into(),
        }
    }
}

impl TryFrom<Row> for RaisedAlarm {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id.into(),
            site: row.site_id.into(),
            template: row.template_id.into(),
            hour_start: row.hour_start.into(),
            cause: row.cause.parse().map_err(|error| StoreError::corrupt("spending_alarm", error))?,
            last_hour: Money::from_fen(row.last_hour_fen),
            usual_hour: row.usual_hour_fen.map(Money::from_fen),
            spent: Money::from_fen(row.spent_fen),
            budget: row.budget_fen.map(Money::from_fen),
            runs_out_at: row.runs_out_at.map(Into::into),
            paused: row.paused,
            raised_at: row.raised_at.into(),
        })
    }
}

/// Adds an alarm. Refused when there is one of the template and the hour.
pub fn insert(db: &mut Db, alarm: &RaisedAlarm) -> Result<Outcome, StoreError> {
    let row = Row::from(alarm);
    let rows =
        each!(db, |c| diesel::insert_into(spending_alarm::table).values(&row).on_conflict_do_nothing().execute(c))?;
    Ok(Outcome::of(rows))
}

/// Alarms of templates that a node at or below the roots owns, newest first, `limit` of them before `before`.
pub fn list(
    db: &mut Db,
    roots: &[NodeId],
    template: Option<TemplateId>,
    before: Option<SpendingAlarmId>,
    limit: i64,
) -> Result<Vec<RaisedAlarm>, StoreError> {
    let rows: Vec<Row> = each!(db, |c| {
        let mut query = spending_alarm::table
            .filter(spending_alarm::site_id.eq_any(subtree(roots)))
            .order(spending_alarm::id.desc())
            .limit(limit)
            .select(Row::as_select())
            .into_boxed();
        if let Some(template) = template {
            query = query.filter(spending_alarm::template_id.eq(DbId::from(template)));
        }
        if let Some(before) = before {
            query = query.filter(spending_alarm::id.lt(DbId::from(before)));
        }
        query.load(c)
    })?;
    rows.into_iter().map(RaisedAlarm::try_from).collect()
}

/// Whether there is an alarm of the template and the hour.
pub fn is_raised(db: &mut Db, template: TemplateId, hour_start: DateTime<Utc>) -> Result<bool, StoreError> {
    let found: i64 = spending_alarm::table
        .filter(spending_alarm::template_id.eq(DbId::from(template)))
        .filter(spending_alarm::hour_start.eq(DbTime::from(hour_start)))
        .count()
        .get_result(db)?;
    Ok(found > 0)
}

/// PostgreSQL would make the sum NUMERIC.
fn cost_sum() -> SqlLiteral<BigInt> {
    sql("CAST(COALESCE(SUM(redemption.cost_fen), 0) AS BIGINT)")
}

/// The earliest local day that a moment can lie on, wherever the store is: what the indexes by day are asked with.
fn earliest_day(moment: DateTime<Utc>) -> String {
    let day = moment.date_naive();
    day.checked_sub_days(Days::new(1)).unwrap_or(day).to_string()
}

/// Templates that were published and are not stopped, whose redemptions since that moment cost at least so much.
pub fn list_spenders(
    db: &mut Db,
    since: DateTime<Utc>,
    cost_min: Money,
) -> Result<Vec<(TemplateId, Money)>, StoreError> {
    let watched = coupon_template::table
        .filter(coupon_template::live_version.is_not_null().and(coupon_template::killed_at.is_null()))
        .select(coupon_template::id);
    let rows: Vec<(TemplateId, i64)> = redemption::table
        .filter(redemption::template_id.eq_any(watched))
        .filter(redemption::local_day.ge(earliest_day(since)))
        .filter(redemption::redeemed_at.gt(DbTime::from(since)).and(redemption::reversed_at.is_null()))
        .group_by(redemption::template_id)
        .having(cost_sum().ge(cost_min.fen()))
        .order(redemption::template_id)
        .select((redemption::template_id, cost_sum()))
        .load(db)?;
    Ok(rows.into_iter().map(|(template, cost)| (template, Money::from_fen(cost))).collect())
}

/// What the template's redemptions of a span cost, `from` not included.
pub fn spent_between(
    db: &mut Db,
    template: TemplateId,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<Money, StoreError> {
    let cost: i64 = redemption::table
        .filter(redemption::template_id.eq(DbId::from(template)))
        .filter(redemption::local_day.ge(earliest_day(from)))
        .filter(redemption::redeemed_at.gt(DbTime::from(from)).and(redemption::redeemed_at.le(DbTime::from(until))))
        .filter(redemption::reversed_at.is_null())
        .select(cost_sum())
        .get_result(db)?;
    Ok(Money::from_fen(cost))
}

/// The local day of the template's first claim.
pub fn find_first_claim_day(db: &mut Db, template: TemplateId) -> Result<Option<NaiveDate>, StoreError> {
    let day: Option<Option<String>> = coupon::table
        .filter(coupon::template_id.eq(DbId::from(template)).and(coupon::claim_day.is_not_null()))
        .order(coupon::claim_day)
        .select(coupon::claim_day)
        .first(db)
        .optional()?;
    day.flatten().map(|day| day.parse().map_err(|error| StoreError::corrupt("coupon", error))).transpose()
}
