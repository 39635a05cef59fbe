//! What always holds, over thousands of random carts and offers.
#![cfg(test)]

mod bounds;
mod refunds;
mod worlds;

use huike_kernel::Money;
use huike_pricing::{CouponChoice, Offer, Quote, Selection, offer::Trigger};
use proptest::{prelude::*, strategy::ValueTree};

use self::worlds::{World, world};

fn fen(amounts: impl Iterator<Item = Money>) -> i64 {
    amounts.map(Money::fen).sum()
}

fn assert_adds_up(world: &World, quote: &Quote) {
    for line in &quote.lines {
        let off = fen(line.allocations.iter().map(|part| part.amount));
        assert_eq!(off, line.discount.fen(), "{}", line.id);
        assert_eq!(line.subtotal.fen() - off, line.payable.fen());
        assert!(line.allocations.iter().all(|part| part.amount.fen() > 0));
        let asked = world.cart.lines.iter().find(|asked| asked.id == line.id).unwrap();
        let least = asked.minimum_price.unwrap_or(Money::ZERO).min(line.unit_price.price);
        assert!(line.payable.fen() >= least.fen() * i64::from(line.quantity), "{} is below its minimum", line.id);
    }
    for applied in &quote.applied {
        let of_lines = quote.lines.iter().flat_map(|line| &line.allocations);
        let of_fees = quote.shipping.iter().flat_map(|fee| &fee.allocations);
        let parts = of_lines.chain(of_fees).filter(|part| part.source == applied.source);
        assert_eq!(fen(parts.map(|part| part.amount)), applied.discount.fen());
    }
    let payable = fen(quote.lines.iter().map(|line| line.payable)) + fen(quote.shipping.iter().map(|fee| fee.payable));
    assert_eq!(payable, quote.totals.payable.fen());
    assert!(quote.shipping.iter().all(|fee| !fee.payable.is_negative()));
    for looked_at in &world.offers {
        let is_applied = quote.applied.iter().any(|applied| applied.source.offer() == Some(looked_at.id));
        let is_rejected = quote.rejected.iter().any(|rejected| rejected.source.offer() == Some(looked_at.id));
        assert!(!(is_applied && is_rejected), "an offer both applies and does not");
    }
}

/// The lowest price over all lawful sets: each pair in a set goes together. With a set alone in the shop nothing is
/// left to choose.
fn brute_force(world: &World) -> i64 {
    let count = world.offers.len();
    let sets = (0..1_u32 << count).map(|bits| {
        let set = world.offers.iter().enumerate().filter(|(index, _)| bits >> index & 1 == 1);
        set.map(|(_, offer)| offer.clone()).collect::<Vec<Offer>>()
    });
    let is_lawful = |set: &Vec<Offer>| {
        set.iter().enumerate().all(|(index, one)| set[index + 1..].iter().all(|other| one.combines(other)))
    };
    let prices = sets.filter(is_lawful).map(|offers| {
        let alone = World { offers, ..world.clone() };
        alone.quote(Selection::Priority).totals.payable.fen()
    });
    prices.min().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn parts_sum_to_the_whole_to_the_fen(world in world(10), by_priority in any::<bool>()) {
        let selection = if by_priority { Selection::Priority } else { Selection::Best };
        assert_adds_up(&world, &world.quote(selection));
    }

    #[test]
    fn the_order_of_the_input_changes_nothing(world in world(8), seed in any::<u64>()) {
        let mut turned = world.clone();
        let turn = |length: usize| if length == 0 { 0 } else { seed as usize % length };
        let (lines, offers, held) = (turned.cart.lines.len(), turned.offers.len(), turned.held.len());
        turned.cart.lines.rotate_left(turn(lines));
        turned.cart.lines.reverse();
        turned.offers.rotate_left(turn(offers));
        turned.held.rotate_left(turn(held));
        for selection in [Selection::Best, Selection::Priority] {
            prop_assert_eq!(world.quote(selection), turned.quote(selection));
        }
    }

    #[test]
    fn another_coupon_never_raises_the_price(world in world(8)) {
        let mut without = world.clone();
        let Some(_) = without.held.pop() else { return Ok(()) };
        prop_assert!(world.quote(Selection::Best).totals.payable <= without.quote(Selection::Best).totals.payable);
    }

    #[test]
    fn a_quote_is_deterministic_and_its_hash_moves_with_every_price(world in world(6), line in 0..5_usize) {
        let quote = world.quote(Selection::Best);
        prop_assert_eq!(quote.hash(), world.quote(Selection::Best).hash());
        let mut dearer = world.clone();
        let index = line % dearer.cart.lines.len();
        dearer.cart.lines[index].list_price = Money::from_fen(dearer.cart.lines[index].list_price.fen() + 1);
        prop_assert_ne!(quote.hash(), dearer.quote(Selection::Best).hash());
        let mut more = world.clone();
        more.cart.lines[index].quantity += 1;
        prop_assert_ne!(quote.hash(), more.quote(Selection::Best).hash());
    }

    #[test]
    fn no_two_applied_offers_shut_each_other_out(world in world(10)) {
        for selection in [Selection::Best, Selection::Priority] {
            let quote = world.quote(selection);
            let offer = |id| world.offers.iter().find(|offer| Some(offer.id) == id).unwrap();
            let applied: Vec<&Offer> = quote.applied.iter().map(|applied| offer(applied.source.offer())).collect();
            for (index, one) in applied.iter().enumerate() {
                prop_assert!(applied[index + 1..].iter().all(|other| one.combines(other)));
            }
        }
    }

    #[test]
    fn chosen_coupons_are_the_only_ones_used(world in world(8), bits in any::<u8>()) {
        let chosen = world.held.iter().enumerate().filter(|(index, _)| bits >> (index % 8) & 1 == 1);
        let chosen: Vec<_> = chosen.map(|(_, held)| held.coupon).collect();
        let quote = world.quote_choosing(Selection::Best, &CouponChoice::Chosen(chosen.clone()));
        for applied in &quote.applied {
            if let huike_pricing::quote::Source::Coupon { coupon, .. } = applied.source {
                prop_assert!(chosen.contains(&coupon));
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn the_best_combination_equals_brute_force(world in world(7)) {
        let quote = world.quote(Selection::Best);
        prop_assert!(quote.optimal);
        prop_assert_eq!(quote.totals.payable.fen(), brute_force(&world));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, ..ProptestConfig::default() })]

    #[test]
    fn the_best_of_twelve_offers_equals_brute_force(world in world(12).prop_filter("few", |w| w.offers.len() >= 10)) {
        let quote = world.quote(Selection::Best);
        prop_assert!(quote.optimal);
        prop_assert_eq!(quote.totals.payable.fen(), brute_force(&world));
    }
}

#[test]
fn every_offer_of_the_random_worlds_is_used_somewhere() {
    // The laws above say nothing where nothing ever applies.
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let (mut applied, mut coupons) = (0, 0);
    for _ in 0..200 {
        let world = world(8).new_tree(&mut runner).unwrap().current();
        let quote = world.quote(Selection::Best);
        applied += quote.applied.len();
        coupons += quote.applied.iter().filter(|of| is_coupon(&world, of.source.offer())).count();
    }
    assert!(applied > 200 && coupons > 60, "{applied} applied, {coupons} coupons");
}

fn is_coupon(world: &World, id: Option<huike_pricing::OfferId>) -> bool {
    world.offers.iter().any(|offer| Some(offer.id) == id && offer.trigger == Trigger::Coupon)
}
