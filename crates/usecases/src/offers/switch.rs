//! The switches of a published offer: pause, resume, end.

use huike_access::Permission;
use huike_kernel::{Life, LifeError};
use huike_persistence::{Db, offer_lists::ListedOffer};
use huike_pricing::{OfferError, managed::OfferEvent};

use super::{OfferAsk, Step, hold, show, walk};
use crate::{Act, UseCaseError};

/// Takes it out of force for now.
pub fn pause(db: &mut Db, act: &Act<'_>, ask: OfferAsk) -> Result<ListedOffer, UseCaseError> {
    switch(db, act, ask, (Life::pause, OfferEvent::Paused, "offer.pause"))
}

/// Puts it in force again.
pub fn resume(db: &mut Db, act: &Act<'_>, ask: OfferAsk) -> Result<ListedOffer, UseCaseError> {
    switch(db, act, ask, (Life::resume, OfferEvent::Resumed, "offer.resume"))
}

/// Ends it for good. What orders took of it stays as it is.
pub fn end(db: &mut Db, act: &Act<'_>, ask: OfferAsk) -> Result<ListedOffer, UseCaseError> {
    switch(db, act, ask, (Life::end, OfferEvent::Ended, "offer.end"))
}

type Switch = (fn(Life) -> Result<Life, LifeError>, OfferEvent, &'static str);

fn switch(
    db: &mut Db,
    act: &Act<'_>,
    ask: OfferAsk,
    (step, event, action): Switch,
) -> Result<ListedOffer, UseCaseError> {
    let mut held = hold(db, act, ask, Permission::OfferPublish)?;
    let life = step(held.life()).map_err(OfferError::from)?;
    let before = held.trace();
    walk(db, act, &mut held, Step::new(life, event, action), before)?;
    show(db, ask.offer)
}
