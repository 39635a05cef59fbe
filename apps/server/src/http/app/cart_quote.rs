//! What a cart costs.

use actix_web::web::Data;
use huike_kernel::{AreaCode, CouponId, NodeId};
use huike_orders::order::Item;
use huike_pricing::{Cart, CartLine, cart::ShippingQuote};
use huike_usecases::{
    UseCaseError,
    quotes::{CartAsk, Told},
};
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use crate::{
    auth::Customer,
    extract::Valid,
    http::quotes::{CART_LIMIT_BYTES, CartLines, QuoteAnswer, QuoteView},
    problem::{FieldError, Problem},
    quote_desk::{Buyer, QuoteDesk},
};

/// A cart: goods of the catalogue, at its prices, as an order takes them; or lines with prices that the client shows.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "lines": [
        { "id": "1", "sku": "milk-900g", "categories": ["baby", "milk"], "quantity": 2, "list_price": "118.00" },
    ],
    "coupon_ids": ["01936f5e-7d2a-7c3e-9a41-5b6c7d8e9f00"],
}))]
pub struct CartQuoteRequest {
    /// Goods of the catalogue, each SKU once. An order of them is placed at the price that is quoted here.
    #[serde(default)]
    #[schema(max_items = 200)]
    items: Vec<Item>,
    /// What is bought, in place of `items`.
    #[serde(default)]
    #[schema(max_items = 200)]
    lines: Vec<CartLine>,
    /// How it is shipped, with `lines`. All of these fees are paid: ask once for each choice.
    #[serde(default)]
    #[schema(max_items = 20)]
    shipping: Vec<ShippingQuote>,
    /// The store, at or below the site visited, where the customer buys in one.
    store_id: Option<NodeId>,
    /// The channel: `miniapp`, `h5`, ….
    #[validate(length(min = 1, max = 64))]
    channel: Option<String>,
    /// Where the goods go.
    #[schema(value_type = Option<String>, example = "440106")]
    delivery_area: Option<AreaCode>,
    /// How it will be paid.
    #[validate(length(min = 1, max = 64))]
    payment_method: Option<String>,
    /// The coupons to use, and no others; without it those that make the price lowest.
    #[validate(length(max = 100))]
    coupon_ids: Option<Vec<CouponId>>,
}

impl CartQuoteRequest {
    /// Prices are the catalogue's or the client's, never both.
    fn check_lines(&self) -> Result<(), Problem> {
        let pointer = match (self.items.is_empty(), self.lines.is_empty(), self.shipping.is_empty()) {
            (true, _, _) | (false, true, true) => return Ok(()),
            (false, false, _) => "/lines",
            (false, true, false) => "/shipping",
        };
        let detail = "goods of the catalogue have its prices";
        Err(Problem::invalid(vec![FieldError::new(pointer, "one_of", detail)]))
    }

    fn into_ask(self, goods: Option<Cart>) -> Result<CartAsk, Problem> {
        let told = Told {
            channel: self.channel,
            delivery_area: self.delivery_area,
            payment_method: self.payment_method,
            ..Told::default()
        };
        let cart = match goods {
            Some(goods) => goods,
            None => CartLines { lines: self.lines, shipping: self.shipping }.into_cart()?,
        };
        Ok(CartAsk { cart, told, coupons: self.coupon_ids, points_worth: None })
    }
}

/// `POST /cart/quote`
pub async fn create(
    who: Customer,
    desk: Data<QuoteDesk>,
    body: Valid<CartQuoteRequest, CART_LIMIT_BYTES>,
) -> Result<QuoteAnswer, Problem> {
    let body = body.into_inner();
    let place = desk.place(body.store_id.unwrap_or(who.site)).await?;
    if !place.path.contains(&who.site) {
        return Err(UseCaseError::NotFound("store").into());
    }
    body.check_lines()?;
    let goods = match body.items.is_empty() {
        true => None,
        false => Some(desk.goods(body.items.clone()).await?),
    };
    let ask = body.into_ask(goods)?;
    let quoted = desk.quote(place, Buyer::Own(who.customer), ask).await?;
    Ok(QuoteAnswer(QuoteView::of(quoted, who.request.locale)))
}
