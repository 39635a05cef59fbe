//! Where, on what and by whom a coupon may be used.

use huike_kernel::{AreaCode, NodeId, Text};
use serde::{Deserialize, Serialize};

/// The longest list of a scope.
pub const LIST_MAX: usize = 500;

/// A key of the catalogue: product, category or brand, as the merchant's system names it.
pub type CatalogueKey = Text<64>;

/// What a coupon is good for. An empty list does not narrow anything.
///
/// Units are those under the owner of the template; that a unit lies there (or in an alliance) is the site tree's to
/// say. Products, categories, brands and delivery areas are facts of a cart: a counter does not know them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Scope {
    /// Units (机构) it is valid in, each with everything below; empty: all under the owner.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<uuid::Uuid>))]
    pub include_nodes: Vec<NodeId>,
    /// Units taken out again, each with everything below.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<uuid::Uuid>))]
    pub exclude_nodes: Vec<NodeId>,
    /// Products.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub products: Vec<CatalogueKey>,
    /// Categories.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub categories: Vec<CatalogueKey>,
    /// Product brands.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub brands: Vec<CatalogueKey>,
    /// Areas (地区) goods may be delivered to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>, example = json!(["440100"])))]
    pub delivery_areas: Vec<AreaCode>,
}

impl Scope {
    /// Whether the place is inside, given the path from the root to it, itself included.
    pub fn covers(&self, path: &[NodeId]) -> bool {
        let included = self.include_nodes.is_empty() || path.iter().any(|node| self.include_nodes.contains(node));
        included && !path.iter().any(|node| self.exclude_nodes.contains(node))
    }

    /// The conditions only a cart can answer, by name.
    pub fn cart_conditions(&self) -> Vec<&'static str> {
        let lists = [
            (self.products.is_empty(), "products"),
            (self.categories.is_empty(), "categories"),
            (self.brands.is_empty(), "brands"),
            (self.delivery_areas.is_empty(), "delivery_areas"),
        ];
        lists.into_iter().filter(|(empty, _)| !empty).map(|(_, name)| name).collect()
    }
}

/// Whom a coupon is for. Nothing said: everybody.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Audience {
    /// Only customers without an earlier active redemption under the head (新客).
    pub new_customer_only: bool,
    /// Only members of this segment (人群).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, max_length = 64))]
    pub segment: Option<Text<64>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(number: u128) -> NodeId {
        format!("00000000-0000-7000-8000-{number:012}").parse().unwrap()
    }

    #[test]
    fn an_empty_scope_covers_everything_under_the_owner() {
        assert!(Scope::default().covers(&[node(1), node(2)]));
    }

    #[test]
    fn an_included_region_covers_its_stores_except_those_taken_out() {
        let scope = Scope { include_nodes: vec![node(2)], exclude_nodes: vec![node(4)], ..Scope::default() };
        assert!(scope.covers(&[node(1), node(2), node(3)]));
        assert!(!scope.covers(&[node(1), node(2), node(4)]));
        assert!(!scope.covers(&[node(1), node(2), node(4), node(5)]));
        assert!(!scope.covers(&[node(1), node(9)]));
    }

    #[test]
    fn conditions_of_a_cart_are_named() {
        let scope = Scope { delivery_areas: vec!["440100".parse().unwrap()], ..Scope::default() };
        assert_eq!(scope.cart_conditions(), ["delivery_areas"]);
        assert!(Scope::default().cart_conditions().is_empty());
    }
}
