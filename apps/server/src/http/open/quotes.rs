//! What carts of other systems cost.

use actix_web::web::Data;
use huike_access::Sight;
use huike_kernel::{AreaCode, CouponId, CustomerId, Money, NodeId};
use huike_pricing::{CartLine, cart::ShippingQuote};
use huike_usecases::{
    UseCaseError,
    quotes::{CartAsk, Told},
};
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use crate::{
    auth::{Integration, scopes},
    extract::Valid,
    http::quotes::{CART_LIMIT_BYTES, CartLines, QuoteAnswer, QuoteView, segment_names},
    problem::Problem,
    quote_desk::{Buyer, QuoteDesk},
};

/// A cart of another system, and what that system knows. What it says of the customer goes before what Huike knows.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "site_id": "01936f5e-7d2a-7c3e-9a41-5b6c7d8e9f00",
    "customer_id": "01936f5e-7d2a-7c3e-9a41-5b6c7d8e9f00",
    "lines": [
        { "id": "1", "sku": "milk-900g", "categories": ["baby", "milk"], "quantity": 2, "list_price": "118.00" },
    ],
    "shipping": [{ "method": "express", "fee": "8.00" }],
}))]
pub struct QuoteRequest {
    /// The site or store that sells, at or below the key's node; the key's own without it.
    site_id: Option<NodeId>,
    /// The customer, who has been to a node of the key's reach; their coupons come into it.
    customer_id: Option<CustomerId>,
    /// What is bought.
    #[schema(max_items = 200)]
    lines: Vec<CartLine>,
    /// How it is shipped. All of these fees are paid: ask once for each choice.
    #[serde(default)]
    #[schema(max_items = 20)]
    shipping: Vec<ShippingQuote>,
    /// The channel: `pos`, `shop`, ….
    #[validate(length(min = 1, max = 64))]
    channel: Option<String>,
    /// Where the goods go.
    #[schema(value_type = Option<String>, example = "440106")]
    delivery_area: Option<AreaCode>,
    /// How it will be paid.
    #[validate(length(min = 1, max = 64))]
    payment_method: Option<String>,
    /// The customer's tier.
    #[validate(length(min = 1, max = 64))]
    tier: Option<String>,
    /// The segments the customer is in.
    #[serde(default)]
    #[validate(length(max = 100), custom(function = segment_names))]
    segments: Vec<String>,
    /// How many orders the customer has completed.
    completed_orders: Option<u32>,
    /// The customer's birthday, month and day.
    #[validate(custom(function = day_of_year))]
    #[schema(example = "06-15")]
    birthday: Option<String>,
    /// The coupons to use, and no others; without it those that make the price lowest.
    #[validate(length(max = 100))]
    coupon_ids: Option<Vec<CouponId>>,
    /// What the points are worth that the customer wants to spend; the site says how much of the goods they may pay.
    points_worth: Option<Money>,
}

/// `MM-DD`; the 29th of February is a day.
fn month_and_day(text: &str) -> Option<(u32, u32)> {
    let date = chrono::NaiveDate::parse_from_str(&format!("2000-{text}"), "%Y-%m-%d").ok()?;
    (text.len() == 5).then(|| (chrono::Datelike::month(&date), chrono::Datelike::day(&date)))
}

fn day_of_year(text: &str) -> Result<(), validator::ValidationError> {
    month_and_day(text).map(|_| ()).ok_or_else(|| validator::ValidationError::new("invalid"))
}

impl QuoteRequest {
    fn into_ask(self) -> Result<CartAsk, Problem> {
        let told = Told {
            channel: self.channel,
            delivery_area: self.delivery_area,
            payment_method: self.payment_method,
            tier: self.tier,
            segments: self.segments,
            completed_orders: self.completed_orders,
            birthday: self.birthday.as_deref().and_then(month_and_day),
        };
        let cart = CartLines { lines: self.lines, shipping: self.shipping }.into_cart()?;
        Ok(CartAsk { cart, told, coupons: self.coupon_ids, points_worth: self.points_worth })
    }
}

/// `POST /quotes`
pub async fn create(
    key: Integration<scopes::QuotesRead>,
    desk: Data<QuoteDesk>,
    body: Valid<QuoteRequest, CART_LIMIT_BYTES>,
) -> Result<QuoteAnswer, Problem> {
    let body = body.into_inner();
    let place = desk.place(body.site_id.unwrap_or(key.node)).await?;
    if key.scope.sight(&place.path) != Sight::Permitted {
        return Err(UseCaseError::NotFound("node").into());
    }
    let buyer = body.customer_id.map_or(Buyer::Unknown, |customer| Buyer::SeenBelow(customer, key.node));
    let ask = body.into_ask()?;
    let quoted = desk.quote(place, buyer, ask).await?;
    Ok(QuoteAnswer(QuoteView::of(quoted, key.request.locale)))
}
