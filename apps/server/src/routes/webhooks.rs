//! Webhooks: endpoints, what was sent to them, and what is sent once more.

use crate::{
    api::Api,
    http::admin::{
        webhook_deliveries as deliveries, webhook_endpoints as endpoints, webhook_event_types as types,
        webhook_replays as replays, webhook_secrets as secrets,
    },
};

/// Adds them to `/admin/v1`.
pub(super) fn add(api: &mut Api) {
    const ENDPOINT: &str = "/webhook-endpoints/{endpoint_id}";
    const DELIVERY: &str = "/webhook-deliveries/{delivery_id}";
    let on = |rest: &str| format!("{ENDPOINT}{rest}");
    api.tag("Webhooks 事件推送")
        .get("/webhook-event-types", types::list, "list_webhook_event_types", "List what endpoints may ask for")
        .get("/webhook-endpoints", endpoints::list, "list_webhook_endpoints", "List endpoints")
        .post(
            "/webhook-endpoints",
            endpoints::create,
            "create_webhook_endpoint",
            "Make an endpoint; its secret is shown this once",
        )
        .get(ENDPOINT, endpoints::show, "show_webhook_endpoint", "See an endpoint")
        .patch(ENDPOINT, endpoints::update, "update_webhook_endpoint", "Change an endpoint")
        .delete(ENDPOINT, endpoints::remove, "remove_webhook_endpoint", "Remove an endpoint for good")
        .post(&on("/enable"), endpoints::enable, "enable_webhook_endpoint", "Tell an endpoint again")
        .post(&on("/disable"), endpoints::disable, "disable_webhook_endpoint", "Stop telling an endpoint")
        .post(&on("/secrets"), secrets::rotate, "rotate_webhook_secret", "Make a new secret; it is shown this once")
        .post(&on("/test"), deliveries::send_test, "test_webhook_endpoint", "Send a message to try an endpoint out")
        .get(&on("/replays"), replays::list, "list_webhook_replays", "List replays of windows to an endpoint")
        .post(&on("/replays"), replays::create, "replay_webhook_window", "Send the events of a window once more")
        .get("/webhook-replays/{replay_id}", replays::show, "show_webhook_replay", "See how far a replay has come")
        .get("/webhook-deliveries", deliveries::list, "list_webhook_deliveries", "List deliveries")
        .get(DELIVERY, deliveries::show, "show_webhook_delivery", "See a delivery and its attempts")
        .post(
            &format!("{DELIVERY}/replay"),
            deliveries::replay,
            "replay_webhook_delivery",
            "Send a delivery once more",
        );
}
