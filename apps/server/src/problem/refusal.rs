//! What HTTP itself refuses, before any rule of the trade is asked.

use actix_web::http::StatusCode;

use super::Problem;

/// A refusal of the HTTP layer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The body is not JSON.
    #[error("the body is not well-formed JSON (line {line}, column {column})")]
    BodyMalformed {
        /// Where reading stopped.
        line: usize,
        /// Where reading stopped.
        column: usize,
    },
    /// One object of the body names a key twice.
    #[error("the body names the key of an object twice (line {line}, column {column})")]
    BodyDuplicateKey {
        /// Where the second one ends.
        line: usize,
        /// Where the second one ends.
        column: usize,
    },
    /// The body stopped before it was complete.
    #[error("the body was cut off")]
    BodyIncomplete,
    /// The body takes too long to come in.
    #[error("the body did not come in within {seconds} seconds")]
    BodyTooSlow {
        /// How long was waited.
        seconds: u64,
    },
    /// The body is longer than the operation takes.
    #[error("the body is longer than {limit_bytes} bytes")]
    BodyTooLarge {
        /// The longest body the operation takes.
        limit_bytes: usize,
    },
    /// The body is not of a type the operation takes.
    #[error("this operation takes {expected}")]
    MediaTypeUnsupported {
        /// What it takes.
        expected: &'static str,
    },
    /// The body is packed. Nothing here unpacks: a small body is small, and a bomb is no longer than it looks.
    #[error("a body is not packed: leave Content-Encoding out")]
    EncodingUnsupported,
    /// The path names something, but not for this method.
    #[error("this path does not take that method")]
    MethodNotAllowed {
        /// The methods it takes, as in `Allow`.
        allow: String,
    },
    /// There is no credential, or none that is good.
    #[error("sign in first")]
    Unauthenticated,
    /// A cookie alone does not prove that the page is ours.
    #[error("the X-CSRF-Token header is missing or wrong")]
    CsrfMissing,
    /// The password was set by somebody else and has to be changed before anything else.
    #[error("change the password first")]
    PasswordChangeRequired,
    /// Nothing is done without a key that makes a repeat harmless.
    #[error("the Idempotency-Key header is missing")]
    IdempotencyKeyMissing,
    /// The key is too long or holds strange characters.
    #[error("an idempotency key has 1 to 255 visible ASCII characters")]
    IdempotencyKeyInvalid,
    /// The cursor was not made by this list.
    #[error("the cursor is not one of this list")]
    CursorInvalid,
    /// `Huike-Site` names nothing a customer can visit.
    #[error("the Huike-Site header names no open site")]
    SiteUnknown,
    /// Nobody knows who sent it, or it is meant for somebody else.
    #[error("the callback is not signed by the provider, or not for us")]
    CallbackUntrusted,
    /// Nobody has set this provider of payments up here.
    #[error("this provider of payments is not set up here")]
    ProviderUnavailable,
    /// Too many tries.
    #[error("too many tries, come again later")]
    TooManyTries {
        /// When.
        retry_after_seconds: u32,
    },
    /// There is more to do than can be done.
    #[error("too busy, come again later")]
    Busy,
}

impl Refusal {
    const fn words(&self) -> (StatusCode, &'static str) {
        match self {
            Self::BodyMalformed { .. } => (StatusCode::BAD_REQUEST, "body_malformed"),
            Self::BodyDuplicateKey { .. } => (StatusCode::BAD_REQUEST, "body_duplicate_key"),
            Self::BodyIncomplete => (StatusCode::BAD_REQUEST, "body_incomplete"),
            Self::BodyTooSlow { .. } => (StatusCode::REQUEST_TIMEOUT, "body_too_slow"),
            Self::BodyTooLarge { .. } => (StatusCode::PAYLOAD_TOO_LARGE, "body_too_large"),
            Self::MediaTypeUnsupported { .. } => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "media_type_unsupported"),
            Self::EncodingUnsupported => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "content_encoding_unsupported"),
            Self::MethodNotAllowed { .. } => (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"),
            Self::Unauthenticated => (StatusCode::UNAUTHORIZED, "unauthenticated"),
            Self::CsrfMissing => (StatusCode::FORBIDDEN, "csrf_missing"),
            Self::PasswordChangeRequired => (StatusCode::FORBIDDEN, "password_change_required"),
            Self::IdempotencyKeyMissing => (StatusCode::BAD_REQUEST, "idempotency_key_missing"),
            Self::IdempotencyKeyInvalid => (StatusCode::BAD_REQUEST, "idempotency_key_invalid"),
            Self::CursorInvalid => (StatusCode::UNPROCESSABLE_ENTITY, "cursor_invalid"),
            Self::SiteUnknown => (StatusCode::UNPROCESSABLE_ENTITY, "site_unknown"),
            Self::CallbackUntrusted => (StatusCode::UNAUTHORIZED, "callback_untrusted"),
            Self::ProviderUnavailable => (StatusCode::CONFLICT, "payment_provider_unavailable"),
            Self::TooManyTries { .. } => (StatusCode::TOO_MANY_REQUESTS, "too_many_tries"),
            Self::Busy => (StatusCode::SERVICE_UNAVAILABLE, "busy"),
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let (status, code) = refusal.words();
        let mut problem = Self::new(status, code, refusal.to_string());
        match refusal {
            Refusal::BodyMalformed { line, column } | Refusal::BodyDuplicateKey { line, column } => {
                problem.details.insert("line".to_owned(), line.into());
                problem.details.insert("column".to_owned(), column.into());
            }
            Refusal::BodyTooSlow { seconds } => {
                problem.details.insert("seconds".to_owned(), seconds.into());
            }
            Refusal::BodyTooLarge { limit_bytes } => {
                problem.details.insert("limit_bytes".to_owned(), limit_bytes.into());
            }
            Refusal::MediaTypeUnsupported { expected } => {
                problem.details.insert("expected".to_owned(), expected.into());
            }
            Refusal::MethodNotAllowed { allow } => problem.allow = Some(allow.into()),
            Refusal::TooManyTries { retry_after_seconds } => problem.retry_after_seconds = Some(retry_after_seconds),
            Refusal::Busy => problem.retry_after_seconds = Some(super::RETRY_AFTER_SECONDS),
            _ => {}
        }
        problem
    }
}
