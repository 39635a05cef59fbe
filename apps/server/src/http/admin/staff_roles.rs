//! Giving and taking roles.

use actix_web::web::{Data, Json};
use huike_access::{Role, RoleBinding};
use huike_kernel::{NodeId, StaffId};
use huike_persistence::Store;
use huike_usecases::roles;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::{staff::StaffView, transact::transact};
use crate::{
    auth::{Gate, Staff, may},
    extract::{Path, Valid},
    problem::Problem,
};

/// A role at a node, valid there and below.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "role": "clerk", "site_id": "01936f5e-7d2a-7c3e-9a41-5b6c7d8e9f00" }))]
pub struct RoleRequest {
    /// What.
    role: Role,
    /// Where.
    site_id: NodeId,
}

impl From<RoleRequest> for RoleBinding {
    fn from(request: RoleRequest) -> Self {
        Self { role: request.role, node: request.site_id }
    }
}

/// `POST /staff/{staff_id}/roles`
pub async fn grant(
    who: Staff<may::RoleGrant>,
    store: Data<Store>,
    gate: Data<Gate>,
    path: Path<StaffId>,
    body: Valid<RoleRequest>,
) -> Result<Json<StaffView>, Problem> {
    let (id, binding) = (*path, RoleBinding::from(*body));
    let done = transact(&store, who.caller(), move |db, act| {
        let person = roles::grant(db, act, id, binding)?;
        Ok(StaffView::load(db, person)?)
    });
    let view = done.await?;
    gate.forget_all();
    Ok(Json(view))
}

/// `DELETE /staff/{staff_id}/roles/{site_id}/{role}`
pub async fn revoke(
    who: Staff<may::RoleGrant>,
    store: Data<Store>,
    gate: Data<Gate>,
    path: Path<(StaffId, NodeId, Role)>,
) -> Result<Json<StaffView>, Problem> {
    let (id, node, role) = *path;
    let done = transact(&store, who.caller(), move |db, act| {
        let person = roles::revoke(db, act, id, RoleBinding { role, node })?;
        Ok(StaffView::load(db, person)?)
    });
    let view = done.await?;
    gate.forget_all();
    Ok(Json(view))
}
