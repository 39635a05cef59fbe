//! A dry run (试算): what an offer would change, on a cart and on carts that were quoted, before anybody is given it.
//!
//! [`prepare`] reads everything in one snapshot; [`Trial::run`] prices, which takes a while and needs no database.

mod found;
mod run;

use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

use chrono::{DateTime, Utc};
use huike_access::{Permission, Scope};
use huike_kernel::{NodeId, OfferId};
use huike_persistence::{
    Db, offer_lists,
    quoted_carts::{self, QuotedCart},
    scope,
};
use huike_pricing::{Offer, OfferError, OfferRules};

pub use found::{CHANGES_SHOWN, Changed, LineChange, OnCart, OnRecord, Tested};

use super::{draft::check_rules, read::find_readable};
use crate::{UseCaseError, caller::admit, quotes::PricePlace};

/// The most carts of one run.
pub const CARTS_MAX: usize = 5_000;
/// The most lines of them together.
const LINES_MAX: usize = 50_000;
/// Carts that are read at a time.
const CHUNK: i64 = 500;
/// The most sites and stores whose carts are looked at in one run.
const PLACES_MAX: usize = 200;

/// The offer to be tried.
#[derive(Debug, Clone)]
pub enum Tried {
    /// One that is managed here: its newest version, as far as the caller may see it.
    Managed(OfferId),
    /// Rules that are not saved.
    Rules(Box<OfferRules>),
}

/// What is to be tried, and where.
#[derive(Debug, Clone)]
pub struct TrialAsk {
    /// The node whose carts are looked at, and where a given cart is priced.
    pub site: NodeId,
    /// The offer.
    pub tried: Tried,
    /// Carts quoted since then; none without it.
    pub since: Option<DateTime<Utc>>,
}

/// Everything a dry run needs.
#[derive(Debug)]
pub struct Trial {
    candidate: Candidate,
    /// Where a given cart is priced.
    site: NodeId,
    places: BTreeMap<NodeId, PricePlace>,
    /// What is in force at each node that owns offers.
    in_force: BTreeMap<NodeId, Vec<Offer>>,
    /// The recorded carts, the newest first; none where nobody asked for them.
    carts: Option<Vec<QuotedCart>>,
    /// Carts that a later one of the same customer and day stands for.
    repeated: usize,
    /// Whether there are more carts than are looked at.
    is_cut: bool,
}

/// The offer that is tried.
#[derive(Debug)]
struct Candidate {
    id: OfferId,
    owner: NodeId,
    rules: OfferRules,
    /// Whether these very rules are in force now.
    is_live: bool,
}

/// Reads what a dry run needs. The offer must be readable for whoever asks, the node theirs, and the offer one that can
/// hold there.
pub fn prepare(db: &mut Db, reach: &Scope, ask: &TrialAsk) -> Result<Trial, UseCaseError> {
    admit(scope::sight(db, reach, ask.site)?, Permission::OfferRead, "node")?;
    let candidate = find_candidate(db, reach, ask)?;
    let place = PricePlace::load(db, ask.site)?;
    let related = place.path.contains(&candidate.owner) || scope::below(db, ask.site, &[candidate.owner])?.len() == 1;
    if !related {
        return Err(OfferError::PlaceOutsideOwner.into());
    }
    let mut trial = Trial {
        candidate,
        site: ask.site,
        places: BTreeMap::from([(ask.site, place)]),
        in_force: BTreeMap::new(),
        carts: None,
        repeated: 0,
        is_cut: false,
    };
    if let Some(since) = ask.since {
        trial.take_carts(read_carts(db, ask.site, since)?);
    }
    trial.read_places(db)?;
    Ok(trial)
}

/// The newest carts, chunk by chunk, until there are enough of them or of their lines; and whether those are all.
fn read_carts(db: &mut Db, site: NodeId, since: DateTime<Utc>) -> Result<(Vec<QuotedCart>, bool), UseCaseError> {
    let (mut carts, mut lines): (Vec<QuotedCart>, usize) = (Vec::new(), 0);
    while carts.len() <= CARTS_MAX && lines <= LINES_MAX {
        let chunk = quoted_carts::list_since(db, (site, since), carts.last(), CHUNK)?;
        let is_last = i64::try_from(chunk.len()).unwrap_or(i64::MAX) < CHUNK;
        lines = chunk.iter().fold(lines, |sum, cart| sum.saturating_add(cart.cart.lines.len()));
        carts.extend(chunk);
        if is_last {
            return Ok((carts, true));
        }
    }
    Ok((carts, false))
}

fn find_candidate(db: &mut Db, reach: &Scope, ask: &TrialAsk) -> Result<Candidate, UseCaseError> {
    match &ask.tried {
        Tried::Managed(id) => {
            let found = find_readable(db, reach, *id)?;
            let is_live = found.offer.live_version == Some(found.version.number);
            Ok(Candidate { id: *id, owner: found.offer.site, rules: found.version.rules, is_live })
        }
        Tried::Rules(rules) => {
            check_rules(db, ask.site, rules)?;
            let id = OfferId::from_uuid(uuid::Uuid::max());
            Ok(Candidate { id, owner: ask.site, rules: (**rules).clone(), is_live: false })
        }
    }
}

impl Trial {
    /// The id that the tried offer goes by in the quotes.
    pub fn offer(&self) -> OfferId {
        self.candidate.id
    }

    /// Keeps as many as are looked at. Of a known customer the last cart of a day counts: the others are the same cart
    /// on its way.
    fn take_carts(&mut self, (mut carts, are_all): (Vec<QuotedCart>, bool)) {
        self.is_cut = !are_all || carts.len() > CARTS_MAX;
        carts.truncate(CARTS_MAX);
        let found = carts.len();
        let mut seen = BTreeSet::new();
        carts.retain(|cart| cart.customer.is_none_or(|customer| seen.insert((customer, cart.site, cart.local_day))));
        self.repeated = found.saturating_sub(carts.len());
        let mut lines = 0_usize;
        let mut places = BTreeSet::new();
        let fitting = carts.iter().take_while(|cart| {
            lines = lines.saturating_add(cart.cart.lines.len());
            places.insert(cart.site);
            lines <= LINES_MAX && places.len() <= PLACES_MAX
        });
        let fitting = fitting.count();
        self.is_cut |= fitting < carts.len();
        carts.truncate(fitting);
        self.carts = Some(carts);
    }

    /// Places, and what is in force there now.
    fn read_places(&mut self, db: &mut Db) -> Result<(), UseCaseError> {
        for cart in self.carts.iter().flatten() {
            if let Entry::Vacant(unknown) = self.places.entry(cart.site) {
                unknown.insert(PricePlace::load(db, cart.site)?);
            }
        }
        for place in self.places.values() {
            if let Some(owner) = place.offers_from()
                && let Entry::Vacant(unread) = self.in_force.entry(owner)
            {
                unread.insert(offer_lists::list_live(db, &place.path)?);
            }
        }
        Ok(())
    }
}
