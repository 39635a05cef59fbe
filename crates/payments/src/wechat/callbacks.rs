//! Callbacks: who sent it, then what is sealed in it, then whether it is for us.

use chrono::{DateTime, Utc};
use serde::{Deserialize, de::DeserializeOwned};

use super::{
    keys::Sealed,
    link::{Link, Signed},
    refunds::{Refund, read_refund},
    transaction::TransactionFault,
};
use crate::{Callback, CallbackError, CallbackEvent, CallbackNews, callback::BODY_BYTES_MAX};

/// The one way in which callbacks are sealed.
const ALGORITHM: &str = "AEAD_AES_256_GCM";

#[derive(Deserialize)]
struct Envelope {
    id: String,
    event_type: String,
    resource: Resource,
}

#[derive(Deserialize)]
struct Resource {
    algorithm: String,
    #[serde(flatten)]
    sealed: Sealed,
}

#[derive(Deserialize)]
struct RefundNotice {
    mchid: String,
    #[serde(flatten)]
    refund: Refund,
}

impl Link {
    pub(super) async fn read_callback(
        &self,
        callback: Callback<'_>,
        now: DateTime<Utc>,
    ) -> Result<CallbackEvent, CallbackError> {
        if callback.body.len() > BODY_BYTES_MAX {
            return Err(CallbackError::TooLong);
        }
        let signed = Signed::find(|name| callback.header(name)).ok_or(CallbackError::Unsigned)?;
        self.verify(&signed, callback.body, now).await?;
        self.open(callback.body)
    }

    /// Reads a body that WeChat Pay signed.
    fn open(&self, body: &[u8]) -> Result<CallbackEvent, CallbackError> {
        let envelope: Envelope = parse(body)?;
        let kind = envelope.event_type.split('.').next().unwrap_or_default();
        if !matches!(kind, "TRANSACTION" | "REFUND") {
            return Err(CallbackError::Unexpected);
        }
        if envelope.resource.algorithm != ALGORITHM {
            return Err(CallbackError::Malformed);
        }
        let text = self.keys.seal.open(&envelope.resource.sealed).ok_or(CallbackError::Sealed)?;
        let news = if kind == "TRANSACTION" { self.open_payment(&text)? } else { self.open_refund(&text)? };
        Ok(CallbackEvent { notice_id: envelope.id, news })
    }

    fn open_payment(&self, text: &[u8]) -> Result<CallbackNews, CallbackError> {
        self.report(parse(text)?).map(CallbackNews::Payment).map_err(|fault| match fault {
            TransactionFault::Foreign => CallbackError::Foreign,
            TransactionFault::Malformed => CallbackError::Malformed,
        })
    }

    fn open_refund(&self, text: &[u8]) -> Result<CallbackNews, CallbackError> {
        let notice: RefundNotice = parse(text)?;
        if notice.mchid != self.merchant_id {
            return Err(CallbackError::Foreign);
        }
        read_refund(notice.refund).map(CallbackNews::Refund).ok_or(CallbackError::Malformed)
    }
}

fn parse<T: DeserializeOwned>(text: &[u8]) -> Result<T, CallbackError> {
    serde_json::from_slice(text).map_err(|_malformed| CallbackError::Malformed)
}
