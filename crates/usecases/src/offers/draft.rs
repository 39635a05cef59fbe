//! Writing drafts: the first version of a new offer, and later versions beside the one in force.

use huike_access::Permission;
use huike_kernel::{Life, LifeState, NodeId, OfferId, StaffId, Text, VersionState};
use huike_persistence::{
    Db, nodes,
    offer_lists::ListedOffer,
    offers::{self, ManagedOffer, OfferVersion},
    scope,
};
use huike_pricing::{
    OfferError, OfferRules,
    managed::OfferEvent,
    offer::{Condition, OfferProblem},
};
use huike_sites::{NodeKind, NodeState, SitesError};
use serde_json::{Value, json};

use super::{Held, OfferAsk, Step, hold, place_of, show, walk};
use crate::{Act, UseCaseError, record};

/// An offer to draft.
#[derive(Debug, Clone)]
pub struct NewOffer {
    /// The node that will own it: a head, a region or a site.
    pub site: NodeId,
    /// Its name.
    pub name: Text<60>,
    /// Its rules.
    pub rules: OfferRules,
}

/// A change of a draft; what is not named stays.
#[derive(Debug, Clone)]
pub struct OfferEdit {
    /// Which offer.
    pub ask: OfferAsk,
    /// Another name; only before the first version is handed in.
    pub name: Option<Text<60>>,
    /// Other rules, as a whole.
    pub rules: Option<OfferRules>,
}

/// Drafts an offer with its first version.
pub fn create(db: &mut Db, act: &Act<'_>, new: &NewOffer) -> Result<ListedOffer, UseCaseError> {
    act.reach(db, new.site, Permission::OfferCreate, "node")?;
    let maker = act.staff(Permission::OfferCreate)?;
    check_owner(db, new.site)?;
    check_rules(db, new.site, &new.rules)?;
    let id: OfferId = act.new_id();
    let offer = ManagedOffer {
        id,
        site: new.site,
        name: new.name.as_str().to_owned(),
        class: new.rules.class.as_str().to_owned(),
        kind: new.rules.effect.kind().to_owned(),
        state: LifeState::Draft,
        live_version: None,
        newest_version: 1,
        version: 1,
        created_by: maker,
        created_at: act.now,
        updated_at: act.now,
    };
    let version = draft_of(act, (id, 1), new.site, maker, new.rules.clone());
    offers::insert(db, &offer, &version)?;
    let place = place_of(db, &offer)?;
    let held = Held { offer, version, place };
    let payload = json!({ "class": held.offer.class, "kind": held.offer.kind });
    record::emit(db, act, place, held.aggregate(), (OfferEvent::Created.as_str(), payload))?;
    record::audit(db, act, new.site, held.change("offer.create", Value::Null, written(&held)))?;
    show(db, id)
}

/// Changes a draft. Whoever does is one of its makers from then on.
pub fn edit_draft(db: &mut Db, act: &Act<'_>, edit: &OfferEdit) -> Result<ListedOffer, UseCaseError> {
    let mut held = hold(db, act, edit.ask, Permission::OfferCreate)?;
    let maker = act.staff(Permission::OfferCreate)?;
    let life = held.life().edit().map_err(OfferError::from)?;
    let before = written(&held);
    if let Some(name) = &edit.name {
        rename(&mut held, name)?;
    }
    if let Some(rules) = &edit.rules {
        check_rules(db, held.offer.site, rules)?;
        held.version.rules = rules.clone();
    }
    if held.offer.live_version.is_none() {
        take_heading(&mut held);
    }
    held.add_maker(maker);
    walk(db, act, &mut held, Step::new(life, OfferEvent::Edited, "offer.edit"), before)?;
    show(db, edit.ask.offer)
}

/// Begins a new version with the rules of the newest one. One that was approved but never published has its place taken.
pub fn open_version(db: &mut Db, act: &Act<'_>, ask: OfferAsk) -> Result<ListedOffer, UseCaseError> {
    let mut held = hold(db, act, ask, Permission::OfferCreate)?;
    let maker = act.staff(Permission::OfferCreate)?;
    let life: Life = held.life().open_version().map_err(OfferError::from)?;
    let before = held.trace();
    if held.version.state == VersionState::Approved {
        held.version.state = VersionState::Superseded;
        offers::update_version(db, &held.version)?;
    }
    let number = held.version.number.saturating_add(1);
    let rules = held.version.rules.clone();
    held.version = draft_of(act, (ask.offer, number), held.offer.site, maker, rules);
    offers::insert_version(db, &held.version)?;
    held.offer.newest_version = number;
    walk(db, act, &mut held, Step::new(life, OfferEvent::VersionOpened, "offer.open_version"), before)?;
    show(db, ask.offer)
}

/// What lists narrow by follows the rules of the version in force, or of the first one in the making.
pub(super) fn take_heading(held: &mut Held) {
    held.offer.class = held.version.rules.class.as_str().to_owned();
    held.offer.kind = held.version.rules.effect.kind().to_owned();
}

fn draft_of(
    act: &Act<'_>,
    (offer, number): (OfferId, i64),
    site: NodeId,
    maker: StaffId,
    rules: OfferRules,
) -> OfferVersion {
    OfferVersion {
        offer,
        number,
        site,
        rules,
        state: VersionState::Draft,
        unreviewed: false,
        makers: vec![maker],
        created: (maker, act.now),
        submitted: None,
        reviewed: None,
        reject_reason: None,
    }
}

/// A name that was reviewed is a promise like the rules, and there is but one for all versions.
fn rename(held: &mut Held, name: &Text<60>) -> Result<(), UseCaseError> {
    if held.offer.name == name.as_str() {
        return Ok(());
    }
    if held.offer.state != LifeState::Draft {
        return Err(OfferError::NameFrozen.into());
    }
    held.offer.name = name.as_str().to_owned();
    Ok(())
}

fn check_owner(db: &mut Db, site: NodeId) -> Result<(), UseCaseError> {
    let owner = nodes::find(db, site)?.ok_or(UseCaseError::NotFound("node"))?;
    if owner.kind == NodeKind::Store {
        return Err(OfferError::OwnerIsStore.into());
    }
    if owner.state == NodeState::Closed {
        return Err(SitesError::NodeClosed { node: site }.into());
    }
    Ok(())
}

/// A draft is saved only when it could be handed in: sound in itself, and about places of its owner's.
pub(super) fn check_rules(db: &mut Db, owner: NodeId, rules: &OfferRules) -> Result<(), UseCaseError> {
    rules.validate().map_err(|problems| OfferError::RulesInvalid(below_rules(problems)))?;
    let mut places = Vec::new();
    if let Some(condition) = &rules.condition {
        condition.each(&mut |part| {
            if let Condition::Place { of } = part {
                places.extend_from_slice(of);
            }
        });
    }
    let below = scope::below(db, owner, &places)?;
    if places.iter().any(|place| !below.contains(place)) {
        return Err(OfferError::PlaceOutsideOwner.into());
    }
    Ok(())
}

/// The document is one member of what the caller sent.
fn below_rules(problems: Vec<OfferProblem>) -> Vec<OfferProblem> {
    let nested = |problem: OfferProblem| OfferProblem { pointer: format!("/rules{}", problem.pointer), ..problem };
    problems.into_iter().map(nested).collect()
}

/// What a draft says, for the audit log.
fn written(held: &Held) -> Value {
    json!({ "name": held.offer.name, "version": held.version.number, "rules": held.version.rules })
}
