//! Quotas (分站配额): a template's total split among sites.
//!
//! Rows exist only where somebody has split the total. Then every node that was given a quota has a row, and the owner's
//! own row holds what is left: it serves every site without a row of its own. A quota counts from the day it is given;
//! what was issued before stays on the owner's row, so that the rows together always hold the quantity and what was
//! issued.

use diesel::prelude::*;
use huike_kernel::{NodeId, TemplateId};
use huike_sites::NodeKind;

use crate::{
    Db, Outcome, StoreError,
    db::each,
    schema::{
        coupon_quota::{self, dsl},
        node, node_closure,
    },
    scope::subtree,
    sql_types::DbId,
};

/// The share of one node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Queryable)]
pub struct QuotaRow {
    /// The node: a site, or the owner with the remainder.
    pub node: NodeId,
    /// The most it may issue.
    pub quota: i64,
    /// What it has issued since it got the quota.
    pub issued: i64,
}

/// What taking from a quota came to.
#[must_use]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuotaTake {
    /// The total is not split: the stock alone decides. Ask [`is_split`] again once the stock row is locked: the total
    /// may have been split in between.
    Unsplit,
    /// Taken.
    Applied,
    /// The node's share, or the remainder, does not hold so many.
    Refused,
}

/// Takes so many from the share of the site of the act, or from the owner's remainder where it has none.
pub fn take(
    db: &mut Db,
    template: TemplateId,
    owner: NodeId,
    site: NodeId,
    count: i64,
) -> Result<QuotaTake, StoreError> {
    let holders: Vec<NodeId> = dsl::coupon_quota
        .filter(dsl::template_id.eq(DbId::from(template)))
        .filter(dsl::site_id.eq_any(DbId::list([site, owner])))
        .select(dsl::site_id)
        .load(db)?;
    let holder = if holders.contains(&site) { site } else { owner };
    if holders.is_empty() {
        return Ok(QuotaTake::Unsplit);
    }
    let rows = diesel::update(dsl::coupon_quota.find((DbId::from(template), DbId::from(holder))))
        .filter((dsl::issued + count).le(dsl::quota))
        .set(dsl::issued.eq(dsl::issued + count))
        .execute(db)?;
    Ok(if rows == 0 { QuotaTake::Refused } else { QuotaTake::Applied })
}

/// Whether the total is split.
pub fn is_split(db: &mut Db, template: TemplateId) -> Result<bool, StoreError> {
    let any: Option<NodeId> = dsl::coupon_quota
        .filter(dsl::template_id.eq(DbId::from(template)))
        .select(dsl::site_id)
        .first(db)
        .optional()?;
    Ok(any.is_some())
}

/// The shares, by node, as they stand in this snapshot.
pub fn list(db: &mut Db, template: TemplateId) -> Result<Vec<QuotaRow>, StoreError> {
    let query = dsl::coupon_quota.filter(dsl::template_id.eq(DbId::from(template))).order(dsl::site_id).select((
        dsl::site_id,
        dsl::quota,
        dsl::issued,
    ));
    Ok(query.load(db)?)
}

/// The shares of nodes at or below the roots.
pub fn list_in(db: &mut Db, template: TemplateId, roots: &[NodeId]) -> Result<Vec<QuotaRow>, StoreError> {
    let query = dsl::coupon_quota
        .filter(dsl::template_id.eq(DbId::from(template)))
        .filter(dsl::site_id.eq_any(subtree(roots)))
        .order(dsl::site_id)
        .select((dsl::site_id, dsl::quota, dsl::issued));
    Ok(query.load(db)?)
}

/// The shares, locked by node until the transaction ends. The template's row is locked before; the stock row after.
pub fn lock_all(db: &mut Db, template: TemplateId) -> Result<Vec<QuotaRow>, StoreError> {
    let query = dsl::coupon_quota.filter(dsl::template_id.eq(DbId::from(template))).order(dsl::site_id).select((
        dsl::site_id,
        dsl::quota,
        dsl::issued,
    ));
    Ok(match db {
        Db::Sqlite(c) => query.load(c)?,
        Db::Postgres(c) => query.for_update().load(c)?,
    })
}

/// Gives a node a share or moves the share it has. Refused where the node has issued more.
pub fn put(db: &mut Db, template: TemplateId, owner: NodeId, row: &QuotaRow) -> Result<Outcome, StoreError> {
    use diesel::query_dsl::methods::FilterDsl;
    let values = (
        dsl::template_id.eq(DbId::from(template)),
        dsl::site_id.eq(DbId::from(row.node)),
        dsl::template_site_id.eq(DbId::from(owner)),
        dsl::quota.eq(row.quota),
        dsl::issued.eq(row.issued),
    );
    let rows = each!(db, |c| {
        let upsert = diesel::insert_into(coupon_quota::table)
            .values(values)
            .on_conflict((dsl::template_id, dsl::site_id))
            .do_update()
            .set(dsl::quota.eq(row.quota));
        // Named in full: the prelude's `filter` is for queries only.
        FilterDsl::filter(upsert, coupon_quota::issued.le(row.quota)).execute(c)
    })?;
    Ok(Outcome::of(rows))
}

/// Takes a node's share away; from then on it draws on the remainder. Refused where it has issued anything.
pub fn remove(db: &mut Db, template: TemplateId, node: NodeId) -> Result<Outcome, StoreError> {
    let rows = diesel::delete(dsl::coupon_quota.find((DbId::from(template), DbId::from(node))))
        .filter(dsl::issued.eq(0))
        .execute(db)?;
    Ok(Outcome::of(rows))
}

/// Takes all shares away: the stock alone decides again.
pub fn remove_all(db: &mut Db, template: TemplateId) -> Result<(), StoreError> {
    diesel::delete(dsl::coupon_quota.filter(dsl::template_id.eq(DbId::from(template)))).execute(db)?;
    Ok(())
}

/// Those of the nodes that are sites below the owner.
pub fn sites_below(db: &mut Db, owner: NodeId, nodes: &[NodeId]) -> Result<Vec<NodeId>, StoreError> {
    Ok(node::table
        .inner_join(node_closure::table.on(node_closure::node_id.eq(node::id)))
        .filter(node_closure::ancestor_id.eq(DbId::from(owner)))
        .filter(node_closure::depth.gt(0))
        .filter(node::kind.eq(NodeKind::Site.as_str()))
        .filter(node::id.eq_any(DbId::list(nodes)))
        .select(node::id)
        .load(db)?)
}
