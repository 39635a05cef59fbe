//! What staff see of products and SKUs, and what they say of them.

use chrono::{DateTime, Utc};
use huike_access::{Permission, Scope};
use huike_kernel::{CategoryId, Paragraph, ProductId, SkuId, Text};
use huike_orders::{
    CatalogueError,
    catalogue::{ArticleCode, ArticleState, Barcode, CategoryCode, LowStockPolicy, ProductForm, SkuForm, SkuPrices},
};
use huike_persistence::skus::Sku;
use huike_usecases::{UseCaseError, catalogue::Catalogued};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::{
    auth::StaffContext,
    problem::{FieldError, Problem},
};

/// A product with its SKUs.
#[derive(Serialize, ToSchema)]
pub struct ProductView {
    /// Its id.
    id: ProductId,
    /// The code it is known by.
    code: ArticleCode,
    /// The category it is in.
    category_id: CategoryId,
    /// The codes of that category and those above it, from the root down: what a line of a cart says.
    category_path: Vec<CategoryCode>,
    /// Its name.
    #[schema(example = "一段奶粉")]
    name: Text<120>,
    /// The brand of its maker.
    brand: Option<Text<60>>,
    /// Free labels.
    tags: Vec<Text<30>>,
    /// Addresses of its pictures, the first is the main one.
    #[schema(example = json!(["https://cdn.example.com/milk-1.jpg"]))]
    images: Vec<String>,
    /// What it is, at length.
    description: Option<Paragraph<2000>>,
    /// Whether it is on sale.
    state: ArticleState,
    /// Counts the changes; to be given back with an act on it.
    version: i64,
    /// Its SKUs, in the order they were made.
    skus: Vec<SkuView>,
    /// When it was added.
    created_at: DateTime<Utc>,
    /// When it was last changed.
    updated_at: DateTime<Utc>,
}

/// A SKU.
#[derive(Serialize, ToSchema)]
pub struct SkuView {
    /// Its id.
    id: SkuId,
    /// What it is a size or colour of.
    product_id: ProductId,
    /// The code it is known by.
    code: ArticleCode,
    /// What tells it from the other SKUs of the product.
    #[schema(example = "900克")]
    name: Text<60>,
    /// What a scanner reads.
    barcode: Option<Barcode>,
    /// Its prices; `cost` is null for whoever may not see it.
    prices: SkuPrices,
    /// What a unit weighs.
    #[schema(minimum = 0)]
    weight_grams: u32,
    /// What is done when it runs low.
    low_stock_policy: Option<LowStockPolicy>,
    /// Whether it is on sale.
    state: ArticleState,
    /// Counts the changes; to be given back with an act on it.
    version: i64,
    /// When it was last changed.
    updated_at: DateTime<Utc>,
}

/// Whether somebody may see what goods cost the brand.
pub(super) fn sees_cost(who: &StaffContext) -> bool {
    Scope::of(&who.roles, Permission::ProductCost).is_held_anywhere()
}

/// Of a form that is not sound every fault is told, each at its place.
pub(super) fn explain(error: UseCaseError) -> Problem {
    let UseCaseError::Catalogue(CatalogueError::FormInvalid(problems)) = &error else {
        return error.into();
    };
    let faults = problems.iter();
    let faults = faults.map(|it| FieldError::new(it.pointer.clone(), it.fault.code(), it.fault.to_string())).collect();
    Problem::from(error).with_errors(faults)
}

impl SkuView {
    /// The SKU, with what it costs or without.
    pub(super) fn new(it: Sku, with_cost: bool) -> Self {
        let SkuForm { code, name, barcode, prices, weight_grams, low_stock_policy } = it.form;
        Self {
            id: it.id,
            product_id: it.product,
            code,
            name,
            barcode,
            prices: SkuPrices { cost: prices.cost.filter(|_| with_cost), ..prices },
            weight_grams,
            low_stock_policy,
            state: it.state,
            version: it.version,
            updated_at: it.updated_at,
        }
    }
}

impl ProductView {
    /// The product, with what its SKUs cost or without.
    pub(super) fn new(it: Catalogued, with_cost: bool) -> Self {
        let ProductForm { code, category, name, brand, tags, images, description } = it.product.form;
        Self {
            id: it.product.id,
            code,
            category_id: category,
            category_path: it.path,
            name,
            brand,
            tags,
            images,
            description,
            state: it.product.state,
            version: it.product.version,
            skus: it.skus.into_iter().map(|sku| SkuView::new(sku, with_cost)).collect(),
            created_at: it.product.created_at,
            updated_at: it.product.updated_at,
        }
    }
}

/// A SKU to add.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "code": "MILK-1-400G", "name": "400克", "prices": { "list": "168.00", "sale": "158.00", "minimum": "120.00", "cost": "96.00" },
    "weight_grams": 400, "low_stock_policy": "replenish"
}))]
pub struct SkuRequest {
    /// The code it is known by, unique in the brand; it stays. Capitals are made of small letters.
    pub(super) code: ArticleCode,
    /// What tells it from the other SKUs of the product, up to 60 characters.
    name: Text<60>,
    /// What a scanner reads, unique in the brand.
    barcode: Option<Barcode>,
    /// Its prices.
    prices: SkuPrices,
    /// What a unit weighs.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 100_000_000)]
    weight_grams: u32,
    /// What is done when it runs low.
    low_stock_policy: Option<LowStockPolicy>,
}

impl From<SkuRequest> for SkuForm {
    fn from(ask: SkuRequest) -> Self {
        let SkuRequest { code, name, barcode, prices, weight_grams, low_stock_policy } = ask;
        Self { code, name, barcode, prices, weight_grams, low_stock_policy }
    }
}

/// What is said of a SKU from now on, all of it; the code stays.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "version": 1, "name": "900克", "barcode": "6901234567892", "prices": { "list": "298.00", "sale": "268.00" }, "weight_grams": 900,
    "low_stock_policy": "clear_out"
}))]
pub struct EditSkuRequest {
    /// `version` as the caller has seen it; refused when it has changed since.
    pub(super) version: i64,
    /// What tells it from the other SKUs of the product, up to 60 characters.
    name: Text<60>,
    /// What a scanner reads, unique in the brand.
    barcode: Option<Barcode>,
    /// Its prices.
    prices: SkuPrices,
    /// What a unit weighs.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 100_000_000)]
    weight_grams: u32,
    /// What is done when it runs low.
    low_stock_policy: Option<LowStockPolicy>,
}

impl EditSkuRequest {
    /// The form, under the code that it has.
    pub(super) fn form(&self, code: ArticleCode) -> SkuForm {
        SkuForm {
            code,
            name: self.name.clone(),
            barcode: self.barcode.clone(),
            prices: self.prices,
            weight_grams: self.weight_grams,
            low_stock_policy: self.low_stock_policy,
        }
    }
}

/// A product to add.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "code": "MILK-1", "category_id": "01936f5e-7d2a-7c3e-9a41-5b6c7d8e9f00", "name": "一段奶粉", "brand": "小象", "tags": ["进口"],
    "images": ["https://cdn.example.com/milk-1.jpg"],
    "skus": [{ "code": "MILK-1-900G", "name": "900克", "prices": { "list": "298.00", "cost": "180.00" }, "weight_grams": 900 }]
}))]
pub struct ProductRequest {
    /// The code it is known by, unique in the brand; it stays. Capitals are made of small letters.
    code: ArticleCode,
    /// The category it is in.
    category_id: CategoryId,
    /// Its name, up to 120 characters.
    name: Text<120>,
    /// The brand of its maker, up to 60 characters.
    brand: Option<Text<60>>,
    /// Free labels, at most 20.
    #[serde(default)]
    tags: Vec<Text<30>>,
    /// https addresses of its pictures, at most 9; the first is the main one.
    #[serde(default)]
    images: Vec<String>,
    /// What it is, up to 2 000 characters.
    description: Option<Paragraph<2000>>,
    /// The SKUs it begins with, at most 20; more can be added.
    #[serde(default)]
    #[validate(length(max = 20), nested)]
    pub(super) skus: Vec<SkuRequest>,
}

impl ProductRequest {
    /// What is said of the product, and of its SKUs.
    pub(super) fn forms(self) -> (ProductForm, Vec<SkuForm>) {
        let Self { code, category_id, name, brand, tags, images, description, skus } = self;
        let form = ProductForm { code, category: category_id, name, brand, tags, images, description };
        (form, skus.into_iter().map(SkuForm::from).collect())
    }
}

/// What is said of a product from now on, all of it; the code stays.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "version": 1, "category_id": "01936f5e-7d2a-7c3e-9a41-5b6c7d8e9f00", "name": "一段奶粉（新版）", "brand": "小象", "tags": ["进口", "新品"]
}))]
pub struct EditProductRequest {
    /// `version` as the caller has seen it; refused when it has changed since.
    pub(super) version: i64,
    /// The category it is in.
    category_id: CategoryId,
    /// Its name, up to 120 characters.
    name: Text<120>,
    /// The brand of its maker, up to 60 characters.
    brand: Option<Text<60>>,
    /// Free labels, at most 20.
    #[serde(default)]
    tags: Vec<Text<30>>,
    /// https addresses of its pictures, at most 9; the first is the main one.
    #[serde(default)]
    images: Vec<String>,
    /// What it is, up to 2 000 characters.
    description: Option<Paragraph<2000>>,
}

impl EditProductRequest {
    /// The form, under the code that it has.
    pub(super) fn form(&self, code: ArticleCode) -> ProductForm {
        ProductForm {
            code,
            category: self.category_id,
            name: self.name.clone(),
            brand: self.brand.clone(),
            tags: self.tags.clone(),
            images: self.images.clone(),
            description: self.description.clone(),
        }
    }
}
