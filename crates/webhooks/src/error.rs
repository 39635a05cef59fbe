//! Why something about webhooks is refused.

use huike_kernel::{DomainError, ErrorKind};
use serde_json::{Value, json};

use crate::rules::REPLAY_DAYS_MAX;

/// A refusal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WebhookError {
    /// It is no URL of a receiver.
    #[error("this is no URL that webhooks can be sent to")]
    UrlMalformed,
    /// Anybody on the way could read and change what is sent.
    #[error("webhooks are sent over https only")]
    UrlNotHttps,
    /// It leads behind our own walls.
    #[error("webhooks are not sent to private, local or reserved addresses")]
    AddressRefused,
    /// It is no secret of 24 to 64 bytes in base64 after `whsec_`.
    #[error("this is no signing secret")]
    SecretMalformed,
    /// The timestamp is no number of seconds.
    #[error("the timestamp is not valid")]
    TimestampMalformed,
    /// It was signed long ago, or in the future.
    #[error("the timestamp is too far from now")]
    TimestampFar,
    /// No signature was made with a secret that is known here.
    #[error("the signature is wrong")]
    SignatureWrong,
    /// Nothing is sent to an endpoint that is not enabled.
    #[error("the endpoint is not enabled")]
    EndpointDisabled,
    /// The delivery is still tried by itself.
    #[error("the delivery is still pending")]
    DeliveryPending,
    /// The window does not begin before it ends, is not over, or is too long.
    #[error("the window must begin before it ends, be over, and last at most {REPLAY_DAYS_MAX} days")]
    ReplayWindowInvalid,
    /// Another window is being sent to the endpoint.
    #[error("another replay to this endpoint is running")]
    ReplayRunning,
}

impl DomainError for WebhookError {
    fn code(&self) -> &'static str {
        match self {
            Self::UrlMalformed => "webhook_url_malformed",
            Self::UrlNotHttps => "webhook_url_not_https",
            Self::AddressRefused => "webhook_address_refused",
            Self::SecretMalformed => "webhook_secret_malformed",
            Self::TimestampMalformed => "webhook_timestamp_malformed",
            Self::TimestampFar => "webhook_timestamp_far",
            Self::SignatureWrong => "webhook_signature_wrong",
            Self::EndpointDisabled => "webhook_endpoint_disabled",
            Self::DeliveryPending => "webhook_delivery_pending",
            Self::ReplayWindowInvalid => "webhook_replay_window_invalid",
            Self::ReplayRunning => "webhook_replay_running",
        }
    }

    fn kind(&self) -> ErrorKind {
        match self {
            Self::EndpointDisabled | Self::DeliveryPending | Self::ReplayRunning => ErrorKind::Conflict,
            _ => ErrorKind::Invalid,
        }
    }

    fn details(&self) -> Option<Value> {
        match self {
            Self::ReplayWindowInvalid => Some(json!({ "days_max": REPLAY_DAYS_MAX })),
            _ => None,
        }
    }

    fn pointer(&self) -> Option<String> {
        match self {
            Self::UrlMalformed | Self::UrlNotHttps | Self::AddressRefused => Some("/url".to_owned()),
            Self::ReplayWindowInvalid => Some("/until".to_owned()),
            _ => None,
        }
    }
}
