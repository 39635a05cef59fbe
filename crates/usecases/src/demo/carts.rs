//! Carts that were quoted in the last days, so that an offer can be tried on them before it is given to anybody.

use chrono::{DateTime, Utc};
use huike_kernel::{IdSource, Money};
use huike_persistence::{
    Db, StoreError,
    quoted_carts::{self, QuotedCart, ToldThen},
};
use huike_pricing::{Cart, CartLine, cart::ShippingQuote};

use super::{DemoSize, play::Play, rhythm};
use crate::cart_log::CARTS_KEPT;

/// Goods: SKU, category, brand, price in fen, and how often they are bought.
type Goods = (&'static str, &'static str, &'static str, i64, u32);

const SHELF: [Goods; 12] = [
    ("milk-900g-1", "milk", "小象优护", 21_800, 14),
    ("milk-900g-2", "milk", "小象优护", 23_800, 12),
    ("milk-400g", "milk", "牧歌", 11_800, 6),
    ("diapers-nb", "diapers", "云柔", 7_900, 8),
    ("diapers-m", "diapers", "云柔", 9_900, 14),
    ("diapers-xl", "diapers", "贝贝熊", 10_900, 10),
    ("rice-cereal", "food", "禾宝", 2_580, 9),
    ("fruit-puree", "food", "禾宝", 1_980, 12),
    ("noodles", "food", "小麦田", 1_690, 7),
    ("wipes-80", "care", "云柔", 1_290, 16),
    ("body-lotion", "care", "小象优护", 5_900, 5),
    ("cloth-book", "toys", "咿呀", 3_900, 4),
];

/// Stores the carts of the days for which carts are kept; about one for three claims.
pub(super) fn fill(db: &mut Db, play: &mut Play<'_>, size: DemoSize) -> Result<(), StoreError> {
    let days = CARTS_KEPT.num_days().min(i64::from(size.days));
    let mut carts = Vec::new();
    for day in 1 - days..=0 {
        for _ in 0..(size.claims_a_day / 3).max(1) {
            let minute = rhythm::store_minute(&mut play.stage.chance);
            let at = play.stage.dates.zone.moment(play.stage.dates.day(day), minute);
            let at = at + rhythm::within_minute(&mut play.stage.chance);
            carts.extend(fill_one(play, at).filter(|_| play.stage.dates.is_past(at)));
        }
    }
    carts.sort_by_key(|cart| cart.quoted_at);
    for cart in &mut carts {
        play.stage.ids.set(cart.quoted_at);
        cart.id = play.stage.ids.next_uuid();
    }
    quoted_carts::insert_many(db, &carts)
}

/// A cart of somebody who is a customer by then, or of nobody who said so.
fn fill_one(play: &mut Play<'_>, at: DateTime<Utc>) -> Option<QuotedCart> {
    let chance = &mut play.stage.chance;
    let person =
        play.people.all.get(usize::try_from(chance.below(u32::try_from(play.people.all.len()).ok()?)).ok()?)?;
    let site = play.world.sites.get(person.home).filter(|site| !site.is_restaurant)?;
    let in_store = chance.percent(35).then(|| site.stores.get(person.store)).flatten();
    let is_known = person.created_at <= at && chance.percent(80);
    let mut lines: Vec<CartLine> = Vec::new();
    for _ in 0..chance.between(1, 5) {
        let Some((sku, category, brand, fen, _)) =
            chance.weighted(SHELF.iter().map(|goods| goods.4)).and_then(|index| SHELF.get(index))
        else {
            continue;
        };
        if lines.iter().any(|line| line.sku == *sku) {
            continue;
        }
        let units = u32::try_from(chance.between(1, 3)).unwrap_or(1);
        let mut line = CartLine::new(&format!("{:03}", lines.len() + 1), sku, units, Money::from_fen(*fen));
        line.categories = vec!["baby".to_owned(), (*category).to_owned()];
        line.brand = Some((*brand).to_owned());
        lines.push(line);
    }
    let shipping = match in_store {
        Some(_) => Vec::new(),
        None => vec![ShippingQuote { method: "express".to_owned(), fee: Money::from_fen(800) }],
    };
    let completed_orders = is_known.then(|| u32::try_from(person.active).unwrap_or(0));
    let channel = Some(if in_store.is_some() { "pos" } else { "miniapp" }.to_owned());
    Some(QuotedCart {
        id: uuid::Uuid::nil(),
        site: in_store.map_or(site.id, |store| store.id),
        customer: is_known.then_some(person.id),
        quoted_at: at,
        local_day: play.stage.dates.zone.local(at).day,
        told: ToldThen { channel, completed_orders, ..ToldThen::default() },
        cart: Cart { lines, shipping },
    })
}
