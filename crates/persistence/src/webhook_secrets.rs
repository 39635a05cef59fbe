//! What endpoints' messages are signed with, sealed by the ring of keys: of no use to whoever has the table alone.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::{
    dsl::{count_star, max},
    prelude::*,
};
use huike_kernel::WebhookEndpointId;

use crate::{
    Db, StoreError,
    schema::webhook_secret,
    sql_types::{DbId, DbTime},
};

/// What may be told of a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretFacts {
    /// Its number among the endpoint's.
    pub number: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Until when it signs beside the current one; nothing for the current one.
    pub expires_at: Option<DateTime<Utc>>,
}

/// Makes a secret the current one. The one before it signs until `old_until`. Whoever calls has locked the endpoint.
pub fn rotate(
    db: &mut Db,
    endpoint: WebhookEndpointId,
    sealed: &[u8],
    now: DateTime<Utc>,
    old_until: DateTime<Utc>,
) -> Result<i64, StoreError> {
    diesel::update(webhook_secret::table.filter(webhook_secret::endpoint_id.eq(DbId::from(endpoint))))
        .filter(webhook_secret::expires_at.is_null())
        .set(webhook_secret::expires_at.eq(Some(DbTime::from(old_until))))
        .execute(db)?;
    let newest: Option<i64> = webhook_secret::table
        .filter(webhook_secret::endpoint_id.eq(DbId::from(endpoint)))
        .select(max(webhook_secret::number))
        .first(db)?;
    let number = newest.unwrap_or(0).saturating_add(1);
    diesel::insert_into(webhook_secret::table)
        .values((
            webhook_secret::endpoint_id.eq(DbId::from(endpoint)),
            webhook_secret::number.eq(number),
            webhook_secret::sealed.eq(sealed.to_vec()),
            webhook_secret::created_at.eq(DbTime::from(now)),
            webhook_secret::expires_at.eq(None::<DbTime>),
        ))
        .execute(db)?;
    Ok(number)
}

/// Ends every secret of the endpoint that is not the current one.
pub fn expire_old(db: &mut Db, endpoint: WebhookEndpointId, now: DateTime<Utc>) -> Result<(), StoreError> {
    diesel::update(webhook_secret::table.filter(webhook_secret::endpoint_id.eq(DbId::from(endpoint))))
        .filter(webhook_secret::expires_at.gt(DbTime::from(now)).assume_not_null())
        .set(webhook_secret::expires_at.eq(Some(DbTime::from(now))))
        .execute(db)?;
    Ok(())
}

/// Drops every secret of the endpoint.
pub fn delete_all(db: &mut Db, endpoint: WebhookEndpointId) -> Result<(), StoreError> {
    diesel::delete(webhook_secret::table.filter(webhook_secret::endpoint_id.eq(DbId::from(endpoint)))).execute(db)?;
    Ok(())
}

/// How many secrets of the endpoint sign at that time.
pub fn count_signing(db: &mut Db, endpoint: WebhookEndpointId, now: DateTime<Utc>) -> Result<i64, StoreError> {
    Ok(webhook_secret::table
        .filter(webhook_secret::endpoint_id.eq(DbId::from(endpoint)))
        .filter(
            webhook_secret::expires_at.is_null().or(webhook_secret::expires_at.gt(DbTime::from(now)).assume_not_null()),
        )
        .select(count_star())
        .first(db)?)
}

/// The secrets of each endpoint that sign at that time, the newest first.
pub fn list_facts(
    db: &mut Db,
    endpoints: &[WebhookEndpointId],
    now: DateTime<Utc>,
) -> Result<BTreeMap<WebhookEndpointId, Vec<SecretFacts>>, StoreError> {
    let rows: Vec<(WebhookEndpointId, i64, DateTime<Utc>, Option<DbTime>)> = signing(endpoints, now)
        .select((
            webhook_secret::endpoint_id,
            webhook_secret::number,
            webhook_secret::created_at,
            webhook_secret::expires_at,
        ))
        .load(db)?;
    Ok(by_endpoint(rows.into_iter().map(|(endpoint, number, created_at, expires_at)| {
        (endpoint, SecretFacts { number, created_at, expires_at: expires_at.map(Into::into) })
    })))
}

/// The sealed secrets that sign at that time, of each endpoint, the newest first.
pub fn list_signing(
    db: &mut Db,
    endpoints: &[WebhookEndpointId],
    now: DateTime<Utc>,
) -> Result<BTreeMap<WebhookEndpointId, Vec<Vec<u8>>>, StoreError> {
    let rows: Vec<(WebhookEndpointId, Vec<u8>)> =
        signing(endpoints, now).select((webhook_secret::endpoint_id, webhook_secret::sealed)).load(db)?;
    Ok(by_endpoint(rows))
}

/// Drops at most `limit` secrets that ended before `before`; says how many it dropped.
pub fn purge(db: &mut Db, before: DateTime<Utc>, limit: i64) -> Result<usize, StoreError> {
    let old: Vec<(DbId, i64)> = webhook_secret::table
        .filter(webhook_secret::expires_at.lt(DbTime::from(before)).assume_not_null())
        .limit(limit)
        .select((webhook_secret::endpoint_id, webhook_secret::number))
        .load(db)?;
    for (endpoint, number) in &old {
        diesel::delete(webhook_secret::table.find((endpoint, number))).execute(db)?;
    }
    Ok(old.len())
}

#[diesel::dsl::auto_type(no_type_alias)]
fn signing(endpoints: &[WebhookEndpointId], now: DateTime<Utc>) -> _ {
    let ids: Vec<DbId> = DbId::list(endpoints.iter().copied());
    let time: DbTime = DbTime::from(now);
    webhook_secret::table
        .filter(webhook_secret::endpoint_id.eq_any(ids))
        .filter(webhook_secret::expires_at.is_null().or(webhook_secret::expires_at.gt(time).assume_not_null()))
        .order((webhook_secret::endpoint_id, webhook_secret::number.desc()))
}

fn by_endpoint<T>(rows: impl IntoIterator<Item = (WebhookEndpointId, T)>) -> BTreeMap<WebhookEndpointId, Vec<T>> {
    let mut grouped: BTreeMap<WebhookEndpointId, Vec<T>> = BTreeMap::new();
    for (endpoint, item) in rows {
        grouped.entry(endpoint).or_default().push(item);
    }
    grouped
}
