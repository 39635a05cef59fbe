//! A payment: what is asked for, what the payer's device needs, and how it stands.

use std::fmt;

use chrono::{DateTime, Utc};
use huike_kernel::Money;

use crate::{PayerId, PaymentRef};

/// How the payer pays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PayMethod {
    /// In the mini-program or an account's page, by the person who is signed in there.
    Jsapi {
        /// Who pays.
        payer: PayerId,
    },
    /// By scanning a code (Native), whoever scans it.
    Native,
}

/// What is asked of a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentAsk {
    /// Our id of it. Asked again under the same id, it is the same payment.
    pub payment: PaymentRef,
    /// How much is to be paid; more than nothing.
    pub amount: Money,
    /// What the payer reads about it. What is too long for the provider is cut.
    pub description: String,
    /// How it is paid.
    pub method: PayMethod,
    /// When it may be paid no longer.
    pub expires_at: DateTime<Utc>,
    /// Where the provider tells us of the outcome.
    pub notify_url: String,
}

/// What the payer's device needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PaymentPrompt {
    /// The argument of `wx.requestPayment`.
    Jsapi(JsapiPrompt),
    /// The text of the code to show.
    Native {
        /// `weixin://…`
        code_url: String,
    },
    /// A page to open: the test cashier's.
    Page {
        /// Its address.
        url: String,
    },
}

/// The argument of `wx.requestPayment`, signed with the merchant's key.
#[derive(Clone, PartialEq, Eq)]
pub struct JsapiPrompt {
    /// `appId`.
    pub app_id: String,
    /// `timeStamp`, in seconds.
    pub timestamp: String,
    /// `nonceStr`.
    pub nonce: String,
    /// `package`: `prepay_id=…`.
    pub package: String,
    /// `paySign`; its `signType` is `RSA`.
    pub signature: String,
}

// Whoever has it can start the payment in the payer's stead.
impl fmt::Debug for JsapiPrompt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JsapiPrompt").field("app_id", &self.app_id).finish_non_exhaustive()
    }
}

/// How a payment stands at the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentReport {
    /// Which payment.
    pub payment: PaymentRef,
    /// How it stands.
    pub status: PaymentStatus,
}

/// How a payment stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PaymentStatus {
    /// The provider has never heard of it, or not yet: an ask that is still on its way may make it.
    Absent,
    /// Nobody has paid so far.
    Pending,
    /// It is paid. That part or all of it went back since changes nothing about it.
    Paid(PaidPayment),
    /// It was closed and cannot be paid any more.
    Closed,
    /// The payer's bank refused. Nothing was taken.
    Failed,
}

/// What is known of a payment that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaidPayment {
    /// The provider's id of it (微信支付订单号).
    pub transaction_id: String,
    /// Who received it.
    pub merchant_id: String,
    /// Through which app it was paid.
    pub app_id: String,
    /// The amount that was to be paid; coupons of the provider's own are part of it.
    pub amount: Money,
    /// What the payer gave out of their own pocket.
    pub payer_amount: Money,
    /// Who paid, where the provider says so.
    pub payer: Option<PayerId>,
    /// When.
    pub paid_at: DateTime<Utc>,
}
