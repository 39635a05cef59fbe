//! What a provider booked on a day, to be held against what we booked.

use chrono::{DateTime, NaiveDate, Utc};
use huike_kernel::Money;

use crate::{PaymentRef, RefundRef};

/// The bill of a day (交易账单).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TradeBill {
    /// Which day, in the provider's time zone (UTC+8).
    pub day: NaiveDate,
    /// What was booked, in the provider's order.
    pub lines: Vec<BillLine>,
}

/// What a line of a bill is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BillLineKind {
    /// A payment came in.
    Payment,
    /// A refund was taken on.
    Refund,
}

/// One line of a bill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BillLine {
    /// What it is about.
    pub kind: BillLineKind,
    /// When it was booked.
    pub at: DateTime<Utc>,
    /// The merchant.
    pub merchant_id: String,
    /// The app.
    pub app_id: String,
    /// The provider's id of the payment (微信支付订单号).
    pub transaction_id: String,
    /// The payment's id on our side, as the bill spells it: others may be paid to the same merchant.
    pub payment_text: String,
    /// What was paid, or is paid back.
    pub amount: Money,
    /// What the provider keeps for it; below nothing where it gives a fee back.
    pub fee: Money,
    /// The refund, if it is one.
    pub refund: Option<BillRefund>,
}

/// What a bill says of a refund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BillRefund {
    /// The provider's id of the refund (微信退款单号).
    pub provider_refund_id: String,
    /// The refund's id on our side, as the bill spells it.
    pub refund_text: String,
    /// The provider's own word for how it stood when the bill was made.
    pub status: String,
}

impl BillLine {
    /// Our payment; nothing, if the payment was not made by us.
    pub fn payment(&self) -> Option<PaymentRef> {
        self.payment_text.parse().ok()
    }

    /// Our refund; nothing, if it is none or was not made by us.
    pub fn refund(&self) -> Option<RefundRef> {
        self.refund.as_ref()?.refund_text.parse().ok()
    }
}
