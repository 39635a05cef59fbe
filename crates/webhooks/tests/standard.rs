//! Signatures held against the reference implementation of Standard Webhooks.
#![cfg(test)]

use huike_webhooks::{Received, Secret, sign, verify};
use proptest::prelude::*;
use standardwebhooks::Webhook;

fn secret(bytes: [u8; 32]) -> Secret {
    Secret::from_bytes(bytes)
}

// The reference takes text only; so do receivers who use it, and what we send is JSON.
proptest! {
    #[test]
    fn what_we_sign_is_what_the_reference_signs(key: [u8; 32], id in "[a-z0-9-]{1,40}", at in 0_i64..4_000_000_000, body in ".*") {
        let reference = Webhook::new(&secret(key).expose()).unwrap().sign(&id, at, body.as_bytes()).unwrap();
        prop_assert_eq!(sign(&[secret(key)], &id, at, body.as_bytes()), reference);
    }

    #[test]
    fn what_the_reference_signs_we_verify(key: [u8; 32], id in "[a-z0-9-]{1,40}", at in 0_i64..4_000_000_000, body in ".*") {
        let signature = Webhook::new(&secret(key).expose()).unwrap().sign(&id, at, body.as_bytes()).unwrap();
        let timestamp = at.to_string();
        let received = Received { id: &id, timestamp: &timestamp, signature: &signature };
        let now = chrono::DateTime::from_timestamp(at, 0).unwrap();
        prop_assert_eq!(verify(&[secret(key)], received, body.as_bytes(), now), Ok(()));
    }
}
