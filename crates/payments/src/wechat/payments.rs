//! Making, asking about and closing payments.

use chrono::{DateTime, FixedOffset, SecondsFormat, Utc};
use huike_kernel::Money;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    link::Link,
    transaction::{Transaction, TransactionFault},
};
use crate::{
    JsapiPrompt, PayMethod, PaymentAsk, PaymentPrompt, PaymentRef, PaymentReport, PaymentStatus, ReadError, Refusal,
    Trouble, WriteError,
};

/// WeChat Pay's own limit, in bytes to be on the safe side.
const DESCRIPTION_BYTES_MAX: usize = 127;
const NOTIFY_URL_BYTES_MAX: usize = 255;
/// WeChat Pay's days and times are those of Beijing.
const BEIJING_SECONDS: i32 = 8 * 3_600;

#[derive(Deserialize)]
struct Prepaid {
    prepay_id: String,
}

#[derive(Deserialize)]
struct Coded {
    code_url: String,
}

impl Link {
    pub(super) async fn create(&self, ask: &PaymentAsk) -> Result<PaymentPrompt, WriteError> {
        decide_payable(ask).map_err(WriteError::Refused)?;
        let mut body = json!({
            "appid": self.app_id,
            "mchid": self.merchant_id,
            "description": cut(&ask.description, DESCRIPTION_BYTES_MAX),
            "out_trade_no": ask.payment.to_string(),
            "time_expire": beijing(ask.expires_at),
            "notify_url": ask.notify_url,
            "amount": { "total": ask.amount.fen(), "currency": "CNY" },
        });
        match &ask.method {
            PayMethod::Jsapi { payer } => {
                if let Some(fields) = body.as_object_mut() {
                    fields.insert("payer".to_owned(), json!({ "openid": payer.expose() }));
                }
                let Prepaid { prepay_id } = self.post("/v3/pay/transactions/jsapi", &body).await?;
                Ok(PaymentPrompt::Jsapi(self.prompt(&prepay_id)?))
            }
            PayMethod::Native => {
                let Coded { code_url } = self.post("/v3/pay/transactions/native", &body).await?;
                Ok(PaymentPrompt::Native { code_url })
            }
        }
    }

    /// What `wx.requestPayment` takes.
    fn prompt(&self, prepay_id: &str) -> Result<JsapiPrompt, WriteError> {
        let (app_id, nonce) = (self.app_id.clone(), self.nonce());
        let timestamp = self.clock.now().timestamp().to_string();
        let package = format!("prepay_id={prepay_id}");
        let signature = self.sign(format!("{app_id}\n{timestamp}\n{nonce}\n{package}\n").as_bytes())?;
        Ok(JsapiPrompt { app_id, timestamp, nonce, package, signature })
    }

    pub(super) async fn query(&self, payment: PaymentRef) -> Result<PaymentReport, ReadError> {
        let target = format!("/v3/pay/transactions/out-trade-no/{payment}?mchid={}", self.merchant_id);
        let told: Transaction = match self.get(target).await {
            Ok(told) => told,
            Err(WriteError::Refused(Refusal::Absent)) => {
                return Ok(PaymentReport { payment, status: PaymentStatus::Absent });
            }
            Err(error) => return Err(unanswered(error)),
        };
        let report = self.report(told).map_err(|fault| match fault {
            TransactionFault::Foreign => ReadError::Unanswered(Trouble::AnswerForeign),
            TransactionFault::Malformed => ReadError::Unanswered(Trouble::AnswerBroken),
        })?;
        if report.payment == payment { Ok(report) } else { Err(ReadError::Unanswered(Trouble::AnswerForeign)) }
    }

    pub(super) async fn close(&self, payment: PaymentRef) -> Result<(), WriteError> {
        let target = format!("/v3/pay/transactions/out-trade-no/{payment}/close");
        match self.send(&target, &json!({ "mchid": self.merchant_id })).await {
            Ok(_) | Err(WriteError::Refused(Refusal::Closed)) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// A question that failed. What was asked about may be done or not.
pub(super) fn unanswered(error: WriteError) -> ReadError {
    match error {
        WriteError::NotDone(trouble) | WriteError::Unknown(trouble) => ReadError::Unanswered(trouble),
        WriteError::Refused(refusal) => ReadError::Refused(refusal),
    }
}

fn decide_payable(ask: &PaymentAsk) -> Result<(), Refusal> {
    if ask.amount <= Money::ZERO {
        return Err(Refusal::Invalid("there is nothing to pay"));
    }
    if ask.description.trim().is_empty() {
        return Err(Refusal::Invalid("the description is empty"));
    }
    if let PayMethod::Jsapi { payer } = &ask.method
        && payer.expose().is_empty()
    {
        return Err(Refusal::Invalid("the payer is empty"));
    }
    decide_notify_url(&ask.notify_url)
}

/// WeChat Pay drops what follows a question mark, and calls nobody unencrypted except where a fake stands in for it.
pub(super) fn decide_notify_url(url: &str) -> Result<(), Refusal> {
    let known = url.starts_with("https://") || url.starts_with("http://127.0.0.1") || url.starts_with("http://[::1]");
    if known && !url.contains(['?', '#']) && url.len() <= NOTIFY_URL_BYTES_MAX {
        Ok(())
    } else {
        Err(Refusal::Invalid("the address for callbacks is no https URL without a query"))
    }
}

/// The beginning of a text that has at most so many bytes, whole characters only.
pub(super) fn cut(text: &str, bytes_max: usize) -> &str {
    let end = text.char_indices().map(|(at, c)| at.saturating_add(c.len_utf8())).take_while(|end| *end <= bytes_max);
    text.get(..end.last().unwrap_or(0)).unwrap_or_default()
}

fn beijing(at: DateTime<Utc>) -> Value {
    let zone = FixedOffset::east_opt(BEIJING_SECONDS);
    zone.map_or(Value::Null, |zone| at.with_timezone(&zone).to_rfc3339_opts(SecondsFormat::Secs, false).into())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn times_are_told_in_beijing() {
        assert_eq!(beijing("2026-11-22T16:30:05.9Z".parse().unwrap()), "2026-11-23T00:30:05+08:00");
    }

    #[test]
    fn callbacks_go_to_https_without_a_query() {
        for (url, good) in [
            ("https://shop.example/callbacks/wechat", true),
            ("http://127.0.0.1:8080/callbacks/wechat", true),
            ("http://shop.example/callbacks", false),
            ("https://shop.example/callbacks?order=1", false),
            ("", false),
        ] {
            assert_eq!(decide_notify_url(url).is_ok(), good, "{url}");
        }
    }

    proptest! {
        #[test]
        fn a_cut_text_begins_the_text_and_fits(text: String, bytes_max in 0..40_usize) {
            let cut = cut(&text, bytes_max);
            prop_assert!(cut.len() <= bytes_max && text.starts_with(cut));
            prop_assert!(cut == text || cut.len() + 4 > bytes_max);
        }
    }
}
