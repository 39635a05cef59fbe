//! What redemptions and undos say of themselves: in the events of their coupons, and in the audit log.

use chrono::NaiveDate;
use huike_coupons::CouponState;
use huike_kernel::{Money, NodeId, StaffId};
use huike_persistence::{redemptions::Redemption, store_days::Totals, unredeem_requests::UnredeemRequest};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::record::Change;

/// The event of a redemption.
pub(crate) fn redeemed(redemption: &Redemption) -> Value {
    json!({
        "redemption_id": redemption.id,
        "template_id": redemption.template,
        "template_version": redemption.template_version,
        "customer_id": redemption.customer,
        "channel_id": redemption.channel,
        "store_id": redemption.store,
        "order_amount_fen": redemption.order_amount.map(Money::fen),
        "discount_fen": redemption.discount.fen(),
        "cost_fen": redemption.cost.fen(),
    })
}

/// The audit row of a redemption.
pub(crate) fn redeem(redemption: &Redemption) -> Change {
    Change {
        action: "coupon.redeem",
        subject_kind: "coupon",
        subject: redemption.coupon.to_string(),
        before: json!(null),
        after: redeemed(redemption),
    }
}

/// The event of an undo.
pub(crate) fn undone(redemption: &Redemption, booked_on: NaiveDate) -> Value {
    json!({
        "redemption_id": redemption.id,
        "template_id": redemption.template,
        "customer_id": redemption.customer,
        "store_id": redemption.store,
        "order_amount_fen": redemption.order_amount.map(Money::fen),
        "discount_fen": redemption.discount.fen(),
        "cost_fen": redemption.cost.fen(),
        "booked_on": booked_on,
    })
}

/// The audit row of an undo: who wanted it, who confirmed it, and why.
pub(crate) fn undo(
    (redemption, coupon_state): (&Redemption, CouponState),
    booked_on: NaiveDate,
    (by, approved_by, reason): (Uuid, Option<StaffId>, Option<&str>),
) -> Change {
    Change {
        action: "coupon.unredeem",
        subject_kind: "redemption",
        subject: redemption.id.to_string(),
        before: json!({ "coupon_state": CouponState::Redeemed }),
        after: json!({
            "coupon_id": redemption.coupon,
            "coupon_state": coupon_state,
            "reason": reason,
            "by": by,
            "approved_by": approved_by,
            "booked_on": booked_on,
        }),
    }
}

/// The audit row of a request for a late undo, as it was made or decided.
pub(crate) fn request(request: &UnredeemRequest, action: &'static str) -> Change {
    Change {
        action,
        subject_kind: "unredeem_request",
        subject: request.id.to_string(),
        before: json!({ "requested_by": request.requested.0 }),
        after: json!({
            "redemption_id": request.redemption,
            "reason": request.reason,
            "state": request.state.as_str(),
            "decided_by": request.decided.map(|(by, _)| by),
        }),
    }
}

/// The audit row of a day that was signed.
pub(crate) fn sign_day((store, day): (NodeId, NaiveDate), totals: &Totals) -> Change {
    Change {
        action: "store_day.sign",
        subject_kind: "store_day",
        subject: format!("{store}/{day}"),
        before: json!(null),
        after: json!({
            "redemptions": totals.redemptions,
            "reversals": totals.reversals,
            "order_amount": totals.order_amount,
            "discount": totals.discount,
        }),
    }
}
