//! What a customer brings to a price: how they stand, and the coupons in their hand as offers.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use huike_coupons::{
    CouponState, Effect, TemplateRules,
    calendar::HolidayCalendar,
    limits::{CounterFacts, CounterMetric, CounterMove, moves_for_redemption},
};
use huike_kernel::{CouponId, CustomerId, Money, TemplateId};
use huike_persistence::{
    Db, StoreError, limits,
    promises::{self, Promise},
    standing,
    wallet::{self, InHand},
};
use huike_pricing::{
    CompiledOffers, HeldCoupon, Offer, OfferId,
    offer::{Bounds, Condition, LineScope},
    quote::{Rejected, RejectionCode, Source},
};

use super::{
    PricePlace, QuoteError,
    coupon_offer::{offer_id, offer_of},
};
use crate::UseCaseError;

/// So many coupons of a customer are looked at, the soonest to expire first.
pub const IN_HAND_MAX: i64 = 1_000;

/// What belongs to each version of a template.
type ByVersion<T> = BTreeMap<(TemplateId, i64), T>;

/// Where and when a price is asked for.
#[derive(Clone, Copy)]
pub struct Occasion<'a> {
    /// Where.
    pub place: &'a PricePlace,
    /// When.
    pub now: DateTime<Utc>,
    /// Public holidays and make-up workdays.
    pub calendar: &'a HolidayCalendar,
}

/// A template, by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedTemplate {
    /// Its id.
    pub id: TemplateId,
    /// What it is called.
    pub name: String,
}

/// A customer with their coupons.
#[derive(Debug)]
pub struct Purse {
    /// Redemptions that were not undone: the orders Huike knows of.
    pub(super) orders: u32,
    pub(super) offers: CompiledOffers,
    pub(super) held: Vec<HeldCoupon>,
    /// Coupons that no cart could change anything about.
    pub(super) refused: Vec<Rejected>,
    pub(super) templates: BTreeMap<OfferId, NamedTemplate>,
}

impl Purse {
    /// Opens the purse of a customer, in at most five queries, however many coupons there are. `wanted` are the coupons
    /// the customer names; one that is not theirs is an error, one that is used up or gone is told of in the quote.
    pub fn load(
        db: &mut Db,
        customer: CustomerId,
        occasion: &Occasion<'_>,
        wanted: Option<&[CouponId]>,
    ) -> Result<Self, UseCaseError> {
        let known = standing::list(db, &[customer])?.remove(&customer).ok_or(UseCaseError::NotFound("customer"))?;
        let place = occasion.place;
        let is_blocked = known.blocked_by_brand || place.path.iter().any(|node| known.blocked_at.contains(node));
        let coupons = find_coupons(db, customer, occasion, wanted)?;
        let versions: BTreeSet<(TemplateId, i64)> = coupons.iter().map(|it| (it.template, it.version)).collect();
        let promises = promises::list(db, &versions)?;
        let mut offers = offers_of(&promises);
        lower_by_limits(db, customer, occasion, (&promises, &mut offers))?;

        let mut purse = Self {
            orders: u32::try_from(known.active_redemptions).unwrap_or(u32::MAX),
            offers: CompiledOffers::default(),
            held: Vec::new(),
            refused: Vec::new(),
            templates: named(&promises),
        };
        for coupon in coupons {
            let version = (coupon.template, coupon.version);
            let Some(promise) = promises.get(&version) else {
                return Err(StoreError::corrupt("coupon", "its template is gone").into());
            };
            let refusal = refusal_of(&coupon, promise, is_blocked).or_else(|| {
                let is_known = offers.contains_key(&version);
                (!is_known).then_some(RejectionCode::Scope)
            });
            purse.put(&coupon, promise, occasion, refusal);
        }
        purse.offers = CompiledOffers::new(offers.into_values().collect()).map_err(|(_, problems)| {
            let pointers: Vec<String> = problems.into_iter().map(|problem| problem.pointer).collect();
            StoreError::corrupt("coupon_template_version", pointers.join(", "))
        })?;
        Ok(purse)
    }

    /// Nobody's.
    pub(super) fn empty() -> Self {
        Self {
            orders: 0,
            offers: CompiledOffers::default(),
            held: Vec::new(),
            refused: Vec::new(),
            templates: BTreeMap::new(),
        }
    }

    fn put(&mut self, coupon: &InHand, promise: &Promise, occasion: &Occasion<'_>, refusal: Option<RejectionCode>) {
        let offer = offer_id(coupon.template, coupon.version);
        if let Some(code) = refusal {
            let source = Source::Coupon { coupon: coupon.coupon, offer };
            self.refused.push(Rejected { source, code, gap: None, by: None, starts_at: None });
            return;
        }
        // What has an owner has a window; without one it could be used at no time.
        let window = coupon.usable_from.zip(coupon.expires_at);
        let (usable_from, expires_at) = window.unwrap_or((occasion.now, occasion.now));
        let (usable_from, expires_at) = within_hours((usable_from, expires_at), &promise.rules, occasion);
        self.held.push(HeldCoupon { coupon: coupon.coupon, offer, usable_from, expires_at });
    }
}

fn find_coupons(
    db: &mut Db,
    customer: CustomerId,
    occasion: &Occasion<'_>,
    wanted: Option<&[CouponId]>,
) -> Result<Vec<InHand>, UseCaseError> {
    let Some(wanted) = wanted else {
        return Ok(wallet::list_in_hand(db, customer, occasion.now, IN_HAND_MAX)?);
    };
    let own = wallet::list_own(db, customer, wanted)?;
    let missing = wanted.iter().position(|id| !own.iter().any(|coupon| coupon.coupon == *id));
    match missing {
        Some(index) => Err(QuoteError::CouponUnknown { index }.into()),
        None => Ok(own),
    }
}

fn offers_of(promises: &ByVersion<Promise>) -> ByVersion<Offer> {
    let offers = promises.iter().filter_map(|(version, promise)| {
        let mut offer = offer_of(offer_id(version.0, version.1), promise.site, &promise.rules)?;
        // Of one template one coupon is used, whatever version it is of.
        offer.group.get_or_insert_with(|| format!("template {}", version.0));
        Some((*version, offer))
    });
    offers.collect()
}

fn named(promises: &ByVersion<Promise>) -> BTreeMap<OfferId, NamedTemplate> {
    let named = |((template, version), promise): (&(TemplateId, i64), &Promise)| {
        (offer_id(*template, *version), NamedTemplate { id: *template, name: promise.name.clone() })
    };
    promises.iter().map(|(version, promise)| named((version, promise))).collect()
}

/// Why nothing in a cart could help.
fn refusal_of(coupon: &InHand, promise: &Promise, is_blocked: bool) -> Option<RejectionCode> {
    match coupon.state {
        CouponState::Issued => {}
        CouponState::Locked => return Some(RejectionCode::Reserved),
        CouponState::Redeemed => return Some(RejectionCode::Limit),
        CouponState::Expired => return Some(RejectionCode::Expired),
        CouponState::Unclaimed | CouponState::Voided | CouponState::Transferred | CouponState::Returned => {
            return Some(RejectionCode::NotFound);
        }
    }
    if promise.is_killed {
        return Some(RejectionCode::Stopped);
    }
    is_blocked.then_some(RejectionCode::Blocked)
}

/// The window of a coupon that is not for this hour begins when its hours do.
fn within_hours(
    (usable_from, expires_at): (DateTime<Utc>, DateTime<Utc>),
    rules: &TemplateRules,
    occasion: &Occasion<'_>,
) -> (DateTime<Utc>, DateTime<Utc>) {
    let zone = occasion.place.zone;
    match rules.use_times.allows(zone.local(occasion.now).into(), occasion.calendar) {
        Ok(()) => (usable_from, expires_at),
        Err(not_now) => match not_now.next_allowed {
            Some(next) => (usable_from.max(zone.moment(next.day, next.minute_of_day)), expires_at),
            None => (usable_from, expires_at.min(occasion.now)),
        },
    }
}

/// What limits on uses, discounts and order values leave, as far as the counters stand now.
fn lower_by_limits(
    db: &mut Db,
    customer: CustomerId,
    occasion: &Occasion<'_>,
    (promises, offers): (&ByVersion<Promise>, &mut ByVersion<Offer>),
) -> Result<(), StoreError> {
    let place = occasion.place;
    let a_fen = Money::from_fen(1);
    let mut wanted: Vec<(TemplateId, CounterMove)> = Vec::new();
    let mut versions: Vec<(TemplateId, i64)> = Vec::new();
    for (version, promise) in promises.iter().filter(|(_, promise)| !promise.rules.limits.is_empty()) {
        let facts = CounterFacts {
            template: version.0,
            // A limit of one coupon: it is in hand, so it was not used.
            code: None,
            customer: Some(customer),
            site: place.site,
            store: place.store,
            day: place.zone.local(occasion.now).day,
        };
        let moves = moves_for_redemption(&promise.rules, &facts, a_fen, Some(a_fen));
        versions.extend(moves.iter().map(|_| *version));
        wanted.extend(moves.into_iter().map(|it| (version.0, it)));
    }
    let used = limits::list_used(db, &wanted)?;
    for ((version, (_, counter)), used) in versions.iter().zip(&wanted).zip(used) {
        if let (Some(offer), Some(promise)) = (offers.get_mut(version), promises.get(version)) {
            lower(offer, &promise.rules, counter.metric, counter.cap.saturating_sub(used));
        }
    }
    Ok(())
}

fn lower(offer: &mut Offer, rules: &TemplateRules, metric: CounterMetric, left: i64) {
    let amount = Money::from_fen(left.max(0));
    match metric {
        CounterMetric::Uses if left < 1 => offer.uses_left = Some(0),
        CounterMetric::Discount => match &rules.effect {
            Effect::Exchange { .. } => {
                let cost = rules.counter_cost(None);
                offer.uses_left = if amount < cost { Some(0) } else { offer.uses_left };
            }
            _ => offer.budget_left = Some(offer.budget_left.map_or(amount, |less| less.min(amount))),
        },
        CounterMetric::OrderValue => {
            let bounds = Bounds { at_most: Some(amount), ..Bounds::default() };
            let most = Condition::Amount { scope: LineScope::default(), bounds };
            let before = offer.condition.take();
            offer.condition = Some(Condition::All { of: before.into_iter().chain([most]).collect() });
        }
        CounterMetric::Uses | CounterMetric::Claims | CounterMetric::Committed => {}
    }
}
