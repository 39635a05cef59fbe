//! Checks that need the rules of templates: they run the domain's own functions over what was written.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use huike_coupons::{TemplateRules, calendar::HolidayCalendar};
use huike_kernel::{Money, NodeId, TemplateId};
use uuid::Uuid;

use super::{offence::Offences, tree::Tree};
use crate::{
    Db, StoreError,
    schema::{coupon_stock, coupon_template, coupon_template_version, redemption},
    sql_types::{DbId, DbJson},
};

/// Rows that are held in memory at once.
pub(super) const PAGE_ROWS: i64 = 5_000;

/// The rules of every version of every template.
pub(super) type RuleBook = BTreeMap<(TemplateId, i64), TemplateRules>;

pub(super) fn load_rules(db: &mut Db) -> Result<RuleBook, StoreError> {
    let rows: Vec<(TemplateId, i64, DbJson)> = coupon_template_version::table
        .select((coupon_template_version::template_id, coupon_template_version::number, coupon_template_version::rules))
        .load(db)?;
    let parse = |(template, number, rules): (TemplateId, i64, DbJson)| {
        let rules = rules.parse().map_err(|error| StoreError::corrupt("coupon_template_version", error))?;
        Ok(((template, number), rules))
    };
    rows.into_iter().map(parse).collect()
}

/// Quantity and budget of each stock against the version in force.
pub(super) fn check_stock_totals(db: &mut Db) -> Result<Offences, StoreError> {
    let book = load_rules(db)?;
    let rows: Vec<(TemplateId, Option<i64>, i64, Option<i64>)> = coupon_stock::table
        .inner_join(coupon_template::table.on(coupon_template::id.eq(coupon_stock::template_id)))
        .order(coupon_stock::template_id)
        .select((coupon_template::id, coupon_template::live_version, coupon_stock::quantity, coupon_stock::budget_fen))
        .load(db)?;
    let mut offences = Offences::default();
    for (template, live, quantity, budget_fen) in rows {
        let Some(rules) = live.and_then(|number| book.get(&(template, number))) else {
            offences.note(template.as_uuid(), || "a stock of a template that was never live".to_owned());
            continue;
        };
        let promised = rules.budget.map(|budget| budget.total.fen());
        if rules.quantity != quantity || promised != budget_fen {
            offences.note(template.as_uuid(), || {
                let wanted = (rules.quantity, promised);
                format!("quantity and budget are {:?}, the rules say {wanted:?}", (quantity, budget_fen))
            });
        }
    }
    Ok(offences)
}

/// One active redemption, as far as rules of place and time ask about it.
type Redeemed = (Uuid, TemplateId, i64, NodeId, DateTime<Utc>);

/// Every active redemption against the scope and the use times of the rules its coupon was issued under.
pub(super) fn check_redemptions(db: &mut Db) -> Result<Offences, StoreError> {
    let (book, tree) = (load_rules(db)?, Tree::load(db)?);
    let calendar = HolidayCalendar::embedded().map_err(|error| StoreError::corrupt("holiday calendar", error))?;
    let mut offences = Offences::default();
    let mut after = Uuid::nil();
    loop {
        let page: Vec<Redeemed> = redemption::table
            .filter(redemption::reversed_at.is_null().and(redemption::id.gt(DbId(after))))
            .order(redemption::id)
            .limit(PAGE_ROWS)
            .select((
                redemption::id,
                redemption::template_id,
                redemption::template_version,
                redemption::site_id,
                redemption::redeemed_at,
            ))
            .load(db)?;
        let Some((last, ..)) = page.last() else { return Ok(offences) };
        after = *last;
        for redeemed in &page {
            let Some(rules) = book.get(&(redeemed.1, redeemed.2)) else { continue };
            if let Some(why) = against_rules(rules, redeemed, &tree, &calendar) {
                offences.note(redeemed.0, || why.to_owned());
            }
        }
    }
}

fn against_rules(
    rules: &TemplateRules,
    (_, _, _, store, redeemed_at): &Redeemed,
    tree: &Tree,
    calendar: &HolidayCalendar,
) -> Option<&'static str> {
    if !rules.scope.covers(&tree.path(*store)) {
        return Some("in a store outside the scope of the rules");
    }
    let local = tree.zone(*store).local(*redeemed_at);
    if rules.use_times.allows(local.into(), calendar).is_err() {
        return Some("at a time outside the use times of the rules");
    }
    if !rules.cart_conditions().is_empty() {
        return Some("at a counter, which cannot know the conditions of the rules");
    }
    None
}

/// Fen as money; a column that holds more than money can be is taken as the most.
pub(super) fn money(fen: i64) -> Money {
    Money::from_fen(fen)
}
