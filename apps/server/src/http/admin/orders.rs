//! Orders (订单), for staff.

use actix_web::web::{Data, Json};
use chrono::{DateTime, Utc};
use huike_kernel::{CustomerId, NodeId, OrderId};
use huike_orders::order::OrderState;
use huike_persistence::{
    Db, Store,
    orders::{self as rows, OrderFilter},
};
use huike_usecases::{
    Act, UseCaseError,
    orders::{self, CancelAsk, Delivery, OrderSight, Stepped},
};
use serde::Deserialize;
use utoipa::IntoParams;
use validator::Validate;

use crate::{
    auth::{Staff, may},
    extract::{IdempotencyKey, Listing, Page, Path},
    http::order_view::{OrderStepView, OrderSummary, OrderView},
    problem::Problem,
};

/// What narrows the list.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OrderQuery {
    /// Only at or below this node.
    #[param(value_type = Option<uuid::Uuid>)]
    site_id: Option<NodeId>,
    /// Only of this customer.
    #[param(value_type = Option<uuid::Uuid>)]
    customer_id: Option<CustomerId>,
    /// Only in this state.
    #[param(inline)]
    state: Option<OrderState>,
    /// Only placed at this moment or later.
    placed_from: Option<DateTime<Utc>>,
    /// Only placed before this moment.
    placed_before: Option<DateTime<Utc>>,
}

/// `GET /orders`
pub async fn list(
    who: Staff<may::OrderRead>,
    store: Data<Store>,
    listing: Listing<OrderQuery>,
) -> Result<Json<Page<OrderSummary>>, Problem> {
    let Listing { page, filter } = listing;
    let (roots, before, limit) = (who.scope.permitted.clone(), page.after()?, page.fetch());
    let filter = OrderFilter {
        customer: filter.customer_id,
        under: filter.site_id,
        state: filter.state,
        placed_from: filter.placed_from,
        placed_before: filter.placed_before,
    };
    let found = store.read(move |db| rows::list(db, Some(&roots), &filter, before, limit)).await?;
    Ok(Json(Page::cut(found, &page, |row| row.id, OrderSummary::from)))
}

/// `GET /orders/{order_id}`
pub async fn show(
    who: Staff<may::OrderRead>,
    store: Data<Store>,
    path: Path<OrderId>,
) -> Result<Json<OrderView>, Problem> {
    let (caller, sight) = (who.caller(), (*path, OrderSight::Staff));
    Ok(Json(store.read(move |db| orders::find_order(db, &caller, sight)).await?.into()))
}

/// `POST /orders/{order_id}/cancel`
pub async fn cancel(
    who: Staff<may::OrderManage>,
    store: Data<Store>,
    key: IdempotencyKey,
    path: Path<OrderId>,
) -> Result<Json<OrderStepView>, Problem> {
    let ask = CancelAsk { order: *path };
    step(&who, &store, &key, move |db, act| orders::cancel_order(db, act, ask)).await
}

/// `POST /orders/{order_id}/fulfil`
pub async fn fulfil(
    who: Staff<may::OrderManage>,
    store: Data<Store>,
    key: IdempotencyKey,
    path: Path<OrderId>,
) -> Result<Json<OrderStepView>, Problem> {
    let ask = (*path, Delivery::Fulfil);
    step(&who, &store, &key, move |db, act| orders::deliver_order(db, act, ask)).await
}

/// `POST /orders/{order_id}/complete`
pub async fn complete(
    who: Staff<may::OrderManage>,
    store: Data<Store>,
    key: IdempotencyKey,
    path: Path<OrderId>,
) -> Result<Json<OrderStepView>, Problem> {
    let ask = (*path, Delivery::Complete);
    step(&who, &store, &key, move |db, act| orders::deliver_order(db, act, ask)).await
}

async fn step(
    who: &Staff<may::OrderManage>,
    store: &Store,
    key: &IdempotencyKey,
    body: impl Fn(&mut Db, &Act<'_>) -> Result<Stepped, UseCaseError> + Send + 'static,
) -> Result<Json<OrderStepView>, Problem> {
    let (once, caller) = (key.once(who, &()), who.caller());
    let done = store.write_once(once, move |db, now| body(db, &caller.act(now))).await?;
    Ok(Json(done.value.into()))
}
