//! Roles, and where they are held. What a role may do is in [`crate::Permission::holders`].

use huike_kernel::NodeId;
use serde::{Deserialize, Serialize};

huike_kernel::words! {
    /// What a member of staff is (角色). A role is bound to a node and is valid there and below.
    Role, "role" {
        /// The boss of the brand (老板): everything, but never past a rule that needs two people.
        Owner = "owner",
        /// Creates offers (营销).
        Marketer = "marketer",
        /// Reviews what others created (审核人).
        Approver = "approver",
        /// Audits and signs days (财务).
        Finance = "finance",
        /// Runs one sub-site (分站运营).
        SiteOperator = "site_operator",
        /// Runs one store (店长).
        StoreManager = "store_manager",
        /// Redeems in a store (店员).
        Clerk = "clerk",
        /// Looks after customers (客服).
        Service = "service",
        /// Keeps the stock (仓库).
        Warehouse = "warehouse",
    }
}

impl Role {
    /// The roles that a holder of this one may give and take.
    ///
    /// The relation is closed: whoever may be granted can never grant more than the granter could.
    pub const fn grantable(self) -> &'static [Self] {
        match self {
            Self::Owner => Self::ALL,
            Self::SiteOperator => &[Self::StoreManager, Self::Clerk, Self::Service, Self::Warehouse],
            Self::StoreManager => &[Self::Clerk],
            Self::Marketer | Self::Approver | Self::Finance | Self::Clerk | Self::Service | Self::Warehouse => &[],
        }
    }

    /// Whether the role only makes sense at a store: a clerk redeems at the store they are bound to and nowhere else.
    pub const fn is_for_stores_only(self) -> bool {
        matches!(self, Self::Clerk)
    }
}

/// A role held at a node (任职): valid at that node and below.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RoleBinding {
    /// What.
    pub role: Role,
    /// Where.
    pub node: NodeId,
}

/// A role with the way to its node, for decisions that ask who stands above it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlacedRole<'a> {
    /// What.
    pub role: Role,
    /// The nodes from the head to the node of the role, both included.
    pub path: &'a [NodeId],
}

impl PlacedRole<'_> {
    /// Whether this is the owner of the whole brand, of whom there must always be one.
    pub fn is_owner_at_head(&self) -> bool {
        self.role == Role::Owner && self.path.len() == 1
    }
}
