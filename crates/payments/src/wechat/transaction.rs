//! A payment as WeChat Pay writes it, in answers and in callbacks.

use chrono::{DateTime, Utc};
use huike_kernel::Money;
use serde::Deserialize;

use super::link::Link;
use crate::{PaidPayment, PayerId, PaymentReport, PaymentStatus};

#[derive(Deserialize)]
pub(super) struct Transaction {
    mchid: String,
    appid: String,
    out_trade_no: String,
    trade_state: String,
    #[serde(rename = "transaction_id")]
    id: Option<String>,
    success_time: Option<DateTime<Utc>>,
    payer: Option<Payer>,
    amount: Option<Amount>,
}

#[derive(Deserialize)]
struct Payer {
    openid: Option<String>,
}

#[derive(Deserialize)]
struct Amount {
    total: Option<i64>,
    payer_total: Option<i64>,
    currency: Option<String>,
}

/// Why a payment of WeChat Pay's is no report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TransactionFault {
    /// It is another merchant's or app's, or was not made by us.
    Foreign,
    /// It does not say what it must.
    Malformed,
}

impl Link {
    /// Reads a payment that must be ours.
    pub(super) fn report(&self, told: Transaction) -> Result<PaymentReport, TransactionFault> {
        if told.mchid != self.merchant_id || told.appid != self.app_id {
            return Err(TransactionFault::Foreign);
        }
        let payment = told.out_trade_no.parse().map_err(|_other| TransactionFault::Foreign)?;
        let status = match told.trade_state.as_str() {
            // REFUND: paid, and something went back since. How much is for refunds to say.
            "SUCCESS" | "REFUND" => PaymentStatus::Paid(read_paid(told).ok_or(TransactionFault::Malformed)?),
            "NOTPAY" | "USERPAYING" | "ACCEPT" => PaymentStatus::Pending,
            "CLOSED" | "REVOKED" => PaymentStatus::Closed,
            "PAYERROR" => PaymentStatus::Failed,
            _ => return Err(TransactionFault::Malformed),
        };
        Ok(PaymentReport { payment, status })
    }
}

fn read_paid(told: Transaction) -> Option<PaidPayment> {
    let amount = told.amount?;
    let total = read_fen(amount.total?)?;
    if amount.currency.is_some_and(|currency| currency != "CNY") {
        return None;
    }
    Some(PaidPayment {
        transaction_id: told.id.filter(|id| !id.is_empty())?,
        merchant_id: told.mchid,
        app_id: told.appid,
        amount: total,
        payer_amount: amount.payer_total.map_or(Some(total), read_fen)?,
        payer: told.payer.and_then(|payer| payer.openid).map(PayerId::new),
        paid_at: told.success_time?,
    })
}

/// An amount that is not below nothing.
pub(super) fn read_fen(fen: i64) -> Option<Money> {
    Money::try_from_fen(fen).filter(|money| !money.is_negative())
}
