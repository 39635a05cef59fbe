//! What is in force at a node, for whoever prices carts.

use std::collections::BTreeMap;

use huike_kernel::{NodeId, OfferId};
use huike_persistence::{
    Db, StoreError, offer_lists,
    offer_stock::{self, OfferStock},
};
use huike_pricing::{CompiledOffers, managed::Used};

use crate::UseCaseError;

/// The automatic offers in force for carts at a node, made ready for [`crate::quotes::price`]: those of the node itself and
/// of all above it that are live, with what is left of their budgets and uses. `path` leads from the head to the node, as
/// [`crate::quotes::PricePlace`] has it. Time windows and places are conditions that the engine looks at, so what is read
/// here holds until [`watch`] says otherwise.
///
/// The server keeps the answer on a shelf (`OfferShelf::at`); read it from there, not from here, for each cart.
pub fn live(db: &mut Db, path: &[NodeId]) -> Result<CompiledOffers, UseCaseError> {
    let offers = offer_lists::list_live(db, path)?;
    let compiled = CompiledOffers::new(offers).map_err(|(_, problems)| {
        let pointers: Vec<String> = problems.into_iter().map(|problem| problem.pointer).collect();
        StoreError::corrupt("offer_version", pointers.join(", "))
    })?;
    Ok(compiled)
}

/// What tells whether offers that were read are still those in force.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// How often each node changed what it has in force.
    revisions: BTreeMap<NodeId, i64>,
    /// What was taken of the offers that can be used up.
    used: BTreeMap<OfferId, (NodeId, Used)>,
}

impl Changes {
    /// Whether anything on the path is another thing than it was then.
    pub fn touch(&self, then: &Self, path: &[NodeId]) -> bool {
        path.iter().any(|node| self.revisions.get(node) != then.revisions.get(node))
            || self.used_on(path).ne(then.used_on(path))
    }

    fn used_on(&self, path: &[NodeId]) -> impl Iterator<Item = (&OfferId, &(NodeId, Used))> {
        self.used.iter().filter(move |(_, (site, _))| path.contains(site))
    }
}

/// Reads how things stand now: a row per node that ever had an offer, and one per offer in force that can be used up.
pub fn watch(db: &mut Db) -> Result<Changes, UseCaseError> {
    let revisions = offer_stock::list_revisions(db)?.into_iter().collect();
    let of = |stock: OfferStock| (stock.offer(), (stock.site(), stock.used()));
    let used = offer_stock::list_limited(db)?.into_iter().map(of).collect();
    Ok(Changes { revisions, used })
}
