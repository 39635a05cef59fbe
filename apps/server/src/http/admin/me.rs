//! One's own account.

use actix_web::web::{Data, Json};
use huike_access::{Permission, RoleBinding};
use huike_kernel::{NodeId, StaffId};
use huike_persistence::{Store, staff, staff::Staff as StaffRow};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::{
    api::NoContent,
    auth::{Gate, Staff, StaffContext, StaffDesk, may},
    extract::Valid,
    problem::{Problem, Refusal},
};

/// Oneself, and what one may do.
#[derive(Serialize, ToSchema)]
pub struct MeView {
    /// Who.
    id: StaffId,
    /// The sign-in name.
    login: String,
    /// The name others see.
    name: String,
    /// The roles one holds, and where.
    roles: Vec<RoleView>,
    /// The permissions one holds somewhere, as `x-huike-permission` names them.
    #[schema(value_type = Vec<String>, example = json!(["coupon.read", "coupon.redeem"]))]
    permissions: Vec<Permission>,
    /// Whether the password has to be changed before anything else.
    must_change_password: bool,
    /// For `X-CSRF-Token`, with the cookie.
    csrf_token: String,
}

/// A role held at a node: valid there and below.
#[derive(Serialize, ToSchema)]
pub struct RoleView {
    /// The role.
    #[schema(value_type = String, example = "owner")]
    role: huike_access::Role,
    /// The node.
    site_id: NodeId,
}

impl From<&RoleBinding> for RoleView {
    fn from(binding: &RoleBinding) -> Self {
        Self { role: binding.role, site_id: binding.node }
    }
}

/// `GET /me`
pub async fn show(who: Staff<may::SignedIn>, store: Data<Store>, gate: Data<Gate>) -> Result<Json<MeView>, Problem> {
    let id = who.staff;
    let row = store.read(move |db| staff::find(db, id)).await?.ok_or(Refusal::Unauthenticated)?;
    Ok(Json(view(&who, row, gate.csrf_token(&who.session))))
}

fn view(who: &StaffContext, row: StaffRow, csrf_token: String) -> MeView {
    let held = |permission: &&Permission| who.roles.iter().any(|binding| permission.is_held_by(binding.role));
    MeView {
        id: row.id,
        login: row.login.to_string(),
        name: row.name,
        roles: who.roles.iter().map(RoleView::from).collect(),
        permissions: Permission::ALL.iter().filter(held).copied().collect(),
        must_change_password: row.must_change_password,
        csrf_token,
    }
}

/// A new password, with the present one as proof.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "current": "白日依山尽黄河入海流", "new": "欲穷千里目更上一层楼" }))]
pub struct PasswordRequest {
    /// The present password.
    #[schema(value_type = String, format = Password)]
    current: SecretString,
    /// The new one: at least ten characters, and not one that everybody tries first.
    #[schema(value_type = String, format = Password, min_length = 10, max_length = 128)]
    new: SecretString,
}

/// `PUT /me/password`
pub async fn change_password(
    who: Staff<may::SignedIn>,
    desk: Data<StaffDesk>,
    gate: Data<Gate>,
    body: Valid<PasswordRequest>,
) -> Result<NoContent, Problem> {
    let PasswordRequest { current, new } = body.into_inner();
    desk.change_password(&gate, &who, current, new).await?;
    Ok(NoContent)
}
