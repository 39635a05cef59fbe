//! What endpoints may ask for.

use actix_web::web::Json;
use huike_webhooks::EventType;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    auth::{Staff, may},
    extract::Page,
    problem::Problem,
};

/// A type of event.
#[derive(Serialize, ToSchema)]
pub struct WebhookEventTypeView {
    /// Its word.
    event_type: EventType,
    /// What has happened then, in Chinese.
    #[schema(example = "券已核销")]
    text_zh: &'static str,
    /// The same in English.
    #[schema(example = "A coupon was redeemed.")]
    text_en: &'static str,
}

/// `GET /webhook-event-types`
pub async fn list(_who: Staff<may::WebhookView>) -> Result<Json<Page<WebhookEventTypeView>>, Problem> {
    let view = |kind: &EventType| WebhookEventTypeView { event_type: *kind, text_zh: kind.zh(), text_en: kind.en() };
    Ok(Json(Page { items: EventType::ALL.iter().map(view).collect(), next_cursor: None }))
}
