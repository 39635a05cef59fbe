//! What is seen of a quote.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use huike_kernel::{CouponId, Money, OfferClass, OfferId, TemplateId};
use huike_pricing::{
    EXACT_CHOICES,
    cart::PriceSource,
    quote::{Allocation, Applied, GiftLine, QuotedLine, QuotedShipping, Source, Totals},
};
use huike_usecases::quotes::{NamedTemplate, Quoted};
use serde::Serialize;
use utoipa::ToSchema;

use super::rejection::{RejectionView, rejections};
use crate::context::Locale;

/// The price of a cart, with its reasons.
#[derive(Serialize, ToSchema)]
pub struct QuoteView {
    /// SHA-256 over everything that is a price. Two quotes of one hash charge the same for the same.
    #[schema(example = "2b8e…")]
    hash: String,
    /// When it was made. It holds for nothing but this moment.
    quoted_at: DateTime<Utc>,
    /// The policy it was priced under.
    #[schema(example = "1/best/apportion/1/1")]
    policy: String,
    /// The lines, by id.
    lines: Vec<LineView>,
    /// The ways to ship, by method.
    shipping: Vec<ShippingView>,
    /// What applies, in the order of application.
    applied: Vec<AppliedView>,
    /// What was looked at and does not apply, and why; the customer's coupons first.
    rejected: Vec<RejectionView>,
    /// Goods beside the order.
    gifts: Vec<GiftView>,
    /// The sums.
    totals: Totals,
    /// Whether it is proven that no lawful combination costs less.
    optimal: bool,
    /// How many offers there were to choose among.
    choices: usize,
    /// Up to so many choices the best combination is always found and proven.
    exact_choices_max: usize,
}

/// What took something off.
#[derive(Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum SourceView {
    /// An automatic offer.
    Offer {
        /// Which.
        offer_id: OfferId,
    },
    /// A coupon of the customer.
    Coupon {
        /// Which.
        coupon_id: CouponId,
        /// Its template.
        template_id: Option<TemplateId>,
        /// What the template is called.
        #[schema(example = "满200减30")]
        name: Option<String>,
    },
    /// Points spent as money.
    Points,
}

/// What one source took off.
#[derive(Serialize, ToSchema)]
pub(crate) struct AllocationView {
    /// What took it off.
    source: SourceView,
    /// How much.
    amount: Money,
}

/// A line, priced.
#[derive(Serialize, ToSchema)]
pub(crate) struct LineView {
    /// The line of the cart.
    id: String,
    /// Its SKU.
    sku: String,
    /// Its units.
    quantity: u32,
    /// The list price of a unit.
    list_price: Money,
    /// The price of a unit that counts.
    unit_price: Money,
    /// Whose price that is.
    price_source: PriceSource,
    /// All units before discounts, a deposit's bonus taken off.
    subtotal: Money,
    /// What each source took off, in the order it was taken.
    allocations: Vec<AllocationView>,
    /// All of them together.
    discount: Money,
    /// What is left.
    payable: Money,
    /// What was paid of it as a deposit.
    deposit_paid: Money,
    /// Points it would earn.
    points: i64,
}

/// A way to ship, priced.
#[derive(Serialize, ToSchema)]
pub(crate) struct ShippingView {
    /// The method.
    method: String,
    /// Its fee.
    fee: Money,
    /// What each source took off.
    allocations: Vec<AllocationView>,
    /// What is left.
    payable: Money,
}

/// What applies.
#[derive(Serialize, ToSchema)]
pub(crate) struct AppliedView {
    /// What.
    source: SourceView,
    /// What it reduces.
    class: OfferClass,
    /// What it took off in all; its allocations sum to it.
    discount: Money,
}

/// Goods beside the order.
#[derive(Serialize, ToSchema)]
pub(crate) struct GiftView {
    /// What gives them.
    source: SourceView,
    /// What.
    sku: String,
    /// How many.
    quantity: u32,
}

/// Puts the names of templates to the sources of a quote.
pub(super) struct Naming<'q>(&'q BTreeMap<OfferId, NamedTemplate>);

impl Naming<'_> {
    pub(super) fn source(&self, source: Source) -> SourceView {
        match source {
            Source::Offer { offer } => SourceView::Offer { offer_id: offer },
            Source::Coupon { coupon, offer } => {
                let template = self.0.get(&offer);
                SourceView::Coupon {
                    coupon_id: coupon,
                    template_id: template.map(|template| template.id),
                    name: template.map(|template| template.name.clone()),
                }
            }
            Source::Points => SourceView::Points,
        }
    }

    fn allocations(&self, parts: &[Allocation]) -> Vec<AllocationView> {
        let view = |part: &Allocation| AllocationView { source: self.source(part.source), amount: part.amount };
        parts.iter().map(view).collect()
    }

    fn line(&self, line: QuotedLine) -> LineView {
        LineView {
            id: line.id,
            sku: line.sku,
            quantity: line.quantity,
            list_price: line.list_price,
            unit_price: line.unit_price.price,
            price_source: line.unit_price.source,
            subtotal: line.subtotal,
            allocations: self.allocations(&line.allocations),
            discount: line.discount,
            payable: line.payable,
            deposit_paid: line.deposit_paid,
            points: line.points,
        }
    }

    fn shipping(&self, shipping: QuotedShipping) -> ShippingView {
        ShippingView {
            method: shipping.method,
            fee: shipping.fee,
            allocations: self.allocations(&shipping.allocations),
            payable: shipping.payable,
        }
    }

    fn applied(&self, applied: &Applied) -> AppliedView {
        AppliedView { source: self.source(applied.source), class: applied.class, discount: applied.discount }
    }

    fn gift(&self, gift: GiftLine) -> GiftView {
        GiftView { source: self.source(gift.source), sku: gift.sku, quantity: gift.quantity }
    }
}

/// The digits of the bytes. A text for each byte would cost as much as the hash.
fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 0x0f]);
    digits.filter_map(|digit| char::from_digit(u32::from(digit), 16)).collect()
}

impl QuoteView {
    /// The quote in the caller's language.
    pub fn of(quoted: Quoted, locale: Locale) -> Self {
        let Quoted { quote, quoted_at, templates, .. } = quoted;
        let naming = Naming(&templates);
        let (hash, rejected) = (hex(&quote.hash()), rejections(&quote, &naming, locale));
        Self {
            hash,
            quoted_at,
            policy: quote.policy,
            lines: quote.lines.into_iter().map(|line| naming.line(line)).collect(),
            shipping: quote.shipping.into_iter().map(|shipping| naming.shipping(shipping)).collect(),
            applied: quote.applied.iter().map(|applied| naming.applied(applied)).collect(),
            rejected,
            gifts: quote.gifts.into_iter().map(|gift| naming.gift(gift)).collect(),
            totals: quote.totals,
            optimal: quote.optimal,
            choices: quote.choices,
            exact_choices_max: EXACT_CHOICES,
        }
    }

    /// About how many letters it has as JSON; rather too many than too few.
    pub(super) fn letters(&self) -> usize {
        const HEAD: usize = 768;
        const LINE: usize = 384;
        const PART: usize = 128;
        const REJECTION: usize = 320;
        let parts_of_lines = self.lines.iter().map(|line| line.allocations.len());
        let parts = parts_of_lines.chain(self.shipping.iter().map(|shipping| shipping.allocations.len()));
        let counted = [
            (self.lines.len().saturating_add(self.shipping.len()), LINE),
            (parts.sum::<usize>().saturating_add(self.applied.len()).saturating_add(self.gifts.len()), PART),
            (self.rejected.len(), REJECTION),
        ];
        counted.iter().fold(HEAD, |sum, (count, letters)| sum.saturating_add(count.saturating_mul(*letters)))
    }
}
