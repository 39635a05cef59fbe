//! Automatic offers in force, and the key of a till that has carts priced.

use huike_kernel::{Money, OfferClass, Rate, Text};
use huike_pricing::{
    OfferRules,
    offer::{Condition, Effect, LineScope, Select},
};
use huike_server::{
    auth::{NewToken, TokenKind},
    sources::SystemRandom,
};
use huike_usecases::{
    UseCaseError,
    api_keys::{self, KeyAsk},
    offers::{self, NewOffer, OfferAsk},
};
use secrecy::ExposeSecret;

use crate::{Outcome, house::Brand};

/// More than any run takes.
const PLENTY: Money = Money::from_fen(1_000_000_000_000);

/// Rules of every sort, as in the benches of `huike-pricing`. One that matches is on a category of the cart or on the whole
/// order; one that does not is on goods that nobody buys.
fn rules(index: usize, matches: bool) -> Result<OfferRules, Box<dyn std::error::Error>> {
    let share = |percent: i64| Rate::from_ppm(percent * 10_000).map_err(|error| error.to_string());
    let (class, effect) = match index % 5 {
        0 => (OfferClass::Item, Effect::PercentOff { rate_off: share(2)? }),
        1 => (OfferClass::Item, Effect::UnitAmountOff { amount: Money::from_fen(15) }),
        2 => {
            let effect = Effect::NthItem { n: 2, rate_off: share(5)?, select: Select::Cheapest, max_times: None };
            (OfferClass::Item, effect)
        }
        3 => (OfferClass::Item, Effect::LineAmountOff { amount: Money::from_fen(10) }),
        _ => (OfferClass::Order, Effect::AmountOff { amount: Money::from_fen(100) }),
    };
    let mut rules = OfferRules::new(class, effect);
    rules.scope = match (matches, index % 5) {
        (false, _) => LineScope::of_skus([format!("elsewhere-{index}")]),
        (true, 4) => LineScope::default(),
        (true, _) => LineScope::of_categories([format!("category-{}", index % 10)]),
    };
    if index % 5 == 4 {
        rules.condition = Some(Condition::amount_at_least(Money::from_fen(5_000)));
    }
    rules.budget = Some(PLENTY);
    Ok(rules)
}

impl Brand {
    /// So many offers in force, of which the first `matching` match the carts of the bench.
    pub(crate) fn put_in_force(&self, offers: usize, matching: usize) -> Outcome {
        for index in 0..offers {
            let rules = rules(index, index < matching)?;
            let new = NewOffer { site: self.house.head, name: Text::new(&format!("优惠{index}"))?, rules };
            let caller = self.owner.clone();
            self.house.store.write_blocking(move |db, now| {
                let act = caller.act(now);
                let made = offers::create(db, &act, &new)?.offer.id;
                offers::self_publish(db, &act, OfferAsk { offer: made, seen: None })?;
                Ok::<_, UseCaseError>(())
            })?;
        }
        Ok(())
    }

    /// The key of a till at the head.
    pub(crate) fn key_for_quotes(&self) -> Result<String, Box<dyn std::error::Error>> {
        let token = NewToken::make(TokenKind::Integration, &SystemRandom);
        let ask = KeyAsk {
            site: self.house.head,
            name: Text::new("till")?,
            scopes: "quotes:read".parse()?,
            expires_at: None,
            token_hash: token.hash,
            token_tail: token.tail.clone(),
        };
        let caller = self.owner.clone();
        self.house.store.write_blocking(move |db, now| api_keys::create(db, &caller.act(now), &ask))?;
        Ok(token.text.expose_secret().to_owned())
    }
}
