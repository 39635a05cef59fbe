//! Publishing a template and the switches afterwards.

use actix_web::web::{Data, Json};
use huike_coupons::template::Reason;
use huike_kernel::TemplateId;
use huike_persistence::Store;
use huike_usecases::templates::{self, TemplateAsk};
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use super::{
    template_view::{TemplateView, change},
    templates::TemplateActRequest,
};
use crate::{
    auth::{Staff, may},
    extract::{Path, Valid},
    problem::Problem,
};

/// Why everything is stopped.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "券码泄露，请联系客服" }))]
pub struct KillTemplateRequest {
    /// `version` of the template as the caller has seen it; refused when it has changed since. Not said: whatever it is
    /// now.
    version: Option<i64>,
    /// A sentence that holders of the coupon are shown.
    reason: Reason,
}

/// `POST /coupon-templates/{template_id}/publish`
pub async fn publish(
    who: Staff<may::CouponPublish>,
    store: Data<Store>,
    path: Path<TemplateId>,
    body: Valid<TemplateActRequest>,
) -> Result<Json<TemplateView>, Problem> {
    let ask = body.about(*path);
    change(&store, who.caller(), move |db, act| templates::publish(db, act, ask)).await
}

/// `POST /coupon-templates/{template_id}/pause`
pub async fn pause(
    who: Staff<may::CouponPublish>,
    store: Data<Store>,
    path: Path<TemplateId>,
    body: Valid<TemplateActRequest>,
) -> Result<Json<TemplateView>, Problem> {
    let ask = body.about(*path);
    change(&store, who.caller(), move |db, act| templates::pause(db, act, ask)).await
}

/// `POST /coupon-templates/{template_id}/resume`
pub async fn resume(
    who: Staff<may::CouponPublish>,
    store: Data<Store>,
    path: Path<TemplateId>,
    body: Valid<TemplateActRequest>,
) -> Result<Json<TemplateView>, Problem> {
    let ask = body.about(*path);
    change(&store, who.caller(), move |db, act| templates::resume(db, act, ask)).await
}

/// `POST /coupon-templates/{template_id}/kill`
pub async fn kill(
    who: Staff<may::CouponKill>,
    store: Data<Store>,
    path: Path<TemplateId>,
    body: Valid<KillTemplateRequest>,
) -> Result<Json<TemplateView>, Problem> {
    let KillTemplateRequest { version, reason } = body.into_inner();
    let ask = TemplateAsk { template: *path, seen: version };
    change(&store, who.caller(), move |db, act| templates::kill(db, act, ask, &reason)).await
}

/// `POST /coupon-templates/{template_id}/lift-kill`
pub async fn lift_kill(
    who: Staff<may::CouponKill>,
    store: Data<Store>,
    path: Path<TemplateId>,
    body: Valid<TemplateActRequest>,
) -> Result<Json<TemplateView>, Problem> {
    let ask = body.about(*path);
    change(&store, who.caller(), move |db, act| templates::lift_kill(db, act, ask)).await
}

/// `POST /coupon-templates/{template_id}/end`
pub async fn end(
    who: Staff<may::CouponPublish>,
    store: Data<Store>,
    path: Path<TemplateId>,
    body: Valid<TemplateActRequest>,
) -> Result<Json<TemplateView>, Problem> {
    let ask = body.about(*path);
    change(&store, who.caller(), move |db, act| templates::end(db, act, ask)).await
}
