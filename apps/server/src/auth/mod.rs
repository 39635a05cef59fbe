//! Who is asking. One core reads the credential, from the header or the cookie, and three extractors say what it may
//! be: [`Staff`] with a permission, [`Customer`], [`Integration`] with a scope. [`Public`] says that nobody is asked.

mod admit;
mod client;
mod cookie;
mod credential;
mod csrf;
mod customer;
mod customer_desk;
mod gate;
mod guess;
mod integration;
mod password;
mod permissions;
mod provider;
mod public;
mod staff;
mod staff_desk;
mod token;

pub use client::{ClientAddress, Network, TrustedProxies};
pub use cookie::CookiePolicy;
pub use customer::{Customer, SITE_HEADER, Visited};
pub use customer_desk::{CustomerDesk, CustomerSession};
pub use gate::{Gate, GateParts};
pub use guess::GuessLimit;
pub use integration::{Integration, RequiresScope, scopes};
pub use password::{PasswordCost, Passwords};
pub use permissions::{Requires, may};
pub use provider::{DevProvider, Proof, ProviderError, SignInProvider, SignInProviders, Vouched, Vouching};
pub use public::{Public, SigningIn};
pub use staff::{Staff, StaffContext};
pub use staff_desk::{GuessKey, StaffDesk, StaffSession};
pub use token::{NewToken, TokenKind};
