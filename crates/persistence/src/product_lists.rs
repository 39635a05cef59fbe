//! Lists of products for staff.

use diesel::prelude::*;
use huike_kernel::{CategoryId, ProductId};
use huike_orders::catalogue::ArticleState;

use crate::{
    Db, StoreError,
    products::{Product, Row},
    schema::{product, sku},
    sql_types::DbId,
    template_lists::{containing, lower},
};

/// What narrows a list.
#[derive(Debug, Clone, Default)]
pub struct ProductFilter {
    /// Only in these categories.
    pub categories: Option<Vec<CategoryId>>,
    /// Only in this state.
    pub state: Option<ArticleState>,
    /// Only of this maker.
    pub brand: Option<String>,
    /// Only those whose name or code, or a SKU's code or barcode, holds this text.
    pub text: Option<String>,
}

/// Products, newest first, `limit` of them before `before`.
pub fn list(
    db: &mut Db,
    filter: &ProductFilter,
    before: Option<ProductId>,
    limit: i64,
) -> Result<Vec<Product>, StoreError> {
    let mut query = product::table.order(product::id.desc()).limit(limit).select(Row::as_select()).into_boxed();
    if let Some(before) = before {
        query = query.filter(product::id.lt(DbId::from(before)));
    }
    if let Some(categories) = &filter.categories {
        query = query.filter(product::category_id.eq_any(DbId::list(categories)));
    }
    if let Some(state) = filter.state {
        query = query.filter(product::state.eq(state.as_str()));
    }
    if let Some(brand) = &filter.brand {
        query = query.filter(product::brand.eq(brand));
    }
    if let Some(text) = &filter.text {
        let pattern = containing(text);
        // Codes are capitals; the barcode is asked for as a whole, as a scanner reads it.
        let of_sku = sku::table
            .filter(
                lower(sku::code).like(pattern.clone()).escape('\\').or(sku::barcode.eq(text.trim()).assume_not_null()),
            )
            .select(sku::product_id);
        let named = lower(product::name).like(pattern.clone()).escape('\\');
        let coded = lower(product::code).like(pattern).escape('\\');
        query = query.filter(named.or(coded).or(product::id.eq_any(of_sku)));
    }
    let rows: Vec<Row> = query.load(db)?;
    rows.into_iter().map(Product::try_from).collect()
}
