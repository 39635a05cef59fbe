//! Secrets: made and sealed by the shell, which alone ever sees one.

use chrono::{DateTime, Utc};
use huike_kernel::WebhookEndpointId;
use huike_persistence::{Db, webhook_endpoints::Endpoint, webhook_secrets};
use huike_webhooks::rules::{OLD_SECRET_KEPT, SECRETS_MAX};

use super::{lock, write};
use crate::{Act, UseCaseError};

/// A secret to take the place of the current one.
#[derive(Debug, Clone)]
pub struct RotateAsk {
    /// The endpoint.
    pub endpoint: WebhookEndpointId,
    /// The new secret, sealed.
    pub sealed: Vec<u8>,
    /// Whether the old one signs beside it for a day. Not when it has become known.
    pub keep_old: bool,
}

/// Gives an endpoint a new secret. Says until when the old one signs too.
pub fn rotate(db: &mut Db, act: &Act<'_>, ask: &RotateAsk) -> Result<(Endpoint, Option<DateTime<Utc>>), UseCaseError> {
    let before = lock(db, act, ask.endpoint)?;
    if ask.keep_old && webhook_secrets::count_signing(db, ask.endpoint, act.now)? >= SECRETS_MAX {
        return Err(UseCaseError::TooMany { what: "webhook secrets", max: SECRETS_MAX });
    }
    let until = act.now + OLD_SECRET_KEPT;
    if ask.keep_old {
        webhook_secrets::rotate(db, ask.endpoint, &ask.sealed, act.now, until)?;
    } else {
        webhook_secrets::expire_old(db, ask.endpoint, act.now)?;
        webhook_secrets::rotate(db, ask.endpoint, &ask.sealed, act.now, act.now)?;
    }
    let called = ("webhook_endpoint.rotate_secret", "webhook_secret_rotated");
    let endpoint = write(db, act, called, (&before, before.clone()))?;
    Ok((endpoint, ask.keep_old.then_some(until)))
}
