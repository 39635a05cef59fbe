//! Automatic offers in force: what takes something off a cart without a coupon, at the head and at two sites.

use huike_kernel::{NodeId, OfferId, StaffId};
use huike_persistence::{Db, offers as rows};
use huike_pricing::OfferRules;

use super::{
    stage::{Stage, mistake, text},
    world::World,
};
use crate::{
    UseCaseError,
    offers::{self, NewOffer, OfferAsk},
};

/// An offer: whose it is (a site by its code, or the head's), since how many days it is in force, what it is called, and
/// its rules as people write them.
struct Promotion {
    site: Option<&'static str>,
    days: i64,
    name: &'static str,
    rules: &'static str,
}

const fn of_head(days: i64, name: &'static str, rules: &'static str) -> Promotion {
    Promotion { site: None, days, name, rules }
}

const fn of_site(site: &'static str, days: i64, name: &'static str, rules: &'static str) -> Promotion {
    Promotion { site: Some(site), days, name, rules }
}

const PROMOTIONS: [Promotion; 9] = [
    of_head(
        60,
        "全场满200减30",
        r#"{ "class": "order", "condition": { "kind": "amount", "bounds": { "at_least": "200.00" } },
             "effect": { "kind": "amount_off", "amount": "30.00" }, "budget": "200000.00", "group": "全场满减" }"#,
    ),
    of_head(
        45,
        "满500减80、满1000减180",
        r#"{ "class": "order", "group": "全场满减", "budget": "150000.00", "priority": 10,
             "effect": { "kind": "tiers", "steps": [
                 { "amount": "500.00", "gift": { "amount_off": "80.00" } },
                 { "amount": "1000.00", "gift": { "amount_off": "180.00" } }] } }"#,
    ),
    of_head(
        30,
        "纸尿裤第二件半价",
        r#"{ "class": "item", "scope": { "include": { "categories": ["diapers"] } },
             "effect": { "kind": "nth_item", "n": 2, "rate_off": "0.5" }, "budget": "80000.00" }"#,
    ),
    of_head(
        30,
        "金卡会员95折",
        r#"{ "class": "item", "condition": { "kind": "tier", "of": ["gold", "diamond"] },
             "effect": { "kind": "percent_off", "rate_off": "0.05" }, "cap": "50.00", "budget": "60000.00" }"#,
    ),
    of_head(
        20,
        "满99元包邮",
        r#"{ "class": "shipping", "condition": { "kind": "amount", "bounds": { "at_least": "99.00" } },
             "effect": { "kind": "percent_off", "rate_off": "1" }, "budget": "50000.00" }"#,
    ),
    of_head(
        10,
        "周末辅食3件50元",
        r#"{ "class": "item", "scope": { "include": { "categories": ["food"] } },
             "condition": { "kind": "local_time", "weekdays": ["Sat", "Sun"] },
             "effect": { "kind": "bundle_price", "quantity": 3, "price": "50.00" }, "budget": "30000.00" }"#,
    ),
    of_head(
        10,
        "奶粉满399送布书",
        r#"{ "class": "order", "scope": { "include": { "categories": ["milk"] } }, "uses": 2000,
             "condition": { "kind": "amount", "scope": { "include": { "categories": ["milk"] } },
                            "bounds": { "at_least": "399.00" } },
             "effect": { "kind": "gift", "sku": "cloth-book", "quantity": 1 } }"#,
    ),
    of_site(
        "guangzhou",
        14,
        "广州新客立减8元",
        r#"{ "class": "order", "condition": { "kind": "nth_order", "n": 1 },
             "effect": { "kind": "amount_off", "amount": "8.00" }, "budget": "8000.00" }"#,
    ),
    of_site(
        "shenzhen",
        7,
        "深圳湿巾买二送一",
        r#"{ "class": "item", "scope": { "include": { "skus": ["wipes-80"] } }, "budget": "6000.00",
             "effect": { "kind": "buy_get", "buy": 2, "get": 1, "rate_off": "1", "max_times": 2 } }"#,
    ),
];

/// Puts them in force, each at its moment: drafted by whoever works for the owner, let pass by the approver.
pub(super) fn open(db: &mut Db, stage: &Stage, world: &World) -> Result<(), UseCaseError> {
    for promotion in &PROMOTIONS {
        let rules: OfferRules =
            serde_json::from_str(promotion.rules).map_err(|error| mistake(promotion.name, &error))?;
        let (site, maker) = match promotion.site {
            None => (world.head, world.team.marketer),
            Some(code) => {
                let site = world.site(code).ok_or_else(|| mistake(code, &"is nowhere"))?;
                (site.id, site.operator)
            }
        };
        put_in_force(db, stage, (world, maker, promotion.days), NewOffer { site, name: text(promotion.name)?, rules })?;
    }
    Ok(())
}

fn put_in_force(
    db: &mut Db,
    stage: &Stage,
    (world, maker, days): (&World, StaffId, i64),
    new: NewOffer,
) -> Result<(), UseCaseError> {
    let node: NodeId = new.site;
    let at = |before: i64, hour| stage.dates.past(-days - before, hour);
    let (drafted, handed_in) = (at(4, (10, 20)), at(3, (15, 5)));
    let id = offers::create(db, &stage.staff(maker, node, drafted).act(drafted), &new)?.offer.id;
    offers::submit(db, &stage.staff(maker, node, handed_in).act(handed_in), ask(id))?;
    let (passed, published) = (at(2, (11, 15)), at(0, (8, 0)));
    let seen = rows::find(db, id)?.map(|offer| offer.version);
    let approver = stage.staff(world.team.approver, world.head, passed);
    offers::approve(db, &approver.act(passed), OfferAsk { offer: id, seen })?;
    offers::publish(db, &stage.staff(maker, node, published).act(published), ask(id))?;
    Ok(())
}

fn ask(offer: OfferId) -> OfferAsk {
    OfferAsk { offer, seen: None }
}
