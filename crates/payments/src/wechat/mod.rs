//! WeChat Pay v3 (微信支付), for a merchant of its own: no service providers, no profit sharing.
//!
//! Requests are signed with the merchant's key, answers and callbacks are believed only with WeChat Pay's signature, and no call is
//! repeated here: who calls knows what a repeat means.

mod bill_csv;
mod bills;
mod callbacks;
mod certificates;
mod der;
pub(crate) mod hex;
pub(crate) mod keys;
mod link;
mod origin;
mod payments;
mod refunds;
mod refusal;
mod settings;
mod transaction;
mod trust;
mod wire;

use std::{fmt, sync::Arc};

use chrono::{DateTime, NaiveDate, Utc};
use huike_kernel::{Clock, RandomSource};
use tokio::sync::Mutex;
use tokio_rustls::rustls::ClientConfig;

use self::{link::Link, trust::Trust, wire::Wire};
pub use self::{
    origin::Origin,
    settings::{CALL_MAX, HOSTS, PlatformTrust, PublicKey, SettingsError, WechatSettings, own_tls},
};
use crate::{
    Callback, CallbackError, CallbackEvent, PaymentAsk, PaymentPrompt, PaymentProvider, PaymentRef, PaymentReport,
    ProviderKind, ReadError, RefundAsk, RefundRef, RefundReport, Reply, TradeBill, WriteError,
};

/// A merchant's account at WeChat Pay.
pub struct WechatPay(Link);

impl WechatPay {
    /// A merchant with these settings. `tls` is how calls are encrypted; [`own_tls`] will do.
    pub fn new(
        settings: &WechatSettings,
        tls: Arc<ClientConfig>,
        clock: Arc<dyn Clock>,
        random: Arc<dyn RandomSource>,
    ) -> Result<Self, SettingsError> {
        let mut keys = settings.check()?;
        let trust = Trust::new(keys.public.take(), settings.platform.certificates);
        Ok(Self(Link {
            merchant_id: settings.merchant_id.clone(),
            app_id: settings.app_id.clone(),
            merchant_serial: settings.merchant_serial.clone(),
            keys,
            trust,
            fetching: Mutex::default(),
            hosts: settings.hosts.clone(),
            wire: Wire { tls, call_max: settings.call_max },
            clock,
            random,
        }))
    }
}

impl fmt::Debug for WechatPay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WechatPay").field("merchant_id", &self.0.merchant_id).finish_non_exhaustive()
    }
}

impl PaymentProvider for WechatPay {
    fn kind(&self) -> ProviderKind {
        ProviderKind::Wechat
    }

    fn create<'a>(&'a self, ask: &'a PaymentAsk) -> Reply<'a, PaymentPrompt, WriteError> {
        Box::pin(self.0.create(ask))
    }

    fn query(&self, payment: PaymentRef) -> Reply<'_, PaymentReport, ReadError> {
        Box::pin(self.0.query(payment))
    }

    fn close(&self, payment: PaymentRef) -> Reply<'_, (), WriteError> {
        Box::pin(self.0.close(payment))
    }

    fn refund<'a>(&'a self, ask: &'a RefundAsk) -> Reply<'a, RefundReport, WriteError> {
        Box::pin(self.0.refund(ask))
    }

    fn query_refund(&self, refund: RefundRef) -> Reply<'_, RefundReport, ReadError> {
        Box::pin(self.0.query_refund(refund))
    }

    fn read_callback<'a>(
        &'a self,
        callback: Callback<'a>,
        now: DateTime<Utc>,
    ) -> Reply<'a, CallbackEvent, CallbackError> {
        Box::pin(self.0.read_callback(callback, now))
    }

    fn trade_bill(&self, day: NaiveDate) -> Reply<'_, TradeBill, ReadError> {
        Box::pin(self.0.trade_bill(day))
    }
}
