//! Counts the claims and redemptions of a template again, by the domain's own moves.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use huike_coupons::{
    CouponState,
    limits::{CounterFacts, CounterMove, Origin, moves_for_batch, moves_for_claim, moves_for_redemption},
};
use huike_kernel::{CustomerId, NodeId, TemplateId};
use uuid::Uuid;

use super::{
    counters::{Key, key_of},
    rules::{PAGE_ROWS, RuleBook, money},
    tree::Tree,
};
use crate::{
    Db, StoreError,
    schema::{code_batch, coupon, customer_order, order_discount, redemption},
    sql_types::DbId,
};

/// What each counter of the template should hold.
pub(super) fn recount(
    db: &mut Db,
    book: &RuleBook,
    tree: &Tree,
    template: TemplateId,
) -> Result<BTreeMap<Key, i64>, StoreError> {
    let mut counted = Counted::default();
    count_claims(db, book, tree, (template, &mut counted))?;
    count_redemptions(db, book, tree, (template, &mut counted))?;
    count_orders(db, book, tree, (template, &mut counted))?;
    Ok(counted.0)
}

#[derive(Default)]
struct Counted(BTreeMap<Key, i64>);

impl Counted {
    fn add(&mut self, moves: &[CounterMove]) {
        for counter in moves {
            let used = self.0.entry(key_of(counter)).or_insert(0);
            *used = used.saturating_add(counter.amount);
        }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = coupon)]
struct Claim {
    id: Uuid,
    template_version: i64,
    state: String,
    site_id: NodeId,
    customer_id: Option<DbId>,
    channel_id: Option<DbId>,
    batch_id: Option<DbId>,
    issued_at: DateTime<Utc>,
    claim_day: Option<String>,
}

fn count_claims(
    db: &mut Db,
    book: &RuleBook,
    tree: &Tree,
    (template, counted): (TemplateId, &mut Counted),
) -> Result<(), StoreError> {
    let batches: BTreeMap<DbId, NodeId> = code_batch::table
        .filter(code_batch::template_id.eq(DbId::from(template)))
        .select((code_batch::id, code_batch::site_id))
        .load::<(DbId, NodeId)>(db)?
        .into_iter()
        .collect();
    let mut after = Uuid::nil();
    loop {
        let page: Vec<Claim> = coupon::table
            .filter(coupon::template_id.eq(DbId::from(template)).and(coupon::id.gt(DbId(after))))
            .order(coupon::id)
            .limit(PAGE_ROWS)
            .select(Claim::as_select())
            .load(db)?;
        let Some(last) = page.last() else { return Ok(()) };
        after = last.id;
        for claim in page.iter().filter(|claim| claim.state != CouponState::Voided.as_str()) {
            let Some(rules) = book.get(&(template, claim.template_version)) else { continue };
            let batch = claim.batch_id.and_then(|batch| batches.get(&batch));
            if let Some(site) = batch {
                let day = tree.zone(*site).local(claim.issued_at).day;
                let facts = CounterFacts { template, code: None, customer: None, site: *site, store: None, day };
                counted.add(&moves_for_batch(rules, &facts, 1));
            }
            let (Some(customer), Some(day)) = (claim.customer_id, claim.claim_day.as_deref()) else { continue };
            let printed = batch.is_some();
            let facts = CounterFacts {
                template,
                code: if printed { Some(claim.id) } else { claim.channel_id.map(Into::into) },
                customer: Some(customer.into()),
                site: claim.site_id,
                store: None,
                day: day.parse().map_err(|error| StoreError::corrupt("coupon", error))?,
            };
            let origin = if printed { Origin::Unclaimed } else { Origin::New };
            counted.add(&moves_for_claim(rules, &facts, origin));
        }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = redemption)]
struct Redemption {
    id: Uuid,
    coupon_id: Uuid,
    template_version: i64,
    site_id: NodeId,
    customer_id: Option<DbId>,
    order_amount_fen: Option<i64>,
    cost_fen: i64,
    local_day: String,
}

fn count_redemptions(
    db: &mut Db,
    book: &RuleBook,
    tree: &Tree,
    (template, counted): (TemplateId, &mut Counted),
) -> Result<(), StoreError> {
    let mut after = Uuid::nil();
    loop {
        let page: Vec<Redemption> = redemption::table
            .filter(redemption::template_id.eq(DbId::from(template)).and(redemption::id.gt(DbId(after))))
            .filter(redemption::reversed_at.is_null())
            .order(redemption::id)
            .limit(PAGE_ROWS)
            .select(Redemption::as_select())
            .load(db)?;
        let Some(last) = page.last() else { return Ok(()) };
        after = last.id;
        for redeemed in &page {
            let Some(rules) = book.get(&(template, redeemed.template_version)) else { continue };
            let facts = CounterFacts {
                template,
                code: Some(redeemed.coupon_id),
                customer: redeemed.customer_id.map(CustomerId::from),
                site: tree.parent(redeemed.site_id).unwrap_or(redeemed.site_id),
                store: Some(redeemed.site_id),
                day: redeemed.local_day.parse().map_err(|error| StoreError::corrupt("redemption", error))?,
            };
            let order_amount = redeemed.order_amount_fen.map(money);
            counted.add(&moves_for_redemption(rules, &facts, money(redeemed.cost_fen), order_amount));
        }
    }
}

/// A use by an order counts from when it is placed until it is given up.
fn count_orders(
    db: &mut Db,
    book: &RuleBook,
    tree: &Tree,
    (template, counted): (TemplateId, &mut Counted),
) -> Result<(), StoreError> {
    type Use = (Uuid, Option<i64>, i64, NodeId, DbId, i64, String);
    let mut after = Uuid::nil();
    loop {
        let page: Vec<Use> = order_discount::table
            .inner_join(customer_order::table)
            .filter(order_discount::template_id.eq(Some(DbId::from(template))))
            .filter(order_discount::coupon_id.assume_not_null().gt(DbId(after)))
            .filter(order_discount::state.ne("released"))
            .order(order_discount::coupon_id)
            .limit(PAGE_ROWS)
            .select((
                order_discount::coupon_id.assume_not_null(),
                order_discount::template_version,
                order_discount::cost_fen,
                customer_order::site_id,
                customer_order::customer_id,
                customer_order::subtotal_fen,
                customer_order::local_day,
            ))
            .load(db)?;
        let Some(last) = page.last() else { return Ok(()) };
        after = last.0;
        for (coupon, version, cost, site, customer, subtotal, day) in page {
            let Some(rules) = version.and_then(|version| book.get(&(template, version))) else { continue };
            let store = tree.is_store(site).then_some(site);
            let facts = CounterFacts {
                template,
                code: Some(coupon),
                customer: Some(customer.into()),
                site: store.and_then(|store| tree.parent(store)).unwrap_or(site),
                store,
                day: day.parse().map_err(|error| StoreError::corrupt("customer_order", error))?,
            };
            counted.add(&moves_for_redemption(rules, &facts, money(cost), Some(money(subtotal))));
        }
    }
}
