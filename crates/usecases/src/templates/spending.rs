//! The watch over what templates spend: looked at from a snapshot, raised in a transaction of its own, once per template
//! and hour whoever looks.

use chrono::{DateTime, DurationRound as _, TimeDelta, Utc};
use huike_coupons::{
    TemplateRules,
    spending::{ALARM_FEN_MIN, AlarmMode, KNOWN_HOURS_MAX, Lasting, Spending, SpendingAlarm, decide_spending_alarm},
    template::decide_pause,
};
use huike_kernel::{Money, TemplateId, Zone};
use huike_persistence::{
    Db, Outcome, StoreError, nodes,
    spending::{self, RaisedAlarm},
    stock, templates,
};
use serde_json::{Value, json};

use super::{TEMPLATE, load, walk};
use crate::{
    Act, UseCaseError,
    record::{self, Aggregate},
};

const AGGREGATE: &str = "spending_alarm";

/// A template that spends too fast.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FastTemplate {
    /// The template.
    pub template: TemplateId,
    /// What is to be said of it.
    pub alarm: SpendingAlarm,
    last_hour: Money,
    usual_hour: Option<Money>,
    spent: Money,
    budget: Option<Money>,
    mode: AlarmMode,
}

/// The templates that spend too fast at this moment and of which nobody said so this hour.
pub fn list_fast(db: &mut Db, now: DateTime<Utc>) -> Result<Vec<FastTemplate>, StoreError> {
    let since = now - TimeDelta::hours(1);
    let mut found = Vec::new();
    for (template, last_hour) in spending::list_spenders(db, since, Money::from_fen(ALARM_FEN_MIN))? {
        if !spending::is_raised(db, template, hour_of(now))? {
            found.extend(look(db, template, last_hour, now)?);
        }
    }
    Ok(found)
}

fn hour_of(now: DateTime<Utc>) -> DateTime<Utc> {
    now.duration_trunc(TimeDelta::hours(1)).unwrap_or(now)
}

fn look(db: &mut Db, id: TemplateId, last_hour: Money, now: DateTime<Utc>) -> Result<Option<FastTemplate>, StoreError> {
    let Some(template) = templates::find(db, id)? else { return Ok(None) };
    let Some(number) = template.live_version else { return Ok(None) };
    let rules = templates::get_version(db, id, number)?.rules;
    if rules.spending_alarm == AlarmMode::Off {
        return Ok(None);
    }
    let zone = nodes::find(db, template.site)?.map(|node| node.zone).unwrap_or_default();
    let spent = stock::find(db, id)?.map_or(0, |stock| stock.spent_fen);
    let (before, known_hours) = spent_before(db, id, zone, now)?;
    let budgets = budgets(db, id, &rules, (Money::from_fen(spent), zone, now))?;
    let spending = Spending { last_hour, before, known_hours, budgets: &budgets };
    Ok(decide_spending_alarm(&spending, now).map(|alarm| FastTemplate {
        template: id,
        alarm,
        last_hour,
        usual_hour: spending.usual_hour(),
        spent: Money::from_fen(spent),
        budget: rules.budget.map(|budget| budget.total),
        mode: rules.spending_alarm,
    }))
}

/// What was spent in the hours before the last one, a week of them at most, and how many there were.
fn spent_before(db: &mut Db, id: TemplateId, zone: Zone, now: DateTime<Utc>) -> Result<(Money, i64), StoreError> {
    let until = now - TimeDelta::hours(1);
    let begin = spending::find_first_claim_day(db, id)?.map_or(until, |day| zone.start_of_day(day));
    let hours = until.signed_duration_since(begin).num_hours().clamp(0, KNOWN_HOURS_MAX);
    Ok((spending::spent_between(db, id, until - TimeDelta::hours(hours), until)?, hours))
}

/// The budget in all, which should last as long as coupons are given out, and that of the day.
fn budgets(
    db: &mut Db,
    id: TemplateId,
    rules: &TemplateRules,
    (spent, zone, now): (Money, Zone, DateTime<Utc>),
) -> Result<Vec<Lasting>, StoreError> {
    let Some(budget) = rules.budget else { return Ok(Vec::new()) };
    let until = rules.claim_window.map(|window| window.ends_at);
    let mut budgets = vec![Lasting { budget: budget.total, spent, until }];
    if let Some(daily) = budget.daily {
        let today = zone.local(now).day;
        let spent = spending::spent_between(db, id, zone.start_of_day(today), now)?;
        budgets.push(Lasting { budget: daily, spent, until: Some(zone.end_of_day(today)) });
    }
    Ok(budgets)
}

/// Raises the alarm, and pauses the template where its rules say so. `None` where somebody else was first, or the
/// template was stopped meanwhile.
pub fn raise_alarm(db: &mut Db, act: &Act<'_>, of: &FastTemplate) -> Result<Option<RaisedAlarm>, UseCaseError> {
    let template = templates::lock(db, of.template)?.ok_or(UseCaseError::NotFound(TEMPLATE))?;
    if template.killed.is_some() {
        return Ok(None);
    }
    let mut held = load(db, template)?;
    let pause = decide_pause(&held.facts()).ok().filter(|_| of.mode == AlarmMode::Pause);
    let alarm = RaisedAlarm {
        id: act.new_id(),
        site: held.place.site,
        template: of.template,
        hour_start: hour_of(act.now),
        cause: of.alarm.cause(),
        last_hour: of.last_hour,
        usual_hour: of.usual_hour,
        spent: of.spent,
        budget: of.budget,
        runs_out_at: of.alarm.runs_out_at(),
        paused: pause.is_some(),
        raised_at: act.now,
    };
    if spending::insert(db, &alarm)? == Outcome::Refused {
        return Ok(None);
    }
    let aggregate = Aggregate { kind: AGGREGATE, id: alarm.id.as_uuid(), seq: 1 };
    record::emit(db, act, held.place, aggregate, ("spending_alarm", trace(&alarm)))?;
    if let Some(step) = pause {
        let before = held.trace();
        walk(db, act, &mut held, step, ("coupon_template.pause_on_alarm", before))?;
    }
    Ok(Some(alarm))
}

fn trace(alarm: &RaisedAlarm) -> Value {
    json!({
        "template_id": alarm.template,
        "cause": alarm.cause,
        "last_hour": alarm.last_hour,
        "usual_hour": alarm.usual_hour,
        "spent": alarm.spent,
        "budget": alarm.budget,
        "runs_out_at": alarm.runs_out_at,
        "paused": alarm.paused,
    })
}
