//! The ticket that the cashier's page is opened with: everything the page needs, signed.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use huike_kernel::Money;
use serde::{Deserialize, Serialize};

use super::Cashier;
use crate::PaymentRef;

const PURPOSE: &str = "ticket";

/// A payment that waits for a button.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    /// Which payment.
    pub payment: PaymentRef,
    /// How much.
    pub amount: Money,
    /// What for.
    pub description: String,
    /// When it may be paid no longer.
    pub expires_at: DateTime<Utc>,
    /// Who is told of it.
    pub notify_url: String,
}

/// Why a ticket is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TicketError {
    /// It is none of ours, or was changed.
    #[error("this is no ticket of the cashier's")]
    Forged,
    /// Its time is over.
    #[error("the ticket's time is over")]
    Expired,
}

#[derive(Serialize, Deserialize)]
struct Written {
    payment: String,
    amount: Money,
    description: String,
    expires_at: DateTime<Utc>,
    notify_url: String,
}

impl Ticket {
    pub(super) fn write(&self, cashier: &Cashier) -> String {
        let written = Written {
            payment: self.payment.to_string(),
            amount: self.amount,
            description: self.description.clone(),
            expires_at: self.expires_at,
            notify_url: self.notify_url.clone(),
        };
        // A struct of texts always has its JSON. If it had none, the ticket would be refused as forged.
        let text = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&written).unwrap_or_default());
        let signature = cashier.sign(PURPOSE, text.as_bytes());
        format!("{text}.{signature}")
    }

    pub(super) fn read(cashier: &Cashier, text: &str) -> Result<Self, TicketError> {
        let (text, signature) = text.split_once('.').ok_or(TicketError::Forged)?;
        if !cashier.verifies(PURPOSE, text.as_bytes(), signature) {
            return Err(TicketError::Forged);
        }
        let json = URL_SAFE_NO_PAD.decode(text).map_err(|_never| TicketError::Forged)?;
        let written: Written = serde_json::from_slice(&json).map_err(|_never| TicketError::Forged)?;
        Ok(Self {
            payment: written.payment.parse().map_err(|_never| TicketError::Forged)?,
            amount: written.amount,
            description: written.description,
            expires_at: written.expires_at,
            notify_url: written.notify_url,
        })
    }
}
