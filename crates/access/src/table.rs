//! The role × permission table: the one place that says which role may do what. `tests/table.rs` checks every cell, and
//! that the README shows the same table.

use crate::{
    Permission as P, Role,
    Role::{Approver, Clerk, Finance, Marketer, Owner, Service, SiteOperator, StoreManager, Warehouse},
};

/// Create, review and redeem are three permissions, and no role but the owner's holds two of them.
pub(crate) const fn holders(permission: P) -> &'static [Role] {
    match permission {
        P::CouponRead | P::OfferRead => &[Owner, Marketer, Approver, Finance, SiteOperator, StoreManager, Service],
        P::CouponTrack => &[Owner, Marketer, Approver, Finance, SiteOperator, StoreManager],
        P::CouponApprove | P::CouponKill | P::OfferApprove => &[Owner, Approver],
        P::CouponCreate
        | P::CouponPublish
        | P::CouponIssue
        | P::CodeCreate
        | P::CodeExport
        | P::ChannelManage
        | P::OfferCreate
        | P::OfferPublish => &[Owner, Marketer, SiteOperator],
        P::CouponQuota | P::BlueprintRead | P::ProductManage => &[Owner, Marketer],

        P::CouponRedeem => &[Owner, StoreManager, Clerk],
        P::CouponUnredeem => &[Owner, StoreManager],
        P::CouponUnredeemLate | P::StoreDaySign | P::LedgerRead | P::LedgerAdjust | P::AuditView | P::AuditVerify => {
            &[Owner, Finance]
        }
        P::StoreDayRead => &[Owner, Finance, SiteOperator, StoreManager],
        P::RedemptionRead => &[Owner, Finance, SiteOperator, StoreManager, Service],

        P::ProductCost => &[Owner, Marketer, Finance, Warehouse],
        P::StockRead => &[Owner, Marketer, Finance, SiteOperator, StoreManager, Service, Warehouse],
        P::OrderRead => &[Owner, Finance, SiteOperator, StoreManager, Service, Warehouse],
        P::StockMove | P::OrderManage => &[Owner, SiteOperator, StoreManager, Warehouse],
        P::StockSafety => &[Owner, SiteOperator, Warehouse],

        P::NodeRead | P::ProductRead => {
            &[Owner, Marketer, Approver, Finance, SiteOperator, StoreManager, Service, Warehouse]
        }
        P::SettingRead => &[Owner, Marketer, Approver, SiteOperator, StoreManager],
        P::NodeCreate | P::NodeUpdate | P::SettingWrite | P::SettingLock => &[Owner, SiteOperator],
        P::StorePageWrite | P::StaffRead | P::StaffManage | P::RoleGrant => &[Owner, SiteOperator, StoreManager],
        P::NodeClose
        | P::SiteLaunch
        | P::ReviewPolicySet
        | P::BlueprintManage
        | P::ApiKeyManage
        | P::WebhookView
        | P::WebhookManage
        | P::AuditRedact => &[Owner],

        P::CustomerRead | P::CustomerNote | P::CustomerTag => &[Owner, SiteOperator, StoreManager, Service],
        P::CustomerBlock | P::CouponVoid => &[Owner, SiteOperator, Service],
        P::CustomerBlockBrand => &[Owner, Service],
    }
}
