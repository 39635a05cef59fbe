//! What is seen of an order.

use chrono::{DateTime, Utc};
use huike_kernel::{AreaCode, CouponId, CustomerId, Money, NodeId, OfferId, OrderId, SkuId, TemplateId};
use huike_ledger::AccountKind;
use huike_orders::order::{CloseReason, LineKind, OrderState, TenderState, UseState};
use huike_persistence::orders::{Allocation, Discount, Order, OrderLine, Tender};
use huike_usecases::orders::{Placed, ShownOrder, Stepped};
use serde::Serialize;
use utoipa::ToSchema;

/// An order as it was placed.
#[derive(Serialize, ToSchema)]
pub struct PlacedOrderView {
    /// The order.
    order_id: OrderId,
    /// Where.
    site_id: NodeId,
    /// Where it stood then: what costs nothing more is paid at once.
    state: OrderState,
    /// What it costs.
    payable: Money,
    /// What of it is paid with stored value.
    stored_value: Money,
    /// What is left to pay.
    due: Money,
    /// When it was placed.
    placed_at: DateTime<Utc>,
    /// Until when everything is kept for it.
    expires_at: DateTime<Utc>,
}

impl From<Placed> for PlacedOrderView {
    fn from(it: Placed) -> Self {
        Self {
            order_id: it.order,
            site_id: it.site,
            state: it.state,
            payable: it.payable,
            stored_value: it.stored_value,
            due: it.due,
            placed_at: it.placed_at,
            expires_at: it.expires_at,
        }
    }
}

/// Where an order stands after an act.
#[derive(Serialize, ToSchema)]
pub struct OrderStepView {
    /// The order.
    order_id: OrderId,
    /// Where it stands.
    state: OrderState,
    /// Counts its steps.
    #[schema(minimum = 1)]
    version: i64,
}

impl From<Stepped> for OrderStepView {
    fn from(it: Stepped) -> Self {
        Self { order_id: it.order, state: it.state, version: it.version }
    }
}

/// An order, without its lines.
#[derive(Serialize, ToSchema)]
pub struct OrderSummary {
    /// Its id.
    id: OrderId,
    /// The site or store that sells.
    site_id: NodeId,
    /// Whose it is.
    customer_id: CustomerId,
    /// Where it stands.
    state: OrderState,
    /// Counts its steps.
    #[schema(minimum = 1)]
    version: i64,
    /// Everything at its list price.
    list: Money,
    /// What came off.
    discount: Money,
    /// What is to be paid.
    payable: Money,
    /// What of it is paid with stored value.
    stored_value: Money,
    /// What is left for a provider of payments.
    due: Money,
    /// What was kept of what came in for it.
    paid: Money,
    /// When it was placed.
    placed_at: DateTime<Utc>,
    /// Until when everything is kept for it, while nobody has paid it.
    expires_at: DateTime<Utc>,
    /// When it was paid.
    paid_at: Option<DateTime<Utc>>,
    /// When it was given up.
    closed_at: Option<DateTime<Utc>>,
    /// Why it was given up.
    close_reason: Option<CloseReason>,
}

impl From<Order> for OrderSummary {
    fn from(it: Order) -> Self {
        let (closed_at, close_reason) = it.closed.unzip();
        Self {
            id: it.id,
            site_id: it.site,
            customer_id: it.customer,
            state: it.life.state,
            version: it.version,
            list: it.sums.list,
            discount: it.sums.discount,
            payable: it.sums.payable,
            stored_value: it.sums.stored_value,
            due: it.sums.due(),
            paid: it.paid,
            placed_at: it.placed_at,
            expires_at: it.expires_at,
            paid_at: it.paid_at,
            closed_at,
            close_reason,
        }
    }
}

/// What a discount took off a line.
#[derive(Serialize, ToSchema)]
struct OrderPartView {
    /// The number of the discount.
    discount: i64,
    /// How much.
    amount: Money,
}

/// A line, as it was named and priced when it was placed.
#[derive(Serialize, ToSchema)]
struct OrderLineView {
    /// Its number, from one.
    number: i64,
    /// Sold, or a gift.
    kind: LineKind,
    /// What.
    sku_id: SkuId,
    /// The SKU's code then.
    #[schema(example = "MILK-1-900G")]
    code: String,
    /// What it was called then.
    #[schema(example = "一段奶粉 900克")]
    name: String,
    /// How many.
    #[schema(minimum = 1)]
    quantity: i64,
    /// The list price of a unit.
    list_price: Money,
    /// The price of a unit that counted.
    unit_price: Money,
    /// Whose price that was.
    #[schema(example = "sale")]
    price_source: String,
    /// All units before discounts.
    subtotal: Money,
    /// What came off.
    discount: Money,
    /// What of it each discount took off.
    parts: Vec<OrderPartView>,
    /// What is to be paid for it.
    payable: Money,
}

impl OrderLineView {
    fn of(it: OrderLine, allocations: &[Allocation]) -> Self {
        let of_line = allocations.iter().filter(|part| part.line == it.number);
        Self {
            number: it.number,
            kind: it.kind,
            sku_id: it.sku,
            code: it.code,
            name: it.name,
            quantity: it.quantity,
            list_price: it.list_price,
            unit_price: it.unit_price,
            price_source: it.price_source,
            subtotal: it.subtotal,
            discount: it.discount,
            parts: of_line.map(|part| OrderPartView { discount: part.discount, amount: part.amount }).collect(),
            payable: it.payable,
        }
    }
}

/// What took something off.
#[derive(Serialize, ToSchema)]
struct OrderDiscountView {
    /// Its number, in the order of application.
    number: i64,
    /// The automatic offer, where it is one.
    offer_id: Option<OfferId>,
    /// The coupon, where it is one.
    coupon_id: Option<CouponId>,
    /// The coupon's template.
    template_id: Option<TemplateId>,
    /// What came off in all.
    discount: Money,
    /// What became of the use.
    state: UseState,
}

impl From<Discount> for OrderDiscountView {
    fn from(it: Discount) -> Self {
        Self {
            number: it.number,
            offer_id: it.coupon.is_none().then_some(it.offer),
            coupon_id: it.coupon.map(|coupon| coupon.id),
            template_id: it.coupon.map(|coupon| coupon.template),
            discount: it.discount,
            state: it.state,
        }
    }
}

/// What is paid with stored value.
#[derive(Serialize, ToSchema)]
struct OrderTenderView {
    /// Principal or bonus.
    kind: AccountKind,
    /// How much.
    amount: Money,
    /// What became of it.
    state: TenderState,
}

impl From<Tender> for OrderTenderView {
    fn from(it: Tender) -> Self {
        Self { kind: it.kind, amount: it.amount, state: it.state }
    }
}

/// An order with all that belongs to it.
#[derive(Serialize, ToSchema)]
pub struct OrderView {
    #[serde(flatten)]
    order: OrderSummary,
    /// Everything before discounts.
    subtotal: Money,
    /// The policy it was priced under.
    #[schema(example = "1/best/apportion/1/1")]
    policy: String,
    /// The customer's tier then.
    tier: Option<String>,
    /// The channel it came through.
    channel: Option<String>,
    /// Where the goods go.
    #[schema(value_type = Option<String>, example = "440106")]
    delivery_area: Option<AreaCode>,
    /// What was ordered.
    lines: Vec<OrderLineView>,
    /// What took something off.
    discounts: Vec<OrderDiscountView>,
    /// What is paid with stored value.
    tenders: Vec<OrderTenderView>,
}

impl From<ShownOrder> for OrderView {
    fn from(it: ShownOrder) -> Self {
        let ShownOrder { order, lines, discounts, allocations, tenders } = it;
        Self {
            subtotal: order.sums.subtotal,
            policy: order.policy.clone(),
            tier: order.tier.clone(),
            channel: order.channel.clone(),
            delivery_area: order.delivery_area.clone(),
            order: order.into(),
            lines: lines.into_iter().map(|line| OrderLineView::of(line, &allocations)).collect(),
            discounts: discounts.into_iter().map(Into::into).collect(),
            tenders: tenders.into_iter().map(Into::into).collect(),
        }
    }
}
