//! A receiver: is this message from Huike, whole, and recent?

use chrono::{DateTime, Utc};
use huike_webhooks::{Received, Secret, WebhookError, sign, verify};

/// All a receiver does before it believes a message.
fn receive(headers: [&str; 3], body: &[u8], now: DateTime<Utc>) -> Result<(), WebhookError> {
    let secret: Secret = "whsec_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=".parse()?;
    let [id, timestamp, signature] = headers;
    verify(&[secret], Received { id, timestamp, signature }, body, now)
    // Then: drop it if this id is known already, keep it, and answer 204 within ten seconds.
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let now: DateTime<Utc> = "2026-11-22T08:00:00Z".parse()?;
    let body = br#"{"id":"01936f5e-7d2a-7c3e-9a41-5b6c7d8e9f00","type":"coupon_redeemed"}"#;
    let (id, timestamp) = ("01936f5e-7d2a-7c3e-9a41-5b6c7d8e9f00", now.timestamp());
    let signature = sign(&[Secret::from_bytes([7; 32])], id, timestamp, body);
    let timestamp = timestamp.to_string();
    println!("genuine: {:?}", receive([id, &timestamp, &signature], body, now));
    println!("changed: {:?}", receive([id, &timestamp, &signature], b"{}", now));
    Ok(())
}
