//! The cashier for tests (测试收银台): a page on which somebody, or a test, approves a payment, declines it, lets it come late, or
//! lets it be told twice. No money moves.
//!
//! What is here needs no database: the ticket that the page is opened with, what each button means, and callbacks that are signed as a
//! real provider's are. Whoever keeps books beside it, so that payments can be asked about, makes a
//! [`PaymentProvider`](crate::PaymentProvider) of it.

mod notice;
#[cfg(test)]
mod tests;
mod ticket;

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit, Mac};
use huike_kernel::Money;
use sha2::Sha256;

pub use self::{
    notice::{CashierNotice, SIGNATURE_HEADER, TIMESTAMP_HEADER},
    ticket::{Ticket, TicketError},
};
use crate::{
    BookedRefund, Callback, CallbackError, CallbackEvent, CallbackNews, PaidPayment, PaymentAsk, PaymentPrompt,
    PaymentReport, PaymentStatus, RefundAsk, RefundReport, RefundStatus, Refusal,
};

/// What the cashier calls its merchant and its app.
pub const MERCHANT_ID: &str = "test";
/// How much later a payment is told of that comes late.
pub const LATE: TimeDelta = TimeDelta::seconds(60);
/// How much later a payment is told of for the second time.
pub const AGAIN: TimeDelta = TimeDelta::seconds(1);

huike_kernel::words! {
    /// A button of the cashier's page.
    CashierButton, "button of the cashier" {
        /// It is paid, and told at once.
        Approve = "approve",
        /// The bank refuses, and that is told at once.
        Decline = "decline",
        /// It is paid, and told a minute later.
        Delay = "delay",
        /// It is paid, and told twice.
        Duplicate = "duplicate",
    }
}

/// A cashier for tests. Whoever has its secret can make payments look paid: it is for houses in which nothing is sold.
#[derive(Clone)]
pub struct Cashier {
    secret: [u8; 32],
    page_url: String,
}

impl fmt::Debug for Cashier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cashier").field("page_url", &self.page_url).finish_non_exhaustive()
    }
}

impl Cashier {
    /// A cashier with this secret, whose page is there.
    pub fn new(secret: [u8; 32], page_url: impl Into<String>) -> Self {
        Self { secret, page_url: page_url.into() }
    }

    /// The page on which the payment is made. The ticket in its address says everything about it.
    pub fn prompt(&self, ask: &PaymentAsk) -> Result<PaymentPrompt, Refusal> {
        if ask.amount <= Money::ZERO {
            return Err(Refusal::Invalid("there is nothing to pay"));
        }
        let ticket = Ticket {
            payment: ask.payment,
            amount: ask.amount,
            description: ask.description.clone(),
            expires_at: ask.expires_at,
            notify_url: ask.notify_url.clone(),
        };
        Ok(PaymentPrompt::Page { url: format!("{}?ticket={}", self.page_url, ticket.write(self)) })
    }

    /// Reads the ticket that the page was opened with.
    pub fn read_ticket(&self, text: &str) -> Result<Ticket, TicketError> {
        Ticket::read(self, text)
    }

    /// What happens when a button is pressed: how the payment stands from now on, and what is to be told, and when.
    pub fn press(
        &self,
        ticket: &Ticket,
        button: CashierButton,
        now: DateTime<Utc>,
    ) -> Result<(PaymentReport, Vec<CashierNotice>), TicketError> {
        if now >= ticket.expires_at {
            return Err(TicketError::Expired);
        }
        let status = match button {
            CashierButton::Decline => PaymentStatus::Failed,
            CashierButton::Approve | CashierButton::Delay | CashierButton::Duplicate => {
                PaymentStatus::Paid(PaidPayment {
                    transaction_id: format!("TEST{}", ticket.payment),
                    merchant_id: MERCHANT_ID.to_owned(),
                    app_id: MERCHANT_ID.to_owned(),
                    amount: ticket.amount,
                    payer_amount: ticket.amount,
                    payer: None,
                    paid_at: now,
                })
            }
        };
        let waits: &[TimeDelta] = match button {
            CashierButton::Approve | CashierButton::Decline => &[TimeDelta::zero()],
            CashierButton::Delay => &[LATE],
            CashierButton::Duplicate => &[TimeDelta::zero(), AGAIN],
        };
        let report = PaymentReport { payment: ticket.payment, status };
        let notice = CashierNotice::of(&CallbackNews::Payment(report.clone()), &ticket.notify_url, now);
        let due = |wait: &TimeDelta| now.checked_add_signed(*wait).unwrap_or(now);
        let told = waits.iter().map(|wait| CashierNotice { due_at: due(wait), ..notice.clone() }).collect();
        Ok((report, told))
    }

    /// Pays back at once: how the refund stands, and what is to be told.
    pub fn refund(&self, ask: &RefundAsk, now: DateTime<Utc>) -> Result<(RefundReport, CashierNotice), Refusal> {
        if ask.amount <= Money::ZERO || ask.amount > ask.paid {
            return Err(Refusal::Invalid("the amount is nothing, or more than was paid"));
        }
        let booked = BookedRefund {
            provider_refund_id: format!("TEST{}", ask.refund),
            payment: ask.payment,
            amount: ask.amount,
        };
        let report = RefundReport { refund: ask.refund, status: RefundStatus::Done { at: now }, booked: Some(booked) };
        let notice = CashierNotice::of(&CallbackNews::Refund(report.clone()), &ask.notify_url, now);
        Ok((report, notice))
    }

    /// What a callback says, once it is certain that this cashier sent it.
    pub fn read_callback(&self, callback: Callback<'_>, now: DateTime<Utc>) -> Result<CallbackEvent, CallbackError> {
        notice::read(self, callback, now)
    }

    /// A signature over a text, for one purpose and no other.
    fn sign(&self, purpose: &str, text: &[u8]) -> String {
        URL_SAFE_NO_PAD.encode(self.mac(purpose, text).finalize().into_bytes())
    }

    /// Whether a signature is ours. It takes as long for every wrong one.
    fn verifies(&self, purpose: &str, text: &[u8], signature: &str) -> bool {
        URL_SAFE_NO_PAD.decode(signature).is_ok_and(|found| self.mac(purpose, text).verify_slice(&found).is_ok())
    }

    fn mac(&self, purpose: &str, text: &[u8]) -> Hmac<Sha256> {
        // A key that is shorter than a block is filled up with noughts: so HMAC says.
        let mut block = [0_u8; 64];
        for (place, byte) in block.iter_mut().zip(self.secret) {
            *place = byte;
        }
        let mut mac = Hmac::<Sha256>::new(&block.into());
        mac.update(purpose.as_bytes());
        mac.update(b"\n");
        mac.update(text);
        mac
    }
}
