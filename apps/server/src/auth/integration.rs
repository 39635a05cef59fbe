//! Integrations, as an extractor: its type is the scope the key must have.

use std::{
    future::{Ready, ready},
    marker::PhantomData,
    ops::Deref,
    sync::Arc,
};

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload};
use huike_access::{IntegrationScope, IntegrationScopes, Scope, ScopeKind};
use huike_kernel::{Actor, ApiKeyId, IdSource, NodeId};
use huike_usecases::Caller;
use utoipa::openapi::security::SecurityRequirement;

use super::{
    TokenKind,
    admit::{admit, admitted},
    gate::Known,
};
use crate::{
    api::{Describe, OperationDoc},
    context::Context,
    extract::Principal,
    problem::{Problem, Refusal},
};

/// What an operation asks of a key.
pub trait RequiresScope: 'static {
    /// The scope; `None` where any key will do.
    const SCOPE: Option<IntegrationScope>;
}

macro_rules! markers {
    ($($name:ident),+ $(,)?) => {
        /// One type for each scope, under the scope's name.
        pub mod scopes {
            use super::{IntegrationScope, RequiresScope};

            /// Any key, for what it may know of itself.
            #[derive(Debug)]
            pub struct Any;

            impl RequiresScope for Any {
                const SCOPE: Option<IntegrationScope> = None;
            }

            $(
                #[doc = concat!("See [`IntegrationScope::", stringify!($name), "`].")]
                #[derive(Debug)]
                pub struct $name;

                impl RequiresScope for $name {
                    const SCOPE: Option<IntegrationScope> = Some(IntegrationScope::$name);
                }
            )+
        }

        #[cfg(test)]
        const MARKED: &[IntegrationScope] = &[$(IntegrationScope::$name),+];
    };
}

markers!(
    TemplatesRead,
    CouponsRead,
    ClaimsWrite,
    RedemptionsRead,
    RedemptionsWrite,
    QuotesRead,
    CustomersRead,
    CustomersReadPersonal
);

/// A program whose key has the scope `S`.
pub struct Integration<S> {
    context: IntegrationContext,
    scope: PhantomData<S>,
}

/// Which key, and how far it reaches.
#[derive(Clone)]
pub struct IntegrationContext {
    /// The key.
    pub key: ApiKeyId,
    /// The node it is bound to: it reaches that and all below.
    pub node: NodeId,
    /// Everything the key may do, for answers that show more to who may see more.
    pub scopes: IntegrationScopes,
    /// The reach, as use cases ask for it.
    pub scope: Scope,
    /// The request.
    pub request: Context,
    ids: Arc<dyn IdSource>,
}

impl IntegrationContext {
    /// The caller that use cases ask for.
    pub fn caller(&self) -> Caller {
        Caller {
            actor: Actor::Integration(self.key),
            scope: self.scope.clone(),
            request_id: self.request.request_id.to_string(),
            ids: Arc::clone(&self.ids),
        }
    }
}

impl<S> Deref for Integration<S> {
    type Target = IntegrationContext;

    fn deref(&self) -> &IntegrationContext {
        &self.context
    }
}

impl<S> Principal for Integration<S> {
    fn principal(&self) -> String {
        Actor::Integration(self.key).principal()
    }
}

impl<S: RequiresScope> FromRequest for Integration<S> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(admitted(request).map(|context| Self { context, scope: PhantomData }))
    }
}

impl<S: RequiresScope> Describe for Integration<S> {
    fn describe(doc: &mut OperationDoc) {
        let (word, reach) = match S::SCOPE {
            Some(scope) => (scope.as_str(), ScopeKind::Subtree),
            None => ("any_key", ScopeKind::Own),
        };
        doc.access = Some((word.to_owned(), reach));
        let none: [String; 0] = [];
        doc.security.push(SecurityRequirement::new("integration", none));
        doc.refuses(&[401, 403]);
    }

    async fn admit(request: &HttpRequest) -> Result<(), Problem> {
        let admitted = admit(request, TokenKind::Integration, false).await?;
        let Known::Integration(known) = admitted.known.as_ref() else {
            return Err(Refusal::Unauthenticated.into());
        };
        if let Some(scope) = S::SCOPE {
            known.scopes.decide_use(scope)?;
        }
        let context = IntegrationContext {
            key: known.key,
            node: known.node,
            scopes: known.scopes.clone(),
            scope: Scope::at(known.node),
            request: Context::of(request),
            ids: admitted.gate.ids(),
        };
        request.extensions_mut().insert(context);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scope_has_its_type() {
        assert_eq!(MARKED, IntegrationScope::ALL);
    }
}
