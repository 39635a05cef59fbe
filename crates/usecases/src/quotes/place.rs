//! Where a cart is priced: the node, all above it, its clock on the wall, and how it prices.

use huike_kernel::{NodeId, Rate, Zone};
use huike_persistence::{Db, StoreError, nodes, settings};
use huike_pricing::{Policy, RefundRule, Selection};
use huike_sites::{
    NodeKind, OrderRules, PriceOfReturns, PriceSelection, PricingRules, SettingKey, SitesError, resolve,
};

use crate::UseCaseError;

/// A place that prices carts. It changes seldom, so whoever asks often may keep it for a moment.
#[derive(Debug, Clone)]
pub struct PricePlace {
    /// The node.
    pub node: NodeId,
    /// From the head to the node.
    pub path: Vec<NodeId>,
    /// The site it belongs to.
    pub site: NodeId,
    /// The store, where it is one.
    pub store: Option<NodeId>,
    /// The zone that cuts its days.
    pub zone: Zone,
    /// How it prices.
    pub policy: Policy,
    /// The largest share of the goods that points may pay.
    pub points_share_max: Rate,
    /// How orders are taken here.
    pub orders: OrderRules,
    /// Whether goods lie here, so that something can be ordered.
    pub is_depot: bool,
    is_open: bool,
}

impl PricePlace {
    /// The place of a node.
    pub fn load(db: &mut Db, id: NodeId) -> Result<Self, UseCaseError> {
        let path = nodes::list_path(db, id)?;
        let here = path.last().ok_or(UseCaseError::NotFound("node"))?;
        let chain = settings::find_chain(db, id)?.ok_or(UseCaseError::NotFound("node"))?;
        let rules: PricingRules = resolve(&chain, SettingKey::Pricing)
            .value
            .decode()
            .map_err(|error| StoreError::corrupt("node_setting", error))?;
        let orders: OrderRules = resolve(&chain, SettingKey::Orders)
            .value
            .decode()
            .map_err(|error| StoreError::corrupt("node_setting", error))?;
        let site = path.iter().rfind(|node| node.kind == NodeKind::Site).map_or(id, |site| site.id);
        Ok(Self {
            node: id,
            site,
            store: (here.kind == NodeKind::Store).then_some(id),
            zone: here.zone,
            policy: policy_of(&rules),
            points_share_max: rules.points_share_max,
            orders,
            is_depot: matches!(here.kind, NodeKind::Site | NodeKind::Store),
            is_open: here.decide_active().is_ok(),
            path: path.into_iter().map(|node| node.id).collect(),
        })
    }

    /// The lowest node whose offers hold here: stores own none, so all stores of a site share one set.
    pub fn offers_from(&self) -> Option<NodeId> {
        self.path.iter().rfind(|node| Some(**node) != self.store).copied()
    }

    /// Refused where the node is closed.
    pub fn decide_open(&self) -> Result<(), UseCaseError> {
        if self.is_open { Ok(()) } else { Err(SitesError::NodeClosed { node: self.node }.into()) }
    }
}

/// The policy that these rules make. Its id says all that a price depends on, so it needs no table of versions.
fn policy_of(rules: &PricingRules) -> Policy {
    let (selection, refund, points) = (rules.selection, rules.refund, rules.points_per_yuan);
    Policy {
        id: format!("1/{selection}/{refund}/{points}/{}", rules.points_share_max),
        selection: match selection {
            PriceSelection::Best => Selection::Best,
            PriceSelection::Priority => Selection::Priority,
        },
        refund: match refund {
            PriceOfReturns::Apportion => RefundRule::Apportion,
            PriceOfReturns::RecomputeThreshold => RefundRule::RecomputeThreshold,
        },
        points_per_yuan: points,
    }
}
