//! Which lines of a cart an offer or a condition speaks of.

use huike_kernel::Money;
use serde::{Deserialize, Serialize};

use crate::cart::CartLine;

/// Lines, by what they are. Every list that is empty narrows nothing; a line is in when any included key is its own and
/// no excluded one is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LineScope {
    /// Lines of these.
    #[serde(skip_serializing_if = "LineKeys::is_empty")]
    pub include: LineKeys,
    /// But not of these.
    #[serde(skip_serializing_if = "LineKeys::is_empty")]
    pub exclude: LineKeys,
    /// Units that cost at least so much before discounts.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub unit_price_at_least: Option<Money>,
    /// Units that cost at most so much before discounts.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub unit_price_at_most: Option<Money>,
    /// Lines of at least so many units.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line_quantity_at_least: Option<u32>,
    /// Not lines that are sold below their list price already.
    pub full_price_only: bool,
    /// For offers on shipping: only these methods.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub shipping_methods: Vec<String>,
}

/// Keys of lines, by kind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LineKeys {
    /// SKUs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub skus: Vec<String>,
    /// Products.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub products: Vec<String>,
    /// Categories, at any height of the path.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<String>,
    /// Product brands.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub brands: Vec<String>,
    /// Labels.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
}

impl LineKeys {
    /// Whether nothing is named.
    pub fn is_empty(&self) -> bool {
        self.lists().into_iter().all(<[String]>::is_empty)
    }

    /// How many keys are named.
    pub fn len(&self) -> usize {
        self.lists().into_iter().map(<[String]>::len).sum()
    }

    /// The five lists, in the order of their kinds.
    pub(crate) fn lists(&self) -> [&[String]; 5] {
        [&self.skus, &self.products, &self.categories, &self.brands, &self.tags]
    }
}

impl LineScope {
    /// Whether it speaks of every line.
    pub(crate) fn is_everything(&self) -> bool {
        self.include.is_empty()
            && self.exclude.is_empty()
            && self.unit_price_at_least.is_none()
            && self.unit_price_at_most.is_none()
            && self.line_quantity_at_least.is_none()
            && !self.full_price_only
    }

    /// Lines of these SKUs.
    pub fn of_skus<S: Into<String>>(skus: impl IntoIterator<Item = S>) -> Self {
        let skus = skus.into_iter().map(Into::into).collect();
        Self { include: LineKeys { skus, ..LineKeys::default() }, ..Self::default() }
    }

    /// Lines in these categories.
    pub fn of_categories<S: Into<String>>(categories: impl IntoIterator<Item = S>) -> Self {
        let categories = categories.into_iter().map(Into::into).collect();
        Self { include: LineKeys { categories, ..LineKeys::default() }, ..Self::default() }
    }
}

impl LineKeys {
    /// Whether any of the keys is the line's own. The lists are sorted; see [`LineKeys::sort`].
    pub(crate) fn name(&self, line: &CartLine) -> bool {
        let has = |list: &[String], key: &str| list.binary_search_by(|known| known.as_str().cmp(key)).is_ok();
        has(&self.skus, &line.sku)
            || line.product.as_deref().is_some_and(|product| has(&self.products, product))
            || line.brand.as_deref().is_some_and(|brand| has(&self.brands, brand))
            || line.categories.iter().any(|category| has(&self.categories, category))
            || line.tags.iter().any(|tag| has(&self.tags, tag))
    }

    /// Puts the lists in the order that looking up needs.
    pub(crate) fn sort(&mut self) {
        for list in [&mut self.skus, &mut self.products, &mut self.categories, &mut self.brands, &mut self.tags] {
            list.sort_unstable();
            list.dedup();
        }
    }
}

impl LineScope {
    /// Puts the lists in the order that looking up needs.
    pub(crate) fn sort(&mut self) {
        self.include.sort();
        self.exclude.sort();
        self.shipping_methods.sort_unstable();
        self.shipping_methods.dedup();
    }
}
