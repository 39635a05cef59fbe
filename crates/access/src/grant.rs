//! Who may give and take roles, and manage whom.

use huike_kernel::{NodeId, StaffId};

use crate::{AccessError, Permission, PlacedRole, Role, RoleBinding};

/// Someone wants to give a role.
#[derive(Debug, Clone, Copy)]
pub struct GrantAsk<'a> {
    /// Who gives.
    pub actor: StaffId,
    /// Every role the giver holds.
    pub actor_roles: &'a [RoleBinding],
    /// Who gets it.
    pub grantee: StaffId,
    /// What, and the way to where.
    pub given: PlacedRole<'a>,
    /// Whether the node of the role is a store.
    pub at_store: bool,
}

/// Decides whether the role may be given.
///
/// The giver must hold `role.grant` at the node or above it, through a role that may give this one. Only an owner gives a role
/// to themselves: a site operator who creates coupons does not make themselves the one who redeems them.
pub fn decide_grant(ask: &GrantAsk<'_>) -> Result<(), AccessError> {
    decide_reach(ask.actor_roles, ask.given)?;
    let is_owner = holds_above(ask.actor_roles, ask.given.path, |role| role == Role::Owner);
    if ask.actor == ask.grantee && !is_owner {
        return Err(AccessError::RoleSelfGrant);
    }
    if ask.given.role.is_for_stores_only() && !ask.at_store {
        return Err(AccessError::RoleNeedsStore { role: ask.given.role });
    }
    Ok(())
}

/// Someone wants to take a role away.
#[derive(Debug, Clone, Copy)]
pub struct RevokeAsk<'a> {
    /// Every role the taker holds.
    pub actor_roles: &'a [RoleBinding],
    /// What, and the way to where.
    pub taken: PlacedRole<'a>,
    /// How many active people other than the one who loses it own the brand (`owner` at the head).
    pub other_owners: usize,
}

/// Decides whether the role may be taken away: by whoever may give it, and never the last owner's.
pub fn decide_revoke(ask: &RevokeAsk<'_>) -> Result<(), AccessError> {
    decide_reach(ask.actor_roles, ask.taken)?;
    if ask.taken.is_owner_at_head() && ask.other_owners == 0 {
        return Err(AccessError::OwnerLast);
    }
    Ok(())
}

/// Someone wants to disable a member of staff, or give them a new password.
#[derive(Debug, Clone, Copy)]
pub struct ManageAsk<'a> {
    /// Every role the actor holds.
    pub actor_roles: &'a [RoleBinding],
    /// Every role of the member of staff, each with the way to its node.
    pub target_roles: &'a [PlacedRole<'a>],
    /// How many active people other than the member of staff own the brand.
    pub other_owners: usize,
    /// Whether the member of staff will be unable to sign in afterwards.
    pub disables: bool,
}

/// Decides whether somebody may be managed: only by one who may give every role that they hold.
///
/// Without this, whoever sets a password could sign in as somebody with more rights.
pub fn decide_manage_staff(ask: &ManageAsk<'_>) -> Result<(), AccessError> {
    for held in ask.target_roles {
        decide_reach(ask.actor_roles, *held)?;
    }
    let owns_brand = ask.target_roles.iter().any(PlacedRole::is_owner_at_head);
    if ask.disables && owns_brand && ask.other_owners == 0 {
        return Err(AccessError::OwnerLast);
    }
    Ok(())
}

/// Whether the actor may give and take that role at that node.
fn decide_reach(actor_roles: &[RoleBinding], placed: PlacedRole<'_>) -> Result<(), AccessError> {
    let permission = Permission::RoleGrant;
    if !holds_above(actor_roles, placed.path, |role| permission.is_held_by(role)) {
        return Err(AccessError::PermissionDenied { permission });
    }
    if !holds_above(actor_roles, placed.path, |role| role.grantable().contains(&placed.role)) {
        return Err(AccessError::RoleAboveOwn { role: placed.role });
    }
    Ok(())
}

fn holds_above(bindings: &[RoleBinding], path: &[NodeId], fits: impl Fn(Role) -> bool) -> bool {
    bindings.iter().any(|binding| path.contains(&binding.node) && fits(binding.role))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn node(n: u8) -> NodeId {
        format!("00000000-0000-7000-8000-{n:012x}").parse().unwrap()
    }

    fn staff(n: u8) -> StaffId {
        format!("00000000-0000-7000-8000-{n:012x}").parse().unwrap()
    }

    fn grant(actor: &[RoleBinding], role: Role, path: &[NodeId]) -> Result<(), AccessError> {
        decide_grant(&GrantAsk {
            actor: staff(1),
            actor_roles: actor,
            grantee: staff(2),
            given: PlacedRole { role, path },
            at_store: true,
        })
    }

    fn at(n: u8, role: Role) -> RoleBinding {
        RoleBinding { role, node: node(n) }
    }

    #[test]
    fn each_role_gives_exactly_what_it_may() {
        let path = [node(1), node(2), node(3)];
        for role in Role::ALL {
            assert_eq!(grant(&[at(1, Role::Owner)], *role, &path), Ok(()));
        }
        let operator = [at(2, Role::SiteOperator)];
        let may = [Role::StoreManager, Role::Clerk, Role::Service, Role::Warehouse];
        for role in Role::ALL {
            let expected = if may.contains(role) { Ok(()) } else { Err(AccessError::RoleAboveOwn { role: *role }) };
            assert_eq!(grant(&operator, *role, &path), expected);
        }
        let manager = [at(3, Role::StoreManager)];
        assert_eq!(grant(&manager, Role::Clerk, &path), Ok(()));
        assert_eq!(grant(&manager, Role::Service, &path), Err(AccessError::RoleAboveOwn { role: Role::Service }));
    }

    #[test]
    fn nothing_is_given_above_or_beside_the_own_node() {
        let denied = Err(AccessError::PermissionDenied { permission: Permission::RoleGrant });
        assert_eq!(grant(&[at(2, Role::Owner)], Role::Clerk, &[node(1)]), denied);
        assert_eq!(grant(&[at(2, Role::Owner)], Role::Clerk, &[node(1), node(4)]), denied);
        assert_eq!(grant(&[at(1, Role::Marketer)], Role::Clerk, &[node(1), node(4)]), denied);
    }

    #[test]
    fn rights_at_two_nodes_do_not_add_up() {
        let actor = [at(2, Role::Owner), at(3, Role::StoreManager)];
        assert_eq!(
            grant(&actor, Role::Approver, &[node(1), node(3)]),
            Err(AccessError::RoleAboveOwn { role: Role::Approver })
        );
    }

    #[test]
    fn only_an_owner_gives_a_role_to_themselves() {
        let path = [node(1), node(2)];
        let given = PlacedRole { role: Role::StoreManager, path: &path };
        let decide = |actor_roles: &[RoleBinding]| {
            decide_grant(&GrantAsk { actor: staff(1), actor_roles, grantee: staff(1), given, at_store: false })
        };
        assert_eq!(decide(&[at(2, Role::SiteOperator)]), Err(AccessError::RoleSelfGrant));
        assert_eq!(decide(&[at(1, Role::Owner)]), Ok(()));
    }

    #[test]
    fn a_clerk_is_bound_to_a_store() {
        let path = [node(1), node(2)];
        let given = PlacedRole { role: Role::Clerk, path: &path };
        let actor_roles = &[at(1, Role::Owner)];
        let ask = GrantAsk { actor: staff(1), actor_roles, grantee: staff(2), given, at_store: false };
        assert_eq!(decide_grant(&ask), Err(AccessError::RoleNeedsStore { role: Role::Clerk }));
    }

    #[test]
    fn nobody_removes_the_last_owner() {
        let head = [node(1)];
        let actor_roles = &[at(1, Role::Owner)];
        let owner = PlacedRole { role: Role::Owner, path: &head };
        let revoke = |other_owners| decide_revoke(&RevokeAsk { actor_roles, taken: owner, other_owners });
        assert_eq!(revoke(0), Err(AccessError::OwnerLast));
        assert_eq!(revoke(1), Ok(()));

        let manage = |disables, other_owners| {
            decide_manage_staff(&ManageAsk { actor_roles, target_roles: &[owner], other_owners, disables })
        };
        assert_eq!(manage(true, 0), Err(AccessError::OwnerLast));
        assert_eq!(manage(false, 0), Ok(()), "a new password leaves the owner an owner");
        assert_eq!(manage(true, 1), Ok(()));
    }

    #[test]
    fn a_store_manager_resets_a_clerk_but_not_one_who_is_also_more() {
        let store = [node(1), node(2), node(3)];
        let head = [node(1)];
        let clerk = PlacedRole { role: Role::Clerk, path: &store };
        let finance = PlacedRole { role: Role::Finance, path: &head };
        let actor_roles = &[at(3, Role::StoreManager)];
        let manage = |target_roles: &[PlacedRole<'_>]| {
            decide_manage_staff(&ManageAsk { actor_roles, target_roles, other_owners: 1, disables: false })
        };
        assert_eq!(manage(&[clerk]), Ok(()));
        assert!(manage(&[clerk, finance]).is_err());
    }

    fn roles() -> impl Strategy<Value = Role> {
        proptest::sample::select(Role::ALL)
    }

    proptest! {
        #[test]
        fn whoever_was_granted_grants_nothing_the_granter_could_not(a in roles(), b in roles(), c in roles()) {
            if a.grantable().contains(&b) && b.grantable().contains(&c) {
                prop_assert!(a.grantable().contains(&c));
            }
        }

        #[test]
        fn a_role_gives_something_if_and_only_if_it_holds_the_permission(role in roles()) {
            prop_assert_eq!(Permission::RoleGrant.is_held_by(role), !role.grantable().is_empty());
        }
    }
}
