//! The store a coupon is shown in, and what the caller may do there.

use huike_access::{Permission, Redeemer, decide_redeem_by};
use huike_kernel::{Actor, CustomerId, NodeId};
use huike_persistence::{Db, nodes, staff};
use huike_sites::{Node, NodeKind};

use crate::{Act, UseCaseError, record::Place};

/// A store with the way to it.
pub(super) struct Desk {
    pub(super) store: Node,
    /// From the head to the store.
    pub(super) path: Vec<NodeId>,
    /// The site the store belongs to.
    pub(super) site: NodeId,
}

impl Desk {
    /// The store, if the permission reaches it for the caller.
    pub(super) fn open(
        db: &mut Db,
        act: &Act<'_>,
        store: NodeId,
        permission: Permission,
    ) -> Result<Self, UseCaseError> {
        act.reach(db, store, permission, "store")?;
        let mut nodes = nodes::list_path(db, store)?;
        let path: Vec<NodeId> = nodes.iter().map(|node| node.id).collect();
        let store = nodes.pop().filter(|node| node.kind == NodeKind::Store).ok_or(UseCaseError::NotFound("store"))?;
        let site = nodes.iter().rfind(|node| node.kind == NodeKind::Site).map_or(store.id, |site| site.id);
        Ok(Self { store, path, site })
    }

    /// The place of events.
    pub(super) fn place(&self) -> Place {
        Place { site: self.store.id, zone: self.store.zone }
    }

    /// Refuses staff who may not redeem in this store, and anybody's own coupon. An integration is bound to a node and
    /// is nobody's customer; that its node reaches the store was asked when the desk was opened.
    pub(super) fn decide_redeemer(
        &self,
        db: &mut Db,
        act: &Act<'_>,
        owner: Option<CustomerId>,
    ) -> Result<(), UseCaseError> {
        let id = match act.actor() {
            Actor::Integration(_) => return Ok(()),
            _ => act.staff(Permission::CouponRedeem)?,
        };
        let customer = staff::find(db, id)?.and_then(|staff| staff.customer);
        let roles = staff::list_roles(db, id)?;
        Ok(decide_redeem_by(&Redeemer { roles: &roles, customer }, &self.path, owner)?)
    }
}
