//! What endpoints' messages are signed with, sealed by the ring of keys: of no use to whoever has the table alone.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use huike_kernel::WebhookEndpointId;

use crate::{
    Db, StoreError,
    schema::webhook_secret,
    sql_types::{DbId, DbTime},
};

/// The sealed secrets that sign at that time, of each endpoint, the newest first.
pub fn list_signing(
    db: &mut Db,
    endpoints: &[WebhookEndpointId],
    now: DateTime<Utc>,
) -> Result<BTreeMap<WebhookEndpointId, Vec<Vec<u8>>>, StoreError> {
    let rows: Vec<(WebhookEndpointId, Vec<u8>)> = webhook_secret::table
        .filter(webhook_secret::endpoint_id.eq_any(DbId::list(endpoints.iter().copied())))
        .filter(
            webhook_secret::expires_at.is_null().or(webhook_secret::expires_at.gt(DbTime::from(now)).assume_not_null()),
        )
        .order((webhook_secret::endpoint_id, webhook_secret::number.desc()))
        .select((webhook_secret::endpoint_id, webhook_secret::sealed))
        .load(db)?;
    let mut signing: BTreeMap<WebhookEndpointId, Vec<Vec<u8>>> = BTreeMap::new();
    for (endpoint, sealed) in rows {
        signing.entry(endpoint).or_default().push(sealed);
    }
    Ok(signing)
}
