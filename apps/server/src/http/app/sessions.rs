//! Signing in and out.

use actix_web::web::Data;
use chrono::{DateTime, Utc};
use huike_kernel::CustomerId;
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::{
    api::{Created, NoContent},
    auth::{Customer, CustomerDesk, CustomerSession, Gate, Proof, Public, Visited},
    extract::Valid,
    problem::Problem,
};

/// A way to sign in, and what it asks for.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "provider": "dev", "phone": "13812345678" }))]
pub struct SignInRequest {
    /// The provider; `dev` believes any phone number and exists in profile `dev` only.
    #[validate(length(min = 1, max = 32))]
    provider: String,
    /// The phone number, for `dev`.
    #[validate(length(max = 32))]
    phone: Option<String>,
    /// The code a provider gave the customer.
    #[validate(length(max = 512))]
    code: Option<String>,
}

/// A session that has begun.
#[derive(Serialize, ToSchema)]
#[schema(as = CustomerSessionView)]
pub struct SessionView {
    /// For `Authorization: Bearer …`.
    token: String,
    /// When the session ends.
    expires_at: DateTime<Utc>,
    /// Who signed in.
    customer_id: CustomerId,
    /// Whether they are new to the brand.
    is_new: bool,
}

impl From<CustomerSession> for SessionView {
    fn from(session: CustomerSession) -> Self {
        Self {
            token: session.token.text.expose_secret().to_owned(),
            expires_at: session.expires_at,
            customer_id: session.customer,
            is_new: session.is_new,
        }
    }
}

/// `POST /sessions`
pub async fn sign_in(
    _public: Public,
    desk: Data<CustomerDesk>,
    gate: Data<Gate>,
    site: Visited,
    body: Valid<SignInRequest>,
) -> Result<Created<SessionView>, Problem> {
    let SignInRequest { provider, phone, code } = body.into_inner();
    let session = desk.sign_in(&gate, site.0, &provider, &Proof { phone, code }).await?;
    Ok(Created(session.into()))
}

/// `DELETE /session`
pub async fn sign_out(customer: Customer, desk: Data<CustomerDesk>, gate: Data<Gate>) -> Result<NoContent, Problem> {
    desk.sign_out(&gate, &customer).await?;
    Ok(NoContent)
}
