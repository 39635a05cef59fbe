//! The one error of use cases: a rule's refusal, or the store's.

use huike_access::AccessError;
use huike_coupons::CouponError;
use huike_kernel::{DomainError, ErrorKind};
use huike_ledger::LedgerError;
use huike_orders::{CatalogueError, OrderError, StockError};
use huike_persistence::{StoreError, TxError};
use huike_pricing::{OfferError, PricingError};
use huike_sites::SitesError;
use huike_trust::TrustError;
use huike_webhooks::WebhookError;
use serde_json::{Value, json};

use crate::quotes::QuoteError;

/// Why a use case did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum UseCaseError {
    /// There is no such thing, or none that the caller may know of.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// Somebody else changed it since the caller looked.
    #[error("it was changed in the meantime; load it again")]
    VersionConflict,
    /// A value that must be unique is taken.
    #[error("the {0} is taken")]
    Taken(&'static str),
    /// There may be only so many.
    #[error("there may be at most {max} of {what}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many.
        max: i64,
    },
    /// A rule of the site tree.
    #[error(transparent)]
    Sites(#[from] SitesError),
    /// A rule of access.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// A rule of coupons.
    #[error(transparent)]
    Coupons(#[from] CouponError),
    /// A rule of offers.
    #[error(transparent)]
    Offers(#[from] OfferError),
    /// A rule of the catalogue.
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
    /// A rule of the stock.
    #[error(transparent)]
    Stock(#[from] StockError),
    /// A rule of orders.
    #[error(transparent)]
    Orders(#[from] OrderError),
    /// A rule of carts.
    #[error(transparent)]
    Pricing(#[from] PricingError),
    /// A rule of quotes.
    #[error(transparent)]
    Quotes(#[from] QuoteError),
    /// A rule of the ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// A rule of webhooks.
    #[error(transparent)]
    Webhooks(#[from] WebhookError),
    /// A rule of the record.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl UseCaseError {
    /// The domain's error inside, if there is one.
    fn inner(&self) -> Option<&dyn DomainError> {
        match self {
            Self::NotFound(_) | Self::VersionConflict | Self::Taken(_) | Self::TooMany { .. } => None,
            Self::Sites(error) => Some(error),
            Self::Access(error) => Some(error),
            Self::Coupons(error) => Some(error),
            Self::Offers(error) => Some(error),
            Self::Catalogue(error) => Some(error),
            Self::Stock(error) => Some(error),
            Self::Orders(error) => Some(error),
            Self::Pricing(error) => Some(error),
            Self::Quotes(error) => Some(error),
            Self::Ledger(error) => Some(error),
            Self::Webhooks(error) => Some(error),
            Self::Trust(error) => Some(error),
            Self::Store(error) => Some(error),
        }
    }
}

impl DomainError for UseCaseError {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound(_) => "not_found",
            Self::VersionConflict => "version_conflict",
            Self::Taken(_) => "already_taken",
            Self::TooMany { .. } => "too_many",
            _ => self.inner().map_or("internal", DomainError::code),
        }
    }

    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound(_) => ErrorKind::NotFound,
            Self::VersionConflict | Self::Taken(_) | Self::TooMany { .. } => ErrorKind::Conflict,
            _ => self.inner().map_or(ErrorKind::Internal, DomainError::kind),
        }
    }

    fn pointer(&self) -> Option<String> {
        self.inner().and_then(DomainError::pointer)
    }

    fn details(&self) -> Option<Value> {
        match self {
            Self::TooMany { max, .. } => Some(json!({ "max": max })),
            _ => self.inner().and_then(DomainError::details),
        }
    }
}

impl TxError for UseCaseError {
    fn store(&self) -> Option<&StoreError> {
        match self {
            Self::Store(error) => Some(error),
            _ => None,
        }
    }
}
