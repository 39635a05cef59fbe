//! Coupon templates (券模板): drafting, reading, new versions.

use actix_web::web::{Data, Json};
use huike_access::Permission;
use huike_coupons::{Look, TemplateRules, TemplateState};
use huike_kernel::{Clock, NodeId, TemplateId, Text};
use huike_persistence::{
    Db, Store,
    template_lists::{self, TemplateFilter, TemplatePage},
};
use huike_usecases::{
    Act, Caller, UseCaseError,
    templates::{self, DraftEdit, NewTemplate, TemplateAsk},
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::{
    template_view::{TemplateSummary, TemplateView, VersionView, change},
    transact,
};
use crate::{
    api::Created,
    auth::{Staff, may},
    extract::{Listing, OptionalKey, Page, Path, Valid},
    problem::Problem,
};

/// A template to draft.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "site_id": "01936f5e-7d2a-7c3e-9a41-5b6c7d8e9f00",
    "name": "满200减30",
    "rules": {
        "effect": { "kind": "amount_off", "amount": "30.00", "threshold": "200.00" },
        "quantity": 1000,
        "validity": { "kind": "relative", "delay_minutes": 0, "days": 7 },
        "limits": [{ "metric": "claims", "subject": "customer", "period": "ever", "cap": 1 }],
        "budget": { "total": "30000.00" }
    },
    "look": { "colour": "#e4572e", "slogan": "新客专享" }
}))]
pub struct CreateTemplateRequest {
    /// The node that will own it: a head, a region or a site.
    site_id: NodeId,
    /// Its name, up to 60 characters.
    name: Text<60>,
    /// Its rules.
    rules: TemplateRules,
    /// The card's look.
    #[serde(default)]
    look: Look,
}

/// A change of a draft; what is not named stays.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "version": 1, "name": "满200减30（新客）" }))]
pub struct EditTemplateRequest {
    /// `version` of the template as the caller has seen it; refused when it has changed since.
    version: i64,
    /// Another name; only before the first version is handed in.
    name: Option<Text<60>>,
    /// Other rules, as a whole.
    rules: Option<TemplateRules>,
    /// Another look, as a whole.
    look: Option<Look>,
}

/// An act on a template.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "version": 3 }))]
pub struct TemplateActRequest {
    /// `version` of the template as the caller has seen it; refused when it has changed since. Not said: whatever it is
    /// now.
    version: Option<i64>,
}

impl TemplateActRequest {
    /// The ask about that template.
    pub(super) fn about(&self, template: TemplateId) -> TemplateAsk {
        TemplateAsk { template, seen: self.version }
    }
}

/// What narrows the list.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TemplateQuery {
    /// Only in this state.
    #[param(inline)]
    state: Option<TemplateState>,
    /// Only of this kind.
    #[validate(length(min = 1, max = 40))]
    #[param(example = "amount_off")]
    kind: Option<String>,
    /// Only those whose name holds this text.
    #[validate(length(min = 1, max = 60))]
    q: Option<String>,
    /// Only those that this node owns.
    #[param(value_type = Option<uuid::Uuid>)]
    site_id: Option<NodeId>,
}

impl From<TemplateQuery> for TemplateFilter {
    fn from(query: TemplateQuery) -> Self {
        Self { state: query.state, kind: query.kind, text: query.q, owner: query.site_id }
    }
}

/// `GET /coupon-templates`
pub async fn list(
    who: Staff<may::CouponRead>,
    store: Data<Store>,
    listing: Listing<TemplateQuery>,
) -> Result<Json<Page<TemplateSummary>>, Problem> {
    let Listing { page, filter } = listing;
    let wanted = TemplatePage { before: page.after()?, limit: page.fetch() };
    let (roots, filter) = (who.scope.permitted.clone(), TemplateFilter::from(filter));
    let rows = store.read(move |db| template_lists::list(db, &roots, &filter, wanted)).await?;
    Ok(Json(Page::cut(rows, &page, |row| row.template.id, TemplateSummary::from)))
}

/// `GET /coupon-templates/{template_id}`
pub async fn show(
    who: Staff<may::CouponRead>,
    store: Data<Store>,
    clock: Data<dyn Clock>,
    path: Path<TemplateId>,
) -> Result<Json<TemplateView>, Problem> {
    let (reach, id, now) = (who.scope.clone(), *path, clock.now());
    let found = store.read(move |db| {
        let listed = templates::find_readable(db, &reach, Permission::CouponRead, id)?;
        TemplateView::load(db, listed, now)
    });
    Ok(Json(found.await?))
}

/// `POST /coupon-templates`
pub async fn create(
    who: Staff<may::CouponCreate>,
    store: Data<Store>,
    clock: Data<dyn Clock>,
    key: OptionalKey,
    body: Valid<CreateTemplateRequest>,
) -> Result<Created<TemplateView>, Problem> {
    let (once, now) = (key.once(&who, &body), clock.now());
    let CreateTemplateRequest { site_id, name, rules, look } = body.into_inner();
    let new = NewTemplate { site: site_id, name, rules, look };
    let load = move |db: &mut Db, caller: &Caller, id| {
        let listed = template_lists::find(db, id)?.ok_or(UseCaseError::NotFound("coupon template"))?;
        caller.reach(db, listed.template.site, Permission::CouponCreate, "coupon template")?;
        TemplateView::load(db, listed, now)
    };
    let make = move |db: &mut Db, act: &Act<'_>| {
        let listed = templates::create(db, act, &new)?;
        TemplateView::load(db, listed, act.now)
    };
    Ok(Created(transact::create(&store, who.caller(), once, make, (TemplateView::id, load)).await?))
}

/// `PATCH /coupon-templates/{template_id}`
pub async fn edit(
    who: Staff<may::CouponCreate>,
    store: Data<Store>,
    path: Path<TemplateId>,
    body: Valid<EditTemplateRequest>,
) -> Result<Json<TemplateView>, Problem> {
    let EditTemplateRequest { version, name, rules, look } = body.into_inner();
    let edit = DraftEdit { ask: TemplateAsk { template: *path, seen: Some(version) }, name, rules, look };
    change(&store, who.caller(), move |db, act| templates::edit_draft(db, act, &edit)).await
}

/// `GET /coupon-templates/{template_id}/versions`
pub async fn list_versions(
    who: Staff<may::CouponRead>,
    store: Data<Store>,
    path: Path<TemplateId>,
) -> Result<Json<VersionList>, Problem> {
    let (reach, id) = (who.scope.clone(), *path);
    let found = store.read(move |db| templates::list_versions(db, &reach, Permission::CouponRead, id)).await?;
    Ok(Json(VersionList { items: found.into_iter().map(VersionView::from).collect() }))
}

/// Every version, newest first.
#[derive(serde::Serialize, ToSchema)]
pub struct VersionList {
    /// The versions.
    items: Vec<VersionView>,
}

/// `POST /coupon-templates/{template_id}/versions`
pub async fn open_version(
    who: Staff<may::CouponCreate>,
    store: Data<Store>,
    path: Path<TemplateId>,
    body: Valid<TemplateActRequest>,
) -> Result<Created<TemplateView>, Problem> {
    let ask = body.about(*path);
    let opened = change(&store, who.caller(), move |db, act| templates::open_version(db, act, ask)).await?;
    Ok(Created(opened.into_inner()))
}
