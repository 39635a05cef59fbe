//! The problem document as OpenAPI shows it.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A refusal (RFC 9457). `code` is stable and documented; texts are for people and come in the language of
/// `Accept-Language`. Further members may carry facts, such as the gap to a threshold.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem, example = json!({
    "type": "/problems/not_found",
    "title": "Not found",
    "status": 404,
    "code": "not_found",
    "detail": "there is no such thing",
    "request_id": "01936f5e-7d2a-7c3e-9a41-5b6c7d8e9f00"
}))]
pub struct ProblemDocument {
    /// A relative URI that names the kind of problem.
    #[serde(rename = "type")]
    pub kind: String,
    /// A short title.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// The stable code.
    pub code: String,
    /// What went wrong this time.
    pub detail: String,
    /// The request, as in the logs.
    pub request_id: Uuid,
    /// What is wrong with which field.
    #[schema(required = false)]
    pub errors: Vec<FieldErrorDocument>,
}

/// A fault of one field. It never repeats the value.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FieldError)]
pub struct FieldErrorDocument {
    /// JSON pointer into the body, or `?name` for a query parameter.
    pub pointer: String,
    /// What is wrong, in a word.
    pub code: String,
    /// What is wrong, in a sentence.
    pub detail: String,
}
