//! The play: turns in the order of their moments, each decided by the domain as it would have been then.

use std::{cmp::Reverse, collections::BinaryHeap, rc::Rc};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use huike_coupons::{TemplateRules, calendar::HolidayCalendar, redeem::HeldCoupon};
use huike_kernel::{NodeId, Phone};
use huike_persistence::{coupons::Coupon, redemptions::Redemption, unredeem_requests::UnredeemRequest};
use huike_sites::decide_place;

use super::{
    DemoCodes, DemoSize, books::Books, names, people::People, plan::Way, rhythm, stage::Stage, stalls::Offer,
    traces::Traces, world::World,
};
use crate::UseCaseError;

/// Something that happens at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Turn {
    /// Somebody comes by and claims.
    Claim,
    /// Staff give coupons of the offer.
    Give(usize),
    /// Codes of the offer are printed.
    Print(usize),
    /// Somebody enters the code of the card.
    Enter(usize),
    /// Somebody shows the card in a store, for the so-many-th time.
    Redeem(usize, u8),
    /// The store takes the redemption back.
    Undo(usize),
    /// Two people of finance take a redemption back that is some days old.
    LateUndo,
    /// The card's validity has passed.
    Expire(usize),
    /// Staff make some cards void.
    Void,
    /// Finance signs a store's day.
    Sign(usize, NaiveDate),
}

/// A coupon in somebody's hands, or on a printed sheet.
pub(super) struct Card {
    pub(super) coupon: Coupon,
    pub(super) offer: usize,
    /// Its owner, by their place among the people.
    pub(super) person: Option<usize>,
    /// The site it belongs to, by its place in the world.
    pub(super) site: usize,
}

/// A redemption with the card it used.
pub(super) struct Used {
    pub(super) redemption: Redemption,
    pub(super) card: usize,
}

/// Figures of what was played.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tally {
    pub(super) customers: usize,
    pub(super) coupons: usize,
    pub(super) redemptions: usize,
    pub(super) undone: usize,
    pub(super) discount_fen: i64,
}

/// Everything that is in play.
pub(super) struct Play<'w> {
    pub(super) stage: Stage,
    pub(super) world: &'w World,
    pub(super) codes: &'w dyn DemoCodes,
    pub(super) calendar: HolidayCalendar,
    pub(super) offers: Vec<Offer>,
    /// Whether the offer is good at the site, by their places.
    pub(super) reaches: Vec<Vec<bool>>,
    pub(super) people: People,
    /// Which offers are claimed at the moment.
    pub(super) way: Way,
    pub(super) cards: Vec<Card>,
    pub(super) used: Vec<Used>,
    pub(super) requests: Vec<UnredeemRequest>,
    pub(super) books: Books,
    pub(super) traces: Traces,
    /// What was stored and forgotten.
    pub(super) tally: Tally,
    turns: BinaryHeap<Reverse<(DateTime<Utc>, u32, Turn)>>,
    planned: u32,
}

impl<'w> Play<'w> {
    pub(super) fn new(
        mut stage: Stage,
        world: &'w World,
        codes: &'w dyn DemoCodes,
        offers: Vec<Offer>,
        size: DemoSize,
    ) -> Result<Self, UseCaseError> {
        let calendar = HolidayCalendar::embedded().map_err(|error| super::stage::mistake("holidays", &error))?;
        let phones = names::phones(&mut stage.chance, size.customers);
        let people = People::new(&mut stage, world, phones, i64::from(size.days));
        let at_sites =
            |offer: &Offer| world.sites.iter().map(|site| reaches(offer, &offer.plan.rules, &site.path)).collect();
        let reaches = offers.iter().map(at_sites).collect();
        let (cards, used, requests) = (Vec::new(), Vec::new(), Vec::new());
        Ok(Self {
            stage,
            world,
            codes,
            calendar,
            offers,
            reaches,
            people,
            way: Way::Claimed,
            cards,
            used,
            requests,
            books: Books::default(),
            traces: Traces::default(),
            tally: Tally::default(),
            turns: BinaryHeap::new(),
            planned: 0,
        })
    }

    /// Lets other people live through the days; those of the story are handed back.
    pub(super) fn begin_wave(&mut self, phones: Vec<Phone>, size: DemoSize) -> People {
        let days = size.days.max(1);
        // About one coupon for each.
        let claims = u32::try_from(phones.len()).unwrap_or(0) / days + 1;
        let people = People::new(&mut self.stage, self.world, phones, i64::from(size.days));
        let story = std::mem::replace(&mut self.people, people);
        self.way = Way::Crowd;
        for age in (0..=size.days).rev() {
            self.plan_claims(age, DemoSize { claims_a_day: claims, ..size });
        }
        self.play_turns(&|_day| ());
        story
    }

    /// Forgets what was stored, and goes on with the people of the story.
    pub(super) fn end_wave(&mut self, story: People) {
        self.tally = self.tally();
        self.people = story;
        self.way = Way::Claimed;
        self.cards.clear();
        self.used.clear();
        self.traces = Traces::default();
        self.books.forget_customers();
    }

    /// What there is so far, with what was forgotten.
    pub(super) fn tally(&self) -> Tally {
        let counting = self.used.iter().filter(|used| used.redemption.is_active());
        Tally {
            customers: self.tally.customers + self.people.all.len(),
            coupons: self.tally.coupons + self.cards.len(),
            redemptions: self.tally.redemptions + self.used.len(),
            undone: self.tally.undone + self.used.iter().filter(|used| !used.redemption.is_active()).count(),
            discount_fen: self.tally.discount_fen + counting.map(|used| used.redemption.discount.fen()).sum::<i64>(),
        }
    }

    /// Plans a turn, unless it lies in the future.
    pub(super) fn plan(&mut self, at: DateTime<Utc>, turn: Turn) {
        if self.stage.dates.is_past(at) {
            // Turns of one moment keep the order they were planned in.
            self.planned += 1;
            self.turns.push(Reverse((at, self.planned, turn)));
        }
    }

    /// Plays the story, up to now. Says each day that begins.
    pub(super) fn run(&mut self, size: DemoSize, tell: &dyn Fn(NaiveDate)) {
        self.plan_days(size);
        self.play_turns(tell);
    }

    fn play_turns(&mut self, tell: &dyn Fn(NaiveDate)) {
        let mut day = None;
        while let Some(Reverse((at, _, turn))) = self.turns.pop() {
            let today = self.stage.dates.zone.local(at).day;
            if day != Some(today) {
                day = Some(today);
                tell(today);
            }
            self.take(at, turn);
        }
    }

    fn take(&mut self, at: DateTime<Utc>, turn: Turn) {
        match turn {
            Turn::Claim => self.claim(at),
            Turn::Give(offer) => self.give(offer, at),
            Turn::Print(offer) => self.print(offer, at),
            Turn::Enter(card) => self.enter(card, at),
            Turn::Redeem(card, tries) => self.redeem(card, tries, at),
            Turn::Undo(used) => self.undo(used, at),
            Turn::LateUndo => self.undo_late(at),
            Turn::Expire(card) => self.expire(card, at),
            Turn::Void => self.void_some(at),
            Turn::Sign(store, day) => self.sign(store, day, at),
        }
    }

    fn plan_days(&mut self, size: DemoSize) {
        for age in (0..=size.days).rev() {
            let day = self.plan_claims(age, size);
            self.plan_offices(-i64::from(age), day);
        }
        for day in [-44, -26, -14, -5] {
            self.plan(self.stage.dates.at(day, (16, 30)), Turn::Void);
        }
        for day in [-31, -9] {
            self.plan(self.stage.dates.at(day, (11, 0)), Turn::LateUndo);
        }
    }

    /// The claims of the day that is so old.
    fn plan_claims(&mut self, age: u32, size: DemoSize) -> NaiveDate {
        let day = self.stage.dates.day(-i64::from(age));
        for _ in 0..rhythm::claims_on(&mut self.stage.chance, (day, age), size.days, size.claims_a_day) {
            let minute = rhythm::claim_minute(&mut self.stage.chance);
            let at = self.stage.dates.zone.moment(day, minute) + rhythm::within_minute(&mut self.stage.chance);
            self.plan(at, Turn::Claim);
        }
        day
    }

    /// What staff do every day: give birthday coupons, print what was ordered, and sign the day before.
    fn plan_offices(&mut self, from_today: i64, day: NaiveDate) {
        for index in 0..self.offers.len() {
            let Some(offer) = self.offers.get(index) else { continue };
            let way = offer.plan.way;
            let opened = offer.editions.first().map(|(at, _)| self.stage.dates.zone.local(*at).day);
            match way {
                Way::Given => self.plan(self.stage.dates.at(from_today, (9, 10)), Turn::Give(index)),
                Way::Printed { .. } if opened == Some(day) => {
                    self.plan(self.stage.dates.at(from_today, (14, 0)), Turn::Print(index));
                }
                _ => {}
            }
        }
        // Days are signed up to the one before yesterday.
        if from_today > -2 {
            return;
        }
        let morning = self.stage.dates.at(from_today + 1, (9, 40));
        for (index, _) in (0_i64..).zip(self.world.stores()) {
            let at = morning + TimeDelta::seconds(40 * index);
            self.plan(at, Turn::Sign(usize::try_from(index).unwrap_or(0), day));
        }
    }

    /// The offer of a card and the rules it was issued under.
    pub(super) fn offer_of(&self, card: &Card) -> Option<(&Offer, Rc<TemplateRules>)> {
        let offer = self.offers.get(card.offer)?;
        Some((offer, offer.rules(card.coupon.template_version)?))
    }
}

/// Whether the offer is good at the place.
pub(super) fn reaches(offer: &Offer, rules: &TemplateRules, path: &[NodeId]) -> bool {
    decide_place(&offer.owner_path, path, &rules.scope.include_nodes, &rules.scope.exclude_nodes).is_ok()
}

/// The coupon as the domain sees it.
pub(super) fn held(coupon: &Coupon) -> HeldCoupon {
    HeldCoupon {
        state: coupon.state,
        owner: coupon.owner.map(|owner| owner.customer),
        usable_from: coupon.usable_from,
        expires_at: coupon.expires_at,
        committed: coupon.committed,
    }
}
