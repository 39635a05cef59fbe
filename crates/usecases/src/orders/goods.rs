//! The catalogue's own goods as a cart: what is priced is what the catalogue says, whatever the client thinks.

use std::collections::{BTreeMap, BTreeSet};

use huike_kernel::{ProductId, SkuId};
use huike_orders::{
    OrderError,
    catalogue::ArticleState,
    order::{Item, check_items},
};
use huike_persistence::{
    Db, StoreError,
    categories::CategoryTree,
    products::{self, Product},
    skus::{self, Sku},
};
use huike_pricing::{
    Cart, CartLine,
    cart::{PriceSource, SourcedPrice},
};

use crate::UseCaseError;

/// Goods of the catalogue, ready to be priced.
#[derive(Debug)]
pub struct Goods {
    /// The cart. A line is named by its SKU's id.
    pub cart: Cart,
    /// What each line is.
    pub(super) articles: BTreeMap<String, Article>,
}

/// A SKU as an order names it.
#[derive(Debug, Clone)]
pub(super) struct Article {
    pub(super) sku: SkuId,
    pub(super) code: String,
    pub(super) name: String,
}

impl Article {
    pub(super) fn of(sku: &Sku, product: &Product) -> Self {
        let name = format!("{} {}", product.form.name, sku.form.name);
        Self { sku: sku.id, code: sku.form.code.to_string(), name }
    }
}

impl Goods {
    /// Reads what is wanted. A SKU that is not on sale is named by its place in the list.
    pub fn load(db: &mut Db, items: &[Item]) -> Result<Self, UseCaseError> {
        check_items(items)?;
        let wanted: BTreeSet<SkuId> = items.iter().map(|item| item.sku_id).collect();
        let found: BTreeMap<SkuId, Sku> = skus::find_many(db, &wanted)?.into_iter().map(|sku| (sku.id, sku)).collect();
        let products = products_of(db, found.values())?;
        let tree = CategoryTree::load(db)?;
        let (mut lines, mut articles) = (Vec::with_capacity(items.len()), BTreeMap::new());
        for (index, item) in items.iter().enumerate() {
            let sku = found.get(&item.sku_id).filter(|sku| sku.state == ArticleState::Active);
            let product = sku.and_then(|sku| products.get(&sku.product));
            let (Some(sku), Some(product)) = (sku, product.filter(|it| it.state == ArticleState::Active)) else {
                return Err(OrderError::SkuUnavailable { index }.into());
            };
            let line = line_of(sku, product, (&tree, item.quantity));
            articles.insert(line.id.clone(), Article::of(sku, product));
            lines.push(line);
        }
        Ok(Self { cart: Cart { lines, shipping: Vec::new() }, articles })
    }
}

/// The products of the SKUs.
pub(super) fn products_of<'s>(
    db: &mut Db,
    skus: impl Iterator<Item = &'s Sku>,
) -> Result<BTreeMap<ProductId, Product>, StoreError> {
    let ids: BTreeSet<ProductId> = skus.map(|sku| sku.product).collect();
    Ok(products::find_many(db, &ids)?.into_iter().map(|product| (product.id, product)).collect())
}

fn line_of(sku: &Sku, product: &Product, (tree, quantity): (&CategoryTree, u32)) -> CartLine {
    let prices = &sku.form.prices;
    let sale = prices.sale.map(|price| SourcedPrice { source: PriceSource::Sale, price });
    CartLine {
        id: sku.id.to_string(),
        sku: sku.form.code.to_string(),
        product: Some(product.form.code.to_string()),
        categories: tree.path(product.form.category).iter().map(ToString::to_string).collect(),
        brand: product.form.brand.as_ref().map(ToString::to_string),
        tags: product.form.tags.iter().map(ToString::to_string).collect(),
        quantity,
        list_price: prices.list,
        prices: sale.into_iter().collect(),
        minimum_price: prices.minimum,
        deposit: None,
        weight_grams: sku.form.weight_grams,
    }
}
