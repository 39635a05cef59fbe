//! Signing in and out.

use actix_web::{HttpRequest, web::Data};
use chrono::{DateTime, Utc};
use huike_kernel::StaffId;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::{
    api::{Created, NoContent, WithCookie},
    auth::{Gate, SigningIn, Staff, StaffDesk, StaffSession, may},
    extract::Valid,
    problem::Problem,
};

/// A name and a password.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "login": "owner", "password": "白日依山尽黄河入海流" }))]
pub struct SignInRequest {
    /// The sign-in name.
    #[validate(length(min = 1, max = 64))]
    login: String,
    /// The password.
    #[schema(value_type = String, format = Password)]
    password: SecretString,
}

/// A session that has begun.
#[derive(Serialize, ToSchema)]
pub struct SessionView {
    /// For `Authorization: Bearer …`. Browsers use the cookie that comes with this answer instead.
    token: String,
    /// For `X-CSRF-Token`, with the cookie on whatever is not GET or HEAD.
    csrf_token: String,
    /// When the session ends.
    expires_at: DateTime<Utc>,
    /// Who signed in.
    staff_id: StaffId,
    /// Whether the password has to be changed before anything else.
    must_change_password: bool,
}

/// `POST /session`
pub async fn sign_in(
    _anybody: SigningIn,
    desk: Data<StaffDesk>,
    gate: Data<Gate>,
    request: HttpRequest,
    body: Valid<SignInRequest>,
) -> Result<WithCookie<Created<SessionView>>, Problem> {
    let SignInRequest { login, password } = body.into_inner();
    let session = desk.sign_in(&request, &login, password).await?;
    let cookie = gate.cookies().make(session.token.text.expose_secret(), desk.lasts);
    Ok(WithCookie { answer: Created(view(&gate, session)), cookie })
}

fn view(gate: &Gate, session: StaffSession) -> SessionView {
    SessionView {
        token: session.token.text.expose_secret().to_owned(),
        csrf_token: gate.csrf_token(&session.token.hash),
        expires_at: session.expires_at,
        staff_id: session.staff.id,
        must_change_password: session.staff.must_change_password,
    }
}

/// `DELETE /session`
pub async fn sign_out(
    staff: Staff<may::SignedIn>,
    desk: Data<StaffDesk>,
    gate: Data<Gate>,
) -> Result<WithCookie<NoContent>, Problem> {
    desk.sign_out(&gate, &staff).await?;
    Ok(WithCookie { answer: NoContent, cookie: gate.cookies().remove() })
}
