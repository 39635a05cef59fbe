//! Carts and purses at their bounds: exact errors, and an answer in bounded work.

use huike_kernel::{Money, OfferClass, Rate};
use huike_pricing::{
    Ask, Cart, CartLine, CompiledOffers, CouponChoice, Offer, OfferId, Policy, PricingError, Quote,
    cart::{LINES_MAX, QUANTITY_MAX, UNIT_PRICE_MAX_FEN, WEIGHT_MAX_GRAMS},
    offer::{Condition, Effect, Trigger},
    quote,
};
use uuid::Uuid;

use super::worlds::{coupon, facts};

fn price(cart: &Cart, offers: Vec<Offer>) -> Result<Quote, PricingError> {
    let held: Vec<_> = offers.iter().enumerate().map(|(index, offer)| coupon(offer.id, index)).collect();
    let offers = CompiledOffers::new(offers).unwrap();
    let ask = Ask { cart, facts: &facts(), held: &held, choice: &CouponChoice::Best, points_off: None };
    quote(&offers, &Policy::default(), &ask)
}

fn line(index: usize, quantity: u32, fen: i64) -> CartLine {
    CartLine::new(&format!("{index:04}"), &format!("sku-{index}"), quantity, Money::from_fen(fen))
}

fn of(lines: Vec<CartLine>) -> Cart {
    Cart { lines, shipping: Vec::new() }
}

fn offer(index: usize, effect: Effect) -> Offer {
    Offer::new(OfferId::from_uuid(Uuid::from_u128(index as u128 + 1)), OfferClass::Order, effect)
}

#[test]
fn a_quantity_of_nothing_or_too_much_names_the_line() {
    for quantity in [0, QUANTITY_MAX + 1, u32::MAX] {
        let cart = of(vec![line(0, 1, 100), line(1, quantity, 100)]);
        assert_eq!(price(&cart, Vec::new()), Err(PricingError::QuantityOutOfRange { line: 1 }));
    }
}

#[test]
fn a_unit_beyond_all_weight_names_the_line() {
    let of_weight = |weight_grams| of(vec![CartLine { weight_grams, ..line(0, 1, 100) }]);
    assert!(price(&of_weight(WEIGHT_MAX_GRAMS), Vec::new()).is_ok());
    for grams in [WEIGHT_MAX_GRAMS + 1, u32::MAX] {
        assert_eq!(price(&of_weight(grams), Vec::new()), Err(PricingError::WeightOutOfRange { line: 0 }));
    }
}

#[test]
fn a_price_out_of_range_names_its_place() {
    for fen in [-1, UNIT_PRICE_MAX_FEN + 1, Money::MAX_FEN] {
        let refused = price(&of(vec![line(0, 1, fen)]), Vec::new());
        assert_eq!(refused, Err(PricingError::PriceOutOfRange { pointer: "/lines/0/list_price".into() }));
    }
}

#[test]
fn two_lines_of_one_id_are_refused() {
    let cart = of(vec![line(7, 1, 100), line(3, 1, 100), line(7, 2, 100)]);
    assert_eq!(price(&cart, Vec::new()), Err(PricingError::LineTwice { line: 2 }));
}

#[test]
fn one_line_too_many_is_refused() {
    let cart = of((0..=LINES_MAX).map(|index| line(index, 1, 100)).collect());
    assert_eq!(price(&cart, Vec::new()), Err(PricingError::CartTooLong { pointer: "/lines".into() }));
}

#[test]
fn the_largest_cart_is_priced_to_the_fen() {
    let cart = of((0..LINES_MAX).map(|index| line(index, QUANTITY_MAX, UNIT_PRICE_MAX_FEN)).collect());
    let rate_off = Rate::from_ppm(333_333).unwrap();
    let quote = price(&cart, vec![offer(0, Effect::PercentOff { rate_off })]).unwrap();
    let off: i128 = quote.lines.iter().map(|line| i128::from(line.discount.fen())).sum();
    let all = LINES_MAX as i128 * i128::from(QUANTITY_MAX) * i128::from(UNIT_PRICE_MAX_FEN);
    assert!(off > 0 && off <= all);
    assert!(quote.lines.iter().all(|line| !line.payable.is_negative()));
}

#[test]
fn an_empty_cart_costs_nothing_and_says_what_is_missing() {
    let mut ask = offer(0, Effect::AmountOff { amount: Money::from_fen(100) });
    ask.condition = Some(Condition::amount_at_least(Money::from_fen(5_000)));
    let quote = price(&of(Vec::new()), vec![ask]).unwrap();
    assert!(quote.totals.payable.is_zero());
    assert_eq!(serde_json::to_value(quote.rejected[0].gap).unwrap(), serde_json::json!({"amount": "50.00"}));
}

#[test]
fn a_thousand_coupons_in_hand_are_weighed_in_bounded_steps() {
    let cart = of((0..50).map(|index| line(index, 2, 1_000 + index as i64)).collect());
    let coupons = (0..1_000).map(|index| {
        let mut offer = offer(index, Effect::AmountOff { amount: Money::from_fen(10 + index as i64) });
        offer.trigger = Trigger::Coupon;
        offer
    });
    let quote = price(&cart, coupons.collect()).unwrap();
    assert!(!quote.applied.is_empty());
    assert_eq!(quote.choices, 1_000);
}

#[test]
fn of_a_thousand_coupons_that_shut_each_other_out_the_best_is_found() {
    let cart = of((0..50).map(|index| line(index, 2, 10_000)).collect());
    let coupons = (0..1_000).map(|index| {
        let mut offer = offer(index, Effect::AmountOff { amount: Money::from_fen(10 + index as i64) });
        (offer.trigger, offer.exclusive) = (Trigger::Coupon, true);
        offer
    });
    let quote = price(&cart, coupons.collect()).unwrap();
    assert!(quote.optimal);
    assert_eq!(quote.totals.discount.fen(), 1_009);
}
