//! Every refusal as one kind of document: `application/problem+json` (RFC 9457).
//!
//! A [`Problem`] is made from any [`DomainError`] in one place (here), from what HTTP itself refuses ([`Refusal`]), and
//! written once, on the way out, by `telemetry::request`, where the language and the request id are known.

mod refusal;
mod render;
mod schema;

use std::{borrow::Cow, fmt};

use actix_web::{HttpResponse, ResponseError, http::StatusCode};
use huike_kernel::{DomainError, ErrorKind};
use serde::Serialize;
use serde_json::{Map, Value};

pub use refusal::Refusal;
pub use render::stand_in;
pub use schema::ProblemDocument;

use crate::context::Context;

/// When a caller who was told "later" may come again, unless the refusal knows better.
const RETRY_AFTER_SECONDS: u32 = 1;

/// A refusal on its way to the caller.
#[derive(Debug, Clone)]
pub struct Problem {
    status: StatusCode,
    code: &'static str,
    /// English; the text for codes that no translation knows.
    detail: Cow<'static, str>,
    errors: Vec<FieldError>,
    details: Map<String, Value>,
    retry_after_seconds: Option<u32>,
    allow: Option<Box<str>>,
}

/// What is wrong with one field of a request. It never repeats the value: that may be a password or a phone number.
#[derive(Debug, Clone, Serialize)]
pub struct FieldError {
    /// JSON pointer (RFC 6901) into the body, or `?name` for a query parameter.
    pub pointer: String,
    /// What is wrong, in a word.
    pub code: Cow<'static, str>,
    /// What is wrong, in a sentence.
    pub detail: String,
    /// The bounds that the sentence names.
    #[serde(skip)]
    pub params: Map<String, Value>,
}

impl FieldError {
    /// A fault of one field.
    pub fn new(pointer: impl Into<String>, code: impl Into<Cow<'static, str>>, detail: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), code: code.into(), detail: detail.into(), params: Map::new() }
    }
}

impl Problem {
    /// The answer to a defect of ours. Nothing about it leaves the house; log the cause where it is known.
    pub fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "something went wrong on our side")
    }

    /// There is no such thing, or none that the caller may know of.
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "there is no such thing")
    }

    /// The shape or the values of a request are wrong, field by field.
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        let problem = Self::new(StatusCode::UNPROCESSABLE_ENTITY, "request_invalid", "the request has invalid fields");
        Self { errors, ..problem }
    }

    /// Says when to come again.
    #[must_use]
    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after_seconds = Some(seconds);
        self
    }

    /// The same refusal as 401: what was wrong is who the caller says to be.
    #[must_use]
    pub fn as_unauthorized(mut self) -> Self {
        self.status = StatusCode::UNAUTHORIZED;
        self
    }

    /// The same refusal by something that came after a write which stands. "Nothing was written" would not be true any
    /// more; what the caller has to do is what it does when nobody knows: ask again under the same key.
    #[must_use]
    pub fn after_write(mut self) -> Self {
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            self.code = "outcome_unknown";
        }
        self
    }

    /// The same refusal with every faulty field named.
    #[must_use]
    pub fn with_errors(mut self, errors: Vec<FieldError>) -> Self {
        self.errors = errors;
        self
    }

    /// The same refusal of what is one member of the body.
    #[must_use]
    pub fn below(mut self, member: &str) -> Self {
        for error in &mut self.errors {
            error.pointer.insert_str(0, member);
        }
        self
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The stable code.
    pub fn code(&self) -> &'static str {
        self.code
    }

    fn new(status: StatusCode, code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status,
            code,
            detail: detail.into(),
            errors: Vec::new(),
            details: Map::new(),
            retry_after_seconds: None,
            allow: None,
        }
    }
}

/// What HTTP calls it.
const fn status_of(kind: ErrorKind) -> StatusCode {
    match kind {
        ErrorKind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        ErrorKind::NotFound => StatusCode::NOT_FOUND,
        ErrorKind::Forbidden => StatusCode::FORBIDDEN,
        ErrorKind::Conflict => StatusCode::CONFLICT,
        ErrorKind::TooMany => StatusCode::TOO_MANY_REQUESTS,
        ErrorKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        ErrorKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl<E: DomainError> From<E> for Problem {
    fn from(error: E) -> Self {
        let kind = error.kind();
        if kind == ErrorKind::Internal {
            tracing::error!(%error, "request failed: {error}");
            return Self::internal();
        }
        if kind == ErrorKind::Unavailable {
            // The text of such an error is about our machines, so it is for the log; the caller gets the code's own.
            tracing::warn!(%error, "request put off: {error}");
        }
        let detail =
            if kind == ErrorKind::Unavailable { Cow::Borrowed("try again later") } else { error.to_string().into() };
        let mut problem = Self::new(status_of(kind), error.code(), detail);
        if let Some(Value::Object(details)) = error.details() {
            problem.details = details;
        }
        if let Some(pointer) = error.pointer() {
            let detail = problem.detail.to_string();
            problem.errors = vec![FieldError::new(pointer, error.code(), detail)];
        }
        if matches!(kind, ErrorKind::Unavailable | ErrorKind::TooMany) {
            let known = problem.details.get("retry_after_seconds").and_then(Value::as_u64);
            let known = known.and_then(|seconds| u32::try_from(seconds).ok());
            problem.retry_after_seconds = Some(known.unwrap_or(RETRY_AFTER_SECONDS));
        }
        problem
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.status.as_u16(), self.code, self.detail)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    /// Without the request at hand; `telemetry::request` writes the document again in the caller's language.
    fn error_response(&self) -> HttpResponse {
        self.render(Context::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("secret: SELECT * FROM staff")]
    struct Broken(ErrorKind);

    impl DomainError for Broken {
        fn code(&self) -> &'static str {
            "thing_broken"
        }

        fn kind(&self) -> ErrorKind {
            self.0
        }
    }

    #[test]
    fn a_defect_of_ours_says_nothing_about_us() {
        for kind in [ErrorKind::Internal, ErrorKind::Unavailable] {
            let problem = Problem::from(Broken(kind));
            assert!(!problem.to_string().contains("SELECT"), "{problem}");
        }
        assert_eq!(Problem::from(Broken(ErrorKind::Internal)).code(), "internal");
    }

    #[test]
    fn nobody_is_told_that_nothing_was_written_when_something_was() {
        assert_eq!(Problem::from(Broken(ErrorKind::Unavailable)).after_write().code(), "outcome_unknown");
        assert_eq!(Problem::from(Broken(ErrorKind::Conflict)).after_write().code(), "thing_broken");
    }

    #[test]
    fn whoever_may_come_again_is_told_when() {
        for kind in [ErrorKind::Unavailable, ErrorKind::TooMany] {
            let response = Problem::from(Broken(kind)).error_response();
            assert_eq!(response.headers().get("retry-after").unwrap(), "1");
        }
    }
}
