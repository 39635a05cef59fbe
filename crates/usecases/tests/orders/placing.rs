//! What placing takes, and what it refuses.

use huike_coupons::CouponState;
use huike_kernel::{Money, SkuId};
use huike_ledger::AccountKind;
use huike_orders::order::{Item, OrderState};
use huike_persistence::{db_test, orders};
use huike_usecases::catalogue::{Seen, archive_sku};

use crate::{
    shop::{budget, rules},
    till::{Till, code_of, uses, yuan},
};

const PRINCIPAL: AccountKind = AccountKind::StoredValuePrincipal;
const BONUS: AccountKind = AccountKind::StoredValueBonus;

db_test! {
    fn an_order_takes_goods_coupon_limit_and_stored_value_at_once(database) {
        let till = Till::open(database);
        let mut rules = rules(10);
        (rules.limits, rules.budget) = (vec![uses(1)], budget("1000", None));
        let template = till.shop.template(rules);
        let customer = till.shop.customer();
        let coupon = till.shop.claim(template, customer).unwrap().coupon;
        till.top_up(customer, 100, 20);
        let mut ask = till.ask(customer, 2);
        ask.stored_value = yuan(50);
        let placed = till.place(&ask).unwrap();
        assert_eq!((placed.payable, placed.due, placed.state), (yuan(210), yuan(160), OrderState::Created));
        assert_eq!(till.level(till.skus[0]), (10, 2));
        assert_eq!(till.coupon(coupon).state, CouponState::Locked);
        assert_eq!((till.balance(BONUS, customer), till.balance(PRINCIPAL, customer)), ((2_000, 0), (10_000, 7_000)));
        let id = placed.order;
        let (lines, parts) = till.shop.store.read_blocking(move |db| {
            Ok::<_, huike_persistence::StoreError>((orders::list_lines(db, id)?, orders::list_allocations(db, id)?))
        }).unwrap();
        assert_eq!((lines[0].subtotal, lines[0].payable, parts[0].amount), (yuan(240), yuan(210), yuan(30)));
        assert_eq!(lines[0].name, "一段奶粉 900克");
        let second = till.shop.claim(template, customer).unwrap();
        let again = till.place(&till.ask(customer, 2)).unwrap();
        assert_eq!(again.payable, yuan(240), "the limit on uses is taken");
        assert_eq!(till.coupon(second.coupon).state, CouponState::Issued);
    }

    fn a_price_that_changed_takes_nothing(database) {
        let till = Till::open(database);
        let template = till.shop.template(rules(10));
        let customer = till.shop.customer();
        let coupon = till.shop.claim(template, customer).unwrap().coupon;
        till.top_up(customer, 100, 0);
        let mut ask = till.ask(customer, 2);
        ask.stored_value = yuan(50);
        let before = till.everything(customer, Some(template));
        ask.seen[0] ^= 1;
        let refused = till.place(&ask);
        assert_eq!(code_of(&refused), "price_changed");
        assert_eq!(till.everything(customer, Some(template)), before);
        assert_eq!((till.coupon(coupon).state, till.coupon(coupon).version), (CouponState::Issued, 1));
        ask.seen = till.seen(&ask);
        till.place(&ask).unwrap();
    }

    fn what_is_paid_with_stored_value_alone_is_paid_at_once(database) {
        let till = Till::open(database);
        let customer = till.shop.customer();
        till.top_up(customer, 100, 50);
        let mut ask = till.ask(customer, 1);
        ask.stored_value = yuan(120);
        let placed = till.place(&ask).unwrap();
        assert_eq!((placed.state, placed.due), (OrderState::Paid, Money::ZERO));
        assert_eq!(till.level(till.skus[0]), (9, 0), "the goods are sold");
        assert_eq!((till.balance(BONUS, customer), till.balance(PRINCIPAL, customer)), ((0, 0), (3_000, 3_000)));
        assert_eq!(till.order(placed.order).paid, yuan(120));
        assert_eq!(code_of(&till.cancel(customer, placed.order)), "order_state_unfit");
    }

    fn what_a_coupon_pays_whole_is_paid_at_once_and_spends_the_budget(database) {
        let till = Till::open(database);
        let mut rules = rules(10);
        rules.budget = budget("1000", None);
        rules.effect = huike_coupons::Effect::AmountOff { amount: yuan(200), threshold: Money::ZERO };
        let template = till.shop.template(rules);
        let customer = till.shop.customer();
        let coupon = till.shop.claim(template, customer).unwrap().coupon;
        let placed = till.place(&till.ask(customer, 1)).unwrap();
        assert_eq!((placed.payable, placed.state), (Money::ZERO, OrderState::Paid));
        assert_eq!(till.coupon(coupon).state, CouponState::Redeemed);
        let stock = till.shop.stock(template);
        assert_eq!((stock.committed_fen, stock.spent_fen), (0, 12_000), "what it took off, not what it might have");
    }

    fn what_cannot_be_ordered_is_named_by_its_place(database) {
        let till = Till::open(database);
        let (customer, known) = (till.shop.customer(), till.skus[0]);
        let item = |sku_id: SkuId, quantity| Item { sku_id, quantity };
        let unknown: SkuId = till.shop.id();
        let mut ask = till.ask(customer, 1);
        for (items, code) in [
            (vec![], "order_items_out_of_range"),
            (vec![item(known, 0)], "order_units_out_of_range"),
            (vec![item(known, 1), item(known, 1)], "order_item_twice"),
            (vec![item(known, 1), item(unknown, 1)], "order_sku_unavailable"),
            (vec![item(known, 11)], "price_changed"),
        ] {
            ask.items = items;
            assert_eq!(code_of(&till.place(&ask)), code);
        }
        ask.items = vec![item(known, 11)];
        ask.seen = till.seen(&ask);
        assert_eq!(code_of(&till.place(&ask)), "stock_short");
        ask = till.ask(customer, 1);
        ask.stored_value = yuan(121);
        assert_eq!(code_of(&till.place(&ask)), "order_stored_value_exceeds");
        ask.stored_value = yuan(1);
        assert_eq!(code_of(&till.place(&ask)), "balance_insufficient");
        let gone = till.skus[1];
        let staff = huike_kernel::Actor::Staff(till.shop.marketer);
        till.write(staff, move |db, act| archive_sku(db, act, Seen { id: gone, version: 1 })).unwrap();
        let mut late = till.ask(customer, 1);
        late.items = vec![item(gone, 1)];
        assert_eq!(code_of(&till.place(&late)), "order_sku_unavailable");
        assert_eq!(till.level(known), (10, 0));
    }

    fn a_foreign_coupon_is_told_of_as_unknown_and_nothing_is_taken(database) {
        let till = Till::open(database);
        let template = till.shop.template(rules(10));
        let (owner, other) = (till.shop.customer(), till.shop.customer());
        let coupon = till.shop.claim(template, owner).unwrap().coupon;
        let mut ask = till.ask(other, 2);
        ask.coupons = Some(vec![coupon]);
        assert_eq!(code_of(&till.place(&ask)), "quote_coupon_unknown");
        assert_eq!(till.coupon(coupon).state, CouponState::Issued);
    }
}
