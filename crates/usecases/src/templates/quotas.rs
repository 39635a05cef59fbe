//! Quotas (分站配额): splitting a template's total among sites, also while it is live.

use huike_access::Permission;
use huike_coupons::{
    TemplateError, TemplateState,
    limits::{Quota, decide_quotas, unassigned},
};
use huike_kernel::NodeId;
use huike_persistence::{
    Db,
    quotas::{self, QuotaRow},
    stock,
    template_lists::Listed,
};
use serde_json::{Value, json};

use super::{Held, TemplateAsk, hold, publish::applied, refuse, save, show};
use crate::{Act, UseCaseError, record};

/// What one site may issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SiteQuota {
    /// The site.
    pub site: NodeId,
    /// The most it may issue.
    pub quota: i64,
}

/// All quotas of a template. A site that is not named draws on the remainder; an empty list puts everything in one pot.
#[derive(Debug, Clone)]
pub struct SetQuotas {
    /// Which template.
    pub ask: TemplateAsk,
    /// The sites that have one.
    pub quotas: Vec<SiteQuota>,
}

/// Sets all quotas at once.
pub fn set_quotas(db: &mut Db, act: &Act<'_>, set: &SetQuotas) -> Result<Listed, UseCaseError> {
    let mut held = hold(db, act, set.ask, Permission::CouponQuota)?;
    if held.template.state == TemplateState::Ended {
        return Err(refuse(TemplateError::Ended));
    }
    check_sites(db, held.template.site, &set.quotas)?;
    // Quota rows before the stock row, as claims take them. Where there are none yet, claims only meet us at the stock.
    let shares = quotas::lock_all(db, held.template.id)?;
    let stock = stock::lock(db, held.template.id)?;
    let quantity = stock.as_ref().map_or(held.version.rules.quantity, |stock| stock.quantity);
    let own = shares.iter().find(|share| share.node == held.template.site);
    let own_issued = own.map_or(stock.as_ref().map_or(0, |stock| stock.issued), |own| own.issued);
    let wanted = merge(held.template.site, &shares, &set.quotas);
    decide_quotas(quantity, own_issued, &wanted)?;
    let remainder = QuotaRow { node: held.template.site, quota: unassigned(quantity, &wanted), issued: own_issued };
    write(db, &held, (&shares, &set.quotas), &wanted, remainder)?;
    save(db, act, &mut held)?;
    let trace = trace(&set.quotas, remainder.quota);
    record::emit(db, act, held.place, held.aggregate(), ("template_quotas_set", trace.clone()))?;
    let change = held.change("coupon_template.set_quotas", trace_of_rows(&held, &shares), trace);
    record::audit(db, act, held.place.site, change)?;
    show(db, set.ask.template)
}

fn check_sites(db: &mut Db, owner: NodeId, quotas: &[SiteQuota]) -> Result<(), UseCaseError> {
    let sites: Vec<NodeId> = quotas.iter().map(|quota| quota.site).collect();
    let below = quotas::sites_below(db, owner, &sites)?;
    match sites.iter().position(|site| !below.contains(site)) {
        Some(index) => Err(refuse(TemplateError::QuotaNotBelow { index })),
        None => Ok(()),
    }
}

/// The wanted quotas with what each site has issued; after them, at nothing, the sites that are no longer named.
fn merge(owner: NodeId, shares: &[QuotaRow], wanted: &[SiteQuota]) -> Vec<Quota> {
    let issued = |site| shares.iter().find(|share| share.node == site).map_or(0, |share| share.issued);
    let named = wanted.iter().map(|want| Quota { node: want.site, quota: want.quota, issued: issued(want.site) });
    let is_named = |node| node == owner || wanted.iter().any(|want| want.site == node);
    let dropped = shares.iter().filter(|share| !is_named(share.node));
    named.chain(dropped.map(|share| Quota { node: share.node, quota: 0, issued: share.issued })).collect()
}

fn write(
    db: &mut Db,
    held: &Held,
    (shares, named): (&[QuotaRow], &[SiteQuota]),
    wanted: &[Quota],
    remainder: QuotaRow,
) -> Result<(), UseCaseError> {
    let template = held.template.id;
    if named.is_empty() {
        return Ok(quotas::remove_all(db, template)?);
    }
    for quota in wanted {
        let is_named = named.iter().any(|want| want.site == quota.node);
        if is_named {
            let row = QuotaRow { node: quota.node, quota: quota.quota, issued: quota.issued };
            applied(quotas::put(db, template, held.template.site, &row)?)?;
        } else if shares.iter().any(|share| share.node == quota.node) {
            applied(quotas::remove(db, template, quota.node)?)?;
        }
    }
    applied(quotas::put(db, template, held.template.site, &remainder)?)
}

fn trace(quotas: &[SiteQuota], remainder: i64) -> Value {
    let rows: Vec<Value> = quotas.iter().map(|row| json!({ "site_id": row.site, "quota": row.quota })).collect();
    json!({ "quotas": rows, "remainder": remainder })
}

fn trace_of_rows(held: &Held, shares: &[QuotaRow]) -> Value {
    let own = shares.iter().find(|share| share.node == held.template.site);
    let sites = shares.iter().filter(|share| share.node != held.template.site);
    let sites: Vec<SiteQuota> = sites.map(|share| SiteQuota { site: share.node, quota: share.quota }).collect();
    own.map_or(Value::Null, |own| trace(&sites, own.quota))
}
