//! What a key is and may do: the first call of a new integration.

use actix_web::web::Json;
use huike_access::IntegrationScope;
use huike_kernel::{ApiKeyId, NodeId};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    auth::{Integration, scopes},
    problem::Problem,
};

/// The key.
#[derive(Serialize, ToSchema)]
pub struct KeyView {
    /// Its id.
    id: ApiKeyId,
    /// The node it is bound to: it reaches that and all below.
    site_id: NodeId,
    /// What it may do.
    #[schema(value_type = Vec<String>, example = json!(["templates:read", "claims:write"]))]
    scopes: Vec<IntegrationScope>,
}

/// `GET /key`
pub async fn show(key: Integration<scopes::Any>) -> Result<Json<KeyView>, Problem> {
    Ok(Json(KeyView { id: key.key, site_id: key.node, scopes: key.scopes.iter().collect() }))
}
