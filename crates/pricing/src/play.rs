//! Offers in play: those of a quote that could apply, with their rows; and those that cannot, with the reason.

use std::{
    cell::{OnceCell, RefCell},
    collections::HashMap,
    ops::Range,
};

use chrono::{DateTime, Utc};
use huike_kernel::{CouponId, OfferClass};

use crate::{
    apply::{self, Taken, Target},
    compiled::CompiledOffers,
    condition::{Miss, Sight},
    engine::Ask,
    facts::{CouponChoice, Facts, HeldCoupon},
    offer::{Base, Effect, LineScope, Offer, Trigger},
    quote::{Rejected, RejectionCode, Source},
    table::{State, Table},
};

/// An offer that could apply.
#[derive(Debug)]
pub(crate) struct Play<'a> {
    pub(crate) offer: &'a Offer,
    pub(crate) source: Source,
    /// When the coupon runs out.
    pub(crate) expires_at: Option<DateTime<Utc>>,
    rows: Range<usize>,
    get_rows: Range<usize>,
    /// See [`Field::most`]; reckoned when somebody asks.
    most: OnceCell<i64>,
    /// Whether its condition is to be looked at in each state anew.
    pub(crate) is_dynamic: bool,
}

/// An offer that may come into play.
struct Candidate<'a> {
    /// Its place in the order of application.
    key: (OfferClass, Trigger, usize),
    offer: &'a Offer,
    /// The coupon that gives it, by its position among those in hand.
    coupon: Option<usize>,
    /// Which of the named rows are its own; all rows are looked at without it.
    named: Option<Range<usize>>,
}

/// All that a choice is made among.
#[derive(Debug)]
pub(crate) struct Field<'a> {
    pub(crate) table: &'a Table<'a>,
    pub(crate) facts: &'a Facts,
    /// In the order of application.
    pub(crate) plays: Vec<Play<'a>>,
    pub(crate) rejected: Vec<Rejected>,
    /// The rows of all plays, one after the other.
    pool: Vec<usize>,
    before: State,
    /// Work space of [`Field::most`].
    work: RefCell<Taken>,
}

impl Play<'_> {
    pub(crate) fn is_coupon(&self) -> bool {
        self.offer.trigger == Trigger::Coupon
    }

    /// Whether it gives something that is no money: goods or points.
    pub(crate) fn is_moneyless(&self) -> bool {
        matches!(self.offer.effect, Effect::Gift { .. } | Effect::PointsMultiplier { .. })
    }
}

impl<'a> Field<'a> {
    /// Sorts out what can apply.
    pub(crate) fn of(
        table: &'a Table<'a>,
        (offers, of_coupons): (&'a CompiledOffers, &'a CompiledOffers),
        ask: &Ask<'a>,
    ) -> Self {
        let facts = ask.facts;
        let before = table.begin();
        let mut field = Self {
            table,
            facts,
            plays: Vec::with_capacity(64),
            rejected: Vec::new(),
            pool: Vec::with_capacity(256),
            before,
            work: RefCell::default(),
        };
        let mut named = Vec::with_capacity(64);
        let mut candidates: Vec<Candidate<'a>> = Vec::with_capacity(64);
        let lines = table.rows.iter().map(|row| row.line);
        offers.each_candidate(lines, table.before_total, &mut named, |rank, offer, named| {
            candidates.push(Candidate { key: (offer.class, offer.trigger, rank), offer, coupon: None, named });
        });
        let coupons = field.coupons_in_hand(of_coupons, ask.held, ask.choice);
        for (position, coupon) in coupons.iter().enumerate() {
            match of_coupons.ranked(coupon.offer).filter(|(_, offer)| offer.trigger == Trigger::Coupon) {
                Some((rank, offer)) => {
                    let key = (offer.class, offer.trigger, rank);
                    candidates.push(Candidate { key, offer, coupon: Some(position), named: None });
                }
                None => field.reject_unknown(*coupon),
            }
        }
        // Class, then automatic before coupons, then the rank: automatic offers and coupons have each their own ranks.
        candidates.sort_unstable_by_key(|candidate| candidate.key);
        for candidate in &candidates {
            field.consider(candidate, candidate.coupon.and_then(|position| coupons.get(position)), &named);
        }
        field
    }

    /// One coupon of each offer: the one that runs out first. Others of the same offer could never be used beside it.
    fn coupons_in_hand(
        &mut self,
        offers: &CompiledOffers,
        held: &[HeldCoupon],
        choice: &CouponChoice,
    ) -> Vec<HeldCoupon> {
        let mut first: HashMap<_, HeldCoupon> = HashMap::new();
        for coupon in held.iter().filter(|coupon| is_wanted(coupon.coupon, choice)) {
            let source = Source::Coupon { coupon: coupon.coupon, offer: coupon.offer };
            let out_of_time = if self.facts.now < coupon.usable_from {
                Some((RejectionCode::NotStarted, Some(coupon.usable_from)))
            } else if coupon.expires_at <= self.facts.now {
                Some((RejectionCode::Expired, None))
            } else {
                None
            };
            if let Some((code, starts_at)) = out_of_time {
                self.rejected.push(Rejected { source, code, gap: None, by: None, starts_at });
                continue;
            }
            let earlier = |a: &HeldCoupon, b: &HeldCoupon| (a.expires_at, a.coupon) < (b.expires_at, b.coupon);
            first
                .entry(coupon.offer)
                .and_modify(|kept| {
                    if earlier(coupon, kept) {
                        *kept = *coupon;
                    }
                })
                .or_insert(*coupon);
        }
        if let CouponChoice::Chosen(wanted) = choice {
            for coupon in wanted.iter().filter(|wanted| !held.iter().any(|held| held.coupon == **wanted)) {
                let offer = crate::offer::OfferId::from_uuid(uuid::Uuid::nil());
                let source = Source::Coupon { coupon: *coupon, offer };
                self.reject(source, Miss { code: RejectionCode::NotFound, gap: None });
            }
        }
        let mut coupons: Vec<HeldCoupon> = first.into_values().collect();
        coupons.sort_unstable_by_key(|coupon| (offers.get(coupon.offer).is_none(), coupon.offer));
        coupons
    }

    fn reject_unknown(&mut self, coupon: HeldCoupon) {
        let source = Source::Coupon { coupon: coupon.coupon, offer: coupon.offer };
        self.reject(source, Miss { code: RejectionCode::NotFound, gap: None });
    }

    pub(crate) fn reject(&mut self, source: Source, miss: Miss) {
        self.rejected.push(Rejected { source, code: miss.code, gap: miss.gap, by: None, starts_at: None });
    }

    /// Puts an offer among those in play, or says why not.
    fn consider(&mut self, candidate: &Candidate<'a>, coupon: Option<&HeldCoupon>, named: &[(usize, usize)]) {
        let offer = candidate.offer;
        let source = coupon.map_or(Source::Offer { offer: offer.id }, |coupon| Source::Coupon {
            coupon: coupon.coupon,
            offer: offer.id,
        });
        let expires_at = coupon.map(|coupon| coupon.expires_at);
        let named = candidate.named.clone().and_then(|range| named.get(range));
        if let Some(rejected) = self.out_of_time(offer, source) {
            return self.rejected.push(rejected);
        }
        let rows = self.pool_rows(offer, named);
        if rows.is_empty() {
            // In an empty cart what is missing is not a line of the right kind, but whatever the condition asks for.
            let missing =
                self.check(offer, &self.before).err().filter(|miss| self.table.rows.is_empty() && miss.gap.is_some());
            return self.reject(source, missing.unwrap_or(Miss { code: RejectionCode::Scope, gap: None }));
        }
        let get_rows = match &offer.effect {
            Effect::BuyGet { get_scope: Some(scope), .. } => self.pool_scope(scope),
            Effect::BuyGet { get_scope: None, .. } => rows.clone(),
            _ => 0..0,
        };
        let measures = offer.condition.as_ref().is_some_and(crate::offer::Condition::measures_amounts);
        let is_dynamic = measures && offer.condition_base == Base::After;
        if !is_dynamic && let Err(miss) = self.check(offer, &self.before) {
            return self.reject(source, miss);
        }
        self.plays.push(Play { offer, source, expires_at, rows, get_rows, most: OnceCell::new(), is_dynamic });
    }

    fn out_of_time(&self, offer: &Offer, source: Source) -> Option<Rejected> {
        let rejected = |code| Rejected { source, code, gap: None, by: None, starts_at: None };
        let window = offer.window.as_ref();
        if let Some(window) = window.filter(|window| self.facts.now < window.starts_at) {
            return Some(Rejected { starts_at: Some(window.starts_at), ..rejected(RejectionCode::NotStarted) });
        }
        if window.is_some_and(|window| window.ends_at <= self.facts.now) {
            return Some(rejected(RejectionCode::Expired));
        }
        if offer.uses_left == Some(0) {
            return Some(rejected(RejectionCode::Limit));
        }
        offer.budget_left.is_some_and(|left| left.fen() <= 0).then(|| rejected(RejectionCode::Budget))
    }

    /// The most the play can take off in any state: what it takes off before any other. Later it finds less to take from; a
    /// ladder measured on what is left, and units that carry what was taken before, can only lower it.
    pub(crate) fn most(&self, play: &Play<'_>) -> i64 {
        *play.most.get_or_init(|| {
            let mut work = self.work.borrow_mut();
            apply::reckon(self.table, self.target(play), &self.before, &mut work);
            work.total
        })
    }

    /// Whether the play may come to apply only because an earlier offer is left out, or the other way round: its
    /// condition or its budget looks at what earlier offers left.
    pub(crate) fn hangs_on_others(&self, play: &Play<'_>) -> bool {
        let is_ladder = matches!(play.offer.effect, Effect::Tiers { .. });
        play.is_dynamic
            || (is_ladder && play.offer.condition_base == Base::After)
            || play.offer.budget_left.is_some_and(|left| left.fen() < self.most(play))
    }

    /// Whether the condition holds in this state.
    pub(crate) fn check(&self, offer: &Offer, state: &State) -> Result<(), Miss> {
        let Some(condition) = &offer.condition else { return Ok(()) };
        Sight { table: self.table, facts: self.facts, state, base: offer.condition_base }.check(condition)
    }

    /// The rows of a play: of its scope, or shipping methods for an offer on shipping.
    pub(crate) fn rows(&self, play: &Play<'_>) -> &[usize] {
        self.pool.get(play.rows.clone()).unwrap_or_default()
    }

    pub(crate) fn target<'p>(&'p self, play: &'p Play<'_>) -> Target<'p> {
        let get_rows = self.pool.get(play.get_rows.clone()).unwrap_or_default();
        Target { offer: play.offer, rows: self.rows(play), get_rows }
    }

    fn pool_rows(&mut self, offer: &Offer, named: Option<&[(usize, usize)]>) -> Range<usize> {
        let from = self.pool.len();
        match (offer.class, named) {
            (OfferClass::Shipping, _) => {
                let wanted = &offer.scope.shipping_methods;
                let is_in = |method: &str| wanted.is_empty() || wanted.iter().any(|known| known == method);
                let methods = self.table.fees.iter().enumerate();
                self.pool.extend(methods.filter(|(_, (method, _))| is_in(method)).map(|(index, _)| index));
            }
            (_, Some(named)) => {
                for (_, row) in named {
                    if self.is_in_beside_keys(*row, offer) {
                        self.pool.push(*row);
                    }
                }
            }
            (_, None) => return self.pool_scope(&offer.scope),
        }
        from..self.pool.len()
    }

    fn pool_scope(&mut self, scope: &LineScope) -> Range<usize> {
        let from = self.pool.len();
        let rows = self.table.rows.iter().enumerate();
        self.pool.extend(rows.filter(|(_, row)| row.is_in(scope)).map(|(index, _)| index));
        from..self.pool.len()
    }

    fn is_in_beside_keys(&self, row: usize, offer: &Offer) -> bool {
        let scope = &offer.scope;
        let Some(row) = self.table.rows.get(row) else { return false };
        (scope.exclude.is_empty() || !scope.exclude.name(row.line)) && row.passes_filters(scope)
    }
}

fn is_wanted(coupon: CouponId, choice: &CouponChoice) -> bool {
    match choice {
        CouponChoice::Best => true,
        CouponChoice::Chosen(wanted) => wanted.contains(&coupon),
    }
}
