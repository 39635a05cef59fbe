//! Reading a stock.

use huike_access::Permission;
use huike_kernel::{NodeId, SkuId};
use huike_persistence::{
    Db,
    sku_stock::{self, Stock},
    skus::{self, Sku},
};

use crate::{Caller, UseCaseError};

/// What lies of a SKU at a place, if the caller may know; `None` where none of it ever did.
pub fn find_stock(
    db: &mut Db,
    caller: &Caller,
    (sku, site): (SkuId, NodeId),
) -> Result<(Sku, Option<Stock>), UseCaseError> {
    caller.reach(db, site, Permission::StockRead, "node")?;
    let found = skus::find(db, sku)?.ok_or(UseCaseError::NotFound("SKU"))?;
    Ok((found, sku_stock::find(db, sku, site)?))
}
