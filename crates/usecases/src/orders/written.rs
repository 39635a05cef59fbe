//! A quote as it is written down with an order: lines, discounts, and what each took off each line.

use std::collections::BTreeMap;

use huike_kernel::{Money, NodeId};
use huike_orders::{
    OrderError,
    catalogue::{ArticleCode, ArticleState},
    order::{LineKind, UseState},
};
use huike_persistence::{
    Db, StoreError,
    orders::{Allocation, Discount, OrderLine},
    skus,
};
use huike_pricing::{
    Quote,
    quote::{QuotedLine, Source},
};

use super::{
    Goods,
    coupons::HeldCoupons,
    goods::{Article, products_of},
};
use crate::{UseCaseError, stock::reserve::StockLine};

/// What is written.
pub(super) struct Written {
    pub(super) lines: Vec<OrderLine>,
    pub(super) discounts: Vec<Discount>,
    pub(super) allocations: Vec<Allocation>,
}

impl Written {
    pub(super) fn of(db: &mut Db, (goods, held): (&Goods, &HeldCoupons), quote: &Quote) -> Result<Self, UseCaseError> {
        let mut discounts = Vec::with_capacity(quote.applied.len());
        let mut numbers: BTreeMap<Source, i64> = BTreeMap::new();
        for (number, applied) in (1..).zip(&quote.applied) {
            let offer = applied.source.offer().ok_or_else(|| unfit("a discount of no offer"))?;
            let (coupon, cost) = match applied.source {
                Source::Coupon { coupon, .. } => {
                    let (known, cost) = held.cost(db, coupon, applied.discount)?;
                    (Some(known), cost)
                }
                Source::Offer { .. } | Source::Points => (None, applied.discount),
            };
            let state = UseState::Held;
            discounts.push(Discount { number, offer, coupon, discount: applied.discount, cost, state });
            numbers.insert(applied.source, number);
        }
        let (mut lines, mut allocations) = (Vec::with_capacity(quote.lines.len()), Vec::new());
        for (number, line) in (1..).zip(&quote.lines) {
            let article = goods.articles.get(&line.id).ok_or_else(|| unfit("a line of no SKU"))?;
            lines.push(line_of(number, line, article));
            for part in line.allocations.iter().filter(|part| !part.amount.is_zero()) {
                let discount = *numbers.get(&part.source).ok_or_else(|| unfit("a part of no discount"))?;
                allocations.push(Allocation { line: number, discount, amount: part.amount });
            }
        }
        let gifts = gifts_of(db, quote, lines.len())?;
        lines.extend(gifts);
        Ok(Self { lines, discounts, allocations })
    }

    /// What leaves the stock of the place.
    pub(super) fn stock(&self, site: NodeId) -> impl Iterator<Item = StockLine> {
        self.lines.iter().map(move |line| StockLine { sku: line.sku, site, quantity: line.quantity })
    }
}

fn unfit(what: &'static str) -> StoreError {
    StoreError::corrupt("customer_order", what)
}

fn line_of(number: i64, line: &QuotedLine, article: &Article) -> OrderLine {
    OrderLine {
        number,
        kind: LineKind::Sold,
        sku: article.sku,
        code: article.code.clone(),
        name: article.name.clone(),
        quantity: i64::from(line.quantity),
        list_price: line.list_price,
        unit_price: line.unit_price.price,
        price_source: line.unit_price.source.as_str().to_owned(),
        subtotal: line.subtotal,
        discount: line.discount,
        payable: line.payable,
    }
}

/// Gifts are goods of the catalogue as well: what is promised with the price is kept with the order.
fn gifts_of(db: &mut Db, quote: &Quote, before: usize) -> Result<Vec<OrderLine>, UseCaseError> {
    let mut gifts = Vec::with_capacity(quote.gifts.len());
    for (number, gift) in (before.saturating_add(1)..).zip(&quote.gifts) {
        let missing = || OrderError::GiftUnavailable { code: gift.sku.clone() };
        let code: ArticleCode = gift.sku.parse().map_err(|_not_a_code| missing())?;
        let sku = skus::find_by_codes(db, &[&code])?.pop().filter(|sku| sku.state == ArticleState::Active);
        let sku = sku.ok_or_else(missing)?;
        let products = products_of(db, std::iter::once(&sku))?;
        let product = products.get(&sku.product).ok_or_else(missing)?;
        let article = Article::of(&sku, product);
        gifts.push(OrderLine {
            number: i64::try_from(number).unwrap_or(i64::MAX),
            kind: LineKind::Gift,
            sku: article.sku,
            code: article.code,
            name: article.name,
            quantity: i64::from(gift.quantity),
            list_price: sku.form.prices.list,
            unit_price: Money::ZERO,
            price_source: "gift".to_owned(),
            subtotal: Money::ZERO,
            discount: Money::ZERO,
            payable: Money::ZERO,
        });
    }
    Ok(gifts)
}
