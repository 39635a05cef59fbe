//! What held coupons promise: the rules of the versions they were issued under.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use huike_coupons::TemplateRules;
use huike_kernel::{NodeId, TemplateId};

use crate::{
    Db, StoreError,
    schema::{coupon_template, coupon_template_version},
    sql_types::{DbId, DbJson, DbTime},
};

/// What coupons of one version promise, wherever the template stands now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Promise {
    /// What staff call the template.
    pub name: String,
    /// The node that owns it.
    pub site: NodeId,
    /// Whether the kill switch is on.
    pub is_killed: bool,
    /// The rules.
    pub rules: TemplateRules,
}

/// The promises of these versions, in one query.
pub fn list(
    db: &mut Db,
    versions: &BTreeSet<(TemplateId, i64)>,
) -> Result<BTreeMap<(TemplateId, i64), Promise>, StoreError> {
    let templates: BTreeSet<TemplateId> = versions.iter().map(|(template, _)| *template).collect();
    let numbers: BTreeSet<i64> = versions.iter().map(|(_, number)| *number).collect();
    let rows: Vec<(TemplateId, i64, NodeId, String, Option<DbTime>, DbJson)> = coupon_template_version::table
        .inner_join(coupon_template::table)
        .filter(coupon_template_version::template_id.eq_any(DbId::list(&templates)))
        .filter(coupon_template_version::number.eq_any(numbers))
        .select((
            coupon_template_version::template_id,
            coupon_template_version::number,
            coupon_template::site_id,
            coupon_template::name,
            coupon_template::killed_at,
            coupon_template_version::rules,
        ))
        .load(db)?;
    let mut promises = BTreeMap::new();
    for (template, number, site, name, killed_at, rules) in rows {
        if versions.contains(&(template, number)) {
            let rules = rules.parse().map_err(|error| StoreError::corrupt("coupon_template_version", error))?;
            promises.insert((template, number), Promise { name, site, is_killed: killed_at.is_some(), rules });
        }
    }
    Ok(promises)
}
