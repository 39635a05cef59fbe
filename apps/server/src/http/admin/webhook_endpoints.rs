//! Webhook endpoints (推送地址): where integrations are told what happens at a node and below.

use actix_web::web::{Data, Json};
use chrono::{DateTime, Utc};
use huike_kernel::{IdSource, NodeId, RandomSource, StaffId, Text, WebhookEndpointId, new_id};
use huike_persistence::{
    Db, Store, StoreError,
    webhook_endpoints::{self as stored, Endpoint},
    webhook_secrets::{self, SecretFacts},
};
use huike_usecases::{
    UseCaseError,
    webhooks::{self, EndpointAsk, EndpointEdit},
};
use huike_webhooks::{DisabledReason, EndpointState, EndpointUrl, EventType};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::{
    transact::{VersionRequest, transact},
    webhook_secrets::fresh,
};
use crate::{
    api::{Created, NoContent},
    auth::{Staff, may},
    extract::{Listing, Page, Path, Valid},
    keys::KeyRing,
    problem::Problem,
    settings::Settings,
};

/// An endpoint.
#[derive(Serialize, ToSchema)]
pub struct WebhookEndpointView {
    /// Its id.
    id: WebhookEndpointId,
    /// The node whose events it hears, with those of all nodes below.
    site_id: NodeId,
    /// What staff call it.
    #[schema(example = "收银系统")]
    name: String,
    /// Where it is.
    #[schema(example = "https://erp.example.com/huike")]
    url: String,
    /// What it asks for; nothing means everything.
    event_types: Vec<EventType>,
    /// Whether it is sent anything.
    state: EndpointState,
    /// Why it is disabled.
    disabled_reason: Option<DisabledReason>,
    /// The secrets that sign at this moment, the current one first. They themselves were shown once, when they were made.
    secrets: Vec<WebhookSecretView>,
    /// Counts the changes; to be given back with an act on it.
    version: i64,
    /// Who made it.
    created_by: StaffId,
    /// When.
    created_at: DateTime<Utc>,
    /// When it was changed last.
    updated_at: DateTime<Utc>,
}

/// What may be told of a secret.
#[derive(Serialize, ToSchema)]
pub struct WebhookSecretView {
    /// Its number among the endpoint's.
    number: i64,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// Until when it signs beside the current one; null for the current one.
    expires_at: Option<DateTime<Utc>>,
}

impl From<SecretFacts> for WebhookSecretView {
    fn from(facts: SecretFacts) -> Self {
        Self { number: facts.number, created_at: facts.created_at, expires_at: facts.expires_at }
    }
}

impl WebhookEndpointView {
    /// The views of endpoints, with their secrets as they are at that time.
    pub(super) fn load_many(db: &mut Db, found: Vec<Endpoint>, now: DateTime<Utc>) -> Result<Vec<Self>, StoreError> {
        let ids: Vec<WebhookEndpointId> = found.iter().map(|endpoint| endpoint.id).collect();
        let mut secrets = webhook_secrets::list_facts(db, &ids, now)?;
        Ok(found
            .into_iter()
            .map(|endpoint| Self::of(secrets.remove(&endpoint.id).unwrap_or_default(), endpoint))
            .collect())
    }

    /// The view of one endpoint.
    pub(super) fn load(db: &mut Db, endpoint: Endpoint, now: DateTime<Utc>) -> Result<Self, StoreError> {
        let secrets = webhook_secrets::list_facts(db, &[endpoint.id], now)?.remove(&endpoint.id);
        Ok(Self::of(secrets.unwrap_or_default(), endpoint))
    }

    fn of(secrets: Vec<SecretFacts>, endpoint: Endpoint) -> Self {
        Self {
            id: endpoint.id,
            site_id: endpoint.site,
            name: endpoint.name,
            url: endpoint.url,
            event_types: endpoint.event_types,
            state: endpoint.state,
            disabled_reason: endpoint.disabled_reason,
            secrets: secrets.into_iter().map(Into::into).collect(),
            version: endpoint.version,
            created_by: endpoint.created_by,
            created_at: endpoint.created_at,
            updated_at: endpoint.updated_at,
        }
    }
}

/// An endpoint just made.
#[derive(Serialize, ToSchema)]
pub struct NewWebhookEndpointView {
    /// The secret that messages are signed with, as libraries of Standard Webhooks take it. It is shown this once.
    #[schema(example = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw1B5pT3nP6Xo=")]
    secret: String,
    /// The endpoint.
    endpoint: WebhookEndpointView,
}

/// What narrows a list of endpoints.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct WebhookEndpointQuery {
    /// Only in this state. Without it all but those that were removed.
    #[param(inline)]
    state: Option<EndpointState>,
}

/// `GET /webhook-endpoints`
pub async fn list(
    who: Staff<may::WebhookView>,
    store: Data<Store>,
    clock: Data<dyn huike_kernel::Clock>,
    listing: Listing<WebhookEndpointQuery>,
) -> Result<Json<Page<WebhookEndpointView>>, Problem> {
    let Listing { page, filter } = listing;
    let (before, limit, now) = (page.after()?, page.fetch(), clock.now());
    let roots = who.scope.permitted.clone();
    let rows = store.read(move |db| {
        let found = stored::list(db, &roots, filter.state, before, limit)?;
        WebhookEndpointView::load_many(db, found, now)
    });
    Ok(Json(Page::cut(rows.await?, &page, |endpoint| endpoint.id, |endpoint| endpoint)))
}

/// `GET /webhook-endpoints/{endpoint_id}`
pub async fn show(
    who: Staff<may::WebhookView>,
    store: Data<Store>,
    clock: Data<dyn huike_kernel::Clock>,
    path: Path<WebhookEndpointId>,
) -> Result<Json<WebhookEndpointView>, Problem> {
    let (caller, id, now) = (who.caller(), *path, clock.now());
    let found = store.read(move |db| {
        let endpoint = webhooks::find_endpoint(db, &caller, id)?;
        Ok::<_, UseCaseError>(WebhookEndpointView::load(db, endpoint, now)?)
    });
    Ok(Json(found.await?))
}

/// An endpoint to make.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "site_id": "01936f5e-7d2a-7c3e-9a41-5b6c7d8e9f00",
    "name": "收银系统",
    "url": "https://erp.example.com/huike",
    "event_types": ["coupon_claimed", "coupon_redeemed"]
}))]
pub struct CreateWebhookEndpointRequest {
    /// The node whose events it is to hear, with those of all nodes below.
    site_id: NodeId,
    /// What staff call it, up to 40 characters.
    name: Text<40>,
    /// Where it is: https, reachable by anybody, up to 2 048 characters.
    #[validate(length(min = 1, max = 2_048))]
    url: String,
    /// What it asks for; nothing means everything, also what is invented later.
    #[serde(default)]
    #[validate(length(max = 100))]
    #[schema(max_items = 100)]
    event_types: Vec<EventType>,
}

/// `POST /webhook-endpoints`
pub async fn create(
    who: Staff<may::WebhookManage>,
    (store, keys, settings): (Data<Store>, Data<KeyRing>, Data<Settings>),
    (ids, random): (Data<dyn IdSource>, Data<dyn RandomSource>),
    body: Valid<CreateWebhookEndpointRequest>,
) -> Result<Created<NewWebhookEndpointView>, Problem> {
    let CreateWebhookEndpointRequest { site_id, name, url, event_types } = body.into_inner();
    let url = EndpointUrl::parse(&url, settings.webhooks.allow_loopback)?;
    let id: WebhookEndpointId = new_id(&**ids);
    let (secret, sealed) = fresh(&keys, id, &**random)?;
    let ask = EndpointAsk { id, site: site_id, name, url, event_types, sealed };
    let made = transact(&store, who.caller(), move |db, act| {
        let endpoint = webhooks::create(db, act, &ask)?;
        Ok(WebhookEndpointView::load(db, endpoint, act.now)?)
    });
    Ok(Created(NewWebhookEndpointView { endpoint: made.await?, secret: secret.expose() }))
}

/// A change of an endpoint; what is not named stays.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "version": 1, "event_types": ["coupon_redeemed", "coupon_unredeemed"] }))]
pub struct UpdateWebhookEndpointRequest {
    /// `version` as the caller has seen it; refused when it has changed since.
    #[validate(range(min = 1))]
    #[schema(minimum = 1)]
    version: i64,
    /// Another name.
    name: Option<Text<40>>,
    /// Another place.
    #[validate(length(min = 1, max = 2_048))]
    url: Option<String>,
    /// What it asks for from now on.
    #[validate(length(max = 100))]
    #[schema(max_items = 100)]
    event_types: Option<Vec<EventType>>,
}

/// `PATCH /webhook-endpoints/{endpoint_id}`
pub async fn update(
    who: Staff<may::WebhookManage>,
    (store, settings): (Data<Store>, Data<Settings>),
    path: Path<WebhookEndpointId>,
    body: Valid<UpdateWebhookEndpointRequest>,
) -> Result<Json<WebhookEndpointView>, Problem> {
    let UpdateWebhookEndpointRequest { version, name, url, event_types } = body.into_inner();
    let url = url.map(|url| EndpointUrl::parse(&url, settings.webhooks.allow_loopback)).transpose()?;
    let edit = EndpointEdit { endpoint: *path, version, name, url, event_types };
    change(who, store, move |db, act| webhooks::update(db, act, &edit)).await
}

/// `POST /webhook-endpoints/{endpoint_id}/enable`
pub async fn enable(
    who: Staff<may::WebhookManage>,
    store: Data<Store>,
    path: Path<WebhookEndpointId>,
    body: Valid<VersionRequest>,
) -> Result<Json<WebhookEndpointView>, Problem> {
    let (id, version) = (*path, body.version);
    change(who, store, move |db, act| webhooks::enable(db, act, id, version)).await
}

/// `POST /webhook-endpoints/{endpoint_id}/disable`
pub async fn disable(
    who: Staff<may::WebhookManage>,
    store: Data<Store>,
    path: Path<WebhookEndpointId>,
    body: Valid<VersionRequest>,
) -> Result<Json<WebhookEndpointView>, Problem> {
    let (id, version) = (*path, body.version);
    change(who, store, move |db, act| webhooks::disable(db, act, id, version)).await
}

/// `DELETE /webhook-endpoints/{endpoint_id}`
pub async fn remove(
    who: Staff<may::WebhookManage>,
    store: Data<Store>,
    path: Path<WebhookEndpointId>,
) -> Result<NoContent, Problem> {
    let id = *path;
    transact(&store, who.caller(), move |db, act| webhooks::remove(db, act, id)).await?;
    Ok(NoContent)
}

async fn change(
    who: Staff<may::WebhookManage>,
    store: Data<Store>,
    body: impl Fn(&mut Db, &huike_usecases::Act<'_>) -> Result<Endpoint, UseCaseError> + Send + 'static,
) -> Result<Json<WebhookEndpointView>, Problem> {
    let changed = transact(&store, who.caller(), move |db, act| {
        let endpoint = body(db, act)?;
        Ok(WebhookEndpointView::load(db, endpoint, act.now)?)
    });
    Ok(Json(changed.await?))
}
