//! Claims that integrations make for customers.

use actix_web::web::Data;
use chrono::{DateTime, Utc};
use huike_kernel::{CouponId, CustomerId, NodeId, TemplateId};
use huike_persistence::{Store, coupons};
use huike_usecases::issues::Recipient;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::{
    api::Created,
    auth::{Integration, scopes},
    claim_desk::{ClaimDesk, ClaimFor},
    codes::CodeMint,
    extract::{IdempotencyKey, Valid},
    problem::{FieldError, Problem},
};

/// A claim for a customer.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(
    as = IntegrationClaimRequest,
    example = json!({ "template_id": "01936f5e-7d2a-7c3e-9a41-5b6c7d8e9f00", "phone": "13812345678" })
)]
pub struct ClaimRequest {
    /// The template.
    template_id: TemplateId,
    /// Where it is claimed, at or below the key's node; the key's own without it.
    site_id: Option<NodeId>,
    /// The customer, who has been to a node of the key's reach.
    customer_id: Option<CustomerId>,
    /// The customer's phone number; instead of the id.
    #[validate(length(max = 32))]
    phone: Option<String>,
}

/// A coupon that was claimed.
#[derive(Serialize, ToSchema)]
#[schema(as = IntegrationClaimView)]
pub struct ClaimView {
    /// The coupon.
    coupon_id: CouponId,
    /// Its template.
    template_id: TemplateId,
    /// Its owner.
    customer_id: CustomerId,
    /// Where it was claimed.
    site_id: NodeId,
    /// When.
    claimed_at: DateTime<Utc>,
    /// The first moment of use.
    usable_from: DateTime<Utc>,
    /// The first moment too late.
    expires_at: DateTime<Utc>,
    /// Its code, for the customer.
    #[schema(example = "1000G-40R40-M30E2-09Y0A-SYD93")]
    code: String,
}

impl ClaimRequest {
    fn recipient(&self) -> Result<Recipient, Problem> {
        let invalid = |pointer, detail| Problem::invalid(vec![FieldError::new(pointer, "invalid", detail)]);
        match (self.customer_id, &self.phone) {
            (Some(id), None) => Ok(Recipient::Id(id)),
            (None, Some(phone)) => {
                phone.parse().map(Recipient::Phone).map_err(|_text| invalid("/phone", "this is no mobile number"))
            }
            _ => Err(invalid("/customer_id", "name the customer either by id or by phone")),
        }
    }
}

/// `POST /claims`
pub async fn create(
    key: Integration<scopes::ClaimsWrite>,
    (store, desk, mint): (Data<Store>, Data<ClaimDesk>, Data<CodeMint>),
    once: IdempotencyKey,
    body: Valid<ClaimRequest>,
) -> Result<Created<ClaimView>, Problem> {
    let (once, recipient, code) = (once.once(&key, &body), body.recipient()?, mint.signed()?);
    let place = (body.template_id, body.site_id.unwrap_or(key.node));
    let claimed = desk.claim_for(ClaimFor { once, caller: key.caller(), place, recipient, code }).await?;
    // Read again, because an answer that is repeated knows only the coupon of the first time.
    let id = claimed.coupon;
    let coupon = store.read(move |db| coupons::find(db, id)).await.map_err(|late| Problem::from(late).after_write())?;
    let coupon = coupon.ok_or_else(Problem::not_found)?;
    let code = mint.show(id, &coupon.code.sealed).ok_or_else(Problem::internal)?;
    Ok(Created(ClaimView {
        coupon_id: claimed.coupon,
        template_id: claimed.template,
        customer_id: claimed.customer,
        site_id: claimed.site,
        claimed_at: claimed.claimed_at,
        usable_from: claimed.usable_from,
        expires_at: claimed.expires_at,
        code,
    }))
}
