//! Returns give back what was paid, however they are split.

use huike_kernel::Money;
use huike_pricing::{
    Quote, Selection,
    refund::{LineUnits, Refund, RefundError, apportion, recompute},
};
use proptest::prelude::*;

use super::worlds::{World, world};

fn units(line: &str, units: u32) -> LineUnits {
    LineUnits { line: line.to_owned(), units }
}

/// Returns every unit of the quote in steps of random sizes.
fn return_all(quote: &Quote, steps: &[u32]) -> Vec<Refund> {
    let mut back: Vec<LineUnits> = Vec::new();
    let mut refunds = Vec::new();
    let mut steps = steps.iter().copied().cycle();
    for line in &quote.lines {
        let mut left = line.quantity;
        while left > 0 {
            let now = steps.next().unwrap_or(1).clamp(1, left);
            refunds.push(apportion(quote, &back, &[units(&line.id, now)], false).unwrap());
            match back.iter_mut().find(|of| of.line == line.id) {
                Some(of) => of.units += now,
                None => back.push(units(&line.id, now)),
            }
            left -= now;
        }
    }
    refunds
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn any_split_of_a_return_gives_back_exactly_what_was_paid(
        world in world(6), steps in prop::collection::vec(1..4_u32, 1..6)
    ) {
        let quote = world.quote(Selection::Best);
        let refunds = return_all(&quote, &steps);
        let goods: i64 = quote.lines.iter().map(|line| line.payable.fen()).sum();
        prop_assert_eq!(refunds.iter().map(|refund| refund.amount.fen()).sum::<i64>(), goods);
        for line in &quote.lines {
            let of_line = refunds.iter().flat_map(|refund| &refund.lines).filter(|of| of.line == line.id);
            let parts: Vec<_> = of_line.flat_map(|of| &of.allocations).collect();
            for allocation in &line.allocations {
                let back = parts.iter().filter(|part| part.source == allocation.source);
                prop_assert_eq!(back.map(|part| part.amount.fen()).sum::<i64>(), allocation.amount.fen());
            }
        }
    }

    #[test]
    fn a_unit_s_price_is_its_refund_and_its_discounts(world in world(6), first in 1..3_u32) {
        let quote = world.quote(Selection::Best);
        for line in &quote.lines {
            let first = first.min(line.quantity);
            let refund = apportion(&quote, &[], &[units(&line.id, first)], false).unwrap();
            let off: i64 = refund.allocations.iter().map(|part| part.amount.fen()).sum();
            let unit = line.subtotal.fen() / i64::from(line.quantity);
            prop_assert_eq!(refund.amount.fen() + off, unit * i64::from(first));
            prop_assert!(!refund.amount.is_negative());
        }
    }

    #[test]
    fn the_way_to_a_number_of_units_does_not_matter(world in world(6)) {
        let quote = world.quote(Selection::Best);
        for line in quote.lines.iter().filter(|line| line.quantity == 3) {
            let at_once = apportion(&quote, &[units(&line.id, 1)], &[units(&line.id, 2)], false).unwrap();
            let second = apportion(&quote, &[units(&line.id, 1)], &[units(&line.id, 1)], false).unwrap();
            let third = apportion(&quote, &[units(&line.id, 2)], &[units(&line.id, 1)], false).unwrap();
            prop_assert_eq!(at_once.amount.fen(), second.amount.fen() + third.amount.fen());
        }
    }

    #[test]
    fn a_recomputed_refund_lies_between_nothing_and_what_is_left(world in world(6)) {
        let quote = world.quote(Selection::Best);
        let mut rest = world.clone();
        rest.cart.lines.pop();
        let back = recompute(quote.totals.payable, Some(&rest.quote(Selection::Best)));
        prop_assert!(!back.is_negative() && back <= quote.totals.payable);
        prop_assert_eq!(recompute(quote.totals.payable, None), quote.totals.payable);
    }
}

#[test]
fn more_units_than_are_left_are_refused_with_their_number() {
    let cart = huike_pricing::Cart {
        lines: vec![huike_pricing::CartLine::new("1", "a", 3, Money::from_fen(100))],
        shipping: Vec::new(),
    };
    let quote = World { cart, offers: Vec::new(), held: Vec::new() }.quote(Selection::Best);
    let refused = apportion(&quote, &[units("1", 2)], &[units("1", 2)], false);
    assert_eq!(refused, Err(RefundError::TooManyUnits { line: "1".into(), left: 1 }));
    assert_eq!(apportion(&quote, &[], &[units("2", 1)], false), Err(RefundError::LineUnknown { line: "2".into() }));
    assert_eq!(
        apportion(&quote, &[], &[units("1", 1), units("1", 1)], false),
        Err(RefundError::UnitsUnsound { line: "1".into() })
    );
}
