//! What is seen of a dry run.

use chrono::{DateTime, Utc};
use huike_kernel::{Money, NodeId, OfferId};
use huike_pricing::quote::RejectionCode;
use huike_usecases::offers::{CARTS_MAX, CHANGES_SHOWN, Changed, LineChange, OnCart, OnRecord, Tested};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{context::Locale, http::quotes::QuoteView};

/// What the offer would change.
#[derive(Serialize, ToSchema)]
pub struct TrialView {
    /// The id that the tried offer has in the quotes; rules that are not saved have one of their own.
    offer_id: OfferId,
    /// On the cart, where one was given.
    cart: Option<TriedCartView>,
    /// On carts that were quoted, where days were given.
    recorded: Option<RecordedView>,
}

/// One cart without and with the offer.
#[derive(Serialize, ToSchema)]
pub struct TriedCartView {
    /// Without.
    before: QuoteView,
    /// With.
    after: QuoteView,
    /// The lines whose price it changes.
    changed_lines: Vec<LineChangeView>,
}

/// A line whose price the offer changes.
#[derive(Serialize, ToSchema)]
pub struct LineChangeView {
    /// The line; of recorded carts its number.
    id: String,
    /// Its SKU.
    sku: String,
    /// Its units.
    quantity: u32,
    /// What it costs without.
    #[schema(example = "118.00")]
    payable_before: Money,
    /// What it costs with.
    #[schema(example = "103.00")]
    payable_after: Money,
}

/// What the offer would have done to carts that were quoted, beside the offers that are in force now. Coupons are left
/// out of it.
#[derive(Serialize, ToSchema)]
pub struct RecordedView {
    /// Carts that were looked at, the newest first. Of a known customer only the last cart of each day counts.
    looked_at: usize,
    /// The most that are looked at.
    looked_at_max: usize,
    /// Whether there are more carts than that, or more than could be priced in time.
    truncated: bool,
    /// When the oldest cart that was looked at was quoted.
    oldest_at: Option<DateTime<Utc>>,
    /// Carts left out because a later one of the same customer and day stands for them.
    repeated: usize,
    /// Carts that cannot be priced any more.
    unpriced: usize,
    /// Known customers among all that were looked at.
    customers: usize,
    /// Carts it would have applied to.
    applied: usize,
    /// Carts whose price it changes.
    changed: usize,
    /// Known customers among them.
    customers_changed: usize,
    /// What it costs: all carts without it less all carts with it.
    #[schema(example = "1280.00")]
    cost: Money,
    /// What all carts cost without it.
    #[schema(example = "45210.00")]
    payable_before: Money,
    /// What they cost with it.
    #[schema(example = "43930.00")]
    payable_after: Money,
    /// How many points more they would earn.
    points_more: i64,
    /// Whether it would have taken more than its budget, or been used more often than it may. `cost` goes on beyond.
    over_budget: bool,
    /// Why it would not have applied, and to how many carts.
    rejected: Vec<RejectedCount>,
    /// The carts that change most, the largest change first.
    most_changed: Vec<ChangedCartView>,
    /// The most that are shown.
    most_changed_max: usize,
}

/// How often an offer was rejected for one reason.
#[derive(Serialize, ToSchema)]
pub struct RejectedCount {
    /// Why.
    code: RejectionCode,
    /// How many carts.
    carts: usize,
}

/// A recorded cart that the offer changes.
#[derive(Serialize, ToSchema)]
pub struct ChangedCartView {
    /// Which.
    cart_id: uuid::Uuid,
    /// The site or store that quoted it.
    site_id: NodeId,
    /// When.
    quoted_at: DateTime<Utc>,
    /// What it costs without the offer, shipping included.
    #[schema(example = "236.00")]
    payable_before: Money,
    /// What it costs with it.
    #[schema(example = "206.00")]
    payable_after: Money,
    /// The lines that change.
    changed_lines: Vec<LineChangeView>,
}

impl TrialView {
    /// What was found, in the caller's language.
    pub(super) fn of(offer: OfferId, tested: Tested, locale: Locale) -> Self {
        Self {
            offer_id: offer,
            cart: tested.on_cart.map(|on_cart| TriedCartView::of(on_cart, locale)),
            recorded: tested.on_record.map(Into::into),
        }
    }
}

impl TriedCartView {
    fn of(on_cart: OnCart, locale: Locale) -> Self {
        Self {
            before: QuoteView::of(on_cart.before, locale),
            after: QuoteView::of(on_cart.after, locale),
            changed_lines: on_cart.lines.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<LineChange> for LineChangeView {
    fn from(line: LineChange) -> Self {
        Self {
            id: line.id,
            sku: line.sku,
            quantity: line.quantity,
            payable_before: line.before,
            payable_after: line.after,
        }
    }
}

impl From<Changed> for ChangedCartView {
    fn from(changed: Changed) -> Self {
        Self {
            cart_id: changed.cart,
            site_id: changed.site,
            quoted_at: changed.quoted_at,
            payable_before: changed.before,
            payable_after: changed.after,
            changed_lines: changed.lines.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<OnRecord> for RecordedView {
    fn from(found: OnRecord) -> Self {
        Self {
            looked_at: found.looked_at,
            looked_at_max: CARTS_MAX,
            truncated: found.is_truncated,
            oldest_at: found.oldest_at,
            repeated: found.repeated,
            unpriced: found.unpriced,
            customers: found.customers,
            applied: found.applied,
            changed: found.changed,
            customers_changed: found.customers_changed,
            cost: found.cost(),
            payable_before: found.payable_before,
            payable_after: found.payable_after,
            points_more: found.points_more,
            over_budget: found.is_over_budget,
            rejected: found.rejected.into_iter().map(|(code, carts)| RejectedCount { code, carts }).collect(),
            most_changed: found.shown.into_iter().map(Into::into).collect(),
            most_changed_max: CHANGES_SHOWN,
        }
    }
}
