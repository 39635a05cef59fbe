//! Reading an offer: in one's own tree, and above it what is live.

use huike_access::{Permission, Scope, Sight};
use huike_kernel::{LifeState, OfferId};
use huike_persistence::{
    Db,
    offer_lists::{self, ListedOffer},
    offers::{self, OfferVersion},
    scope,
};

use super::OFFER;
use crate::{UseCaseError, caller::admit};

/// The offer, if the caller may read it: with its newest version where it is theirs, with the live one where it belongs
/// to a node above.
pub fn find_readable(db: &mut Db, reach: &Scope, id: OfferId) -> Result<ListedOffer, UseCaseError> {
    let found = offer_lists::find(db, id)?.ok_or(UseCaseError::NotFound(OFFER))?;
    let sight = scope::sight(db, reach, found.offer.site)?;
    if sight == Sight::Permitted {
        return Ok(found);
    }
    let is_live = found.offer.state == LifeState::Live;
    match found.offer.live_version.filter(|_| is_live) {
        Some(live) if scope::is_above_any(db, found.offer.site, &reach.permitted)? => {
            Ok(ListedOffer { version: offers::get_version(db, id, live)?, ..found })
        }
        _ => Err(admit(sight, Permission::OfferRead, OFFER).err().unwrap_or(UseCaseError::NotFound(OFFER))),
    }
}

/// Every version of an offer of the caller's own tree, newest first.
pub fn list_versions(db: &mut Db, reach: &Scope, id: OfferId) -> Result<Vec<OfferVersion>, UseCaseError> {
    let found = offers::find(db, id)?.ok_or(UseCaseError::NotFound(OFFER))?;
    admit(scope::sight(db, reach, found.site)?, Permission::OfferRead, OFFER)?;
    Ok(offer_lists::list_versions(db, id)?)
}
