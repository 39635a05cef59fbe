//! What reading a table of SKUs came to, row by row.

use serde::Serialize;

use super::CatalogueFault;

/// The most refusals that a report lists; all are counted.
const REFUSALS_SHOWN_MAX: usize = 1_000;

/// Why a row is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportFault {
    /// A cell that must be filled is empty.
    CellEmpty,
    /// A cell that cannot be read as what the column holds.
    CellUnsound,
    /// The form that the row makes has a fault; see the form's own words.
    Form(CatalogueFault),
    /// The SKU stands in an earlier row.
    SkuTwice,
    /// An earlier row says something else of the same product.
    ProductDiffers,
    /// There is no such category, or it is archived.
    CategoryUnknown,
    /// The product or SKU is archived.
    Archived,
    /// The SKU belongs to another product.
    OfOtherProduct,
    /// Another SKU has the barcode.
    BarcodeTaken,
    /// The product would have more SKUs than one may have.
    SkusTooMany,
}

impl ImportFault {
    /// The word that a report says it by.
    pub const fn word(self) -> &'static str {
        match self {
            Self::CellEmpty => "cell_empty",
            Self::CellUnsound => "cell_unsound",
            Self::Form(fault) => fault.code(),
            Self::SkuTwice => "sku_twice",
            Self::ProductDiffers => "product_differs",
            Self::CategoryUnknown => "category_unknown",
            Self::Archived => "archived",
            Self::OfOtherProduct => "of_other_product",
            Self::BarcodeTaken => "barcode_taken",
            Self::SkusTooMany => "skus_too_many",
        }
    }
}

impl Serialize for ImportFault {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

/// A refused row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RefusedRow {
    /// Its line in the file, counted from one.
    pub line: usize,
    /// The column at fault, where it is one.
    pub column: Option<&'static str>,
    /// Why.
    pub reason: ImportFault,
}

/// What reading a file came to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ImportReport {
    /// Rows with something in them.
    pub rows: usize,
    /// SKUs that are new.
    pub created: usize,
    /// SKUs that say something else from now on.
    pub updated: usize,
    /// SKUs that are in the catalogue as the file has them.
    pub unchanged: usize,
    /// Rows refused. Where there is one, nothing of the file is taken.
    pub refused: usize,
    /// The first refusals.
    pub refusals: Vec<RefusedRow>,
}

impl ImportReport {
    /// Notes a refusal.
    pub fn refuse(&mut self, line: usize, column: Option<&'static str>, reason: ImportFault) {
        self.refused = self.refused.saturating_add(1);
        if self.refusals.len() < REFUSALS_SHOWN_MAX {
            self.refusals.push(RefusedRow { line, column, reason });
        }
    }
}
