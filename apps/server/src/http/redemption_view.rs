//! What staff and integrations ask and see of redemptions: the same for both.

use chrono::{DateTime, NaiveDate, Utc};
use huike_coupons::{CouponState, Effect, template::Reason};
use huike_kernel::{Actor, ChannelId, CouponId, CustomerId, Money, NodeId, RedemptionId, StaffId, TemplateId};
use huike_persistence::redemptions::{Redemption, RedemptionFilter, Reversal};
use huike_usecases::redeem::{Preview, Receipt, UndoAsk, Undone};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use crate::counter::CodeAsk;

/// A code shown in a store.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "store_id": "01936f5e-7d2a-7c3e-9a41-5b6c7d8e9f00",
    "code": "1ABCD-EFGHJ-KMNPQ-RSTVW-XYZ01",
    "order_amount": "236.00"
}))]
pub struct CodeRequest {
    /// The store.
    store_id: NodeId,
    /// The code as typed or scanned, or the text of the app's QR code.
    #[validate(length(min = 1, max = 200))]
    code: String,
    /// What the customer buys, before the coupon. Required where the coupon says so.
    order_amount: Option<Money>,
}

impl From<CodeRequest> for CodeAsk {
    fn from(request: CodeRequest) -> Self {
        Self { store: request.store_id, code: request.code, order_amount: request.order_amount }
    }
}

/// What a code gives in this store, now.
#[derive(Serialize, ToSchema)]
pub struct RedemptionPreview {
    /// The coupon.
    coupon_id: CouponId,
    /// Its template.
    template_id: TemplateId,
    /// What the template is called.
    #[schema(example = "满200减30")]
    template_name: String,
    /// The store.
    store_id: NodeId,
    /// What it gives.
    effect: Effect,
    /// Whether somebody owns it; a printed code may be redeemed without an owner.
    is_owned: bool,
    /// The first moment too late.
    expires_at: Option<DateTime<Utc>>,
    /// Whether the order amount must be typed.
    order_amount_required: bool,
    /// What comes off the bill; null while a required order amount is missing.
    discount: Option<Money>,
}

impl From<Preview> for RedemptionPreview {
    fn from(preview: Preview) -> Self {
        Self {
            coupon_id: preview.coupon,
            template_id: preview.template,
            template_name: preview.template_name,
            store_id: preview.store,
            effect: preview.effect,
            is_owned: preview.is_owned,
            expires_at: preview.expires_at,
            order_amount_required: preview.order_amount_required,
            discount: preview.discount,
        }
    }
}

/// A redemption that has just been made.
#[derive(Serialize, ToSchema)]
pub struct ReceiptView {
    /// The redemption.
    redemption_id: RedemptionId,
    /// The coupon.
    coupon_id: CouponId,
    /// Its template.
    template_id: TemplateId,
    /// What the template is called.
    #[schema(example = "满200减30")]
    template_name: String,
    /// The coupon's owner; null for a code nobody had claimed.
    customer_id: Option<CustomerId>,
    /// The store.
    store_id: NodeId,
    /// When.
    redeemed_at: DateTime<Utc>,
    /// The store's local day.
    local_day: NaiveDate,
    /// What was typed.
    order_amount: Option<Money>,
    /// What comes off the bill.
    discount: Money,
}

impl From<Receipt> for ReceiptView {
    fn from(receipt: Receipt) -> Self {
        Self {
            redemption_id: receipt.redemption,
            coupon_id: receipt.coupon,
            template_id: receipt.template,
            template_name: receipt.template_name,
            customer_id: receipt.customer,
            store_id: receipt.store,
            redeemed_at: receipt.redeemed_at,
            local_day: receipt.day,
            order_amount: receipt.order_amount,
            discount: receipt.discount,
        }
    }
}

/// Why a redemption is undone, and where.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "store_id": "01936f5e-7d2a-7c3e-9a41-5b6c7d8e9f00", "reason": "扫错券" }))]
pub struct UndoRequest {
    /// The store one stands in: the one that redeemed.
    store_id: NodeId,
    /// A sentence that others will read.
    reason: Reason,
}

impl UndoRequest {
    /// The ask about that redemption.
    pub(super) fn about(self, redemption: RedemptionId) -> UndoAsk {
        UndoAsk { redemption, store: self.store_id, reason: Some(self.reason) }
    }
}

/// A redemption that does not count any more.
#[derive(Serialize, ToSchema)]
pub struct UndoneView {
    /// The redemption.
    redemption_id: RedemptionId,
    /// The coupon.
    coupon_id: CouponId,
    /// Where the coupon stands now: usable again, unclaimed again, or expired meanwhile.
    coupon_state: CouponState,
    /// When.
    undone_at: DateTime<Utc>,
    /// The store's local day it is booked on.
    local_day: NaiveDate,
}

impl From<Undone> for UndoneView {
    fn from(undone: Undone) -> Self {
        Self {
            redemption_id: undone.redemption,
            coupon_id: undone.coupon,
            coupon_state: undone.coupon_state,
            undone_at: undone.undone_at,
            local_day: undone.day,
        }
    }
}

/// A redemption.
#[derive(Serialize, ToSchema)]
pub struct RedemptionView {
    /// Its id.
    id: RedemptionId,
    /// The coupon.
    coupon_id: CouponId,
    /// Its template.
    template_id: TemplateId,
    /// The version of the template's rules.
    template_version: i64,
    /// The coupon's owner; null for a code nobody had claimed.
    customer_id: Option<CustomerId>,
    /// The channel the coupon came through.
    channel_id: Option<ChannelId>,
    /// The store.
    store_id: NodeId,
    /// `staff` or `integration`.
    #[schema(example = "staff")]
    redeemed_by_kind: &'static str,
    /// Who redeemed it.
    redeemed_by: Option<Uuid>,
    /// When.
    redeemed_at: DateTime<Utc>,
    /// The store's local day.
    local_day: NaiveDate,
    /// What was typed.
    order_amount: Option<Money>,
    /// What came off the bill.
    discount: Money,
    /// What it cost.
    cost: Money,
    /// How it was undone, if it was.
    undo: Option<UndoView>,
}

/// How a redemption was undone.
#[derive(Serialize, ToSchema)]
pub struct UndoView {
    /// When.
    undone_at: DateTime<Utc>,
    /// Who wanted it.
    undone_by: Uuid,
    /// Who confirmed it, where it took two people.
    approved_by: Option<StaffId>,
    /// Why.
    #[schema(example = "扫错券")]
    reason: String,
    /// The store's local day it is booked on.
    local_day: NaiveDate,
}

impl From<Reversal> for UndoView {
    fn from(undo: Reversal) -> Self {
        Self {
            undone_at: undo.at,
            undone_by: undo.by,
            approved_by: undo.approved_by,
            reason: undo.reason,
            local_day: undo.day,
        }
    }
}

impl From<Redemption> for RedemptionView {
    fn from(redemption: Redemption) -> Self {
        Self {
            id: redemption.id,
            coupon_id: redemption.coupon,
            template_id: redemption.template,
            template_version: redemption.template_version,
            customer_id: redemption.customer,
            channel_id: redemption.channel,
            store_id: redemption.store,
            redeemed_by_kind: Actor::kind(&redemption.actor),
            redeemed_by: redemption.actor.id(),
            redeemed_at: redemption.redeemed_at,
            local_day: redemption.day,
            order_amount: redemption.order_amount,
            discount: redemption.discount,
            cost: redemption.cost,
            undo: redemption.reversal.map(UndoView::from),
        }
    }
}

/// What narrows a list of redemptions.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RedemptionQuery {
    /// Only at or below this node.
    #[param(value_type = Option<Uuid>)]
    node_id: Option<NodeId>,
    /// Only of this local day.
    local_day: Option<NaiveDate>,
    /// Only by this member of staff or integration.
    redeemed_by: Option<Uuid>,
    /// Only of this template.
    #[param(value_type = Option<Uuid>)]
    template_id: Option<TemplateId>,
    /// Only undone ones (`true`), or only those that count (`false`).
    undone: Option<bool>,
}

impl From<RedemptionQuery> for RedemptionFilter {
    fn from(query: RedemptionQuery) -> Self {
        Self {
            under: query.node_id,
            day: query.local_day,
            by: query.redeemed_by,
            template: query.template_id,
            reversed: query.undone,
        }
    }
}
