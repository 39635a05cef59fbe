//! What the asks of a batch are decided on, loaded once for all of them.

use std::collections::{BTreeMap, BTreeSet};

use huike_coupons::{ChannelKind, Standing};
use huike_kernel::{ChannelId, CustomerId, NodeId};
use huike_persistence::{
    Db, StoreError,
    channels::{self, Channel},
    standing::{self, CustomerStanding},
};

use super::{ClaimAsk, ClaimPlace, Offer};
use crate::{Act, UseCaseError};

/// Places, customers and channels.
pub(super) struct Facts {
    pub(super) places: BTreeMap<NodeId, ClaimPlace>,
    standings: BTreeMap<CustomerId, CustomerStanding>,
    /// Whether the channel leads to this template and is open.
    channels: BTreeMap<ChannelId, bool>,
}

impl Facts {
    pub(super) fn load(db: &mut Db, offer: &Offer, asks: &[(&Act<'_>, &ClaimAsk)]) -> Result<Self, StoreError> {
        let sites = asks.iter().map(|(_, ask)| ask.site).collect();
        let ways: BTreeSet<ChannelId> = asks.iter().filter_map(|(_, ask)| ask.channel).collect();
        let mut channels = BTreeMap::new();
        if !ways.is_empty() {
            // The channel of a batch counts its codes; it is no way to more coupons.
            let serves =
                |it: &Channel| it.open && it.template == offer.template.id && it.kind != ChannelKind::CodeBatch;
            channels.extend(channels::find_many(db, &ways)?.into_iter().map(|it| (it.id, serves(&it))));
        }
        let customers: Vec<CustomerId> = asks.iter().map(|(_, ask)| ask.customer).collect();
        Ok(Self { places: offer.places(db, &sites)?, standings: standing::list(db, &customers)?, channels })
    }

    /// Whether that way to the coupon is open.
    pub(super) fn is_open(&self, way: ChannelId) -> bool {
        self.channels.get(&way).copied().unwrap_or(false)
    }

    /// How the customer stands for a claim at the place.
    pub(super) fn standing(&self, ask: &ClaimAsk, place: &ClaimPlace) -> Result<Standing, UseCaseError> {
        let standing = self.standings.get(&ask.customer).ok_or(UseCaseError::NotFound("customer"))?;
        Ok(standing_at(standing, place))
    }
}

/// How a customer stands at a place. A block of a node holds in all below it.
pub(crate) fn standing_at(standing: &CustomerStanding, place: &ClaimPlace) -> Standing {
    Standing {
        blocked: standing.blocked_by_brand || place.path.iter().any(|node| standing.blocked_at.contains(node)),
        is_new: standing.active_redemptions == 0,
        // Segments come with automation; until then nobody knows, and an unknown fact is never taken for granted.
        in_segment: None,
    }
}
