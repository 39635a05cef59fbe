//! Permissions: a verb on a resource. Which role holds which is one table, `table.rs`.

use crate::{Role, ScopeKind, table};

huike_kernel::words! {
    /// A right to do one thing (权限). The word is what `x-huike-permission` says.
    Permission, "permission" {
        /// See templates and coupons, codes masked.
        CouponRead = "coupon.read",
        /// Draft a template, change the draft, send it to review.
        CouponCreate = "coupon.create",
        /// Approve or reject what somebody else drafted.
        CouponApprove = "coupon.approve",
        /// Put an approved template live, pause, resume and end it.
        CouponPublish = "coupon.publish",
        /// Stop a template at once, coupons already held included (the kill switch).
        CouponKill = "coupon.kill",
        /// Move the quota of sites within the total.
        CouponQuota = "coupon.quota",
        /// Give coupons to a list of customers (发放).
        CouponIssue = "coupon.issue",
        /// Void a single coupon, with the reason (作废).
        CouponVoid = "coupon.void",
        /// Look a code up at the counter and redeem it (核销).
        CouponRedeem = "coupon.redeem",
        /// Undo a redemption within the window (撤销核销).
        CouponUnredeem = "coupon.unredeem",
        /// Undo a redemption after the window; takes two people, see [`crate::decide_second_person`].
        CouponUnredeemLate = "coupon.unredeem_late",
        /// See counts, rates and breakdowns.
        CouponTrack = "coupon.track",
        /// See offers.
        OfferRead = "offer.read",
        /// Draft an offer, change the draft, send it to review.
        OfferCreate = "offer.create",
        /// Approve or reject what somebody else drafted, and change the budget of what was approved.
        OfferApprove = "offer.approve",
        /// Put an approved offer in force, pause, resume and end it.
        OfferPublish = "offer.publish",
        /// See the catalogue: categories, products, SKUs and their prices.
        ProductRead = "product.read",
        /// Make, change, import and archive what is in the catalogue.
        ProductManage = "product.manage",
        /// See what goods cost the brand (成本价), beside the catalogue.
        ProductCost = "product.cost",
        /// See what lies where, why it changed, and from which batches it came.
        StockRead = "stock.read",
        /// Receive goods, write them off, count them, and move them from place to place.
        StockMove = "stock.move",
        /// Say how much of a SKU should always lie at a place.
        StockSafety = "stock.safety",
        /// See orders, and what they are made of.
        OrderRead = "order.read",
        /// Hand orders over, complete them, and close those that nobody paid.
        OrderManage = "order.manage",
        /// Make or import a batch of codes (券码批次).
        CodeCreate = "code.create",
        /// Download codes in the clear; every download is audited.
        CodeExport = "code.export",
        /// Make and close the channels a template is issued through.
        ChannelManage = "channel.manage",
        /// See redemptions and undone ones.
        RedemptionRead = "redemption.read",
        /// See the days of a store, whether they are signed, and what its clerks redeemed.
        StoreDayRead = "store_day.read",
        /// Sign a store's day, which closes it.
        StoreDaySign = "store_day.sign",
        /// See accounts, what they have and what moved on them.
        LedgerRead = "ledger.read",
        /// Ask for a manual adjustment (调账), and approve somebody else's; takes two people, see
        /// [`crate::decide_second_person`].
        LedgerAdjust = "ledger.adjust",
        /// See the tree.
        NodeRead = "node.read",
        /// Make a child of a node.
        NodeCreate = "node.create",
        /// Change a node's name, area or zone.
        NodeUpdate = "node.update",
        /// Close a node, or open it again.
        NodeClose = "node.close",
        /// Launch a site from a blueprint in one form.
        SiteLaunch = "site.launch",
        /// Write a store's page: address, hours, phone, map.
        StorePageWrite = "store_page.write",
        /// See settings and where each value comes from.
        SettingRead = "setting.read",
        /// Override a setting, except the review policy.
        SettingWrite = "setting.write",
        /// Lock a setting for the nodes below, or unlock it.
        SettingLock = "setting.lock",
        /// Set the review policy. Apart from `setting.write`, because it decides who needs a second person.
        ReviewPolicySet = "review_policy.set",
        /// See blueprints.
        BlueprintRead = "blueprint.read",
        /// Make and change blueprints.
        BlueprintManage = "blueprint.manage",
        /// See staff and their roles.
        StaffRead = "staff.read",
        /// Add staff, disable them, give a new password; see [`crate::decide_manage_staff`].
        StaffManage = "staff.manage",
        /// Give and take roles; see [`crate::decide_grant`].
        RoleGrant = "role.grant",
        /// Make, list and revoke keys of integrations.
        ApiKeyManage = "api_key.manage",
        /// See webhook endpoints, what was sent to them, and what came back.
        WebhookView = "webhook.view",
        /// Make, change and remove webhook endpoints, rotate their secrets, replay.
        WebhookManage = "webhook.manage",
        /// Find and see customers, phone masked.
        CustomerRead = "customer.read",
        /// Write a note on a customer.
        CustomerNote = "customer.note",
        /// Tag a customer.
        CustomerTag = "customer.tag",
        /// Block a customer at a site, or lift that.
        CustomerBlock = "customer.block",
        /// Block a customer in the whole brand, or lift that.
        CustomerBlockBrand = "customer.block_brand",
        /// See the audit log (操作日志), and take a part of it along.
        AuditView = "audit.view",
        /// Have the chain over the audit log checked, and see its head.
        AuditVerify = "audit.verify",
        /// Take what was before and after out of a row of the audit log, for good.
        AuditRedact = "audit.redact",
    }
}

impl Permission {
    /// The roles that hold this permission.
    pub const fn holders(self) -> &'static [Role] {
        table::holders(self)
    }

    /// Whether a holder of the role has this permission.
    pub fn is_held_by(self, role: Role) -> bool {
        self.holders().contains(&role)
    }

    /// How far the permission reaches, as `x-huike-scope` says it.
    pub const fn scope(self) -> ScopeKind {
        match self {
            Self::CouponRead | Self::CouponTrack | Self::OfferRead | Self::ProductRead => {
                ScopeKind::SubtreeAndLiveAncestors
            }
            Self::CouponRedeem | Self::CouponUnredeem => ScopeKind::OwnStore,
            Self::SiteLaunch
            | Self::ProductManage
            | Self::BlueprintRead
            | Self::BlueprintManage
            | Self::CustomerBlockBrand
            | Self::AuditVerify
            | Self::AuditRedact => ScopeKind::Head,
            _ => ScopeKind::Subtree,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_permission_reads_back_from_its_word() {
        for permission in Permission::ALL {
            assert_eq!(permission.as_str().parse::<Permission>().unwrap(), *permission);
            assert_eq!(serde_json::to_value(permission).unwrap(), permission.as_str());
        }
        assert!("coupon.everything".parse::<Permission>().is_err());
    }
}
