//! The catalogue: every kind of event there is, in words for those who choose which ones they want.
//!
//! A kind that the house emits and that is not listed here reaches nobody who asks for it by name; a test of the server
//! holds the catalogue against what is emitted.

/// Defines the catalogue: the words, and for each its text in both languages.
macro_rules! catalogue {
    ($($variant:ident = $word:literal, $zh:literal, $en:literal;)+) => {
        huike_kernel::words!(
            /// A kind of event that a receiver may ask for.
            EventType, "event type" {
                $(
                    #[doc = $en]
                    $variant = $word,
                )+
            }
        );

        impl EventType {
            /// What happened, in Chinese.
            pub const fn zh(self) -> &'static str {
                match self {
                    $(Self::$variant => $zh,)+
                }
            }

            /// What happened, in English.
            pub const fn en(self) -> &'static str {
                match self {
                    $(Self::$variant => $en,)+
                }
            }
        }
    };
}

catalogue! {
    CouponPrinted = "coupon_printed", "券码已生成", "A code was made that nobody owns yet.";
    CouponIssued = "coupon_issued", "券已发放", "A coupon was given to a customer.";
    CouponClaimed = "coupon_claimed", "券已领取", "A customer took a coupon.";
    CouponLocked = "coupon_locked", "券已被订单占用", "An unpaid order took hold of a coupon.";
    CouponReleased = "coupon_released", "券已从订单释放", "An order let a coupon go.";
    CouponRedeemed = "coupon_redeemed", "券已核销", "A coupon was redeemed.";
    CouponUnredeemed = "coupon_unredeemed", "核销已撤销", "A redemption was undone.";
    CouponExpired = "coupon_expired", "券已过期", "A coupon expired unused.";
    CouponVoided = "coupon_voided", "券已作废", "A coupon was voided.";
    CouponTransferred = "coupon_transferred", "券已转赠", "A customer gave a coupon away.";
    CouponReturned = "coupon_returned", "券已退回", "The order a coupon was used in was refunded.";
    CouponReissued = "coupon_reissued", "退回的券已恢复", "A returned coupon may be used again.";

    TemplateCreated = "template_created", "券模板已创建", "A coupon template was created.";
    TemplateEdited = "template_edited", "券模板草稿已修改", "The draft of a template was changed.";
    TemplateSubmitted = "template_submitted", "券模板已提交审核", "A template was handed to review.";
    TemplateWithdrawn = "template_withdrawn", "券模板已撤回审核", "A template was taken back from review.";
    TemplateApproved = "template_approved", "券模板审核通过", "A template was approved.";
    TemplateSelfApproved = "template_self_approved", "券模板未经复核通过", "A template was approved by its maker.";
    TemplateRejected = "template_rejected", "券模板被驳回", "A template was rejected.";
    TemplatePublished = "template_published", "券模板已上线", "A version of a template went live.";
    TemplatePaused = "template_paused", "券模板已暂停", "A template was paused.";
    TemplateExhausted = "template_exhausted", "券模板预算用尽", "A template paused itself: its budget is used up.";
    TemplateResumed = "template_resumed", "券模板已恢复", "A template is live again.";
    TemplateKilled = "template_killed", "券模板已紧急停用", "A template was stopped, and the coupons customers hold with it.";
    TemplateKillLifted = "template_kill_lifted", "券模板紧急停用已解除", "The stop of a template was lifted.";
    TemplateEnded = "template_ended", "券模板已结束", "A template ended for good.";
    TemplateVersionOpened = "template_version_opened", "券模板新版本已建立", "A new version of a template was begun.";
    TemplateQuotasSet = "template_quotas_set", "券模板分站配额已设置", "The shares of sites in a template were set.";
    SpendingAlarm = "spending_alarm", "券模板支出异常提醒", "A template spends far faster than usual, or than its budget lasts.";
    ChannelOpened = "channel_opened", "发放渠道已开通", "A channel that a template is issued through was opened.";
    ChannelClosed = "channel_closed", "发放渠道已关闭", "A channel was closed.";

    OfferCreated = "offer_created", "优惠活动已创建", "An offer was drafted.";
    OfferEdited = "offer_edited", "优惠活动草稿已修改", "The draft of an offer was changed.";
    OfferSubmitted = "offer_submitted", "优惠活动已提交审核", "An offer was handed to review.";
    OfferWithdrawn = "offer_withdrawn", "优惠活动已撤回审核", "An offer was taken back from review.";
    OfferApproved = "offer_approved", "优惠活动审核通过", "An offer was approved.";
    OfferSelfApproved = "offer_self_approved", "优惠活动未经复核通过", "An offer was approved by its maker.";
    OfferRejected = "offer_rejected", "优惠活动被驳回", "An offer was rejected.";
    OfferPublished = "offer_published", "优惠活动已上线", "A version of an offer came into force.";
    OfferPaused = "offer_paused", "优惠活动已暂停", "An offer was paused.";
    OfferResumed = "offer_resumed", "优惠活动已恢复", "An offer is in force again.";
    OfferEnded = "offer_ended", "优惠活动已结束", "An offer ended for good.";
    OfferVersionOpened = "offer_version_opened", "优惠活动新版本已建立", "A new version of an offer was begun.";
    OfferBudgetChanged = "offer_budget_changed", "优惠活动预算已调整", "An offer may cost more or less from now on.";

    CategoryCreated = "category_created", "商品分类已创建", "A category of goods was made.";
    CategoryEdited = "category_edited", "商品分类已修改", "A category of goods was changed.";
    CategoryArchived = "category_archived", "商品分类已归档", "A category of goods was archived.";
    ProductCreated = "product_created", "商品已创建", "A product was added.";
    ProductEdited = "product_edited", "商品已修改", "A product was changed.";
    ProductArchived = "product_archived", "商品已归档", "A product was archived.";
    SkuCreated = "sku_created", "规格已创建", "A SKU was added.";
    SkuEdited = "sku_edited", "规格已修改", "A SKU was changed.";
    SkuArchived = "sku_archived", "规格已归档", "A SKU was archived.";
    StockMoved = "stock_moved", "库存已变动", "What lies of a SKU at a place changed.";
    StockTransferRequested = "stock_transfer_requested", "调拨已申请", "Goods were asked for from another place.";
    StockTransferSent = "stock_transfer_sent", "调拨已发货", "Goods left for another place.";
    StockTransferReceived = "stock_transfer_received", "调拨已收货", "Goods arrived from another place.";
    StockTransferCancelled = "stock_transfer_cancelled", "调拨已取消", "A transfer of goods was given up.";

    OrderPlaced = "order_placed", "订单已提交", "A customer placed an order.";
    OrderPaid = "order_paid", "订单已支付", "An order was paid.";
    OrderFulfilled = "order_fulfilled", "订单已发货", "An order was handed over or sent.";
    OrderCompleted = "order_completed", "订单已完成", "An order is over and done.";
    OrderCancelled = "order_cancelled", "订单已取消", "An order was given up before it was paid.";

    LedgerPosted = "ledger_posted", "已记账", "Value moved between accounts.";
    LedgerHeld = "ledger_held", "余额已冻结", "Value of an account was held.";
    LedgerHoldCaptured = "ledger_hold_captured", "冻结已扣款", "What was held moved.";
    LedgerHoldVoided = "ledger_hold_voided", "冻结已解除", "What was held was let go.";
    LedgerHoldExpired = "ledger_hold_expired", "冻结已过期", "The time of a hold was over, and it was let go.";

    NodeCreated = "node_created", "机构已创建", "A region, site or store was created.";
    NodeUpdated = "node_updated", "机构已修改", "A region, site or store was changed.";
    NodeClosed = "node_closed", "机构已关闭", "A region, site or store was closed.";
    NodeReopened = "node_reopened", "机构已重新开放", "A region, site or store was opened again.";

    StaffCreated = "staff_created", "员工已创建", "A member of staff was added.";
    StaffUpdated = "staff_updated", "员工已修改", "A member of staff was changed.";
    StaffPasswordChanged = "staff_password_changed", "员工已修改密码", "A member of staff changed their password.";
    StaffPasswordReset = "staff_password_reset", "员工密码已重置", "The password of a member of staff was reset.";
    StaffRoleGranted = "staff_role_granted", "员工已获得角色", "A member of staff was given a role.";
    StaffRoleRevoked = "staff_role_revoked", "员工角色已收回", "A role was taken from a member of staff.";

    WebhookEndpointCreated = "webhook_endpoint_created", "推送地址已创建", "A webhook endpoint was created.";
    WebhookEndpointUpdated = "webhook_endpoint_updated", "推送地址已修改", "A webhook endpoint was changed.";
    WebhookEndpointEnabled = "webhook_endpoint_enabled", "推送地址已启用", "A webhook endpoint was enabled.";
    WebhookEndpointDisabled = "webhook_endpoint_disabled", "推送地址已停用", "A webhook endpoint was disabled.";
    WebhookEndpointRemoved = "webhook_endpoint_removed", "推送地址已移除", "A webhook endpoint was removed.";
    WebhookSecretRotated = "webhook_secret_rotated", "推送签名密钥已更换", "The secret of a webhook endpoint was rotated.";

    CustomerBlocked = "customer_blocked", "客户已拉黑", "A customer was blocked.";
    CustomerUnblocked = "customer_unblocked", "客户已解除拉黑", "A customer is no longer blocked.";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_kind_is_said_in_both_languages_and_no_two_alike() {
        let kinds = EventType::ALL;
        assert!(kinds.iter().all(|kind| kind.en().is_ascii() && kind.en().ends_with('.') && !kind.zh().is_ascii()));
        for texts in [EventType::as_str, EventType::zh, EventType::en] {
            assert_eq!(kinds.iter().map(|kind| texts(*kind)).collect::<BTreeSet<_>>().len(), kinds.len());
        }
    }

    #[test]
    fn a_test_is_no_event() {
        assert!(crate::message::TEST_KIND.parse::<EventType>().is_err());
    }
}
