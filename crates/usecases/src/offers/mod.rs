//! The life of offers that people manage (优惠活动): drafting, review, publication, the switches afterwards, and what is in
//! force at a node for whoever prices carts: [`live`]. What one would change before it is given to anybody: [`prepare`].
//!
//! Every act locks the offer's row first; the stock's row and the node's revision come last, in the lock order of the
//! house. Steps are those of [`huike_kernel::life`], what a version must say `huike_pricing::managed` decides, and who may
//! let it pass `huike_access`.

mod budget;
mod draft;
mod live;
mod publish;
mod read;
mod review;
mod switch;
mod trial;

pub use budget::{BudgetChange, change_budget};
pub use draft::{NewOffer, OfferEdit, create, edit_draft, open_version};
pub use live::{Changes, live, watch};
pub use publish::publish;
pub use read::{find_readable, list_versions};
pub use review::{approve, reject, self_publish, submit, withdraw};
pub use switch::{end, pause, resume};
pub use trial::{
    CARTS_MAX, CHANGES_SHOWN, Changed, LineChange, OnCart, OnRecord, Tested, Trial, TrialAsk, Tried, prepare,
};

use huike_access::{Permission, ReviewRights};
use huike_kernel::{Life, LifeState, OfferId, StaffId};
use huike_persistence::{
    Db, Outcome, StoreError, nodes,
    offer_lists::{self, ListedOffer},
    offer_stock,
    offers::{self, ManagedOffer, OfferVersion},
};
use huike_pricing::managed::OfferEvent;
use serde_json::{Value, json};

use crate::{
    Act, UseCaseError,
    record::{self, Aggregate, Change, Place},
};

/// How an offer is called in answers and in the audit log.
const OFFER: &str = "offer";

/// Who lets offers pass, and who may publish alone where the policy allows it.
const RIGHTS: ReviewRights = ReviewRights::OFFERS;

/// An act on an offer.
#[derive(Debug, Clone, Copy)]
pub struct OfferAsk {
    /// Which one.
    pub offer: OfferId,
    /// The version of the row that the caller has seen: the act is refused when it has changed since.
    pub seen: Option<i64>,
}

/// An offer that is locked for an act, with its newest version.
struct Held {
    offer: ManagedOffer,
    version: OfferVersion,
    place: Place,
}

/// Where an act leads, and how it is told.
struct Step {
    life: Life,
    event: OfferEvent,
    action: &'static str,
    reason: Option<String>,
}

impl Step {
    fn new(life: Life, event: OfferEvent, action: &'static str) -> Self {
        Self { life, event, action, reason: None }
    }
}

impl Held {
    fn life(&self) -> Life {
        Life { state: self.offer.state, version: self.version.state }
    }

    /// What the audit log says of it.
    fn trace(&self) -> Value {
        json!({
            "state": self.offer.state,
            "live_version": self.offer.live_version,
            "newest_version": self.offer.newest_version,
            "newest_version_state": self.version.state,
            "unreviewed": self.version.unreviewed,
        })
    }

    fn aggregate(&self) -> Aggregate {
        Aggregate { kind: OFFER, id: self.offer.id.as_uuid(), seq: self.offer.version }
    }

    fn change(&self, action: &'static str, before: Value, after: Value) -> Change {
        Change { action, subject_kind: OFFER, subject: self.offer.id.to_string(), before, after }
    }

    /// Whoever wrote on a version cannot be the one who reviews it.
    fn add_maker(&mut self, maker: StaffId) {
        if !self.version.makers.contains(&maker) {
            self.version.makers.push(maker);
        }
    }
}

/// Locks the offer for an act of somebody who may do it, and who has seen it as it is.
fn hold(db: &mut Db, act: &Act<'_>, ask: OfferAsk, permission: Permission) -> Result<Held, UseCaseError> {
    let offer = offers::lock(db, ask.offer)?.ok_or(UseCaseError::NotFound(OFFER))?;
    act.reach(db, offer.site, permission, OFFER)?;
    if ask.seen.is_some_and(|seen| seen != offer.version) {
        return Err(UseCaseError::VersionConflict);
    }
    let version = offers::get_version(db, offer.id, offer.newest_version)?;
    let place = place_of(db, &offer)?;
    Ok(Held { offer, version, place })
}

fn place_of(db: &mut Db, offer: &ManagedOffer) -> Result<Place, UseCaseError> {
    let owner = nodes::find(db, offer.site)?.ok_or_else(|| StoreError::corrupt(OFFER, "its owner is gone"))?;
    Ok(Place { site: owner.id, zone: owner.zone })
}

/// Writes a decided step down: the rows, the event, the audit row, and what is in force.
fn walk(db: &mut Db, act: &Act<'_>, held: &mut Held, step: Step, before: Value) -> Result<(), UseCaseError> {
    let was_live = held.offer.state == LifeState::Live;
    held.offer.state = step.life.state;
    held.version.state = step.life.version;
    offers::update_version(db, &held.version)?;
    save(db, act, held)?;
    let mut payload = held.trace();
    if let (Some(reason), Some(members)) = (&step.reason, payload.as_object_mut()) {
        members.insert("reason".to_owned(), json!(reason));
    }
    record::emit(db, act, held.place, held.aggregate(), (step.event.as_str(), payload.clone()))?;
    record::audit(db, act, held.place.site, held.change(step.action, before, payload))?;
    let is_live = held.offer.state == LifeState::Live;
    if was_live != is_live || step.event == OfferEvent::Published {
        follow(db, held, is_live)?;
    }
    Ok(())
}

/// Saves the offer's row; its version goes up by one.
fn save(db: &mut Db, act: &Act<'_>, held: &mut Held) -> Result<(), UseCaseError> {
    held.offer.updated_at = act.now;
    match offers::update(db, &mut held.offer)? {
        Outcome::Applied => Ok(()),
        Outcome::Refused => Err(UseCaseError::VersionConflict),
    }
}

/// Orders take of an offer exactly while it is live; whoever keeps it in memory is told to read again.
fn follow(db: &mut Db, held: &Held, accepting: bool) -> Result<(), StoreError> {
    if held.offer.live_version.is_some() {
        applied(offer_stock::set_accepting(db, held.offer.id, accepting)?)?;
    }
    offer_stock::note_change(db, held.offer.site)
}

/// The rows are locked and the figures were checked, so a guard that refuses means that they do not add up.
fn applied(outcome: Outcome) -> Result<(), StoreError> {
    match outcome {
        Outcome::Applied => Ok(()),
        Outcome::Refused => Err(StoreError::corrupt("offer_stock", "an offer that was published has no stock")),
    }
}

/// The offer as a list shows it, after an act.
fn show(db: &mut Db, offer: OfferId) -> Result<ListedOffer, UseCaseError> {
    let found = offer_lists::find(db, offer)?;
    Ok(found.ok_or_else(|| StoreError::corrupt(OFFER, "an offer that was written is gone"))?)
}
