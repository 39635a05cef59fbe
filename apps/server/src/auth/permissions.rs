//! Permissions as types: `Staff<may::CouponRedeem>` in a handler's arguments is the permission, its scope, and what
//! the OpenAPI document says of both.

use huike_access::{Permission, ScopeKind};

/// What an operation asks of staff.
pub trait Requires: 'static {
    /// The permission; `None` for one's own session, which every member of staff has.
    const PERMISSION: Option<Permission>;

    /// How far the operation reaches.
    const SCOPE: ScopeKind = match Self::PERMISSION {
        Some(permission) => permission.scope(),
        None => ScopeKind::Own,
    };

    /// Whether the credential is read anew each time: what is hard to undo does not rest on a cache.
    const IS_FRESH: bool = match Self::PERMISSION {
        Some(permission) => is_grave(permission),
        None => false,
    };
}

/// Approving, adjusting, and deciding who may do what.
const fn is_grave(permission: Permission) -> bool {
    matches!(
        permission,
        Permission::CouponApprove
            | Permission::CouponKill
            | Permission::CouponUnredeemLate
            | Permission::CodeExport
            | Permission::OfferApprove
            | Permission::StoreDaySign
            | Permission::LedgerAdjust
            | Permission::ReviewPolicySet
            | Permission::StaffManage
            | Permission::RoleGrant
            | Permission::ApiKeyManage
            | Permission::WebhookManage
            | Permission::AuditRedact
    )
}

macro_rules! markers {
    ($($name:ident),+ $(,)?) => {
        /// One type for each permission, under the permission's name.
        pub mod may {
            use super::{Permission, Requires};

            /// Any member of staff, for their own session.
            #[derive(Debug)]
            pub struct SignedIn;

            impl Requires for SignedIn {
                const PERMISSION: Option<Permission> = None;
            }

            $(
                #[doc = concat!("See [`Permission::", stringify!($name), "`].")]
                #[derive(Debug)]
                pub struct $name;

                impl Requires for $name {
                    const PERMISSION: Option<Permission> = Some(Permission::$name);
                }
            )+
        }

        #[cfg(test)]
        const MARKED: &[Permission] = &[$(Permission::$name),+];
    };
}

markers! {
    CouponRead, CouponCreate, CouponApprove, CouponPublish, CouponKill, CouponQuota, CouponIssue, CouponVoid,
    CouponRedeem, CouponUnredeem, CouponUnredeemLate, CouponTrack,
    OfferRead, OfferCreate, OfferApprove, OfferPublish,
    ProductRead, ProductManage, ProductCost, StockRead, StockMove, StockSafety,
    OrderRead, OrderManage,
    CodeCreate, CodeExport, ChannelManage,
    RedemptionRead, StoreDayRead, StoreDaySign,
    LedgerRead, LedgerAdjust,
    NodeRead, NodeCreate, NodeUpdate, NodeClose, SiteLaunch, StorePageWrite,
    SettingRead, SettingWrite, SettingLock, ReviewPolicySet,
    BlueprintRead, BlueprintManage,
    StaffRead, StaffManage, RoleGrant, ApiKeyManage, WebhookView, WebhookManage,
    CustomerRead, CustomerNote, CustomerTag, CustomerBlock, CustomerBlockBrand,
    AuditView, AuditVerify, AuditRedact,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_permission_has_its_type() {
        assert_eq!(MARKED, Permission::ALL);
    }
}
