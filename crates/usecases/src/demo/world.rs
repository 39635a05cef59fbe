//! The brand as it was built: where things are and who works there.

use huike_kernel::{ApiKeyId, NodeId, StaffId};

/// The brand.
pub(super) struct World {
    pub(super) head: NodeId,
    pub(super) team: HeadTeam,
    pub(super) regions: Vec<Region>,
    pub(super) sites: Vec<Site>,
    /// The till system of the restaurants.
    pub(super) tills: ApiKeyId,
}

/// Who works at the head.
pub(super) struct HeadTeam {
    pub(super) marketer: StaffId,
    pub(super) approver: StaffId,
    /// Two, because a late undo takes two.
    pub(super) finance: [StaffId; 2],
    pub(super) service: StaffId,
    pub(super) warehouse: StaffId,
}

/// A region.
pub(super) struct Region {
    pub(super) code: &'static str,
    pub(super) id: NodeId,
    pub(super) marketer: StaffId,
}

/// A site.
pub(super) struct Site {
    pub(super) code: &'static str,
    pub(super) id: NodeId,
    /// From the head to the site.
    pub(super) path: Vec<NodeId>,
    pub(super) weight: u32,
    pub(super) is_restaurant: bool,
    pub(super) operator: StaffId,
    pub(super) stores: Vec<Store>,
}

/// A store.
pub(super) struct Store {
    pub(super) id: NodeId,
    /// From the head to the store.
    pub(super) path: Vec<NodeId>,
    pub(super) manager: StaffId,
    pub(super) clerks: Vec<StaffId>,
}

impl World {
    /// Every store with its site.
    pub(super) fn stores(&self) -> impl Iterator<Item = (&Site, &Store)> {
        self.sites.iter().flat_map(|site| site.stores.iter().map(move |store| (site, store)))
    }

    /// The site with that code.
    pub(super) fn site(&self, code: &str) -> Option<&Site> {
        self.sites.iter().find(|site| site.code == code)
    }
}
