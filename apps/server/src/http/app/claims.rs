//! Claiming (领取).

use actix_web::web::Data;
use chrono::{DateTime, Utc};
use huike_kernel::{CouponId, NodeId, TemplateId};
use huike_usecases::claims::{ClaimAsk, Claimed, OnceClaim};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::{
    api::Created,
    auth::Customer,
    claim_desk::ClaimDesk,
    codes::CodeMint,
    extract::{IdempotencyKey, Valid},
    problem::{FieldError, Problem},
};

/// What to claim: a template, or whatever a link leads to.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "template_id": "01936f5e-7d2a-7c3e-9a41-5b6c7d8e9f00" }))]
pub struct ClaimRequest {
    /// The template.
    template_id: Option<TemplateId>,
    /// The token of the link the customer followed; instead of the template.
    #[validate(length(min = 1, max = 64))]
    link_token: Option<String>,
}

/// A coupon that was claimed. Its code is shown in the wallet.
#[derive(Serialize, ToSchema)]
pub struct ClaimView {
    /// The coupon.
    coupon_id: CouponId,
    /// Its template.
    template_id: TemplateId,
    /// Where it was claimed.
    site_id: NodeId,
    /// When.
    claimed_at: DateTime<Utc>,
    /// The first moment of use.
    usable_from: DateTime<Utc>,
    /// The first moment too late.
    expires_at: DateTime<Utc>,
}

impl From<Claimed> for ClaimView {
    fn from(claimed: Claimed) -> Self {
        Self {
            coupon_id: claimed.coupon,
            template_id: claimed.template,
            site_id: claimed.site,
            claimed_at: claimed.claimed_at,
            usable_from: claimed.usable_from,
            expires_at: claimed.expires_at,
        }
    }
}

/// The way to a coupon.
enum Door {
    Template(TemplateId),
    Link(String),
}

impl ClaimRequest {
    /// The template, where it is named itself.
    pub fn template(&self) -> Option<TemplateId> {
        self.template_id
    }

    fn into_door(self) -> Result<Door, Problem> {
        match (self.template_id, self.link_token) {
            (Some(template), None) => Ok(Door::Template(template)),
            (None, Some(token)) => Ok(Door::Link(token)),
            _ => {
                let detail = "name either the template or the link";
                Err(Problem::invalid(vec![FieldError::new("/template_id", "one_of", detail)]))
            }
        }
    }
}

/// `POST /claims`
pub async fn create(
    who: Customer,
    (desk, mint): (Data<ClaimDesk>, Data<CodeMint>),
    key: IdempotencyKey,
    body: Valid<ClaimRequest>,
) -> Result<Created<ClaimView>, Problem> {
    let once = key.once(&who, &body);
    let (template, channel) = match body.into_inner().into_door()? {
        Door::Template(template) => (template, None),
        Door::Link(token) => desk.follow(token, &once).await.map(|(template, channel)| (template, Some(channel)))?,
    };
    let ask = ClaimAsk { customer: who.customer, site: who.site, channel, code: mint.signed()? };
    Ok(Created(desk.claim(template, OnceClaim { once, caller: who.caller(), ask }).await?.into()))
}
