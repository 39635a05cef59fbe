//! How far a credential reaches: roots in the tree, and what may be seen below them.

use huike_kernel::NodeId;

use crate::{Permission, RoleBinding};

huike_kernel::words! {
    /// How far an operation reaches. The word is what `x-huike-scope` says.
    ScopeKind, "scope" {
        /// The nodes where the permission is held, and all below.
        Subtree = "subtree",
        /// That, and what is live at the nodes above.
        SubtreeAndLiveAncestors = "subtree_and_live_ancestors",
        /// The head alone: the permission must be held there.
        Head = "head",
        /// The store the act happens in, see [`crate::decide_redeem_by`].
        OwnStore = "own_store",
        /// The caller's own session and credential; any signed-in staff.
        Own = "self",
        /// The signed-in customer's own things.
        Customer = "customer",
        /// Anybody.
        Public = "public",
    }
}

/// What a caller reaches for one operation. The SQL of a repository states the same rule once, over `node_closure`.
///
/// - A row below a `permitted` root: go on.
/// - A row below a `visible` root only: 403, the caller may know that it is there.
/// - Any other row does not exist for the caller: 404.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// The nodes where the caller holds the operation's permission.
    pub permitted: Vec<NodeId>,
    /// The nodes where the caller holds any role.
    pub visible: Vec<NodeId>,
}

/// What a caller may know of one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Sight {
    /// The operation may go on.
    Permitted,
    /// There is such a row, but the permission is missing (403).
    Visible,
    /// For this caller there is no such row (404).
    Hidden,
}

impl Scope {
    /// The reach of a member of staff for an operation that needs the permission.
    pub fn of(bindings: &[RoleBinding], permission: Permission) -> Self {
        let permitted = bindings.iter().filter(|binding| permission.is_held_by(binding.role));
        Self { permitted: distinct(permitted), visible: distinct(bindings.iter()) }
    }

    /// The reach of a credential bound to one node, such as an integration's key.
    pub fn at(node: NodeId) -> Self {
        Self { permitted: vec![node], visible: vec![node] }
    }

    /// Whether the permission is held at that very node; what [`ScopeKind::Head`] asks of the head.
    pub fn is_held_at(&self, node: NodeId) -> bool {
        self.permitted.contains(&node)
    }

    /// Whether the permission is held anywhere. If not, the answer is 403 before anything is looked up.
    pub fn is_held_anywhere(&self) -> bool {
        !self.permitted.is_empty()
    }

    /// What the caller may know of a row owned by the last node of the path (head first).
    pub fn sight(&self, path: &[NodeId]) -> Sight {
        if self.permitted.iter().any(|root| path.contains(root)) {
            return Sight::Permitted;
        }
        if self.visible.iter().any(|root| path.contains(root)) {
            return Sight::Visible;
        }
        Sight::Hidden
    }
}

fn distinct<'a>(bindings: impl Iterator<Item = &'a RoleBinding>) -> Vec<NodeId> {
    let mut nodes: Vec<NodeId> = bindings.map(|binding| binding.node).collect();
    nodes.sort_unstable();
    nodes.dedup();
    nodes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Role;

    fn node(n: u8) -> NodeId {
        format!("00000000-0000-7000-8000-{n:012x}").parse().unwrap()
    }

    #[test]
    fn a_row_is_permitted_below_the_role_visible_below_another_and_hidden_elsewhere() {
        let (head, site, store, sibling) = (node(1), node(2), node(3), node(4));
        let bindings =
            [RoleBinding { role: Role::Marketer, node: site }, RoleBinding { role: Role::Warehouse, node: sibling }];
        let scope = Scope::of(&bindings, Permission::CouponCreate);
        assert_eq!(scope.sight(&[head, site, store]), Sight::Permitted);
        assert_eq!(scope.sight(&[head, site]), Sight::Permitted);
        assert_eq!(scope.sight(&[head, sibling]), Sight::Visible);
        assert_eq!(scope.sight(&[head]), Sight::Hidden);
        assert_eq!(scope.sight(&[head, node(5)]), Sight::Hidden);
    }

    #[test]
    fn two_roles_at_one_node_are_one_root() {
        let bindings =
            [RoleBinding { role: Role::Marketer, node: node(2) }, RoleBinding { role: Role::Owner, node: node(2) }];
        assert_eq!(Scope::of(&bindings, Permission::CouponCreate), Scope::at(node(2)));
    }

    #[test]
    fn who_holds_the_permission_nowhere_has_no_root() {
        let bindings = [RoleBinding { role: Role::Clerk, node: node(3) }];
        assert!(!Scope::of(&bindings, Permission::CouponRead).is_held_anywhere());
        assert!(Scope::of(&bindings, Permission::CouponRedeem).is_held_at(node(3)));
    }
}
