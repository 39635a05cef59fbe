//! Review of templates (审核): handing in, letting pass, sending back.

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
    transact::VersionRequest,
};
use crate::{
    auth::{Staff, may},
    extract::{Path, Valid},
    problem::Problem,
};

/// Why it is sent back.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "version": 3, "reason": "预算太高" }))]
pub struct RejectTemplateRequest {
    /// `version` of the template as the reviewer has seen it; refused when it has changed since.
    version: Option<i64>,
    /// A sentence for the maker.
    reason: Reason,
}

/// `POST /coupon-templates/{template_id}/submit`
pub async fn submit(
    who: Staff<may::CouponCreate>,
    store: Data<Store>,
    path: Path<TemplateId>,
    body: Valid<TemplateActRequest>,
) -> Result<Json<TemplateView>, Problem> {
    let ask = body.about(*path);
    change(&store, who.caller(), move |db, act| templates::submit(db, act, ask)).await
}

/// `POST /coupon-templates/{template_id}/withdraw`
pub async fn withdraw(
    who: Staff<may::CouponCreate>,
    store: Data<Store>,
    path: Path<TemplateId>,
    body: Valid<TemplateActRequest>,
) -> Result<Json<TemplateView>, Problem> {
    let ask = body.about(*path);
    change(&store, who.caller(), move |db, act| templates::withdraw(db, act, ask)).await
}

/// `POST /coupon-templates/{template_id}/approve`
pub async fn approve(
    who: Staff<may::CouponApprove>,
    store: Data<Store>,
    path: Path<TemplateId>,
    body: Valid<VersionRequest>,
) -> Result<Json<TemplateView>, Problem> {
    let ask = TemplateAsk { template: *path, seen: Some(body.version) };
    change(&store, who.caller(), move |db, act| templates::approve(db, act, ask)).await
}

/// `POST /coupon-templates/{template_id}/reject`
pub async fn reject(
    who: Staff<may::CouponApprove>,
    store: Data<Store>,
    path: Path<TemplateId>,
    body: Valid<RejectTemplateRequest>,
) -> Result<Json<TemplateView>, Problem> {
    let RejectTemplateRequest { version, reason } = body.into_inner();
    let ask = TemplateAsk { template: *path, seen: version };
    change(&store, who.caller(), move |db, act| templates::reject(db, act, ask, &reason)).await
}

/// `POST /coupon-templates/{template_id}/self-publish`
pub async fn self_publish(
    who: Staff<may::CouponPublish>,
    store: Data<Store>,
    path: Path<TemplateId>,
    body: Valid<TemplateActRequest>,
) -> Result<Json<TemplateView>, Problem> {
    let ask = body.about(*path);
    change(&store, who.caller(), move |db, act| templates::self_publish(db, act, ask)).await
}
