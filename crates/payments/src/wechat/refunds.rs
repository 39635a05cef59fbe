//! Paying back, and asking what became of it.

use chrono::{DateTime, Utc};
use huike_kernel::Money;
use serde::Deserialize;
use serde_json::json;

use super::{
    link::Link,
    payments::{cut, decide_notify_url, unanswered},
    transaction::read_fen,
};
use crate::{BookedRefund, ReadError, RefundAsk, RefundRef, RefundReport, RefundStatus, Refusal, Trouble, WriteError};

/// WeChat Pay's own limit, in bytes to be on the safe side.
const REASON_BYTES_MAX: usize = 80;

/// A refund as WeChat Pay writes it in answers; in callbacks `status` is `refund_status`.
#[derive(Deserialize)]
pub(super) struct Refund {
    #[serde(rename = "refund_id")]
    id: String,
    out_refund_no: String,
    out_trade_no: String,
    #[serde(alias = "refund_status")]
    status: String,
    success_time: Option<DateTime<Utc>>,
    amount: RefundAmount,
}

#[derive(Deserialize)]
struct RefundAmount {
    refund: i64,
}

impl Link {
    pub(super) async fn refund(&self, ask: &RefundAsk) -> Result<RefundReport, WriteError> {
        decide_refundable(ask).map_err(WriteError::Refused)?;
        let mut body = json!({
            "out_trade_no": ask.payment.to_string(),
            "out_refund_no": ask.refund.to_string(),
            "notify_url": ask.notify_url,
            "amount": { "refund": ask.amount.fen(), "total": ask.paid.fen(), "currency": "CNY" },
        });
        if let (Some(reason), Some(fields)) = (&ask.reason, body.as_object_mut()) {
            fields.insert("reason".to_owned(), cut(reason, REASON_BYTES_MAX).into());
        }
        let told: Refund = self.post("/v3/refund/domestic/refunds", &body).await?;
        let report = read_refund(told).ok_or(WriteError::Unknown(Trouble::AnswerBroken))?;
        let same = report.booked.as_ref().is_some_and(|it| it.amount == ask.amount && it.payment == ask.payment);
        let same = same && report.refund == ask.refund;
        if same { Ok(report) } else { Err(WriteError::Unknown(Trouble::AnswerForeign)) }
    }

    pub(super) async fn query_refund(&self, refund: RefundRef) -> Result<RefundReport, ReadError> {
        let told: Refund = match self.get(format!("/v3/refund/domestic/refunds/{refund}")).await {
            Ok(told) => told,
            Err(WriteError::Refused(Refusal::Absent)) => {
                return Ok(RefundReport { refund, status: RefundStatus::Absent, booked: None });
            }
            Err(error) => return Err(unanswered(error)),
        };
        let report = read_refund(told).ok_or(ReadError::Unanswered(Trouble::AnswerBroken))?;
        if report.refund == refund { Ok(report) } else { Err(ReadError::Unanswered(Trouble::AnswerForeign)) }
    }
}

fn decide_refundable(ask: &RefundAsk) -> Result<(), Refusal> {
    if ask.amount <= Money::ZERO {
        return Err(Refusal::Invalid("there is nothing to pay back"));
    }
    if ask.amount > ask.paid {
        return Err(Refusal::Invalid("more is to be paid back than was paid"));
    }
    decide_notify_url(&ask.notify_url)
}

/// Reads a refund of ours.
pub(super) fn read_refund(told: Refund) -> Option<RefundReport> {
    let status = match told.status.as_str() {
        "SUCCESS" => RefundStatus::Done { at: told.success_time? },
        "PROCESSING" => RefundStatus::Processing,
        "CLOSED" => RefundStatus::Closed,
        "ABNORMAL" => RefundStatus::Abnormal,
        _ => return None,
    };
    let booked = BookedRefund {
        provider_refund_id: told.id,
        payment: told.out_trade_no.parse().ok()?,
        amount: read_fen(told.amount.refund)?,
    };
    Some(RefundReport { refund: told.out_refund_no.parse().ok()?, status, booked: Some(booked) })
}
