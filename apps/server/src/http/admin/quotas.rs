//! Quotas (分站配额): a template's total, split among sites.

use actix_web::web::{Data, Json};
use huike_access::Permission;
use huike_kernel::{NodeId, TemplateId};
use huike_persistence::{
    Db, Store, nodes,
    quotas::{self, QuotaRow},
    template_lists::Listed,
};
use huike_usecases::{
    UseCaseError,
    templates::{self, SetQuotas, SiteQuota, TemplateAsk},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::transact::transact;
use crate::{
    auth::{Staff, may},
    extract::{Path, Valid},
    problem::Problem,
};

/// All quotas of a template.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "version": 4,
    "quotas": [{ "site_id": "01936f5e-7d2a-7c3e-9a41-5b6c7d8e9f00", "quota": 300 }]
}))]
pub struct SetQuotasRequest {
    /// `version` of the template as the caller has seen it; refused when it has changed since. Not said: whatever it is
    /// now.
    version: Option<i64>,
    /// The sites that have one. A site that is not named draws on the remainder; an empty list puts everything in one
    /// pot again.
    #[validate(length(max = 500))]
    quotas: Vec<SiteQuotaRequest>,
}

/// The quota of one site.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SiteQuotaRequest {
    /// The site.
    site_id: NodeId,
    /// The most it may issue.
    #[schema(minimum = 0)]
    quota: i64,
}

/// The quotas in the caller's reach.
#[derive(Serialize, ToSchema)]
pub struct QuotasView {
    /// The template.
    template_id: TemplateId,
    /// `version` of the template, to be given back when quotas are set.
    version: i64,
    /// The total that is split.
    quantity: i64,
    /// What is not assigned to a site: it serves those without a quota. Null where the total is not split, and for
    /// whoever does not see the owner.
    remainder: Option<ShareView>,
    /// The sites' quotas.
    quotas: Vec<SiteShareView>,
}

/// A part of the total.
#[derive(Serialize, ToSchema)]
pub struct ShareView {
    /// The most that may be issued of it.
    quota: i64,
    /// What was issued since it was given.
    issued: i64,
}

/// The part of one site.
#[derive(Serialize, ToSchema)]
pub struct SiteShareView {
    /// The site.
    site_id: NodeId,
    /// Its name.
    #[schema(example = "广州分站")]
    name: Option<String>,
    /// The most it may issue.
    quota: i64,
    /// What it has issued since.
    issued: i64,
}

impl QuotasView {
    fn load(db: &mut Db, of: &Listed, roots: &[NodeId]) -> Result<Self, UseCaseError> {
        let template = &of.template;
        let rows = quotas::list_in(db, template.id, roots)?;
        let sites: Vec<NodeId> = rows.iter().map(|row| row.node).collect();
        let names = nodes::list_names(db, &sites)?;
        let remainder = rows.iter().find(|row| row.node == template.site);
        let site = |row: &QuotaRow| SiteShareView {
            site_id: row.node,
            name: names.get(&row.node).cloned(),
            quota: row.quota,
            issued: row.issued,
        };
        Ok(Self {
            template_id: template.id,
            version: template.version,
            quantity: of.stock.as_ref().map_or(of.version.rules.quantity, |stock| stock.quantity),
            remainder: remainder.map(|row| ShareView { quota: row.quota, issued: row.issued }),
            quotas: rows.iter().filter(|row| row.node != template.site).map(site).collect(),
        })
    }
}

/// `GET /coupon-templates/{template_id}/quotas`
pub async fn show(
    who: Staff<may::CouponRead>,
    store: Data<Store>,
    path: Path<TemplateId>,
) -> Result<Json<QuotasView>, Problem> {
    let (reach, id) = (who.scope.clone(), *path);
    let found = store.read(move |db| {
        let template = templates::find_readable(db, &reach, Permission::CouponRead, id)?;
        QuotasView::load(db, &template, &reach.permitted)
    });
    Ok(Json(found.await?))
}

/// `PUT /coupon-templates/{template_id}/quotas`
pub async fn set(
    who: Staff<may::CouponQuota>,
    store: Data<Store>,
    path: Path<TemplateId>,
    body: Valid<SetQuotasRequest>,
) -> Result<Json<QuotasView>, Problem> {
    let SetQuotasRequest { version, quotas } = body.into_inner();
    let quotas = quotas.into_iter().map(|it| SiteQuota { site: it.site_id, quota: it.quota }).collect();
    let set = SetQuotas { ask: TemplateAsk { template: *path, seen: version }, quotas };
    let done = transact(&store, who.caller(), move |db, act| {
        let template = templates::set_quotas(db, act, &set)?;
        QuotasView::load(db, &template, &act.caller.scope.permitted)
    });
    Ok(Json(done.await?))
}
