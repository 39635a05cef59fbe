//! Codes are a promise to clients.

use huike_access::{AccessError, IntegrationScope, Permission, Role};
use huike_kernel::{DomainError, ErrorKind, Money};

#[test]
fn a_refusal_says_what_a_program_needs() {
    let denied = AccessError::PermissionDenied { permission: Permission::CouponApprove };
    assert_eq!(denied.code(), "permission_denied");
    assert_eq!(denied.kind(), ErrorKind::Forbidden);
    assert_eq!(denied.details().unwrap()["permission"], "coupon.approve");

    let over = AccessError::ReviewBudgetOverCap { cap: Money::from_fen(200_000) };
    assert_eq!(over.details().unwrap()["cap"], "2000.00");

    let scope = AccessError::ScopeMissing { scope: IntegrationScope::ClaimsWrite };
    assert_eq!(scope.details().unwrap()["scope"], "claims:write");

    let role = AccessError::RoleNeedsStore { role: Role::Clerk };
    assert_eq!(role.pointer().as_deref(), Some("/role"));
    assert_eq!(AccessError::PasswordCommon.pointer().as_deref(), Some("/password"));
}
