//! Who may redeem at the counter.

use huike_kernel::{CustomerId, NodeId};

use crate::{AccessError, Permission, Role, RoleBinding};

/// Who stands at the counter.
#[derive(Debug, Clone, Copy)]
pub struct Redeemer<'a> {
    /// Every role they hold.
    pub roles: &'a [RoleBinding],
    /// Who they are as a customer, where that is known.
    pub customer: Option<CustomerId>,
}

/// Decides whether they may redeem this coupon in this store.
///
/// A clerk redeems only at the store they are bound to, other roles with the permission in every store below their node, and
/// nobody their own coupon. `store_path` leads from the head to the store; `coupon_owner` is `None` for an unclaimed code.
pub fn decide_redeem_by(
    redeemer: &Redeemer<'_>,
    store_path: &[NodeId],
    coupon_owner: Option<CustomerId>,
) -> Result<(), AccessError> {
    let permission = Permission::CouponRedeem;
    let mut able = redeemer.roles.iter().filter(|binding| permission.is_held_by(binding.role)).peekable();
    if able.peek().is_none() {
        return Err(AccessError::PermissionDenied { permission });
    }
    if !able.any(|binding| reaches(*binding, store_path)) {
        return Err(AccessError::StoreNotBound);
    }
    if coupon_owner.is_some() && coupon_owner == redeemer.customer {
        return Err(AccessError::CouponOwn);
    }
    Ok(())
}

fn reaches(binding: RoleBinding, store_path: &[NodeId]) -> bool {
    if binding.role == Role::Clerk {
        return store_path.last() == Some(&binding.node);
    }
    store_path.contains(&binding.node)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(n: u8) -> NodeId {
        format!("00000000-0000-7000-8000-{n:012x}").parse().unwrap()
    }

    fn customer(n: u8) -> CustomerId {
        format!("00000000-0000-7000-8000-{n:012x}").parse().unwrap()
    }

    fn redeem(role: Role, at: u8, coupon_owner: Option<CustomerId>) -> Result<(), AccessError> {
        let roles = [RoleBinding { role, node: node(at) }];
        let redeemer = Redeemer { roles: &roles, customer: Some(customer(7)) };
        decide_redeem_by(&redeemer, &[node(1), node(2), node(3)], coupon_owner)
    }

    #[test]
    fn a_clerk_redeems_only_at_the_bound_store() {
        assert_eq!(redeem(Role::Clerk, 3, None), Ok(()));
        assert_eq!(redeem(Role::Clerk, 4, None), Err(AccessError::StoreNotBound));
        assert_eq!(redeem(Role::Clerk, 2, None), Err(AccessError::StoreNotBound), "a site is not a store");
    }

    #[test]
    fn a_store_manager_of_a_site_redeems_in_its_stores() {
        assert_eq!(redeem(Role::StoreManager, 2, None), Ok(()));
        assert_eq!(redeem(Role::StoreManager, 9, None), Err(AccessError::StoreNotBound));
    }

    #[test]
    fn who_may_not_redeem_is_told_so() {
        let permission = Permission::CouponRedeem;
        assert_eq!(redeem(Role::Marketer, 1, None), Err(AccessError::PermissionDenied { permission }));
    }

    #[test]
    fn nobody_redeems_their_own_coupon() {
        assert_eq!(redeem(Role::Owner, 1, Some(customer(7))), Err(AccessError::CouponOwn));
        assert_eq!(redeem(Role::Clerk, 3, Some(customer(8))), Ok(()));
    }

    #[test]
    fn staff_who_are_no_customer_redeem_unclaimed_codes() {
        let roles = [RoleBinding { role: Role::Clerk, node: node(3) }];
        let redeemer = Redeemer { roles: &roles, customer: None };
        assert_eq!(decide_redeem_by(&redeemer, &[node(1), node(3)], None), Ok(()));
    }
}
