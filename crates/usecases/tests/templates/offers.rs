//! Offers: what they cost is never more than was allowed, and who keeps them in memory hears of what concerns them.

use huike_access::Permission;
use huike_kernel::{LifeState, Money, NodeId, OfferClass, OfferId, Text};
use huike_persistence::{Outcome, db_test, offer_lists::ListedOffer, offer_stock};
use huike_pricing::{OfferRules, offer::Effect};
use huike_usecases::{
    UseCaseError,
    offers::{self, NewOffer, OfferAsk},
};

use super::support::{APPROVER, Brand, MARKETER, OPERATOR_A};

fn yuan(yuan: i64) -> Money {
    Money::from_fen(yuan * 100)
}

fn ten_off(budget: i64, uses: i64) -> OfferRules {
    let rules = OfferRules::new(OfferClass::Order, Effect::AmountOff { amount: yuan(10) });
    OfferRules { budget: Some(yuan(budget)), uses: Some(uses), ..rules }
}

type Step = fn(&mut huike_persistence::Db, &huike_usecases::Act<'_>, OfferAsk) -> Result<ListedOffer, UseCaseError>;

fn step(brand: &Brand, who: u128, permission: Permission, offer: OfferId, step: Step) -> ListedOffer {
    let seen = brand.read(move |db| Ok(huike_persistence::offer_lists::find(db, offer)?)).unwrap().offer.version;
    brand.act((who, permission), move |db, act| step(db, act, OfferAsk { offer, seen: Some(seen) })).unwrap()
}

fn live(brand: &Brand, who: u128, site: NodeId, rules: &OfferRules) -> OfferId {
    let new = NewOffer { site, name: Text::new("立减10元").unwrap(), rules: rules.clone() };
    let made = brand.act((who, Permission::OfferCreate), move |db, act| offers::create(db, act, &new)).unwrap();
    let id = made.offer.id;
    step(brand, who, Permission::OfferCreate, id, offers::submit);
    step(brand, APPROVER, Permission::OfferApprove, id, offers::approve);
    let live = step(brand, who, Permission::OfferPublish, id, offers::publish);
    assert_eq!(live.offer.state, LifeState::Live);
    id
}

db_test! {
    fn orders_at_once_never_take_more_than_the_budget_or_the_uses(database) {
        let brand = Brand::with_team(database);
        for (rules, winners) in [(ten_off(75, 100), 7), (ten_off(1_000, 5), 5)] {
            let offer = live(&brand, MARKETER, brand.head, &rules);
            let taken: usize = std::thread::scope(|scope| {
                let hands: Vec<_> = (0..16)
                    .map(|_| {
                        let brand = brand.clone();
                        scope.spawn(move || {
                            brand.write(move |db, _now| Ok(offer_stock::take(db, offer, yuan(10))?)).unwrap()
                        })
                    })
                    .collect();
                hands.into_iter().map(|hand| usize::from(hand.join().unwrap() == Outcome::Applied)).sum()
            });
            assert_eq!(taken, winners);
            let back = brand.write(move |db, _now| Ok(offer_stock::give_back(db, offer, yuan(10))?)).unwrap();
            assert_eq!(back, Outcome::Applied);
            let again = brand.write(move |db, _now| Ok(offer_stock::take(db, offer, yuan(10))?)).unwrap();
            assert_eq!(again, Outcome::Applied, "what came back can be taken again");
            step(&brand, MARKETER, Permission::OfferPublish, offer, offers::pause);
            let paused = brand.write(move |db, _now| Ok(offer_stock::take(db, offer, Money::ZERO)?)).unwrap();
            assert_eq!(paused, Outcome::Refused, "nothing is taken of what is not in force");
        }
    }

    fn a_change_touches_the_carts_below_its_owner_and_no_others(database) {
        let brand = Brand::with_team(database);
        let (a, b) = (vec![brand.head, brand.site_a], vec![brand.head, brand.site_b]);
        let now = || brand.read(offers::watch);
        let touched = |then: &offers::Changes| (now().touch(then, &a), now().touch(then, &b));

        let before = now();
        let of_a = live(&brand, OPERATOR_A, brand.site_a, &ten_off(1_000, 100));
        assert_eq!(touched(&before), (true, false));
        let before = now();
        live(&brand, MARKETER, brand.head, &ten_off(1_000, 100));
        assert_eq!(touched(&before), (true, true));
        let before = now();
        assert_eq!(touched(&before), (false, false));
        let taken = brand.write(move |db, _now| Ok(offer_stock::take(db, of_a, yuan(10))?)).unwrap();
        assert_eq!(taken, Outcome::Applied);
        assert_eq!(touched(&before), (true, false), "what is left of a budget is part of the offer");
        let before = now();
        step(&brand, OPERATOR_A, Permission::OfferPublish, of_a, offers::end);
        assert_eq!(touched(&before), (true, false));

        let count = |path: Vec<NodeId>| brand.read(move |db| offers::live(db, &path)).len();
        assert_eq!((count(a), count(b)), (1, 1));
    }
}
