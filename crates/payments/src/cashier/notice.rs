//! The cashier's callbacks. They are signed when they are sent: one that comes late would otherwise be too old to be believed.

use chrono::{DateTime, Utc};
use huike_kernel::Money;
use serde::{Deserialize, Serialize};

use super::{Cashier, MERCHANT_ID};
use crate::{
    BookedRefund, Callback, CallbackError, CallbackEvent, CallbackNews, PaidPayment, PaymentReport, PaymentStatus,
    RefundReport, RefundStatus,
    callback::{BODY_BYTES_MAX, is_near},
};

/// When it was signed, in seconds.
pub const TIMESTAMP_HEADER: &str = "Cashier-Timestamp";
/// The signature.
pub const SIGNATURE_HEADER: &str = "Cashier-Signature";
const PURPOSE: &str = "callback";

/// A callback that is to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CashierNotice {
    /// When.
    pub due_at: DateTime<Utc>,
    /// Where to.
    pub notify_url: String,
    /// What it says.
    pub body: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
struct Written {
    id: String,
    at: DateTime<Utc>,
    news: WrittenNews,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum WrittenNews {
    Paid { payment: String, amount: Money, transaction_id: String },
    Declined { payment: String },
    Refunded { refund: String, payment: String, amount: Money, provider_refund_id: String },
}

impl CashierNotice {
    /// What is to be told of something that happened now. Reports of what did not happen are told as declined.
    pub(super) fn of(news: &CallbackNews, notify_url: &str, now: DateTime<Utc>) -> Self {
        let (id, news) = match news {
            CallbackNews::Payment(PaymentReport { payment, status }) => {
                let payment = payment.to_string();
                let written = match status {
                    PaymentStatus::Paid(paid) => WrittenNews::Paid {
                        payment: payment.clone(),
                        amount: paid.amount,
                        transaction_id: paid.transaction_id.clone(),
                    },
                    _ => WrittenNews::Declined { payment: payment.clone() },
                };
                (format!("payment/{payment}"), written)
            }
            CallbackNews::Refund(report) => {
                let booked = report.booked.as_ref();
                let written = WrittenNews::Refunded {
                    refund: report.refund.to_string(),
                    payment: booked.map(|it| it.payment.to_string()).unwrap_or_default(),
                    amount: booked.map_or(Money::ZERO, |it| it.amount),
                    provider_refund_id: booked.map(|it| it.provider_refund_id.clone()).unwrap_or_default(),
                };
                (format!("refund/{}", report.refund), written)
            }
        };
        // A struct of texts always has its JSON. If it had none, nobody would believe the callback.
        let body = serde_json::to_vec(&Written { id, at: now, news }).unwrap_or_default();
        Self { due_at: now, notify_url: notify_url.to_owned(), body }
    }

    /// The headers it is sent with at this moment.
    pub fn sign(&self, cashier: &Cashier, now: DateTime<Utc>) -> [(&'static str, String); 2] {
        let timestamp = now.timestamp().to_string();
        let signature = cashier.sign(PURPOSE, &text(&timestamp, &self.body));
        [(TIMESTAMP_HEADER, timestamp), (SIGNATURE_HEADER, signature)]
    }
}

fn text(timestamp: &str, body: &[u8]) -> Vec<u8> {
    [timestamp.as_bytes(), b"\n", body].concat()
}

pub(super) fn read(
    cashier: &Cashier,
    callback: Callback<'_>,
    now: DateTime<Utc>,
) -> Result<CallbackEvent, CallbackError> {
    if callback.body.len() > BODY_BYTES_MAX {
        return Err(CallbackError::TooLong);
    }
    let timestamp = callback.header(TIMESTAMP_HEADER).ok_or(CallbackError::Unsigned)?;
    let signature = callback.header(SIGNATURE_HEADER).ok_or(CallbackError::Unsigned)?;
    let signed_at = timestamp.parse().map_err(|_malformed| CallbackError::Unsigned)?;
    if !is_near(signed_at, now) {
        return Err(CallbackError::TimestampFar);
    }
    if !cashier.verifies(PURPOSE, &text(timestamp, callback.body), signature) {
        return Err(CallbackError::SignatureWrong);
    }
    let written: Written = serde_json::from_slice(callback.body).map_err(|_never| CallbackError::Malformed)?;
    let news = told(written.news, written.at).ok_or(CallbackError::Foreign)?;
    Ok(CallbackEvent { notice_id: written.id, news })
}

fn told(news: WrittenNews, at: DateTime<Utc>) -> Option<CallbackNews> {
    Some(match news {
        WrittenNews::Paid { payment, amount, transaction_id } => {
            let paid = PaidPayment {
                transaction_id,
                merchant_id: MERCHANT_ID.to_owned(),
                app_id: MERCHANT_ID.to_owned(),
                amount,
                payer_amount: amount,
                payer: None,
                paid_at: at,
            };
            let status = PaymentStatus::Paid(paid);
            CallbackNews::Payment(PaymentReport { payment: payment.parse().ok()?, status })
        }
        WrittenNews::Declined { payment } => {
            CallbackNews::Payment(PaymentReport { payment: payment.parse().ok()?, status: PaymentStatus::Failed })
        }
        WrittenNews::Refunded { refund, payment, amount, provider_refund_id } => {
            let booked = Some(BookedRefund { provider_refund_id, payment: payment.parse().ok()?, amount });
            CallbackNews::Refund(RefundReport {
                refund: refund.parse().ok()?,
                status: RefundStatus::Done { at },
                booked,
            })
        }
    })
}
