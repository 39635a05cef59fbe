//! The books of the play: limit counters, visits and the stores' days, kept by the rules of the domain.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use huike_coupons::limits::CounterMove;
use huike_kernel::{CustomerId, Money, NodeId, StaffId, TemplateId};
use huike_persistence::{
    bulk::{PastDay, Visits},
    store_days::Totals,
};

/// The books.
#[derive(Default)]
pub(super) struct Books {
    /// What each counter holds; its key is a move without amount and cap.
    counters: BTreeMap<(TemplateId, CounterMove), i64>,
    visits: BTreeMap<(NodeId, CustomerId), Visits>,
    days: BTreeMap<(NodeId, NaiveDate), PastDay>,
}

fn key(template: TemplateId, counter: &CounterMove) -> (TemplateId, CounterMove) {
    (template, CounterMove { amount: 0, cap: 0, ..counter.clone() })
}

impl Books {
    /// Takes all of the moves, or none where one would pass its cap.
    #[must_use]
    pub(super) fn take(&mut self, template: TemplateId, moves: &[CounterMove]) -> bool {
        let fits = moves.iter().all(|counter| {
            let used = self.counters.get(&key(template, counter)).copied().unwrap_or(0);
            used.saturating_add(counter.amount) <= counter.cap
        });
        if fits {
            self.add(template, moves);
        }
        fits
    }

    /// Adds the moves, whatever their caps: what is given back has none.
    pub(super) fn add(&mut self, template: TemplateId, moves: &[CounterMove]) {
        for counter in moves {
            let used = self.counters.entry(key(template, counter)).or_default();
            *used = used.saturating_add(counter.amount);
        }
    }

    /// Notes a visit.
    pub(super) fn visit(&mut self, site: NodeId, customer: CustomerId, source: &'static str, at: DateTime<Utc>) {
        let first = Visits { site, customer, source, first_seen_at: at, last_seen_at: at };
        let known = self.visits.entry((site, customer)).or_insert(first);
        known.first_seen_at = known.first_seen_at.min(at);
        known.last_seen_at = known.last_seen_at.max(at);
    }

    /// Books on a store's day; never on one that is signed.
    #[must_use]
    pub(super) fn book(&mut self, store: NodeId, day: NaiveDate, add: &Totals) -> bool {
        let booked = self.day(store, day);
        if booked.signed.is_some() {
            return false;
        }
        let totals = &mut booked.totals;
        totals.redemptions += add.redemptions;
        totals.reversals += add.reversals;
        totals.order_amount = sum(totals.order_amount, add.order_amount);
        totals.discount = sum(totals.discount, add.discount);
        true
    }

    /// Whether the day is signed.
    pub(super) fn is_signed(&self, store: NodeId, day: NaiveDate) -> bool {
        self.days.get(&(store, day)).is_some_and(|day| day.signed.is_some())
    }

    /// Signs a day and says what it was signed with.
    pub(super) fn sign(&mut self, store: NodeId, day: NaiveDate, signed: (StaffId, DateTime<Utc>)) -> Totals {
        let booked = self.day(store, day);
        booked.signed = Some(signed);
        booked.totals
    }

    fn day(&mut self, store: NodeId, day: NaiveDate) -> &mut PastDay {
        let fresh = PastDay { store, day, totals: Totals::default(), signed: None };
        self.days.entry((store, day)).or_insert(fresh)
    }

    /// Forgets counters and visits, which were stored: nobody comes again whom they are about.
    pub(super) fn forget_customers(&mut self) {
        self.counters.clear();
        self.visits.clear();
    }

    /// The counters as rows.
    pub(super) fn counters(&self) -> Vec<(TemplateId, CounterMove)> {
        let row = |((template, counter), used): (&(TemplateId, CounterMove), &i64)| {
            (*template, CounterMove { amount: *used, ..counter.clone() })
        };
        self.counters.iter().map(row).collect()
    }

    /// The visits as rows.
    pub(super) fn visits(&self) -> Vec<Visits> {
        self.visits.values().copied().collect()
    }

    /// The days as rows.
    pub(super) fn days(&self) -> Vec<PastDay> {
        self.days.values().copied().collect()
    }
}

fn sum(one: Money, other: Money) -> Money {
    one.checked_add(other).unwrap_or(one)
}
