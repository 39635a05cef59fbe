//! A shop that sells: goods in stock, customers with stored value, and short words for what the laws do again and again.

use std::sync::Arc;

use chrono::TimeDelta;
use huike_coupons::{
    calendar::HolidayCalendar,
    limits::{LimitCap, LimitRule, Metric, Period, Subject},
};
use huike_kernel::{Actor, Clock, CouponId, CustomerId, DomainError, Money, OrderId, SkuId, Text, Zone};
use huike_ledger::{AccountKey, AccountKind, Amount, Balance, Owner, Posting, Reason, Source, Transfer, Unit};
use huike_orders::{
    catalogue::{ProductForm, SkuForm, SkuPrices},
    order::Item,
};
use huike_persistence::{
    Db, StoreError, coupons,
    ledger::{accounts, balances},
    orders, sku_stock, standing, stock as template_stock,
    testing::TestDatabase,
};
use huike_pricing::CompiledOffers;
use huike_usecases::{
    Act, UseCaseError,
    catalogue::{self, NewCategory, NewProduct},
    ledger,
    orders::{CancelAsk, Goods, PlaceAsk, Placed, Stepped, cancel_order, expire_order, place_order},
    quotes::{CartAsk, Occasion, PricePlace, Purse, Told, price},
    record::Place,
    stock::{self, ReceiptAsk, ReceiptLine},
};
use uuid::Uuid;

use crate::shop::Shop;

pub(crate) struct Till {
    pub(crate) shop: Shop,
    /// Two SKUs at 120.00 yuan.
    pub(crate) skus: Vec<SkuId>,
    place: Arc<PricePlace>,
}

pub(crate) fn yuan(amount: i64) -> Money {
    Money::from_fen(amount * 100)
}

pub(crate) fn code_of<T>(answer: &Result<T, UseCaseError>) -> &'static str {
    answer.as_ref().map_or_else(DomainError::code, |_| "ok")
}

/// At most so many uses by a customer.
pub(crate) fn uses(cap: i64) -> LimitRule {
    LimitRule { metric: Metric::Uses, subject: Subject::Customer, period: Period::Day, cap: LimitCap::Count(cap) }
}

/// Everything that an order may touch.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Everything {
    stock: Vec<(i64, i64)>,
    balances: Vec<(i64, i64)>,
    template: Option<(i64, i64)>,
    redemptions: i64,
}

impl Till {
    pub(crate) fn open(database: &TestDatabase) -> Self {
        let shop = Shop::open(database);
        let skus = make_skus(&shop);
        let site = shop.site_a;
        let place = shop.store.read_blocking(move |db| PricePlace::load(db, site)).unwrap();
        Self { shop, skus, place: Arc::new(place) }
    }

    pub(crate) fn write<T: Send + 'static>(
        &self,
        actor: Actor,
        body: impl Fn(&mut Db, &Act<'_>) -> Result<T, UseCaseError> + Send + 'static,
    ) -> Result<T, UseCaseError> {
        let caller = self.shop.caller(actor);
        self.shop.store.write_blocking(move |db, now| body(db, &caller.act(now)))
    }

    fn account(&self, kind: AccountKind, owner: Owner) -> AccountKey {
        AccountKey::new(kind, owner, self.shop.site_a, Unit::Cny).unwrap()
    }

    /// Gives a customer stored value: so much paid for, so much on top, in yuan.
    pub(crate) fn top_up(&self, customer: CustomerId, principal: i64, bonus: i64) {
        let owner = Owner::Customer(customer);
        let from = [AccountKind::ClearingPayment, AccountKind::IssuerBonus];
        let to = [AccountKind::StoredValuePrincipal, AccountKind::StoredValueBonus];
        let transfers = from.into_iter().zip(to).zip([principal, bonus]).filter(|(_, amount)| *amount > 0);
        let transfers = transfers.map(|((from, to), amount)| Transfer {
            debit: self.account(from, Owner::House),
            credit: self.account(to, owner),
            amount: Amount::try_from(yuan(amount)).unwrap(),
            reason: Reason::TopUp,
        });
        let source = Source { kind: "top_up".to_owned(), id: Uuid::from_u128(5) };
        let posting = Posting { id: self.shop.id(), source, captures: vec![], transfers: transfers.collect() };
        let place = Place { site: self.shop.site_a, zone: Zone::default() };
        self.write(Actor::System, move |db, act| ledger::post(db, act, place, &posting)).unwrap();
    }

    /// What was posted on an account, and what of it may be spent.
    pub(crate) fn balance(&self, kind: AccountKind, customer: CustomerId) -> (i64, i64) {
        let key = self.account(kind, Owner::Customer(customer));
        let found =
            self.shop.store.read_blocking(move |db| match accounts::find_by_keys(db, &[key].into())?.get(&key) {
                Some(account) => balances::find(db, account.id),
                None => Ok::<_, StoreError>(Balance::default()),
            });
        let balance = found.unwrap();
        (balance.posted, balance.available())
    }

    /// What lies of a SKU, and what of it is kept.
    pub(crate) fn level(&self, sku: SkuId) -> (i64, i64) {
        let site = self.shop.site_a;
        let level = self.shop.store.read_blocking(move |db| sku_stock::find(db, sku, site)).unwrap().unwrap().level;
        (level.on_hand, level.reserved)
    }

    /// An order of so many of the first SKU, at the price it has now, with the best coupons.
    pub(crate) fn ask(&self, customer: CustomerId, quantity: u32) -> PlaceAsk {
        self.ask_of(customer, vec![Item { sku_id: self.skus[0], quantity }])
    }

    pub(crate) fn ask_of(&self, customer: CustomerId, items: Vec<Item>) -> PlaceAsk {
        let mut ask = PlaceAsk {
            place: Arc::clone(&self.place),
            offers: Arc::new(CompiledOffers::default()),
            calendar: Arc::new(HolidayCalendar::default()),
            customer,
            items,
            told: Told::default(),
            coupons: None,
            stored_value: Money::ZERO,
            seen: Vec::new(),
        };
        ask.seen = self.seen(&ask);
        ask
    }

    /// The hash of the quote that the customer sees.
    pub(crate) fn seen(&self, ask: &PlaceAsk) -> Vec<u8> {
        let (ask, now) = (ask.clone(), self.shop.clock.now());
        let quoted = self.shop.store.read_blocking(move |db| {
            let occasion = Occasion { place: &ask.place, now, calendar: &ask.calendar };
            let purse = Purse::load(db, ask.customer, &occasion, ask.coupons.as_deref())?;
            let cart = Goods::load(db, &ask.items)?.cart;
            let cart = CartAsk { cart, told: ask.told.clone(), coupons: ask.coupons.clone(), points_worth: None };
            price(&ask.offers, (&ask.place, now), Some(purse), &cart)
        });
        quoted.unwrap().quote.hash().to_vec()
    }

    pub(crate) fn place(&self, ask: &PlaceAsk) -> Result<Placed, UseCaseError> {
        let ask = ask.clone();
        self.write(Actor::Customer(ask.customer), move |db, act| place_order(db, act, &ask))
    }

    pub(crate) fn cancel(&self, customer: CustomerId, order: OrderId) -> Result<Stepped, UseCaseError> {
        self.write(Actor::Customer(customer), move |db, act| cancel_order(db, act, CancelAsk { order }))
    }

    /// What the job does.
    pub(crate) fn expire(&self) -> usize {
        let now = self.shop.clock.now();
        let due = self.shop.store.read_blocking(move |db| orders::list_due(db, now, 100)).unwrap();
        due.into_iter().filter(|id| self.expire_one(*id).unwrap()).count()
    }

    pub(crate) fn expire_one(&self, id: OrderId) -> Result<bool, UseCaseError> {
        self.write(Actor::System, move |db, act| expire_order(db, act, id))
    }

    pub(crate) fn pass_minutes(&self, minutes: i64) {
        self.shop.clock.set(self.shop.clock.now() + TimeDelta::minutes(minutes));
    }

    pub(crate) fn coupon(&self, id: CouponId) -> coupons::Coupon {
        self.shop.store.read_blocking(move |db| coupons::find(db, id)).unwrap().unwrap()
    }

    pub(crate) fn order(&self, id: OrderId) -> orders::Order {
        self.shop.store.read_blocking(move |db| orders::find(db, id)).unwrap().unwrap()
    }

    pub(crate) fn everything(&self, customer: CustomerId, template: Option<huike_kernel::TemplateId>) -> Everything {
        let kinds = [AccountKind::StoredValuePrincipal, AccountKind::StoredValueBonus];
        let redemptions = self.shop.store.read_blocking(move |db| standing::list(db, &[customer])).unwrap();
        Everything {
            stock: self.skus.iter().map(|sku| self.level(*sku)).collect(),
            balances: kinds.map(|kind| self.balance(kind, customer)).to_vec(),
            template: template.map(|id| {
                let stock: template_stock::Stock = self.shop.stock(id);
                (stock.committed_fen, stock.spent_fen)
            }),
            redemptions: redemptions[&customer].active_redemptions,
        }
    }
}

fn make_skus(shop: &Shop) -> Vec<SkuId> {
    fn text<const MAX: usize>(raw: &str) -> Text<MAX> {
        Text::new(raw).unwrap()
    }
    let caller = shop.staff();
    let made = shop.store.write_blocking(move |db, now| {
        let act = caller.act(now);
        let new = NewCategory { parent: None, code: "milk".parse().unwrap(), name: text("奶粉"), position: 0 };
        let category = catalogue::create_category(db, &act, &new)?.id;
        let form = ProductForm {
            code: "milk".parse().unwrap(),
            category,
            name: text("一段奶粉"),
            brand: None,
            tags: vec![],
            images: vec![],
            description: None,
        };
        let prices = SkuPrices { list: yuan(120), sale: None, minimum: None, cost: None };
        let sku = |number: u32| SkuForm {
            code: format!("milk-{number}").parse().unwrap(),
            name: text("900克"),
            barcode: None,
            prices,
            weight_grams: 900,
            low_stock_policy: None,
        };
        catalogue::create_product(db, &act, &NewProduct { form, skus: (1..=2).map(sku).collect() })
    });
    let skus: Vec<SkuId> = made.unwrap().skus.iter().map(|sku| sku.id).collect();
    let ask = |sku: &SkuId| ReceiptLine { sku: *sku, quantity: 10, batch: None };
    let (caller, ask) =
        (shop.staff(), ReceiptAsk { site: shop.site_a, lines: skus.iter().map(ask).collect(), note: None });
    shop.store.write_blocking(move |db, now| stock::receive_goods(db, &caller.act(now), &ask)).unwrap();
    skus
}
