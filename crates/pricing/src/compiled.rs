//! A site's offers, made ready once and then used by every quote.
//!
//! Automatic offers are found through the keys of the lines (SKU, product, category, brand, tag), and those on all lines
//! through the amount they ask for, so that offers which have nothing to do with a cart cost it nothing.

use std::{
    collections::{BTreeMap, HashMap},
    ops::Range,
};

use foldhash::fast::FixedState;
use huike_kernel::{Money, OfferClass};

use crate::{
    cart::CartLine,
    offer::{Base, Condition, Effect, Offer, OfferId, OfferProblem, Trigger},
};

/// How many offers above the cart's amount are still looked at, so that a quote can say what is missing for the next.
const WITHIN_REACH: usize = 5;

/// Offers by a key. The keys are the merchant's, so nobody can choose them to be slow; carts only look up.
type ByKey = HashMap<String, Vec<usize>, FixedState>;

/// Offers that are live at a site, indexed. They stand in the order of application, so that a position is a rank.
#[derive(Debug, Default)]
pub struct CompiledOffers {
    offers: Vec<Offer>,
    by_id: BTreeMap<OfferId, usize>,
    /// Offers by a key of their scope, for each kind of key.
    by_key: [ByKey; 5],
    /// Offers on all lines, or on shipping.
    everywhere: Vec<usize>,
    /// Offers on all lines that ask for an amount of the whole cart: (fen, offer), ascending.
    by_amount: Vec<(i64, usize)>,
}

impl CompiledOffers {
    /// Makes offers ready.
    ///
    /// # Errors
    /// The first offer that does not pass [`Offer::validate`], by its position, with all its problems.
    pub fn new(offers: Vec<Offer>) -> Result<Self, (usize, Vec<OfferProblem>)> {
        let mut offers = offers;
        for (position, offer) in offers.iter_mut().enumerate() {
            offer.validate().map_err(|problems| (position, problems))?;
            sort_lists(offer);
        }
        offers.sort_by_key(|offer| (offer.class, offer.trigger, std::cmp::Reverse(offer.priority), offer.id));
        let mut compiled = Self::default();
        for offer in offers {
            compiled.take_in(offer);
        }
        compiled.by_amount.sort_unstable();
        Ok(compiled)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.offers.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.offers.is_empty()
    }

    /// The offer of an id.
    pub fn get(&self, id: OfferId) -> Option<&Offer> {
        self.ranked(id).map(|(_, offer)| offer)
    }

    /// The offer of an id, with its rank in the order of application.
    pub(crate) fn ranked(&self, id: OfferId) -> Option<(usize, &Offer)> {
        let rank = *self.by_id.get(&id)?;
        self.offers.get(rank).map(|offer| (rank, offer))
    }

    fn take_in(&mut self, offer: Offer) {
        let index = self.offers.len();
        self.by_id.insert(offer.id, index);
        if offer.trigger == Trigger::Automatic {
            if offer.class == OfferClass::Shipping || offer.scope.include.is_empty() {
                match least_amount(&offer) {
                    Some(fen) => self.by_amount.push((fen, index)),
                    None => self.everywhere.push(index),
                }
            } else {
                for (keys, list) in self.by_key.iter_mut().zip(offer.scope.include.lists()) {
                    for key in list {
                        keys.entry(key.clone()).or_default().push(index);
                    }
                }
            }
        }
        self.offers.push(offer);
    }

    /// Hands over each automatic offer that may have to do with a cart, with its rank, and which of `named` (pairs of
    /// offer and row) its keys name; `None` for all rows.
    pub(crate) fn each_candidate<'c, 'l>(
        &'c self,
        lines: impl Iterator<Item = &'l CartLine>,
        before_total: i64,
        named: &mut Vec<(usize, usize)>,
        mut take: impl FnMut(usize, &'c Offer, Option<Range<usize>>),
    ) {
        for (row, line) in lines.enumerate() {
            self.each_named(line, |index| named.push((index, row)));
        }
        named.sort_unstable();
        named.dedup();
        let mut from = 0_usize;
        for group in named.chunk_by(|a, b| a.0 == b.0) {
            let to = from.saturating_add(group.len());
            if let Some((rank, offer)) = group.first().and_then(|(rank, _)| Some((*rank, self.offers.get(*rank)?))) {
                take(rank, offer, Some(from..to));
            }
            from = to;
        }
        let within_reach = self.by_amount.partition_point(|(fen, _)| *fen <= before_total).saturating_add(WITHIN_REACH);
        let by_amount = self.by_amount.iter().take(within_reach).map(|(_, rank)| rank);
        for rank in by_amount.chain(&self.everywhere) {
            if let Some(offer) = self.offers.get(*rank) {
                take(*rank, offer, None);
            }
        }
    }

    fn each_named(&self, line: &CartLine, mut note: impl FnMut(usize)) {
        let [skus, products, categories, brands, tags] = &self.by_key;
        let mut look = |keys: &ByKey, key: &str| {
            if let Some(offers) = keys.get(key) {
                for index in offers {
                    note(*index);
                }
            }
        };
        look(skus, &line.sku);
        if let Some(product) = &line.product {
            look(products, product);
        }
        for category in &line.categories {
            look(categories, category);
        }
        if let Some(brand) = &line.brand {
            look(brands, brand);
        }
        for tag in &line.tags {
            look(tags, tag);
        }
    }
}

/// The amount of the whole cart, before discounts, without which the offer cannot apply.
fn least_amount(offer: &Offer) -> Option<i64> {
    if offer.condition_base != Base::Before {
        return None;
    }
    let of_cart = |condition: &Condition| match condition {
        Condition::Amount { scope, bounds } if scope.is_everything() => {
            bounds.at_least.max(bounds.more_than).map(Money::fen)
        }
        _ => None,
    };
    match offer.condition.as_ref()? {
        Condition::All { of } => of.iter().filter_map(of_cart).max(),
        condition => of_cart(condition),
    }
}

fn sort_lists(offer: &mut Offer) {
    offer.scope.sort();
    if let Some(condition) = &mut offer.condition {
        condition.sort();
    }
    if let Effect::BuyGet { get_scope: Some(scope), .. } = &mut offer.effect {
        scope.sort();
    }
    offer.combines_with.sort_unstable();
    offer.combines_with.dedup();
}
