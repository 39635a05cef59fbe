//! What every payment provider can do. Whoever calls is outside of any transaction: each of these may take seconds.

use std::{future::Future, pin::Pin};

use chrono::{DateTime, NaiveDate, Utc};

use crate::{
    Callback, CallbackError, CallbackEvent, PaymentAsk, PaymentPrompt, PaymentRef, PaymentReport, ProviderKind,
    ReadError, RefundAsk, RefundRef, RefundReport, TradeBill, WriteError,
};

/// What comes back, later.
pub type Reply<'a, T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'a>>;

/// Somebody who moves money for us (支付渠道).
///
/// Every ask bears an id of ours, and is the same ask when it comes again under the same id: whoever does not know what
/// became of one asks again, or queries, and nothing is paid or paid back twice. No call is repeated by a provider itself.
pub trait PaymentProvider: Send + Sync {
    /// Which provider it is.
    fn kind(&self) -> ProviderKind;

    /// Prepares a payment and says what the payer's device needs for it. No money moves yet.
    fn create<'a>(&'a self, ask: &'a PaymentAsk) -> Reply<'a, PaymentPrompt, WriteError>;

    /// How a payment stands.
    fn query(&self, payment: PaymentRef) -> Reply<'_, PaymentReport, ReadError>;

    /// Makes a payment that was not paid impossible. One that is closed already is closed.
    fn close(&self, payment: PaymentRef) -> Reply<'_, (), WriteError>;

    /// Pays back, whole or in part. The report is often [`RefundStatus::Processing`](crate::RefundStatus::Processing): taken
    /// on, the outcome comes as a callback or is asked for.
    fn refund<'a>(&'a self, ask: &'a RefundAsk) -> Reply<'a, RefundReport, WriteError>;

    /// How a refund stands.
    fn query_refund(&self, refund: RefundRef) -> Reply<'_, RefundReport, ReadError>;

    /// What a callback says, once it is certain who sent it and that it is meant for us. Whether the amount is the one that
    /// was due is for the order to say: too little and too much have their own ends there.
    fn read_callback<'a>(
        &'a self,
        callback: Callback<'a>,
        now: DateTime<Utc>,
    ) -> Reply<'a, CallbackEvent, CallbackError>;

    /// What the provider booked on a day, in its own days (UTC+8).
    fn trade_bill(&self, day: NaiveDate) -> Reply<'_, TradeBill, ReadError>;
}
