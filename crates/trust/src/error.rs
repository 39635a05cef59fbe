//! Why something about the record is refused.

use huike_kernel::{DomainError, ErrorKind};

/// A refusal, with a reason a caller can act on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TrustError {
    /// A payload is taken out once.
    #[error("the content of this audit row was taken out already")]
    AuditRedacted,
}

impl DomainError for TrustError {
    fn code(&self) -> &'static str {
        match self {
            Self::AuditRedacted => "audit_redacted",
        }
    }

    fn kind(&self) -> ErrorKind {
        match self {
            Self::AuditRedacted => ErrorKind::Conflict,
        }
    }
}
