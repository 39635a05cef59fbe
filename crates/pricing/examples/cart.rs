//! A cart priced in ten lines of code, and the reasons.

use huike_kernel::{Money, OfferClass, Zone};
use huike_pricing::{
    Ask, Cart, CartLine, CompiledOffers, CouponChoice, Facts, Offer, OfferId, Policy,
    offer::{Condition, Effect},
    quote,
};
use uuid::Uuid;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut off_30 = Offer::new(
        OfferId::from_uuid(Uuid::from_u128(1)),
        OfferClass::Order,
        Effect::AmountOff { amount: "30.00".parse()? },
    );
    off_30.condition = Some(Condition::amount_at_least("200.00".parse()?));
    let tenth = Effect::PercentOff { rate_off: "0.10".parse()? };
    let offers = vec![off_30, Offer::new(OfferId::from_uuid(Uuid::from_u128(2)), OfferClass::Item, tenth)];

    let offers = CompiledOffers::new(offers).map_err(|(position, faults)| format!("offer {position}: {faults:?}"))?;
    let now = "2026-06-15T04:00:00Z".parse()?;
    let facts = Facts::at(now, Zone::SHANGHAI.local(now));
    for units in [1, 2] {
        let lines = vec![CartLine::new("1", "milk-900g", units, Money::from_fen(11_800))];
        let cart = Cart { lines, shipping: Vec::new() };
        let ask = Ask { cart: &cart, facts: &facts, held: &[], choice: &CouponChoice::Best, points_off: None };
        let quote = quote(&offers, &Policy::default(), &ask)?;
        println!("{units} × 118.00 is {}", quote.totals.payable);
        for applied in &quote.applied {
            println!("  {} off by a {} offer", applied.discount, applied.class);
        }
        for rejected in &quote.rejected {
            println!("  not applied: {}, missing {:?}", rejected.code, rejected.gap);
        }
    }
    Ok(())
}
