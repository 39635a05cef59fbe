//! Stock on both databases: what is promised is there, whoever asks at once.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops where it fails")]

mod shop;

use chrono::{DateTime, TimeDelta, Utc};
use huike_kernel::{DomainError, NodeId, SkuId, StockTransferId, Text};
use huike_orders::{
    catalogue::{ProductForm, SkuForm, SkuPrices},
    stock::{HolderKind, ReservationEnd, StockLevel},
};
use huike_persistence::{
    db_test,
    sku_stock::{self, Stock},
    stock_movements::{self, Movement, MovementFilter},
    stock_reservations::{self, Holder},
};
use huike_usecases::{
    UseCaseError,
    catalogue::{self, NewCategory, NewProduct},
    record::Place,
    stock::{
        self, Count, Counted, DamageAsk, ReceiptAsk, ReceiptLine, StatedLines, TransferAsk,
        reserve::{self, StockLine},
    },
};
use shop::{Shop, at_once};
use uuid::Uuid;

fn text<const MAX: usize>(raw: &str) -> Text<MAX> {
    Text::new(raw).unwrap()
}

/// Three SKUs of one product.
fn skus(shop: &Shop) -> Vec<SkuId> {
    let caller = shop.staff();
    shop.store
        .write_blocking(move |db, now| {
            let act = caller.act(now);
            let category =
                NewCategory { parent: None, code: "milk".parse().unwrap(), name: text("奶粉"), position: 0 };
            let category = catalogue::create_category(db, &act, &category)?.id;
            let form = ProductForm {
                code: "milk".parse().unwrap(),
                category,
                name: text("一段奶粉"),
                brand: None,
                tags: vec![],
                images: vec![],
                description: None,
            };
            let sku = |number: u32| SkuForm {
                code: format!("milk-{number}").parse().unwrap(),
                name: text("900克"),
                barcode: None,
                prices: SkuPrices { list: "298".parse().unwrap(), sale: None, minimum: None, cost: None },
                weight_grams: 900,
                low_stock_policy: None,
            };
            let new = NewProduct { form, skus: (1..=3).map(sku).collect() };
            let made = catalogue::create_product(db, &act, &new)?;
            Ok::<_, UseCaseError>(made.skus.iter().map(|sku| sku.id).collect())
        })
        .unwrap()
}

fn receive(shop: &Shop, site: NodeId, sku: SkuId, quantity: i64) {
    let caller = shop.staff();
    let ask = ReceiptAsk { site, lines: vec![ReceiptLine { sku, quantity, batch: None }], note: None };
    shop.store.write_blocking(move |db, now| stock::receive_goods(db, &caller.act(now), &ask)).unwrap();
}

fn order(shop: &Shop) -> Holder {
    Holder { kind: HolderKind::Integration, id: shop.id::<Uuid>() }
}

fn keep(shop: &Shop, holder: Holder, lines: Vec<StockLine>) -> Result<(), UseCaseError> {
    let caller = shop.staff();
    let until: DateTime<Utc> = shop::at(shop::NOON) + TimeDelta::minutes(30);
    shop.store.write_blocking(move |db, now| reserve::reserve(db, &caller.act(now), holder, (&lines, until)))
}

fn end(shop: &Shop, holder: Holder, how: ReservationEnd) -> Result<Vec<Movement>, UseCaseError> {
    let caller = shop.staff();
    shop.store.write_blocking(move |db, now| reserve::end(db, &caller.act(now), (holder, how)))
}

fn stock_of(shop: &Shop, sku: SkuId, site: NodeId) -> Stock {
    shop.store.read_blocking(move |db| sku_stock::find(db, sku, site)).unwrap().unwrap()
}

fn level(shop: &Shop, sku: SkuId, site: NodeId) -> (i64, i64) {
    let StockLevel { on_hand, reserved, .. } = stock_of(shop, sku, site).level;
    (on_hand, reserved)
}

fn movements(shop: &Shop) -> Vec<Movement> {
    let head = shop.head;
    shop.store
        .read_blocking(move |db| stock_movements::list(db, &[head], &MovementFilter::default(), None, 1_000))
        .unwrap()
}

fn damage(shop: &Shop, site: NodeId, sku: SkuId, quantity: i64) -> Result<(), UseCaseError> {
    let (caller, ask) = (shop.staff(), DamageAsk { site, lines: vec![(sku, quantity)], reason: text("破损") });
    shop.store.write_blocking(move |db, now| stock::record_damage(db, &caller.act(now), &ask)).map(|_| ())
}

fn transfer(shop: &Shop, sku: SkuId, quantity: i64) -> StockTransferId {
    let caller = shop.staff();
    let ask = TransferAsk { from: shop.site_a, to: shop.store_a, lines: vec![(sku, quantity)], note: None };
    shop.store.write_blocking(move |db, now| stock::request_transfer(db, &caller.act(now), &ask)).unwrap().id
}

fn send(shop: &Shop, transfer: StockTransferId, sku: SkuId, quantity: i64) -> Result<(), UseCaseError> {
    let (caller, ask) = (shop.staff(), StatedLines { transfer, lines: vec![(sku, quantity)], reason: None });
    shop.store.write_blocking(move |db, now| stock::send_transfer(db, &caller.act(now), &ask)).map(|_| ())
}

/// How many went well, and the codes of the others.
fn tally(answers: Vec<Result<(), UseCaseError>>) -> (usize, Vec<&'static str>) {
    let won = answers.iter().filter(|answer| answer.is_ok()).count();
    let mut codes: Vec<&str> =
        answers.iter().filter_map(|answer| answer.as_ref().err()).map(DomainError::code).collect();
    codes.sort_unstable();
    codes.dedup();
    (won, codes)
}

db_test! {
    fn of_fifty_who_reserve_the_last_piece_one_gets_it(database) {
        let shop = Shop::open(database);
        let (sku, site) = (skus(&shop)[0], shop.site_a);
        receive(&shop, site, sku, 1);
        let orders: Vec<Holder> = (0..50).map(|_| order(&shop)).collect();
        let line = StockLine { sku, site, quantity: 1 };
        let answers = at_once(50, |number| keep(&shop, orders[number], vec![line]));
        assert_eq!(tally(answers), (1, vec!["stock_short"]));
        assert_eq!(level(&shop, sku, site), (1, 1));
    }

    fn orders_transfers_and_damage_at_once_never_take_more_than_there_is(database) {
        let shop = Shop::open(database);
        let (sku, site) = (skus(&shop)[0], shop.site_a);
        receive(&shop, site, sku, 20);
        let orders: Vec<Holder> = (0..16).map(|_| order(&shop)).collect();
        let transfers: Vec<StockTransferId> = (0..16).map(|_| transfer(&shop, sku, 2)).collect();
        let line = StockLine { sku, site, quantity: 1 };
        let answers = at_once(48, |number| match number % 3 {
            0 => keep(&shop, orders[number / 3], vec![line]),
            1 => send(&shop, transfers[number / 3], sku, 2),
            _ => damage(&shop, site, sku, 1),
        });
        // Ones, twos and ones: whatever the order, everything goes but what no longer fits.
        let taken: i64 = answers.iter().enumerate().filter(|(_, it)| it.is_ok()).map(|(number, _)| if number % 3 == 1 { 2 } else { 1 }).sum();
        assert_eq!(taken, 20, "{answers:?}");
        assert_eq!(tally(answers).1, ["stock_short"]);
        let (on_hand, reserved) = level(&shop, sku, site);
        assert_eq!(on_hand, reserved, "nothing is left but what is kept");
    }

    fn orders_of_several_goods_named_in_any_order_do_not_stand_in_each_others_way(database) {
        let shop = Shop::open(database);
        let (skus, site) = (skus(&shop), shop.site_a);
        for sku in &skus {
            receive(&shop, site, *sku, 10);
        }
        let orders: Vec<Holder> = (0..30).map(|_| order(&shop)).collect();
        let answers = at_once(30, |number| {
            let mut lines: Vec<StockLine> = skus.iter().map(|sku| StockLine { sku: *sku, site, quantity: 1 }).collect();
            if number % 2 == 0 {
                lines.reverse();
            }
            keep(&shop, orders[number], lines)
        });
        assert_eq!(tally(answers), (10, vec!["stock_short"]));
        for sku in skus {
            assert_eq!(level(&shop, sku, site), (10, 10), "who was refused one of them got none of them");
        }
    }

    fn what_is_kept_ends_once_sold_or_free_whoever_ends_it_at_once(database) {
        let shop = Shop::open(database);
        let (sku, site) = (skus(&shop)[0], shop.site_a);
        receive(&shop, site, sku, 10);
        let (bought, let_go) = (order(&shop), order(&shop));
        let line = StockLine { sku, site, quantity: 3 };
        keep(&shop, bought, vec![line]).unwrap();
        keep(&shop, let_go, vec![line]).unwrap();
        let ends = |number: usize| if number.is_multiple_of(2) { ReservationEnd::Commit } else { ReservationEnd::Expire };
        let answers = at_once(12, |number| end(&shop, bought, ends(number)).map(|_| ()));
        let (won, codes) = tally(answers);
        assert_eq!((won, codes), (6, vec!["reservation_ended"]), "six say the same, six say otherwise");
        assert!(end(&shop, let_go, ReservationEnd::Release).unwrap().is_empty());
        assert!(end(&shop, let_go, ReservationEnd::Expire).unwrap().is_empty(), "let go is let go");
        assert_eq!(end(&shop, let_go, ReservationEnd::Commit).unwrap_err().code(), "reservation_ended");
        let (on_hand, reserved) = level(&shop, sku, site);
        assert_eq!(reserved, 0);
        let sold = movements(&shop).iter().filter(|it| it.kind.as_str() == "sale").count();
        assert_eq!((on_hand, sold), if on_hand == 7 { (7, 1) } else { (10, 0) });
    }

    fn who_reserved_is_found_when_time_is_over_and_not_before(database) {
        let shop = Shop::open(database);
        let (sku, site) = (skus(&shop)[0], shop.site_a);
        receive(&shop, site, sku, 10);
        let (kept, gone) = (order(&shop), order(&shop));
        for holder in [kept, gone] {
            keep(&shop, holder, vec![StockLine { sku, site, quantity: 2 }]).unwrap();
        }
        end(&shop, gone, ReservationEnd::Release).unwrap();
        let due = |minutes| {
            let now = shop::at(shop::NOON) + TimeDelta::minutes(minutes);
            shop.store.read_blocking(move |db| stock_reservations::list_due(db, HolderKind::Integration, now, 10)).unwrap()
        };
        assert_eq!((due(29), due(30)), (vec![], vec![kept]));
        // Past its time it is still kept, until somebody ends it.
        assert_eq!(end(&shop, kept, ReservationEnd::Commit).unwrap().len(), 1);
        assert_eq!(level(&shop, sku, site), (8, 0));
    }

    fn a_counter_sells_what_nobody_kept_and_takes_it_back(database) {
        let shop = Shop::open(database);
        let (sku, site) = (skus(&shop)[0], shop.store_a);
        receive(&shop, site, sku, 2);
        keep(&shop, order(&shop), vec![StockLine { sku, site, quantity: 1 }]).unwrap();
        let place = Place { site, zone: Default::default() };
        let source = ("redemption", shop.id::<Uuid>());
        let sell = |quantity: i64| {
            let caller = shop.staff();
            shop.store.write_blocking(move |db, now| reserve::sell(db, &caller.act(now), (place, source), &[(sku, quantity)]))
        };
        assert_eq!(sell(2).unwrap_err().code(), "stock_short", "one of the two is kept for somebody");
        assert_eq!(sell(1).unwrap()[0].quantity, -1);
        let caller = shop.staff();
        let back = shop.store
            .write_blocking(move |db, now| reserve::take_back(db, &caller.act(now), (place, source), &[(sku, 1)]))
            .unwrap();
        assert_eq!((back[0].on_hand_after, back[0].seq, back[0].source.clone()), (2, 3, Some(("redemption".to_owned(), source.1))));
    }

    fn a_count_that_began_before_goods_moved_is_refused(database) {
        let shop = Shop::open(database);
        let (sku, site) = (skus(&shop)[0], shop.site_a);
        receive(&shop, site, sku, 10);
        let seen = stock_of(&shop, sku, site).version;
        let count = |version: i64, counted: i64| {
            let ask = Count { site, lines: vec![Counted { sku, counted, version }], reason: text("月末盘点") };
            let caller = shop.staff();
            shop.store.write_blocking(move |db, now| stock::count_stock(db, &caller.act(now), &ask))
        };
        damage(&shop, site, sku, 1).unwrap();
        assert_eq!(count(seen, 10).unwrap_err().code(), "version_conflict");
        keep(&shop, order(&shop), vec![StockLine { sku, site, quantity: 4 }]).unwrap();
        assert_eq!(count(seen + 1, 3).unwrap_err().code(), "stock_below_reserved");
        assert_eq!(count(seen + 1, 8).unwrap().lines[0].quantity, -1);
        assert_eq!(count(seen + 2, 8).unwrap().lines[0].quantity, 0, "that it was counted is noted too");
        assert_eq!(level(&shop, sku, site), (8, 4));
    }
}
