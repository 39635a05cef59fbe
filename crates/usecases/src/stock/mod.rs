//! The stock (库存): what lies of a SKU at a site or store. What staff do with goods is here; what orders do is in
//! [`reserve`].
//!
//! Every act moves stock by guarded writes in the order of (SKU, place), notes a movement for each, and tells of it by an
//! event whose aggregate is the stock.

mod goods;
mod movements;
mod read;
pub mod reserve;
mod transfers;

pub use goods::{
    Batch, Count, Counted, DamageAsk, Moved, MovedLine, ReceiptAsk, ReceiptLine, SafetyAsk, count_stock, receive_goods,
    record_damage, set_safety,
};
pub use read::find_stock;
pub use transfers::{
    StatedLines, TransferAsk, TransferCancel, cancel_transfer, find_transfer, receive_transfer, request_transfer,
    send_transfer,
};

use std::collections::BTreeSet;

use huike_access::Permission;
use huike_kernel::{NodeId, SkuId};
use huike_orders::{CatalogueError, StockError, catalogue::ArticleState};
use huike_persistence::{Db, nodes, sku_stock, skus};
use huike_sites::{Node, NodeKind, NodeState, SitesError};
use uuid::Uuid;

use crate::{Act, UseCaseError};

/// A site or store whose stock the caller may move.
fn depot(db: &mut Db, act: &Act<'_>, site: NodeId, permission: Permission) -> Result<Node, UseCaseError> {
    act.reach(db, site, permission, "node")?;
    let node = nodes::find(db, site)?.ok_or(UseCaseError::NotFound("node"))?;
    if !matches!(node.kind, NodeKind::Site | NodeKind::Store) {
        return Err(StockError::NodeUnfit.into());
    }
    Ok(node)
}

/// Nothing new comes to a place that is closed; what lies there may leave.
fn open(node: &Node) -> Result<(), UseCaseError> {
    if node.state == NodeState::Closed {
        return Err(SitesError::NodeClosed { node: node.id }.into());
    }
    Ok(())
}

/// Every SKU is one of the catalogue; with `on_sale` one that is still on sale.
fn known(db: &mut Db, wanted: impl Iterator<Item = SkuId>, on_sale: bool) -> Result<(), UseCaseError> {
    let wanted: BTreeSet<SkuId> = wanted.collect();
    let found = skus::find_many(db, &wanted)?;
    if found.len() != wanted.len() {
        return Err(UseCaseError::NotFound("SKU"));
    }
    if on_sale && found.iter().any(|sku| sku.state == ArticleState::Archived) {
        return Err(CatalogueError::SkuArchived.into());
    }
    Ok(())
}

/// Makes the stocks that are not there yet.
fn open_stocks(
    db: &mut Db,
    act: &Act<'_>,
    site: NodeId,
    skus: impl Iterator<Item = SkuId>,
) -> Result<(), UseCaseError> {
    let wanted: Vec<(SkuId, Uuid)> = skus.map(|sku| (sku, act.new_id())).collect();
    Ok(sku_stock::open_all(db, site, &wanted, act.now)?)
}
