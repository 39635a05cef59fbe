//! What must hold for an offer to apply: a tree over the cart and the facts.

use chrono::Weekday;
use huike_kernel::{AreaCode, Money, NodeId};
use serde::{Deserialize, Serialize};

use super::LineScope;

/// Bounds on an amount of money.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Bounds {
    /// No less.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, example = "200.00"))]
    pub at_least: Option<Money>,
    /// More than.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub more_than: Option<Money>,
    /// No more.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub at_most: Option<Money>,
}

/// Bounds on a count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CountBounds {
    /// No less.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_least: Option<u32>,
    /// No more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_most: Option<u32>,
}

/// A condition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Condition {
    /// All of them.
    All {
        /// Which.
        #[cfg_attr(feature = "openapi", schema(no_recursion))]
        of: Vec<Condition>,
    },
    /// At least one of them.
    Any {
        /// Which.
        #[cfg_attr(feature = "openapi", schema(no_recursion))]
        of: Vec<Condition>,
    },
    /// It does not hold.
    Not {
        /// What.
        #[cfg_attr(feature = "openapi", schema(no_recursion))]
        of: Box<Condition>,
    },
    /// The lines together cost so much, on the offer's condition base.
    Amount {
        /// Which lines.
        #[serde(default)]
        scope: LineScope,
        /// How much.
        #[serde(default)]
        bounds: Bounds,
    },
    /// The lines together are so many units.
    Quantity {
        /// Which lines.
        #[serde(default)]
        scope: LineScope,
        /// How many.
        #[serde(default)]
        bounds: CountBounds,
    },
    /// Some line by itself is so many units.
    LineQuantity {
        /// Which lines.
        #[serde(default)]
        scope: LineScope,
        /// How many.
        #[serde(default)]
        bounds: CountBounds,
    },
    /// The lines are so many different SKUs.
    DistinctItems {
        /// Which lines.
        #[serde(default)]
        scope: LineScope,
        /// How many.
        #[serde(default)]
        bounds: CountBounds,
    },
    /// No line is sold below its list price already. (The braces: serde lets a variant without them take any member.)
    NoReducedItems {},
    /// On these weekdays, between these minutes of the local day. A span over midnight belongs to the day it begins on.
    LocalTime {
        /// The days; none named: every day.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>, example = json!(["Mon", "Tue"])))]
        weekdays: Vec<Weekday>,
        /// The first minute of the day inside, 0 to 1439.
        #[serde(default)]
        from_minute: u16,
        /// The first minute after, 1 to 1440; at or before `from_minute` it is on the next day.
        #[serde(default = "end_of_day")]
        until_minute: u16,
    },
    /// The customer is in one of these segments.
    Segment {
        /// Which.
        of: Vec<String>,
    },
    /// The customer is in one of these tiers.
    Tier {
        /// Which.
        of: Vec<String>,
    },
    /// This is the customer's n-th order; 1 is the first.
    NthOrder {
        /// Which.
        n: u32,
    },
    /// Today, or within so many days, is the customer's birthday.
    Birthday {
        /// Days before and after that still count.
        #[serde(default)]
        within_days: u16,
    },
    /// The order comes through one of these channels. None named: through none.
    Channel {
        /// Which.
        of: Vec<String>,
    },
    /// The order is placed at one of these nodes or below.
    Place {
        /// Which.
        #[cfg_attr(feature = "openapi", schema(value_type = Vec<uuid::Uuid>))]
        of: Vec<NodeId>,
    },
    /// The goods go to one of these areas.
    DeliveryArea {
        /// Which.
        #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
        of: Vec<AreaCode>,
    },
    /// It is paid in one of these ways.
    PaymentMethod {
        /// Which.
        of: Vec<String>,
    },
}

fn end_of_day() -> u16 {
    1_440
}

impl Condition {
    /// The lines together cost at least so much.
    pub fn amount_at_least(amount: Money) -> Self {
        let bounds = Bounds { at_least: Some(amount), ..Bounds::default() };
        Self::Amount { scope: LineScope::default(), bounds }
    }

    /// The lines together are at least so many units.
    pub fn quantity_at_least(units: u32) -> Self {
        let bounds = CountBounds { at_least: Some(units), at_most: None };
        Self::Quantity { scope: LineScope::default(), bounds }
    }
}

impl Condition {
    /// Hands over the condition and every part of it.
    pub fn each(&self, look: &mut impl FnMut(&Self)) {
        look(self);
        match self {
            Self::All { of } | Self::Any { of } => of.iter().for_each(|part| part.each(look)),
            Self::Not { of } => of.each(look),
            _ => {}
        }
    }
}

impl Condition {
    /// Puts the lists of its scopes in the order that looking up needs.
    pub(crate) fn sort(&mut self) {
        match self {
            Self::All { of } | Self::Any { of } => of.iter_mut().for_each(Self::sort),
            Self::Not { of } => of.sort(),
            Self::Amount { scope, .. }
            | Self::Quantity { scope, .. }
            | Self::LineQuantity { scope, .. }
            | Self::DistinctItems { scope, .. } => scope.sort(),
            _ => {}
        }
    }

    /// Whether any part of it measures amounts.
    pub(crate) fn measures_amounts(&self) -> bool {
        match self {
            Self::All { of } | Self::Any { of } => of.iter().any(Self::measures_amounts),
            Self::Not { of } => of.measures_amounts(),
            Self::Amount { .. } => true,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_without_members_takes_none() {
        let read = |text: &str| serde_json::from_str::<Condition>(text);
        assert_eq!(read(r#"{"kind":"no_reduced_items"}"#).unwrap(), Condition::NoReducedItems {});
        assert!(read(r#"{"kind":"no_reduced_items","status":42}"#).is_err());
        assert!(read(r#"{"kind":"not","of":{"kind":"no_reduced_items","status":42}}"#).is_err());
    }
}
