//! Rule cards (使用规则): the rules in plain words, of a template or before it is saved.

use actix_web::web::{Data, Json};
use huike_access::Permission;
use huike_coupons::TemplateRules;
use huike_kernel::{Clock, NodeId, TemplateId};
use huike_persistence::Store;
use huike_usecases::{
    UseCaseError,
    templates::{self, CardFacts},
};
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use super::template_view::{RuleCards, explain};
use crate::{
    auth::{Staff, may},
    extract::{Path, Valid},
    problem::Problem,
};

/// Rules to be put in plain words.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "site_id": "01936f5e-7d2a-7c3e-9a41-5b6c7d8e9f00",
    "rules": {
        "effect": { "kind": "amount_off", "amount": "30.00", "threshold": "200.00" },
        "quantity": 1000,
        "validity": { "kind": "relative", "delay_minutes": 0, "days": 7 }
    }
}))]
pub struct PreviewRuleCardRequest {
    /// The node that will own the template.
    site_id: NodeId,
    /// The rules.
    rules: TemplateRules,
}

/// `GET /coupon-templates/{template_id}/rule-card`
pub async fn show(
    who: Staff<may::CouponRead>,
    store: Data<Store>,
    clock: Data<dyn Clock>,
    path: Path<TemplateId>,
) -> Result<Json<RuleCards>, Problem> {
    let (reach, id, now) = (who.scope.clone(), *path, clock.now());
    let cards = store.read(move |db| {
        let found = templates::find_readable(db, &reach, Permission::CouponRead, id)?;
        let facts = CardFacts::load(db, found.template.site, &found.version.rules)?;
        Ok::<_, UseCaseError>(RuleCards::of(&facts, &found.version.rules, now))
    });
    Ok(Json(cards.await?))
}

/// `POST /coupon-templates/rule-card`
pub async fn preview(
    who: Staff<may::CouponCreate>,
    store: Data<Store>,
    clock: Data<dyn Clock>,
    body: Valid<PreviewRuleCardRequest>,
) -> Result<Json<RuleCards>, Problem> {
    let PreviewRuleCardRequest { site_id, rules } = body.into_inner();
    let (caller, now) = (who.caller(), clock.now());
    let cards = store.read(move |db| {
        caller.reach(db, site_id, Permission::CouponCreate, "node")?;
        let facts = templates::check_draft(db, site_id, &rules)?;
        Ok::<_, UseCaseError>(RuleCards::of(&facts, &rules, now))
    });
    Ok(Json(cards.await.map_err(explain)?))
}
