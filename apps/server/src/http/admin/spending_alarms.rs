//! Alarms on the rate of spending (支出异常提醒).

use actix_web::web::{Data, Json};
use chrono::{DateTime, Utc};
use huike_coupons::spending::AlarmCause;
use huike_kernel::{Money, NodeId, SpendingAlarmId, TemplateId};
use huike_persistence::{
    Store,
    spending::{self, RaisedAlarm},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use crate::{
    auth::{Staff, may},
    extract::{Listing, Page},
    problem::Problem,
};

/// What narrows the list.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SpendingAlarmQuery {
    /// Only of this template.
    #[param(value_type = Option<Uuid>)]
    template_id: Option<TemplateId>,
}

/// A template that spent too fast; at most one alarm of a template and an hour.
#[derive(Serialize, ToSchema)]
pub struct SpendingAlarmView {
    /// Its id.
    id: SpendingAlarmId,
    /// The node that owns the template.
    site_id: NodeId,
    /// The template.
    template_id: TemplateId,
    /// Why.
    cause: AlarmCause,
    /// What the redemptions of the sixty minutes before cost.
    last_hour: Money,
    /// What an hour usually costs; null while that is not known.
    usual_hour: Option<Money>,
    /// Spent in all.
    spent: Money,
    /// The budget in all.
    budget: Option<Money>,
    /// When a budget is gone, if it goes on like this; null for `fast`.
    runs_out_at: Option<DateTime<Utc>>,
    /// Whether claims were paused over it.
    paused: bool,
    /// When.
    raised_at: DateTime<Utc>,
}

impl From<RaisedAlarm> for SpendingAlarmView {
    fn from(alarm: RaisedAlarm) -> Self {
        Self {
            id: alarm.id,
            site_id: alarm.site,
            template_id: alarm.template,
            cause: alarm.cause,
            last_hour: alarm.last_hour,
            usual_hour: alarm.usual_hour,
            spent: alarm.spent,
            budget: alarm.budget,
            runs_out_at: alarm.runs_out_at,
            paused: alarm.paused,
            raised_at: alarm.raised_at,
        }
    }
}

/// `GET /spending-alarms`
pub async fn list(
    who: Staff<may::CouponTrack>,
    store: Data<Store>,
    listing: Listing<SpendingAlarmQuery>,
) -> Result<Json<Page<SpendingAlarmView>>, Problem> {
    let Listing { page, filter } = listing;
    let (before, limit, roots) = (page.after()?, page.fetch(), who.scope.permitted.clone());
    let rows = store.read(move |db| spending::list(db, &roots, filter.template_id, before, limit)).await?;
    Ok(Json(Page::cut(rows, &page, |row| row.id, SpendingAlarmView::from)))
}
