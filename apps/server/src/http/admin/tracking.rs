//! Figures of a template (C9): what became of its coupons, by channel, store, day and hour.

use actix_web::web::{Data, Json};
use chrono::{Days as Span, NaiveDate};
use huike_access::{Permission, Scope, Sight};
use huike_coupons::tracking::Band;
use huike_kernel::{ChannelId, Clock, NodeId, TemplateId, Zone};
use huike_persistence::{
    Db, Store, StoreError, channels, nodes, scope,
    spending::{self, RaisedAlarm},
    tracking::{self, Days, Slice},
};
use huike_usecases::{UseCaseError, templates};
use serde::Deserialize;
use utoipa::IntoParams;
use validator::Validate;

use super::tracking_view::{ChannelFigures, DayFigures, HourFigures, StoreFigures, TrackingView};
use crate::{
    auth::{Staff, may},
    extract::{Path, Query},
    problem::{FieldError, Problem},
};

/// Days shown when nobody says.
const DAYS_DEFAULT: u64 = 29;
/// The most days after the first one.
const DAYS_MAX: i64 = 366;

/// The local days that days and hours are counted of; the last thirty when not said.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TrackingQuery {
    /// The first day.
    #[param(example = "2026-11-01")]
    from: Option<NaiveDate>,
    /// The last day.
    #[param(example = "2026-11-22")]
    to: Option<NaiveDate>,
}

impl TrackingQuery {
    fn days(&self, today: NaiveDate) -> Result<Days, Problem> {
        let last = self.to.unwrap_or(today);
        let first = self.from.unwrap_or_else(|| last.checked_sub_days(Span::new(DAYS_DEFAULT)).unwrap_or(last));
        let days = last.signed_duration_since(first).num_days();
        if !(0..=DAYS_MAX).contains(&days) {
            let detail = format!("the first day is not after the last, and at most {DAYS_MAX} days before it");
            return Err(Problem::invalid(vec![FieldError::new("?from", "span_invalid", detail)]));
        }
        Ok(Days { first, last })
    }
}

/// `GET /coupon-templates/{template_id}/tracking`
pub async fn show(
    who: Staff<may::CouponTrack>,
    store: Data<Store>,
    clock: Data<dyn Clock>,
    path: Path<TemplateId>,
    query: Query<TrackingQuery>,
) -> Result<Json<TrackingView>, Problem> {
    let (reach, id) = (who.scope.clone(), *path);
    let of = store.read(move |db| Subject::load(db, &reach, id)).await?;
    let days = query.days(of.zone.local(clock.now()).day)?;
    let slice = Slice { template: id, roots: who.scope.permitted.clone() };
    Ok(Json(store.read(move |db| figures(db, &of, &slice, days)).await?))
}

/// What is counted.
struct Subject {
    template: TemplateId,
    zone: Zone,
    /// What was put on offer, for whoever sees all of it.
    offered: Option<i64>,
    /// The newest alarm on what it spends, for whoever sees all of it.
    alarm: Option<RaisedAlarm>,
}

impl Subject {
    fn load(db: &mut Db, reach: &Scope, id: TemplateId) -> Result<Self, UseCaseError> {
        let found = templates::find_readable(db, reach, Permission::CouponTrack, id)?;
        let owner = found.template.site;
        let zone = nodes::find(db, owner)?.map(|node| node.zone).unwrap_or_default();
        let is_whole = scope::sight(db, reach, owner)? == Sight::Permitted;
        let offered = found.stock.filter(|_| is_whole).map(|stock| stock.quantity);
        let alarms = spending::list(db, &reach.permitted, Some(id), None, 1)?;
        Ok(Self { template: id, zone, offered, alarm: alarms.first().copied() })
    }
}

fn figures(db: &mut Db, of: &Subject, slice: &Slice, days: Days) -> Result<TrackingView, StoreError> {
    let totals = tracking::totals(db, slice)?;
    let by_channel = tracking::by_channel(db, slice)?;
    let ids: Vec<ChannelId> = by_channel.iter().filter_map(|(id, _)| *id).collect();
    let channel_names = channels::list_names(db, &ids)?;
    let by_store = tracking::by_store(db, slice)?;
    let ids: Vec<NodeId> = by_store.iter().map(|(id, _)| *id).collect();
    let store_names = nodes::list_names(db, &ids)?;
    Ok(TrackingView {
        template_id: of.template,
        claim_rate: of.offered.and_then(|offered| totals.counts.claim_rate(offered)),
        totals: totals.into(),
        band: Band::retail().into(),
        last_alarm: of.alarm.map(Into::into),
        by_channel: by_channel
            .into_iter()
            .map(|(channel_id, figures)| ChannelFigures {
                channel_id,
                name: channel_id.and_then(|id| channel_names.get(&id).cloned()),
                figures: figures.into(),
            })
            .collect(),
        by_store: by_store
            .into_iter()
            .map(|(site_id, redeemed)| StoreFigures {
                site_id,
                name: store_names.get(&site_id).cloned(),
                redeemed: redeemed.count,
                sums: redeemed.into(),
            })
            .collect(),
        from: days.first,
        to: days.last,
        by_day: tracking::by_day(db, slice, days)?.into_iter().map(DayFigures::from).collect(),
        by_hour: tracking::by_hour(db, slice, days)?.into_iter().map(HourFigures::from).collect(),
    })
}
