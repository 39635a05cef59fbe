//! Deliveries (推送记录): what was sent to endpoints and what came back, and what staff send by hand.

use actix_web::web::{Data, Json};
use chrono::{DateTime, Utc};
use huike_kernel::{EventId, NodeId, WebhookDeliveryId, WebhookEndpointId, WebhookReplayId};
use huike_persistence::{
    Store,
    webhook_deliveries::{self, Attempt, Delivery, DeliveryFilter},
};
use huike_usecases::{UseCaseError, webhooks};
use huike_webhooks::{DeliveryOrigin, DeliveryState, EventType};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use super::transact::transact;
use crate::{
    api::Created,
    auth::{Staff, may},
    extract::{Listing, Page, Path},
    problem::Problem,
};

/// A message to an endpoint.
#[derive(Serialize, ToSchema)]
pub struct WebhookDeliveryView {
    /// Its id.
    id: WebhookDeliveryId,
    /// To whom.
    endpoint_id: WebhookEndpointId,
    /// The node that owns it: the endpoint's.
    site_id: NodeId,
    /// What the receiver reads in `webhook-id`: the event's id, in a replay too; of a test this delivery's own.
    message_id: Uuid,
    /// The event it tells of; null for a test.
    event_id: Option<EventId>,
    /// What happened.
    #[schema(example = "coupon_redeemed")]
    event_type: String,
    /// To what.
    aggregate_id: Uuid,
    /// Its version after that. Messages about one thing are sent in this order.
    aggregate_seq: i64,
    /// Where the message comes from.
    origin: DeliveryOrigin,
    /// The delivery that this one repeats.
    replay_of: Option<WebhookDeliveryId>,
    /// The replay of a window that this one is part of.
    replay_id: Option<WebhookReplayId>,
    /// Where it stands.
    state: DeliveryState,
    /// How often it was tried.
    attempts: i64,
    /// When it is tried next; null when it is over or being sent.
    next_attempt_at: Option<DateTime<Utc>>,
    /// The status of the last answer.
    #[schema(example = 503)]
    last_status: Option<i64>,
    /// What went wrong the last time.
    #[schema(example = "timed_out")]
    last_error: Option<String>,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// When it arrived.
    delivered_at: Option<DateTime<Utc>>,
}

impl From<Delivery> for WebhookDeliveryView {
    fn from(delivery: Delivery) -> Self {
        let waits = delivery.state == DeliveryState::Pending && delivery.lease_until.is_none();
        let first = delivery.replay_of.unwrap_or(delivery.id).as_uuid();
        Self {
            message_id: delivery.event.map_or(first, |event| event.as_uuid()),
            id: delivery.id,
            endpoint_id: delivery.endpoint,
            site_id: delivery.site,
            event_id: delivery.event,
            event_type: delivery.kind,
            aggregate_id: delivery.aggregate,
            aggregate_seq: delivery.seq,
            origin: delivery.origin,
            replay_of: delivery.replay_of,
            replay_id: delivery.replay,
            state: delivery.state,
            attempts: delivery.attempts,
            next_attempt_at: waits.then_some(delivery.due_at),
            last_status: delivery.last_status,
            last_error: delivery.last_error,
            created_at: delivery.created_at,
            delivered_at: delivery.delivered_at,
        }
    }
}

/// One attempt.
#[derive(Serialize, ToSchema)]
pub struct WebhookAttemptView {
    /// Which one. A number is missing when the server was killed while it was sending.
    number: i64,
    /// When it began.
    started_at: DateTime<Utc>,
    /// How long it took, in milliseconds.
    took_ms: i64,
    /// The status of the answer, if there was one.
    #[schema(example = 503)]
    status: Option<i64>,
    /// What went wrong.
    #[schema(example = "timed_out")]
    error: Option<String>,
}

impl From<Attempt> for WebhookAttemptView {
    fn from(attempt: Attempt) -> Self {
        Self {
            number: attempt.number,
            started_at: attempt.started_at,
            took_ms: attempt.took_ms,
            status: attempt.status,
            error: attempt.error,
        }
    }
}

/// A delivery with all that was tried.
#[derive(Serialize, ToSchema)]
pub struct WebhookDeliveryDetailView {
    /// The delivery.
    delivery: WebhookDeliveryView,
    /// Its attempts, in order.
    attempts: Vec<WebhookAttemptView>,
}

/// What narrows a list of deliveries.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct WebhookDeliveryQuery {
    /// Only to this endpoint.
    #[param(value_type = Option<Uuid>)]
    endpoint_id: Option<WebhookEndpointId>,
    /// Only in this state.
    #[param(inline)]
    state: Option<DeliveryState>,
    /// Only from there.
    #[param(inline)]
    origin: Option<DeliveryOrigin>,
    /// Only of this type.
    #[param(inline)]
    event_type: Option<EventType>,
    /// Only of this event.
    #[param(value_type = Option<Uuid>)]
    event_id: Option<EventId>,
    /// Only about this thing.
    aggregate_id: Option<Uuid>,
    /// Only such as were made then or later.
    created_from: Option<DateTime<Utc>>,
    /// Only such as were made before then.
    created_until: Option<DateTime<Utc>>,
}

impl From<WebhookDeliveryQuery> for DeliveryFilter {
    fn from(query: WebhookDeliveryQuery) -> Self {
        Self {
            endpoint: query.endpoint_id,
            state: query.state,
            origin: query.origin,
            kind: query.event_type,
            event: query.event_id,
            aggregate: query.aggregate_id,
            from: query.created_from,
            until: query.created_until,
        }
    }
}

/// `GET /webhook-deliveries`
pub async fn list(
    who: Staff<may::WebhookView>,
    store: Data<Store>,
    listing: Listing<WebhookDeliveryQuery>,
) -> Result<Json<Page<WebhookDeliveryView>>, Problem> {
    let Listing { page, filter } = listing;
    let (before, limit, filter) = (page.after()?, page.fetch(), DeliveryFilter::from(filter));
    let roots = who.scope.permitted.clone();
    let rows = store.read(move |db| webhook_deliveries::list(db, &roots, &filter, before, limit)).await?;
    Ok(Json(Page::cut(rows, &page, |delivery| delivery.id, WebhookDeliveryView::from)))
}

/// `GET /webhook-deliveries/{delivery_id}`
pub async fn show(
    who: Staff<may::WebhookView>,
    store: Data<Store>,
    path: Path<WebhookDeliveryId>,
) -> Result<Json<WebhookDeliveryDetailView>, Problem> {
    let (caller, id) = (who.caller(), *path);
    let found = store.read(move |db| {
        let delivery = webhooks::find_delivery(db, &caller, id)?;
        Ok::<_, UseCaseError>((delivery, webhook_deliveries::list_attempts(db, id)?))
    });
    let (delivery, attempts) = found.await?;
    let attempts = attempts.into_iter().map(Into::into).collect();
    Ok(Json(WebhookDeliveryDetailView { delivery: delivery.into(), attempts }))
}

/// `POST /webhook-deliveries/{delivery_id}/replay`
pub async fn replay(
    who: Staff<may::WebhookManage>,
    store: Data<Store>,
    path: Path<WebhookDeliveryId>,
) -> Result<Created<WebhookDeliveryView>, Problem> {
    let id = *path;
    let made = transact(&store, who.caller(), move |db, act| webhooks::replay_one(db, act, id)).await?;
    Ok(Created(made.into()))
}

/// `POST /webhook-endpoints/{endpoint_id}/test`
pub async fn send_test(
    who: Staff<may::WebhookManage>,
    store: Data<Store>,
    path: Path<WebhookEndpointId>,
) -> Result<Created<WebhookDeliveryView>, Problem> {
    let id = *path;
    let made = transact(&store, who.caller(), move |db, act| webhooks::send_test(db, act, id)).await?;
    Ok(Created(made.into()))
}
