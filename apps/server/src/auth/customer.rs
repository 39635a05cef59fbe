//! Customers, as an extractor.

use std::{
    future::{Future, Ready, ready},
    pin::Pin,
    sync::Arc,
};

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload};
use huike_access::{Scope, ScopeKind};
use huike_kernel::{Actor, CustomerId, IdSource, NodeId};
use huike_persistence::sessions::TokenHash;
use huike_usecases::Caller;
use utoipa::openapi::security::SecurityRequirement;

use super::{
    Gate, TokenKind,
    admit::{admit, admitted},
    gate::Known,
};
use crate::{
    api::{Describe, OperationDoc},
    context::Context,
    extract::Principal,
    problem::{Problem, Refusal},
};

/// The header that says which site the customer is visiting.
pub const SITE_HEADER: &str = "huike-site";

/// A customer who signed in, for their own things.
#[derive(Clone)]
pub struct Customer {
    /// Who.
    pub customer: CustomerId,
    /// The site they are visiting: it chooses prices and campaigns, and never widens what they may do.
    pub site: NodeId,
    /// The session they came with.
    pub session: TokenHash,
    /// The request.
    pub request: Context,
    ids: Arc<dyn IdSource>,
}

impl Customer {
    /// The caller that use cases ask for.
    pub fn caller(&self) -> Caller {
        Caller {
            actor: Actor::Customer(self.customer),
            scope: Scope::default(),
            request_id: self.request.request_id.to_string(),
            ids: Arc::clone(&self.ids),
        }
    }
}

impl Principal for Customer {
    fn principal(&self) -> String {
        Actor::Customer(self.customer).principal()
    }
}

impl FromRequest for Customer {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(admitted(request))
    }
}

/// The site of the header, or the head.
pub(super) async fn visited_site(request: &HttpRequest, gate: &Gate) -> Result<NodeId, Problem> {
    let Some(header) = request.headers().get(SITE_HEADER) else {
        return Ok(gate.head());
    };
    let site: NodeId = header.to_str().ok().and_then(|text| text.parse().ok()).ok_or(Refusal::SiteUnknown)?;
    if gate.is_open_site(site).await? { Ok(site) } else { Err(Refusal::SiteUnknown.into()) }
}

/// The site a visitor names who need not have signed in.
#[derive(Debug, Clone, Copy)]
pub struct Visited(pub NodeId);

impl FromRequest for Visited {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let gate = super::admit::gate_of(&request)?;
            visited_site(&request, &gate).await.map(Self)
        })
    }
}

const SITE_HEADER_TEXT: &str = "The id of the site the customer is visiting; the head without it.";

impl Describe for Visited {
    fn describe(doc: &mut OperationDoc) {
        doc.header("Huike-Site", false, SITE_HEADER_TEXT).refuses(&[422]);
    }
}

impl Describe for Customer {
    fn describe(doc: &mut OperationDoc) {
        doc.access = Some(("customer".to_owned(), ScopeKind::Customer));
        let none: [String; 0] = [];
        doc.security.push(SecurityRequirement::new("customer", none));
        doc.header("Huike-Site", false, SITE_HEADER_TEXT).refuses(&[401, 422]);
    }

    async fn admit(request: &HttpRequest) -> Result<(), Problem> {
        let admitted = admit(request, TokenKind::Customer, false).await?;
        let Known::Customer { customer, .. } = admitted.known.as_ref() else {
            return Err(Refusal::Unauthenticated.into());
        };
        let admitted = Self {
            customer: *customer,
            site: visited_site(request, &admitted.gate).await?,
            session: admitted.credential.hash,
            request: Context::of(request),
            ids: admitted.gate.ids(),
        };
        request.extensions_mut().insert(admitted);
        Ok(())
    }
}
