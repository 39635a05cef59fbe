//! Publication (上线): an approved version comes into force, in the place of the one before.

use huike_access::Permission;
use huike_kernel::VersionState;
use huike_persistence::{
    Db,
    offer_lists::ListedOffer,
    offer_stock::{self, OfferStock},
    offers,
};
use huike_pricing::{
    OfferRules,
    managed::{OfferEvent, PublishFacts, decide_publish},
};

use super::{Held, OfferAsk, Step, applied, draft::take_heading, hold, show, walk};
use crate::{Act, UseCaseError};

/// Publishes the newest version, which was approved.
pub fn publish(db: &mut Db, act: &Act<'_>, ask: OfferAsk) -> Result<ListedOffer, UseCaseError> {
    let mut held = hold(db, act, ask, Permission::OfferPublish)?;
    publish_held(db, act, &mut held)?;
    show(db, ask.offer)
}

pub(super) fn publish_held(db: &mut Db, act: &Act<'_>, held: &mut Held) -> Result<(), UseCaseError> {
    let before = held.trace();
    let stock = offer_stock::lock(db, held.offer.id)?;
    let used = stock.as_ref().map(OfferStock::used).unwrap_or_default();
    let life = decide_publish(held.life(), &held.version.rules, &PublishFacts { now: act.now, used })?;
    supersede_live(db, held)?;
    held.offer.live_version = Some(held.version.number);
    take_heading(held);
    set_stock(db, held, stock.is_some())?;
    walk(db, act, held, Step::new(life, OfferEvent::Published, "offer.publish"), before)
}

fn supersede_live(db: &mut Db, held: &Held) -> Result<(), UseCaseError> {
    let Some(number) = held.offer.live_version else { return Ok(()) };
    let mut old = offers::get_version(db, held.offer.id, number)?;
    old.state = VersionState::Superseded;
    Ok(offers::update_version(db, &old)?)
}

fn set_stock(db: &mut Db, held: &Held, exists: bool) -> Result<(), UseCaseError> {
    let OfferRules { budget, uses, .. } = held.version.rules;
    if exists {
        return Ok(applied(offer_stock::set_totals(db, held.offer.id, budget, uses)?)?);
    }
    Ok(offer_stock::insert(db, &OfferStock::new(held.offer.id, held.offer.site, budget, uses))?)
}
