//! How a customer proves who they are. A provider is replaceable; what it vouches for is all the house needs.

use std::{future::Future, pin::Pin};

use huike_kernel::{DomainError, ErrorKind, Phone};

/// What a customer shows. Each provider asks for its own part.
#[derive(Clone, Default)]
pub struct Proof {
    /// A phone number.
    pub phone: Option<String>,
    /// A code that the provider gave the customer.
    pub code: Option<String>,
}

/// What a provider vouches for.
#[derive(Debug, Clone)]
pub struct Vouched {
    /// The provider's own name for the person. Personal data.
    pub subject: String,
    /// Their phone number, where the provider has checked it.
    pub phone: Option<Phone>,
}

/// Why a provider does not vouch.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// There is no provider of that name here.
    #[error("this way of signing in is not offered here")]
    Unknown,
    /// The proof is not what the provider asks for.
    #[error("the proof of identity is incomplete or wrong")]
    ProofInvalid {
        /// The field at fault.
        pointer: &'static str,
    },
    /// The provider cannot be asked at the moment.
    #[error("the sign-in provider cannot be reached: {0}")]
    Unavailable(String),
}

impl DomainError for ProviderError {
    fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "sign_in_provider_unknown",
            Self::ProofInvalid { .. } => "sign_in_proof_invalid",
            Self::Unavailable(_) => "sign_in_provider_unavailable",
        }
    }

    fn kind(&self) -> ErrorKind {
        match self {
            Self::Unknown | Self::ProofInvalid { .. } => ErrorKind::Invalid,
            Self::Unavailable(_) => ErrorKind::Unavailable,
        }
    }

    fn pointer(&self) -> Option<String> {
        match self {
            Self::Unknown => Some("/provider".to_owned()),
            Self::ProofInvalid { pointer } => Some((*pointer).to_owned()),
            Self::Unavailable(_) => None,
        }
    }
}

/// The answer of a provider, once it is there.
pub type Vouching<'a> = Pin<Box<dyn Future<Output = Result<Vouched, ProviderError>> + 'a>>;

/// A way for customers to sign in.
pub trait SignInProvider: Send + Sync {
    /// The word for it in `provider`, stored with every identity.
    fn name(&self) -> &'static str;

    /// Checks the proof.
    fn vouch<'a>(&'a self, proof: &'a Proof) -> Vouching<'a>;
}

/// The ways offered here.
#[derive(Default)]
pub struct SignInProviders(Vec<Box<dyn SignInProvider>>);

impl SignInProviders {
    /// Offers these.
    pub fn new(providers: Vec<Box<dyn SignInProvider>>) -> Self {
        Self(providers)
    }

    /// The provider of that name.
    pub fn find(&self, name: &str) -> Result<&dyn SignInProvider, ProviderError> {
        self.0.iter().find(|provider| provider.name() == name).map(AsRef::as_ref).ok_or(ProviderError::Unknown)
    }
}

/// Believes any phone number. For development, never for customers.
#[derive(Debug, Clone, Copy)]
pub struct DevProvider;

impl SignInProvider for DevProvider {
    fn name(&self) -> &'static str {
        "dev"
    }

    fn vouch<'a>(&'a self, proof: &'a Proof) -> Vouching<'a> {
        let wrong = ProviderError::ProofInvalid { pointer: "/phone" };
        let phone = proof.phone.as_deref().and_then(|text| text.parse::<Phone>().ok());
        let vouched =
            phone.ok_or(wrong).map(|phone| Vouched { subject: phone.as_str().to_owned(), phone: Some(phone) });
        Box::pin(std::future::ready(vouched))
    }
}
