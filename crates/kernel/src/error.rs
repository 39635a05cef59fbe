//! The one contract every error of a domain crate keeps, so that one place can turn them all into answers.

use serde_json::Value;

/// What a caller can do about an error. A closed set: the HTTP status is one `match` over it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The ask itself is wrong; the same ask will always be refused (422).
    Invalid,
    /// There is no such thing, or none that the caller may know of (404).
    NotFound,
    /// The thing is visible, the permission is missing (403).
    Forbidden,
    /// The ask is sound, the present state refuses it (409).
    Conflict,
    /// Too many asks; later the same one may pass (429).
    TooMany,
    /// Nothing is wrong with the ask, the house is busy or cut off (503).
    Unavailable,
    /// A defect of ours; nothing about it leaves the house (500).
    Internal,
}

/// An error with a stable code that clients may rely on.
pub trait DomainError: std::error::Error {
    /// Stable code, `noun_reason` in lower snake case, listed in `docs/errors.md`.
    fn code(&self) -> &'static str;

    /// What the caller can do about it.
    fn kind(&self) -> ErrorKind;

    /// JSON pointer (RFC 6901) of the field at fault, where there is one.
    fn pointer(&self) -> Option<String> {
        None
    }

    /// Facts a program may use, such as the gap to a threshold: an object, merged into the problem document.
    fn details(&self) -> Option<Value> {
        None
    }
}
