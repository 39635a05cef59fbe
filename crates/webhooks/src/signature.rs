//! Signatures as Standard Webhooks has them: an HMAC over id, time and body, so that a receiver knows who sent this, that
//! it is whole, and that it is not an old one sent again.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::{Secret, WebhookError};

/// The header with the id of what is told: the same on every attempt, so that a receiver can drop what it knows.
pub const ID_HEADER: &str = "webhook-id";
/// The header with the time of the attempt, in seconds since 1970.
pub const TIMESTAMP_HEADER: &str = "webhook-timestamp";
/// The header with the signatures, separated by spaces.
pub const SIGNATURE_HEADER: &str = "webhook-signature";

/// How far the sender's clock may be from the receiver's, either way.
pub const TOLERANCE: TimeDelta = TimeDelta::minutes(5);

const VERSION: &str = "v1,";
/// A block of SHA-256. A key of that length or less, filled with zeros, is the same HMAC by definition.
const BLOCK_BYTES: usize = 64;

/// What a receiver got, besides the body.
#[derive(Debug, Clone, Copy)]
pub struct Received<'a> {
    /// The header `webhook-id`.
    pub id: &'a str,
    /// The header `webhook-timestamp`.
    pub timestamp: &'a str,
    /// The header `webhook-signature`.
    pub signature: &'a str,
}

/// The value of `webhook-signature`: one signature for each secret, while an old and a new one are both in use. `timestamp`
/// is in seconds since 1970, as in the header.
pub fn sign(secrets: &[Secret], id: &str, timestamp: i64, body: &[u8]) -> String {
    let timestamp = timestamp.to_string();
    let signatures: Vec<_> = secrets.iter().map(|secret| signature_of(secret, id, &timestamp, body)).collect();
    signatures.join(" ")
}

/// Says whether this came from whoever knows one of the secrets, unchanged and not long ago. For receivers.
pub fn verify(secrets: &[Secret], received: Received<'_>, body: &[u8], now: DateTime<Utc>) -> Result<(), WebhookError> {
    let sent_at = received.timestamp.parse().ok().and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    let sent_at = sent_at.ok_or(WebhookError::TimestampMalformed)?;
    if now.signed_duration_since(sent_at).abs() > TOLERANCE {
        return Err(WebhookError::TimestampFar);
    }
    let is_ours = secrets.iter().any(|secret| {
        let wanted = signature_of(secret, received.id, received.timestamp, body);
        received.signature.split(' ').any(|given| bool::from(given.as_bytes().ct_eq(wanted.as_bytes())))
    });
    if is_ours { Ok(()) } else { Err(WebhookError::SignatureWrong) }
}

fn signature_of(secret: &Secret, id: &str, timestamp: &str, body: &[u8]) -> String {
    let mut block = [0; BLOCK_BYTES];
    for (slot, byte) in block.iter_mut().zip(secret.bytes()) {
        *slot = *byte;
    }
    let mut mac = <Hmac<Sha256> as KeyInit>::new(&block.into());
    for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", body] {
        mac.update(part);
    }
    format!("{VERSION}{}", STANDARD.encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "01936f5e-7d2a-7c3e-9a41-5b6c7d8e9f00";
    const BODY: &[u8] = br#"{"type":"coupon_redeemed"}"#;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    fn headers(signature: &str) -> Received<'_> {
        Received { id: ID, timestamp: "1790000000", signature }
    }

    /// The example of the specification.
    #[test]
    fn a_signature_is_that_of_the_specification() {
        let secret: Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".parse().unwrap();
        let signed = sign(&[secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, br#"{"test": 2432232314}"#);
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn what_was_signed_verifies_within_five_minutes_either_way() {
        let secrets = [Secret::from_bytes([1; 32])];
        let signature = sign(&secrets, ID, 1_790_000_000, BODY);
        for now in [1_789_999_700, 1_790_000_000, 1_790_000_300] {
            assert_eq!(verify(&secrets, headers(&signature), BODY, at(now)), Ok(()));
        }
        for now in [1_789_999_699, 1_790_000_301] {
            assert_eq!(verify(&secrets, headers(&signature), BODY, at(now)), Err(WebhookError::TimestampFar));
        }
    }

    #[test]
    fn whatever_was_changed_on_the_way_is_noticed() {
        let secrets = [Secret::from_bytes([1; 32])];
        let signature = sign(&secrets, ID, 1_790_000_000, BODY);
        let now = at(1_790_000_000);
        let good = headers(&signature);
        let wrong = Err(WebhookError::SignatureWrong);
        assert_eq!(verify(&secrets, Received { id: "another", ..good }, BODY, now), wrong);
        assert_eq!(verify(&secrets, Received { timestamp: "1790000001", ..good }, BODY, now), wrong);
        assert_eq!(verify(&secrets, good, br#"{"type":"coupon_voided"}"#, now), wrong);
        assert_eq!(verify(&[Secret::from_bytes([2; 32])], good, BODY, now), wrong);
        assert_eq!(verify(&[], good, BODY, now), wrong);
        assert_eq!(verify(&secrets, headers(""), BODY, now), wrong);
        assert_eq!(verify(&secrets, headers(&signature.replace("v1,", "v2,")), BODY, now), wrong);
        let malformed = Received { timestamp: "yesterday", ..good };
        assert_eq!(verify(&secrets, malformed, BODY, now), Err(WebhookError::TimestampMalformed));
    }

    #[test]
    fn during_a_rotation_both_secrets_sign_and_either_verifies() {
        let (old, new) = (Secret::from_bytes([1; 32]), Secret::from_bytes([2; 32]));
        let signature = sign(&[new.clone(), old.clone()], ID, 1_790_000_000, BODY);
        assert_eq!(signature.split(' ').count(), 2);
        for known in [old, new] {
            assert_eq!(verify(&[known], headers(&signature), BODY, at(1_790_000_000)), Ok(()));
        }
    }
}
