//! Why something of the catalogue is refused.

use std::fmt;

use huike_kernel::{DomainError, ErrorKind};
use serde_json::{Value, json};

/// One fault of a form, with the JSON pointer of the field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogueProblem {
    /// Where: `/prices/minimum`.
    pub pointer: String,
    /// What.
    pub fault: CatalogueFault,
}

impl fmt::Display for CatalogueProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.pointer, self.fault)
    }
}

/// What can be wrong with a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CatalogueFault {
    /// Below zero, or dearer than anything that a cart takes.
    #[error("a price lies between 0.00 and 10 000 000.00")]
    PriceOutOfRange,
    /// Sold for more than its list price.
    #[error("the price must not exceed the list price")]
    PriceAboveList,
    /// Sold for less than it may be.
    #[error("the price must not lie below the minimum price")]
    PriceBelowMinimum,
    /// Heavier than anything that is shipped.
    #[error("a unit weighs at most 100 000 000 grams")]
    WeightOutOfRange,
    /// More entries than a list takes.
    #[error("the list holds more entries than it may")]
    EntriesTooMany,
    /// The same entry twice.
    #[error("the entry stands in the list already")]
    EntryTwice,
    /// Not an address that everybody may load a picture from.
    #[error("a picture is named by an https address without credentials, of at most 500 characters")]
    ImageAddressUnsound,
}

impl CatalogueFault {
    /// Stable code of the fault, listed in the problem document.
    pub const fn code(self) -> &'static str {
        match self {
            Self::PriceOutOfRange => "price_out_of_range",
            Self::PriceAboveList => "price_above_list",
            Self::PriceBelowMinimum => "price_below_minimum",
            Self::WeightOutOfRange => "weight_out_of_range",
            Self::EntriesTooMany => "entries_too_many",
            Self::EntryTwice => "entry_twice",
            Self::ImageAddressUnsound => "image_address_unsound",
        }
    }
}

/// Why an act on the catalogue is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CatalogueError {
    /// The form is not sound; every fault is told.
    #[error("the product or SKU is not sound")]
    FormInvalid(Vec<CatalogueProblem>),
    /// Categories lie at most so deep.
    #[error("categories lie at most {max} deep")]
    CategoryTooDeep {
        /// How deep.
        max: u32,
    },
    /// There are products or categories in it.
    #[error("the category still holds products or other categories")]
    CategoryInUse,
    /// Nothing new goes into it.
    #[error("the category is archived")]
    CategoryArchived,
    /// It is history.
    #[error("the product is archived")]
    ProductArchived,
    /// It is history.
    #[error("the SKU is archived")]
    SkuArchived,
    /// The file is none that can be read.
    #[error("the file cannot be read as a table")]
    ImportUnreadable,
    /// The first row does not name the columns that are needed.
    #[error("the first row must name the columns")]
    ImportColumnsInvalid {
        /// Needed, and not there.
        missing: Vec<&'static str>,
        /// There, and not known or named twice.
        unknown: Vec<String>,
    },
    /// A row cannot be taken, so none is.
    #[error("a row cannot be taken, so none is")]
    ImportRefused,
    /// More rows than one file takes.
    #[error("a file holds at most {max} rows")]
    ImportTooLong {
        /// How many.
        max: usize,
    },
}

impl DomainError for CatalogueError {
    fn code(&self) -> &'static str {
        match self {
            Self::FormInvalid(_) => "catalogue_form_invalid",
            Self::CategoryTooDeep { .. } => "category_too_deep",
            Self::CategoryInUse => "category_in_use",
            Self::CategoryArchived => "category_archived",
            Self::ProductArchived => "product_archived",
            Self::SkuArchived => "sku_archived",
            Self::ImportUnreadable => "import_unreadable",
            Self::ImportColumnsInvalid { .. } => "import_columns_invalid",
            Self::ImportRefused => "import_refused",
            Self::ImportTooLong { .. } => "import_too_long",
        }
    }

    fn kind(&self) -> ErrorKind {
        match self {
            Self::FormInvalid(_)
            | Self::CategoryTooDeep { .. }
            | Self::ImportUnreadable
            | Self::ImportColumnsInvalid { .. }
            | Self::ImportTooLong { .. } => ErrorKind::Invalid,
            Self::CategoryInUse
            | Self::CategoryArchived
            | Self::ProductArchived
            | Self::SkuArchived
            | Self::ImportRefused => ErrorKind::Conflict,
        }
    }

    fn details(&self) -> Option<Value> {
        match self {
            Self::CategoryTooDeep { max } => Some(json!({ "max": max })),
            Self::ImportTooLong { max } => Some(json!({ "max": max })),
            Self::ImportColumnsInvalid { missing, unknown } => Some(json!({ "missing": missing, "unknown": unknown })),
            _ => None,
        }
    }
}
