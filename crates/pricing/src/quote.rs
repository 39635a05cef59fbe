//! A price, line by line, with its reasons.

use chrono::{DateTime, Utc};
use huike_kernel::{CouponId, Money, OfferClass, words};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{cart::SourcedPrice, offer::OfferId};

words!(
    /// Why an offer does not apply.
    RejectionCode, "rejection code" {
        /// There is no such offer, or the coupon is not in hand.
        NotFound = "not_found",
        /// Its time has not come.
        NotStarted = "not_started",
        /// Its time is over.
        Expired = "expired",
        /// An amount, a count or an hour is not reached.
        Threshold = "threshold",
        /// No line, place, channel or payment that it speaks of.
        Scope = "scope",
        /// The customer is not among those it is for.
        Segment = "segment",
        /// It was used as often as it may be.
        Limit = "limit",
        /// Its budget does not suffice.
        Budget = "budget",
        /// Another offer that applies shuts it out.
        ExcludedBy = "excluded_by",
        /// It is lawful, but the price is lower without it.
        WorseThan = "worse_than",
        /// The merchant stopped it. Never found here: said by whoever knows.
        Stopped = "stopped",
        /// An order that is not paid yet holds the coupon. Said by whoever knows.
        Reserved = "reserved",
        /// The customer may use no coupons here. Said by whoever knows.
        Blocked = "blocked",
    }
);

/// What is missing for an offer to apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Gap {
    /// So much money.
    #[serde(rename = "amount")]
    Amount(Money),
    /// So many units.
    #[serde(rename = "qty")]
    Quantity(u32),
}

/// What took something off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Source {
    /// An automatic offer.
    Offer {
        /// Which.
        #[cfg_attr(feature = "openapi", schema(value_type = uuid::Uuid))]
        offer: OfferId,
    },
    /// A coupon.
    Coupon {
        /// Which.
        coupon: CouponId,
        /// What it gives.
        #[cfg_attr(feature = "openapi", schema(value_type = uuid::Uuid))]
        offer: OfferId,
    },
    /// Points spent as money.
    Points,
}

impl Source {
    /// The offer, where it is one.
    pub const fn offer(&self) -> Option<OfferId> {
        match self {
            Self::Offer { offer } | Self::Coupon { offer, .. } => Some(*offer),
            Self::Points => None,
        }
    }
}

/// What one source took off one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Allocation {
    /// What took it off.
    pub source: Source,
    /// How much.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub amount: Money,
}

/// A line, priced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QuotedLine {
    /// The line of the cart.
    pub id: String,
    /// Its SKU.
    pub sku: String,
    /// Its units.
    pub quantity: u32,
    /// The list price of a unit.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub list_price: Money,
    /// The price of a unit that counts, and whose it is.
    pub unit_price: SourcedPrice,
    /// All units before discounts, a deposit's bonus taken off.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub subtotal: Money,
    /// What each source took off; in the order it was taken.
    pub allocations: Vec<Allocation>,
    /// All of them together.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub discount: Money,
    /// What is left: never below zero or the minimum price.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub payable: Money,
    /// What was paid of it as a deposit.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub deposit_paid: Money,
    /// Points it would earn.
    pub points: i64,
}

/// A shipping method, priced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QuotedShipping {
    /// The method.
    pub method: String,
    /// Its fee.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub fee: Money,
    /// What each source took off.
    pub allocations: Vec<Allocation>,
    /// What is left.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub payable: Money,
}

/// An offer that applies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Applied {
    /// Which.
    pub source: Source,
    /// What it reduces.
    pub class: OfferClass,
    /// What it took off in all; its allocations sum to it.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub discount: Money,
}

/// An offer that was looked at and does not apply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Rejected {
    /// Which.
    pub source: Source,
    /// Why.
    pub code: RejectionCode,
    /// What is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gap: Option<Gap>,
    /// The offer that shuts it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<uuid::Uuid>))]
    pub by: Option<OfferId>,
    /// When its time comes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts_at: Option<DateTime<Utc>>,
}

/// Goods beside the order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GiftLine {
    /// What gives them.
    pub source: Source,
    /// What.
    pub sku: String,
    /// How many.
    pub quantity: u32,
}

/// The sums of a quote.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Totals {
    /// All lines at their list prices.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub list: Money,
    /// All lines before discounts.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub subtotal: Money,
    /// What came off the lines.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub discount: Money,
    /// Shipping before discounts.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub shipping: Money,
    /// What came off shipping.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub shipping_discount: Money,
    /// Lines and shipping, everything off.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub payable: Money,
    /// What was paid of it as deposits.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub deposit_paid: Money,
    /// What is left to pay.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub due: Money,
    /// Points that would be earned.
    pub points: i64,
}

/// The price of a cart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Quote {
    /// The policy it was priced under.
    pub policy: String,
    /// Its lines, by id.
    pub lines: Vec<QuotedLine>,
    /// Its shipping, by method.
    pub shipping: Vec<QuotedShipping>,
    /// Offers that apply, in the order of their application.
    pub applied: Vec<Applied>,
    /// Offers that were looked at and do not apply.
    pub rejected: Vec<Rejected>,
    /// Goods beside the order.
    pub gifts: Vec<GiftLine>,
    /// The sums.
    pub totals: Totals,
    /// Whether it is proven that no lawful combination is lower.
    pub optimal: bool,
    /// How many offers there were to choose among.
    pub choices: usize,
}

impl Quote {
    /// SHA-256 over everything that is a price: lines, their unit prices and allocations, shipping, gifts, policy. Two
    /// quotes of one hash charge the same for the same; any change of a price changes it.
    pub fn hash(&self) -> [u8; 32] {
        let mut hasher = Sha256::new();
        hasher.update(b"huike-quote-1\0");
        put_text(&mut hasher, &self.policy);
        for line in &self.lines {
            put_text(&mut hasher, &line.id);
            put_text(&mut hasher, &line.sku);
            hasher.update(line.quantity.to_be_bytes());
            for amount in [line.list_price, line.unit_price.price, line.subtotal, line.payable, line.deposit_paid] {
                hasher.update(amount.fen().to_be_bytes());
            }
            put_text(&mut hasher, line.unit_price.source.as_str());
            put_allocations(&mut hasher, &line.allocations);
        }
        hasher.update([0xff]);
        for shipping in &self.shipping {
            put_text(&mut hasher, &shipping.method);
            hasher.update(shipping.fee.fen().to_be_bytes());
            hasher.update(shipping.payable.fen().to_be_bytes());
            put_allocations(&mut hasher, &shipping.allocations);
        }
        hasher.update([0xff]);
        for gift in &self.gifts {
            put_text(&mut hasher, &gift.sku);
            hasher.update(gift.quantity.to_be_bytes());
        }
        hasher.finalize().into()
    }
}

fn put_text(hasher: &mut Sha256, text: &str) {
    hasher.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
    hasher.update(text);
}

fn put_allocations(hasher: &mut Sha256, allocations: &[Allocation]) {
    hasher.update(u64::try_from(allocations.len()).unwrap_or(u64::MAX).to_be_bytes());
    for allocation in allocations {
        match allocation.source {
            Source::Offer { offer } => hasher.update(offer.as_uuid().as_bytes()),
            Source::Coupon { coupon, .. } => hasher.update(coupon.as_uuid().as_bytes()),
            Source::Points => hasher.update([0; 16]),
        }
        hasher.update(allocation.amount.fen().to_be_bytes());
    }
}
