//! What a dry run found.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use huike_kernel::{Money, NodeId};
use huike_pricing::quote::RejectionCode;
use uuid::Uuid;

use crate::quotes::Quoted;

/// Of the carts that change so many are shown, those that change most.
pub const CHANGES_SHOWN: usize = 20;

/// What a dry run found.
#[derive(Debug)]
pub struct Tested {
    /// On the cart that was given.
    pub on_cart: Option<OnCart>,
    /// On the carts that were quoted.
    pub on_record: Option<OnRecord>,
}

/// A cart without and with the offer.
#[derive(Debug)]
pub struct OnCart {
    /// Without.
    pub before: Quoted,
    /// With.
    pub after: Quoted,
    /// The lines whose price it changes.
    pub lines: Vec<LineChange>,
}

/// A line whose price the offer changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineChange {
    /// The line.
    pub id: String,
    /// Its SKU.
    pub sku: String,
    /// Its units.
    pub quantity: u32,
    /// What it costs without.
    pub before: Money,
    /// What it costs with.
    pub after: Money,
}

/// A recorded cart that the offer changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// Which.
    pub cart: Uuid,
    /// Where it was quoted.
    pub site: NodeId,
    /// When.
    pub quoted_at: DateTime<Utc>,
    /// What it costs without, shipping included.
    pub before: Money,
    /// What it costs with.
    pub after: Money,
    /// The lines that change.
    pub lines: Vec<LineChange>,
}

/// What the offer would have done to recorded carts.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct OnRecord {
    /// Carts that were looked at.
    pub looked_at: usize,
    /// Carts that were left out, because a later one of the same customer and day stands for them.
    pub repeated: usize,
    /// Carts that cannot be priced any more.
    pub unpriced: usize,
    /// Whether there are more carts than were looked at; the newest were.
    pub is_truncated: bool,
    /// When the oldest of those looked at was quoted.
    pub oldest_at: Option<DateTime<Utc>>,
    /// Known customers among all that were looked at.
    pub customers: usize,
    /// Carts it would have applied to.
    pub applied: usize,
    /// Carts whose price it changes.
    pub changed: usize,
    /// Known customers among them.
    pub customers_changed: usize,
    /// What all carts cost without it.
    pub payable_before: Money,
    /// What they cost with it.
    pub payable_after: Money,
    /// How many points more they would earn.
    pub points_more: i64,
    /// Whether the offer would have taken more than its budget, or been used more often than it may.
    pub is_over_budget: bool,
    /// Why it did not apply, and to how many carts.
    pub rejected: BTreeMap<RejectionCode, usize>,
    /// The carts that change most; at most [`CHANGES_SHOWN`].
    pub shown: Vec<Changed>,
}

impl OnRecord {
    /// What the offer costs the shop: all carts without it less all carts with it.
    pub fn cost(&self) -> Money {
        self.payable_before.checked_sub(self.payable_after).unwrap_or(Money::ZERO)
    }
}
