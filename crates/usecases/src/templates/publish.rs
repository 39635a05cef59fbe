//! Publication (投放): an approved version becomes the one that coupons are issued under.

use huike_access::Permission;
use huike_coupons::{
    VersionState,
    limits::{Quota, unassigned},
    rules::TemplateRules,
    template::{PublishFacts, decide_publish},
};
use huike_kernel::Money;
use huike_persistence::{
    Db, Outcome, StoreError,
    quotas::{self, QuotaRow},
    stock::{self, Stock},
    template_lists::Listed,
    templates,
};

use super::{Held, TemplateAsk, hold, show, walk};
use crate::{Act, UseCaseError};

/// Publishes the newest version, which was approved.
pub fn publish(db: &mut Db, act: &Act<'_>, ask: TemplateAsk) -> Result<Listed, UseCaseError> {
    let mut held = hold(db, act, ask, Permission::CouponPublish)?;
    publish_held(db, act, &mut held)?;
    show(db, ask.template)
}

pub(super) fn publish_held(db: &mut Db, act: &Act<'_>, held: &mut Held) -> Result<(), UseCaseError> {
    let before = held.trace();
    let shares = quotas::lock_all(db, held.template.id)?;
    let stock = stock::lock(db, held.template.id)?;
    let facts = PublishFacts {
        now: act.now,
        issued: stock.as_ref().map_or(0, |stock| stock.issued),
        assigned: taken_of_total(held, &shares),
        used: Money::from_fen(stock.as_ref().map_or(0, |stock| stock.committed_fen.saturating_add(stock.spent_fen))),
    };
    let step = decide_publish(&held.facts(), &held.version.rules, &facts)?;
    supersede_live(db, held)?;
    held.template.live_version = Some(held.version.number);
    held.template.kind = held.version.rules.effect.kind().to_owned();
    set_remainder(db, held, &shares)?;
    set_stock(db, held, stock.is_some())?;
    walk(db, act, held, step, ("coupon_template.publish", before))
}

/// What is no longer free to assign: the sites' quotas, and what the owner has issued of the remainder.
fn taken_of_total(held: &Held, shares: &[QuotaRow]) -> i64 {
    let taken = |share: &QuotaRow| if share.node == held.template.site { share.issued } else { share.quota };
    shares.iter().map(taken).fold(0, i64::saturating_add)
}

fn supersede_live(db: &mut Db, held: &Held) -> Result<(), UseCaseError> {
    let Some(number) = held.template.live_version else { return Ok(()) };
    let mut old = templates::get_version(db, held.template.id, number)?;
    old.state = VersionState::Superseded;
    Ok(templates::update_version(db, &old)?)
}

/// The owner's share is whatever the new total leaves.
fn set_remainder(db: &mut Db, held: &Held, shares: &[QuotaRow]) -> Result<(), UseCaseError> {
    let owner = held.template.site;
    let Some(own) = shares.iter().find(|share| share.node == owner) else { return Ok(()) };
    let others: Vec<Quota> = shares.iter().filter(|share| share.node != owner).map(as_quota).collect();
    let quota = unassigned(held.version.rules.quantity, &others);
    applied(quotas::put(db, held.template.id, owner, &QuotaRow { quota, ..*own })?)
}

pub(super) fn as_quota(share: &QuotaRow) -> Quota {
    Quota { node: share.node, quota: share.quota, issued: share.issued }
}

fn set_stock(db: &mut Db, held: &Held, exists: bool) -> Result<(), UseCaseError> {
    let TemplateRules { quantity, budget, .. } = held.version.rules;
    let budget = budget.map(|budget| budget.total);
    if exists {
        return applied(stock::set_totals(db, held.template.id, quantity, budget)?);
    }
    Ok(stock::insert(db, &Stock::new(held.template.id, held.template.site, quantity, budget))?)
}

/// The rows are locked and the figures were checked, so a guard that refuses means that they do not add up.
pub(super) fn applied(outcome: Outcome) -> Result<(), UseCaseError> {
    match outcome {
        Outcome::Applied => Ok(()),
        Outcome::Refused => Err(StoreError::corrupt("coupon_stock", "stock and quotas do not add up").into()),
    }
}
