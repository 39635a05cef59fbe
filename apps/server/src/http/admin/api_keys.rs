//! Keys of integrations (对接系统密钥).

use actix_web::web::{Data, Json};
use chrono::{DateTime, Utc};
use huike_access::{IntegrationScope, IntegrationScopes};
use huike_kernel::{ApiKeyId, NodeId, StaffId, Text};
use huike_persistence::{
    Store,
    api_keys::{self as stored, ApiKey},
};
use huike_usecases::api_keys::{self, KeyAsk};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::transact::transact;
use crate::{
    api::{Created, NoContent},
    auth::{Gate, NewToken, Staff, StaffDesk, TokenKind, may},
    extract::{Listing, Page, Path, Valid},
    problem::Problem,
};

/// A key.
#[derive(Serialize, ToSchema)]
pub struct ApiKeyView {
    /// Its id.
    id: ApiKeyId,
    /// The node it is bound to: it reaches that node and what is below.
    site_id: NodeId,
    /// What staff call it.
    #[schema(example = "收银系统")]
    name: String,
    /// Its last four characters, by which keys are told apart.
    #[schema(example = "x7Qa")]
    tail: String,
    /// What it may do.
    #[schema(value_type = Vec<IntegrationScope>)]
    scopes: IntegrationScopes,
    /// Who made it.
    created_by: StaffId,
    /// When.
    created_at: DateTime<Utc>,
    /// When it ends by itself; null where it does not.
    expires_at: Option<DateTime<Utc>>,
    /// When it was revoked; null where it was not.
    revoked_at: Option<DateTime<Utc>>,
}

impl From<ApiKey> for ApiKeyView {
    fn from(key: ApiKey) -> Self {
        Self {
            id: key.id,
            site_id: key.site,
            name: key.name,
            tail: key.token_tail,
            scopes: key.scopes,
            created_by: key.created_by,
            created_at: key.created_at,
            expires_at: key.expires_at,
            revoked_at: key.revoked_at,
        }
    }
}

/// `GET /api-keys`
pub async fn list(
    who: Staff<may::ApiKeyManage>,
    store: Data<Store>,
    listing: Listing,
) -> Result<Json<Page<ApiKeyView>>, Problem> {
    let page = listing.page;
    let (before, limit, roots) = (page.after()?, page.fetch(), who.scope.permitted.clone());
    let rows = store.read(move |db| stored::list(db, &roots, before, limit)).await?;
    Ok(Json(Page::cut(rows, &page, |key| key.id, ApiKeyView::from)))
}

/// A key to make.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "site_id": "01936f5e-7d2a-7c3e-9a41-5b6c7d8e9f00",
    "name": "收银系统",
    "scopes": ["redemptions:write", "coupons:read"]
}))]
pub struct CreateApiKeyRequest {
    /// The node it is bound to.
    site_id: NodeId,
    /// What staff call it, up to 40 characters.
    name: Text<40>,
    /// What it may do. Personal data has a scope of its own.
    #[schema(value_type = Vec<IntegrationScope>, min_items = 1)]
    scopes: IntegrationScopes,
    /// When it ends by itself.
    expires_at: Option<DateTime<Utc>>,
}

/// A key just made.
#[derive(Serialize, ToSchema)]
pub struct NewApiKeyView {
    /// The key itself, for `Authorization: Bearer …`. It is shown this once.
    #[schema(example = "hk_live_3q2-7wABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijk")]
    token: String,
    /// What is kept of it.
    key: ApiKeyView,
}

/// `POST /api-keys`
pub async fn create(
    who: Staff<may::ApiKeyManage>,
    store: Data<Store>,
    desk: Data<StaffDesk>,
    body: Valid<CreateApiKeyRequest>,
) -> Result<Created<NewApiKeyView>, Problem> {
    let CreateApiKeyRequest { site_id, name, scopes, expires_at } = body.into_inner();
    let NewToken { text, hash, tail } = NewToken::make(TokenKind::Integration, desk.random.as_ref());
    let ask = KeyAsk { site: site_id, name, scopes, expires_at, token_hash: hash, token_tail: tail };
    let key = transact(&store, who.caller(), move |db, act| api_keys::create(db, act, &ask)).await?;
    Ok(Created(NewApiKeyView { token: text.expose_secret().to_owned(), key: key.into() }))
}

/// `DELETE /api-keys/{api_key_id}`
pub async fn revoke(
    who: Staff<may::ApiKeyManage>,
    store: Data<Store>,
    gate: Data<Gate>,
    path: Path<ApiKeyId>,
) -> Result<NoContent, Problem> {
    let id = *path;
    let hash = transact(&store, who.caller(), move |db, act| api_keys::revoke(db, act, id)).await?;
    gate.forget([&hash]);
    Ok(NoContent)
}
