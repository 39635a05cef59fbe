//! Replays of a window: past events sent to an endpoint once more.

use actix_web::web::{Data, Json};
use chrono::{DateTime, Utc};
use huike_kernel::{NodeId, StaffId, WebhookEndpointId, WebhookReplayId};
use huike_persistence::{
    Store,
    webhook_replays::{self, Replay, SHARDS},
};
use huike_usecases::{
    UseCaseError,
    webhooks::{self, ReplayAsk},
};
use huike_webhooks::{EventType, ReplayState};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::transact::transact;
use crate::{
    api::Created,
    auth::{Staff, may},
    extract::{Listing, Page, Path, Valid},
    problem::Problem,
};

/// A window to send once more.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "from": "2026-01-01T00:00:00Z",
    "until": "2026-01-02T00:00:00Z",
    "event_types": ["coupon_redeemed"]
}))]
pub struct ReplayWindowRequest {
    /// From when on.
    from: DateTime<Utc>,
    /// Until before when; at most 31 days later, and not in the future.
    until: DateTime<Utc>,
    /// Of which types; nothing means what the endpoint asks for.
    #[serde(default)]
    #[validate(length(max = 100))]
    #[schema(max_items = 100)]
    event_types: Vec<EventType>,
}

/// A window that is sent once more. Every event in it that happened in the endpoint's reach, whether it was sent before or
/// not, becomes a delivery.
#[derive(Serialize, ToSchema)]
pub struct WebhookReplayView {
    /// Its id.
    id: WebhookReplayId,
    /// To whom.
    endpoint_id: WebhookEndpointId,
    /// The endpoint's node.
    site_id: NodeId,
    /// From when on.
    from: DateTime<Utc>,
    /// Until before when.
    until: DateTime<Utc>,
    /// Of which types; nothing means what the endpoint asks for.
    event_types: Vec<EventType>,
    /// Where it stands.
    state: ReplayState,
    /// How much of the window was looked through, in percent.
    #[schema(minimum = 0, maximum = 100)]
    progress_percent: i64,
    /// How many deliveries it has made.
    made: i64,
    /// Who wanted it.
    created_by: StaffId,
    /// When.
    created_at: DateTime<Utc>,
    /// When it ended.
    finished_at: Option<DateTime<Utc>>,
}

impl From<Replay> for WebhookReplayView {
    fn from(replay: Replay) -> Self {
        Self {
            id: replay.id,
            endpoint_id: replay.endpoint,
            site_id: replay.site,
            from: replay.window.from,
            until: replay.window.until,
            event_types: replay.event_types,
            state: replay.state,
            progress_percent: replay.reached.shard.saturating_mul(100).checked_div(SHARDS).unwrap_or_default(),
            made: replay.made,
            created_by: replay.created_by,
            created_at: replay.created_at,
            finished_at: replay.finished_at,
        }
    }
}

/// `POST /webhook-endpoints/{endpoint_id}/replays`
pub async fn create(
    who: Staff<may::WebhookManage>,
    store: Data<Store>,
    path: Path<WebhookEndpointId>,
    body: Valid<ReplayWindowRequest>,
) -> Result<Created<WebhookReplayView>, Problem> {
    let ReplayWindowRequest { from, until, event_types } = body.into_inner();
    let ask = ReplayAsk { endpoint: *path, from, until, event_types };
    let begun = transact(&store, who.caller(), move |db, act| webhooks::begin_replay(db, act, &ask)).await?;
    Ok(Created(begun.into()))
}

/// `GET /webhook-endpoints/{endpoint_id}/replays`
pub async fn list(
    who: Staff<may::WebhookView>,
    store: Data<Store>,
    path: Path<WebhookEndpointId>,
    listing: Listing,
) -> Result<Json<Page<WebhookReplayView>>, Problem> {
    let (caller, id, page) = (who.caller(), *path, listing.page);
    let (before, limit) = (page.after()?, page.fetch());
    let found = store.read(move |db| {
        let endpoint = webhooks::find_endpoint(db, &caller, id)?;
        Ok::<_, UseCaseError>(webhook_replays::list(db, endpoint.id, before, limit)?)
    });
    Ok(Json(Page::cut(found.await?, &page, |replay| replay.id, WebhookReplayView::from)))
}

/// `GET /webhook-replays/{replay_id}`
pub async fn show(
    who: Staff<may::WebhookView>,
    store: Data<Store>,
    path: Path<WebhookReplayId>,
) -> Result<Json<WebhookReplayView>, Problem> {
    let (caller, id) = (who.caller(), *path);
    let found = store.read(move |db| webhooks::find_replay(db, &caller, id)).await?;
    Ok(Json(found.into()))
}
