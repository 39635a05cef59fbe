//! Orders.

use crate::{
    api::Api,
    http::{admin, app},
};

const ORDER: &str = "/orders/{order_id}";

fn on(rest: &str) -> String {
    format!("{ORDER}{rest}")
}

/// Adds them to `/admin/v1`.
pub(super) fn add_for_staff(api: &mut Api) {
    use admin::orders;

    api.tag("Orders 订单")
        .get("/orders", orders::list, "list_orders", "List orders")
        .get(ORDER, orders::show, "show_order", "See an order and what it is made of")
        .post(&on("/cancel"), orders::cancel, "cancel_order", "Give an order up that nobody paid")
        .post(&on("/fulfil"), orders::fulfil, "fulfil_order", "Hand a paid order over, or send it")
        .post(&on("/complete"), orders::complete, "complete_order", "Call an order over and done");
}

/// Adds them to `/app/v1`.
pub(super) fn add_for_customers(api: &mut Api) {
    use app::{orders, payments};

    api.tag("Orders 订单")
        .post("/orders", orders::create, "place_order", "Place an order at the price that was quoted")
        .get("/orders", orders::list, "list_orders", "See one's orders")
        .get(ORDER, orders::show, "show_order", "See an order and what it is made of")
        .post(&on("/cancel"), orders::cancel, "cancel_order", "Give an order up before it is paid")
        .post(&on("/payments"), payments::create, "begin_payment", "Begin to pay what is left of an order");
}
