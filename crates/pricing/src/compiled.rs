//! A site's offers, made ready once and then used by every quote.
//!
//! Automatic offers are found through the keys of the lines (SKU, product, category, brand, tag), and those on all lines
//! through the amount they ask for, so that offers which have nothing to do with a cart cost it nothing.

use std::collections::HashMap;

use huike_kernel::{Money, OfferClass};

use crate::{
    cart::CartLine,
    offer::{Base, Condition, Effect, LineScope, Offer, OfferId, OfferProblem, Trigger},
};

/// How many offers above the cart's amount are still looked at, so that a quote can say what is missing for the next.
const WITHIN_REACH: usize = 5;

/// Offers that are live at a site, indexed.
#[derive(Debug, Default)]
pub struct CompiledOffers {
    offers: Vec<Offer>,
    by_id: HashMap<OfferId, usize>,
    /// Offers by a key of their scope, for each kind of key.
    by_key: [HashMap<String, Vec<usize>>; 5],
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
        let mut compiled = Self::default();
        for (position, mut offer) in offers.into_iter().enumerate() {
            offer.validate().map_err(|problems| (position, problems))?;
            sort_lists(&mut offer);
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
        self.by_id.get(&id).and_then(|index| self.offers.get(*index))
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

    /// Hands over each automatic offer that may have to do with a cart, and the rows that its keys name: pairs of offer
    /// and row; `None` for all rows.
    pub(crate) fn each_candidate<'c, 'l>(
        &'c self,
        lines: impl Iterator<Item = &'l CartLine>,
        before_total: i64,
        mut take: impl FnMut(&'c Offer, Option<&[(usize, usize)]>),
    ) {
        let mut named: Vec<(usize, usize)> = Vec::with_capacity(256);
        for (row, line) in lines.enumerate() {
            self.each_named(line, |index| named.push((index, row)));
        }
        named.sort_unstable();
        named.dedup();
        for group in named.chunk_by(|a, b| a.0 == b.0) {
            if let Some(offer) = group.first().and_then(|(index, _)| self.offers.get(*index)) {
                take(offer, Some(group));
            }
        }
        let within_reach = self.by_amount.partition_point(|(fen, _)| *fen <= before_total).saturating_add(WITHIN_REACH);
        let by_amount = self.by_amount.iter().take(within_reach).map(|(_, index)| index);
        for offer in by_amount.chain(&self.everywhere).filter_map(|index| self.offers.get(*index)) {
            take(offer, None);
        }
    }

    fn each_named(&self, line: &CartLine, mut note: impl FnMut(usize)) {
        let [skus, products, categories, brands, tags] = &self.by_key;
        let mut look = |keys: &HashMap<String, Vec<usize>>, key: &str| {
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
        Condition::Amount { scope, bounds } if *scope == LineScope::default() => {
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
