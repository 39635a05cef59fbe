//! Operations that ask nobody who they are.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use huike_access::ScopeKind;

use crate::api::{Describe, OperationDoc};

/// Says that anybody may. An operation without any credential in its arguments is a mistake that a test finds.
#[derive(Debug)]
pub struct Public;

impl FromRequest for Public {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(_request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(Ok(Self))
    }
}

/// Says that anybody may try to sign in, and that too many tries are refused.
#[derive(Debug)]
pub struct SigningIn;

impl FromRequest for SigningIn {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(_request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(Ok(Self))
    }
}

impl Describe for SigningIn {
    fn describe(doc: &mut OperationDoc) {
        Public::describe(doc);
        doc.refuses(&[401, 429]);
    }
}

impl Describe for Public {
    fn describe(doc: &mut OperationDoc) {
        doc.access = Some(("none".to_owned(), ScopeKind::Public));
    }
}
