//! Orders of the customer (订单).

use std::sync::Arc;

use actix_web::web::{Data, Json};
use huike_kernel::{AreaCode, CouponId, Money, NodeId, OrderId};
use huike_orders::order::{Item, OrderState};
use huike_persistence::{
    Store,
    orders::{self as rows, OrderFilter},
};
use huike_usecases::{
    UseCaseError,
    orders::{self, CancelAsk, OrderSight, PlaceAsk},
    quotes::Told,
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use crate::{
    api::Created,
    auth::Customer,
    extract::{IdempotencyKey, Listing, Page, Path, Valid},
    http::{
        order_view::{OrderStepView, OrderSummary, OrderView, PlacedOrderView},
        quotes::{CART_LIMIT_BYTES, read_hash},
    },
    problem::Problem,
    quote_desk::QuoteDesk,
};

/// An order. What is said of it is the same as when it was quoted: another price is refused, and nothing is taken.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "items": [{ "sku_id": "01936f5e-7d2a-7c3e-9a41-5b6c7d8e9f00", "quantity": 2 }],
    "quote_hash": "2b8e4f0d6c1a93b57e2f8d4c6a0b1e3f5d7c9a8b6e4f2d0c1b3a5e7f9d8c6b4a",
    "stored_value": "50.00",
}))]
pub struct OrderRequest {
    /// What is ordered; each SKU once.
    #[schema(min_items = 1, max_items = 200)]
    items: Vec<Item>,
    /// `hash` of the quote that the customer has seen.
    #[validate(length(equal = 64))]
    quote_hash: String,
    /// The store, at or below the site visited, where the customer buys in one.
    store_id: Option<NodeId>,
    /// The coupons to use, and no others; without it those that make the price lowest.
    #[validate(length(max = 100))]
    coupon_ids: Option<Vec<CouponId>>,
    /// How much of it is paid with stored value.
    stored_value: Option<Money>,
    /// The channel: `miniapp`, `h5`, ….
    #[validate(length(min = 1, max = 64))]
    channel: Option<String>,
    /// Where the goods go.
    #[schema(value_type = Option<String>, example = "440106")]
    delivery_area: Option<AreaCode>,
    /// How it will be paid.
    #[validate(length(min = 1, max = 64))]
    payment_method: Option<String>,
}

/// `POST /orders`
pub async fn create(
    who: Customer,
    (desk, store): (Data<QuoteDesk>, Data<Store>),
    key: IdempotencyKey,
    body: Valid<OrderRequest, CART_LIMIT_BYTES>,
) -> Result<Created<PlacedOrderView>, Problem> {
    let once = key.once(&who, &body);
    let body = body.into_inner();
    let place = desk.place(body.store_id.unwrap_or(who.site)).await?;
    if !place.path.contains(&who.site) {
        return Err(UseCaseError::NotFound("store").into());
    }
    let (offers, calendar) = desk.terms(&place).await?;
    let OrderRequest { items, quote_hash, coupon_ids, stored_value, channel, delivery_area, payment_method, .. } = body;
    let ask = PlaceAsk {
        place: Arc::clone(&place),
        offers,
        calendar,
        customer: who.customer,
        items,
        told: Told { channel, delivery_area, payment_method, ..Told::default() },
        coupons: coupon_ids,
        stored_value: stored_value.unwrap_or(Money::ZERO),
        seen: read_hash("/quote_hash", &quote_hash)?,
    };
    let caller = who.caller();
    let placed = store.write_once(once, move |db, now| orders::place_order(db, &caller.act(now), &ask)).await?;
    Ok(Created(placed.value.into()))
}

/// Which orders.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OwnOrderQuery {
    /// Only in this state.
    #[param(inline)]
    state: Option<OrderState>,
}

/// `GET /orders`
pub async fn list(
    who: Customer,
    store: Data<Store>,
    listing: Listing<OwnOrderQuery>,
) -> Result<Json<Page<OrderSummary>>, Problem> {
    let Listing { page, filter } = listing;
    let (before, limit) = (page.after()?, page.fetch());
    let filter = OrderFilter { customer: Some(who.customer), state: filter.state, ..OrderFilter::default() };
    let found = store.read(move |db| rows::list(db, None, &filter, before, limit)).await?;
    Ok(Json(Page::cut(found, &page, |row| row.id, OrderSummary::from)))
}

/// `GET /orders/{order_id}`
pub async fn show(who: Customer, store: Data<Store>, path: Path<OrderId>) -> Result<Json<OrderView>, Problem> {
    let (caller, sight) = (who.caller(), (*path, OrderSight::Own(who.customer)));
    Ok(Json(store.read(move |db| orders::find_order(db, &caller, sight)).await?.into()))
}

/// `POST /orders/{order_id}/cancel`
pub async fn cancel(
    who: Customer,
    store: Data<Store>,
    key: IdempotencyKey,
    path: Path<OrderId>,
) -> Result<Json<OrderStepView>, Problem> {
    let (once, caller, ask) = (key.once(&who, &()), who.caller(), CancelAsk { order: *path });
    let done = store.write_once(once, move |db, now| orders::cancel_order(db, &caller.act(now), ask)).await?;
    Ok(Json(done.value.into()))
}
