//! What a provider tells us by itself.

use chrono::{DateTime, Utc};

use crate::{PaymentReport, RefundReport};

/// The longest body of a callback that is looked at. Real ones have one or two KiB.
pub const BODY_BYTES_MAX: usize = 64 * 1_024;

/// A callback as it came in: the body byte for byte, because the signature is over its bytes.
#[derive(Clone, Copy)]
pub struct Callback<'a> {
    /// Names and values of its headers. Names are compared without regard to case.
    pub headers: &'a [(&'a str, &'a str)],
    /// Its body.
    pub body: &'a [u8],
}

impl<'a> Callback<'a> {
    /// The value of a header that is there exactly once. One that is there twice is one that somebody added.
    pub fn header(&self, name: &str) -> Option<&'a str> {
        let mut found = self.headers.iter().filter(|(header, _)| header.eq_ignore_ascii_case(name));
        match (found.next(), found.next()) {
            (Some((_, value)), None) => Some(value),
            _ => None,
        }
    }
}

/// What a genuine callback says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallbackEvent {
    /// The provider's id of the notice: the same when it is told again.
    pub notice_id: String,
    /// What it is about.
    pub news: CallbackNews,
}

/// What a callback is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallbackNews {
    /// How a payment stands.
    Payment(PaymentReport),
    /// How a refund stands.
    Refund(RefundReport),
}

/// Why a callback is not believed. Answer each with an error, so that the provider tells again what was true.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CallbackError {
    /// Too long to be one.
    #[error("the callback is longer than {BODY_BYTES_MAX} bytes")]
    TooLong,
    /// A header of the signature is missing, or there twice.
    #[error("the callback is not signed")]
    Unsigned,
    /// It was signed more than five minutes ago, or in the future: somebody may be telling an old story again.
    #[error("the callback's time is too far from now")]
    TimestampFar,
    /// It is signed with a key that is unknown here.
    #[error("the callback is signed with an unknown key")]
    KeyUnknown,
    /// The signature is not the provider's.
    #[error("the callback's signature is wrong")]
    SignatureWrong,
    /// The provider tries whether we look at signatures, with one that is wrong on purpose.
    #[error("the callback is a probe of our signature check")]
    SignatureProbe,
    /// What is sealed in it does not open with our key.
    #[error("the callback does not open with our key")]
    Sealed,
    /// It is genuine, but not as documented.
    #[error("the callback is malformed")]
    Malformed,
    /// It is genuine, but for another merchant or app, or about a payment we never made.
    #[error("the callback is not for us")]
    Foreign,
    /// It is genuine, but about something that is no payment and no refund.
    #[error("the callback is about something else")]
    Unexpected,
}

impl CallbackError {
    /// Whether it came from the provider for certain, and is merely not for us to act upon.
    pub const fn is_genuine(self) -> bool {
        matches!(self, Self::Malformed | Self::Foreign | Self::Unexpected)
    }
}

/// How far the time of a signature may be from now.
pub fn is_near(signed_at: i64, now: DateTime<Utc>) -> bool {
    signed_at.abs_diff(now.timestamp()) <= SIGNATURE_SECONDS_MAX
}

/// What WeChat Pay asks of us, and what we ask of the test cashier too.
const SIGNATURE_SECONDS_MAX: u64 = 300;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_counts_only_if_it_is_there_once() {
        let headers = [("wechatpay-nonce", "a"), ("Wechatpay-Serial", "b"), ("WECHATPAY-SERIAL", "c")];
        let callback = Callback { headers: &headers, body: b"" };
        assert_eq!(callback.header("Wechatpay-Nonce"), Some("a"));
        assert_eq!(callback.header("Wechatpay-Serial"), None);
        assert_eq!(callback.header("Wechatpay-Timestamp"), None);
    }

    #[test]
    fn a_signature_is_good_for_five_minutes_either_way() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        for (signed_at, near) in [(0, true), (300, true), (-300, true), (301, false), (-301, false)] {
            assert_eq!(is_near(1_800_000_000 + signed_at, now), near, "{signed_at}");
        }
        assert!(!is_near(i64::MIN, now) && !is_near(i64::MAX, now));
    }
}
