//! Secrets of webhook endpoints: made here, shown once, kept sealed.

use actix_web::web::Data;
use chrono::{DateTime, Utc};
use huike_kernel::{RandomSource, WebhookEndpointId};
use huike_persistence::Store;
use huike_usecases::webhooks::{self, RotateAsk};
use huike_webhooks::Secret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::{transact::transact, webhook_endpoints::WebhookEndpointView};
use crate::{
    api::Created,
    auth::{Staff, may},
    extract::{Path, Valid},
    keys::KeyRing,
    problem::Problem,
    sources::random_bytes,
};

/// How a secret is rotated.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "keep_old": true }))]
pub struct RotateWebhookSecretRequest {
    /// Whether the old secret signs beside the new one for 24 hours, so that the receiver may change over in peace. Not when it has
    /// become known: without it every older secret ends at once.
    #[serde(default = "yes")]
    keep_old: bool,
}

const fn yes() -> bool {
    true
}

/// A secret just made.
#[derive(Serialize, ToSchema)]
pub struct NewWebhookSecretView {
    /// The secret, as libraries of Standard Webhooks take it. It is shown this once.
    #[schema(example = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw1B5pT3nP6Xo=")]
    secret: String,
    /// Until when the one before it signs too; null where it ended at once.
    old_signs_until: Option<DateTime<Utc>>,
    /// The endpoint.
    endpoint: WebhookEndpointView,
}

/// `POST /webhook-endpoints/{endpoint_id}/secrets`
pub async fn rotate(
    who: Staff<may::WebhookManage>,
    (store, keys): (Data<Store>, Data<KeyRing>),
    random: Data<dyn RandomSource>,
    path: Path<WebhookEndpointId>,
    body: Valid<RotateWebhookSecretRequest>,
) -> Result<Created<NewWebhookSecretView>, Problem> {
    let endpoint = *path;
    let (secret, sealed) = fresh(&keys, endpoint, &**random)?;
    let ask = RotateAsk { endpoint, sealed, keep_old: body.keep_old };
    let done = transact(&store, who.caller(), move |db, act| {
        let (endpoint, old_signs_until) = webhooks::rotate(db, act, &ask)?;
        Ok((WebhookEndpointView::load(db, endpoint, act.now)?, old_signs_until))
    });
    let (endpoint, old_signs_until) = done.await?;
    Ok(Created(NewWebhookSecretView { secret: secret.expose(), old_signs_until, endpoint }))
}

/// A secret, and the same sealed for its endpoint.
pub(super) fn fresh(
    keys: &KeyRing,
    endpoint: WebhookEndpointId,
    random: &dyn RandomSource,
) -> Result<(Secret, Vec<u8>), Problem> {
    let secret = Secret::from_bytes(random_bytes(random));
    let sealed = keys.seal_webhook_secret(&secret.expose(), endpoint, random).ok_or_else(Problem::internal)?;
    Ok((secret, sealed))
}
