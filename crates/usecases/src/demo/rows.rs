//! Stores what was played.

use std::collections::BTreeSet;

use huike_coupons::redeem::RequestState;
use huike_kernel::{CustomerId, NodeId};
use huike_persistence::{
    Db, Outcome, audit,
    bulk::{self, PastCustomer, Visits},
    coupons, events, redemptions,
    unredeem_requests::{self, UnredeemRequest},
};

use super::{DemoSummary, play::Play};
use crate::UseCaseError;

/// Stores who is in play and what they did.
pub(super) fn store_played(db: &mut Db, play: &Play<'_>) -> Result<(), UseCaseError> {
    store_people(db, play)?;
    let made: Vec<_> = play.cards.iter().map(|card| card.coupon.clone()).collect();
    coupons::insert_many(db, &made)?;
    let used: Vec<_> = play.used.iter().map(|used| used.redemption.clone()).collect();
    redemptions::insert_many(db, &used)?;
    bulk::insert_counters(db, &play.books.counters())?;
    events::append(db, &play.traces.events)?;
    Ok(audit::append_many(db, &play.traces.audits)?)
}

/// Stores what the whole play adds up to.
pub(super) fn store_totals(db: &mut Db, play: &Play<'_>) -> Result<(), UseCaseError> {
    for request in &play.requests {
        // A request comes open into the world.
        let open = UnredeemRequest { state: RequestState::Open, decided: None, ..request.clone() };
        if unredeem_requests::insert(db, &open)? == Outcome::Refused {
            return Err(UseCaseError::Taken("redemption's request"));
        }
        if let Some((by, at)) = request.decided {
            let _decided = unredeem_requests::decide(db, request.id, request.state, by, at)?;
        }
    }
    bulk::insert_days(db, &play.books.days())?;
    for offer in play.offers.iter().filter(|offer| !offer.editions.is_empty()) {
        bulk::set_stock(db, offer.id, &offer.stock)?;
        for (holder, (_, issued)) in &offer.shares {
            bulk::set_quota_issued(db, offer.id, *holder, *issued)?;
        }
    }
    Ok(())
}

fn store_people(db: &mut Db, play: &Play<'_>) -> Result<(), UseCaseError> {
    let past = |person: &super::people::Person| PastCustomer {
        id: person.id,
        phone: person.phone.clone(),
        name: person.name.clone(),
        active_redemptions: person.active,
        created_at: person.created_at,
    };
    let customers: Vec<PastCustomer> = play.people.all.iter().map(past).collect();
    bulk::insert_customers(db, play.world.head, &customers)?;
    let mut visits = play.books.visits();
    let at_home: BTreeSet<(NodeId, CustomerId)> = visits.iter().map(|visit| (visit.site, visit.customer)).collect();
    // Everybody signed in at home once.
    for person in &play.people.all {
        let Some(home) = play.world.sites.get(person.home) else { continue };
        if !at_home.contains(&(home.id, person.id)) {
            visits.push(Visits {
                site: home.id,
                customer: person.id,
                source: "sign_in",
                first_seen_at: person.created_at,
                last_seen_at: person.created_at,
            });
        }
    }
    Ok(bulk::insert_visits(db, &visits)?)
}

/// What was seeded, in figures.
pub(super) fn summary(play: &Play<'_>) -> DemoSummary {
    let tally = play.tally();
    DemoSummary {
        stores: play.world.stores().count(),
        templates: play.offers.len(),
        customers: tally.customers,
        coupons: tally.coupons,
        redemptions: tally.redemptions,
        undone: tally.undone,
        discount_fen: tally.discount_fen,
        regular: play.people.all.first().map(|person| person.phone.clone()),
    }
}
