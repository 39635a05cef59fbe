//! The catalogue (商品目录): categories, products and the SKUs that are sold of them. It is the brand's: the head owns
//! it, and every site sells from it.

mod category;
mod code;
mod error;
mod import;
mod product;
mod report;
mod sku;

pub use category::{CATEGORIES_MAX, CATEGORY_DEPTH_MAX, decide_category_archive, decide_category_below};
pub use code::{ArticleCode, Barcode, CategoryCode};
pub use error::{CatalogueError, CatalogueFault, CatalogueProblem};
pub use import::{COLUMNS, IMPORT_ROWS_MAX, ImportColumns, ImportReading, ImportRow, ImportTable, fault_of_row};
pub use product::{IMAGES_MAX, ProductForm, SKUS_MAX, TAGS_MAX};
pub use report::{ImportFault, ImportReport, RefusedRow};
pub use sku::{LowStockPolicy, SkuForm, SkuPrices, UNIT_PRICE_MAX_FEN, WEIGHT_MAX_GRAMS};

huike_kernel::words! {
    /// Whether something of the catalogue is on sale.
    ArticleState, "article state" {
        /// It is.
        Active = "active",
        /// It is history: past orders still name it, nothing new does.
        Archived = "archived",
    }
}
