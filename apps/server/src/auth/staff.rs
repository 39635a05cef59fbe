//! Staff, as an extractor: its type is the permission.

use std::{
    future::{Ready, ready},
    marker::PhantomData,
    ops::Deref,
    sync::Arc,
};

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload};
use huike_access::{AccessError, Permission, RoleBinding, Scope, ScopeKind};
use huike_kernel::{Actor, CustomerId, IdSource, StaffId};
use huike_persistence::sessions::TokenHash;
use huike_usecases::Caller;
use utoipa::openapi::security::SecurityRequirement;

use super::{
    Requires, TokenKind,
    admit::{Admitted, admit, admitted},
    gate::Known,
};
use crate::{
    api::{Describe, OperationDoc},
    context::Context,
    extract::Principal,
    problem::{Problem, Refusal},
};

/// A member of staff who may do what `P` says, somewhere. Whether they may do it *there* is for the scope to say, row
/// by row.
#[derive(Debug)]
pub struct Staff<P> {
    context: StaffContext,
    permission: PhantomData<P>,
}

/// Who they are and how far they reach.
#[derive(Clone)]
pub struct StaffContext {
    /// Who.
    pub staff: StaffId,
    /// Who they are as a customer, where that is known.
    pub customer: Option<CustomerId>,
    /// Where the permission is held, and where anything is.
    pub scope: Scope,
    /// Every role they hold.
    pub roles: Vec<RoleBinding>,
    /// The session they came with.
    pub session: TokenHash,
    /// The request.
    pub request: Context,
    ids: Arc<dyn IdSource>,
}

impl std::fmt::Debug for StaffContext {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StaffContext").field("staff", &self.staff).field("scope", &self.scope).finish_non_exhaustive()
    }
}

impl StaffContext {
    /// The caller that use cases ask for.
    pub fn caller(&self) -> Caller {
        Caller {
            actor: Actor::Staff(self.staff),
            scope: self.scope.clone(),
            request_id: self.request.request_id.to_string(),
            ids: Arc::clone(&self.ids),
        }
    }
}

impl<P> Deref for Staff<P> {
    type Target = StaffContext;

    fn deref(&self) -> &StaffContext {
        &self.context
    }
}

impl<P> Principal for Staff<P> {
    fn principal(&self) -> String {
        Actor::Staff(self.staff).principal()
    }
}

impl<P: Requires> FromRequest for Staff<P> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(admitted(request).map(|context| Self { context, permission: PhantomData }))
    }
}

fn authorise<P: Requires>(admitted: &Admitted, request: Context) -> Result<StaffContext, Problem> {
    let Known::Staff(known) = admitted.known.as_ref() else {
        return Err(Refusal::Unauthenticated.into());
    };
    let scope = match P::PERMISSION {
        Some(_) if known.must_change_password => return Err(Refusal::PasswordChangeRequired.into()),
        Some(permission) => reach(&known.roles, permission, P::SCOPE, admitted)?,
        None => Scope::default(),
    };
    Ok(StaffContext {
        staff: known.staff,
        customer: known.customer,
        scope,
        roles: known.roles.clone(),
        session: admitted.credential.hash,
        request,
        ids: admitted.gate.ids(),
    })
}

/// Where the permission is held. Held nowhere, it is refused before anything is looked up.
fn reach(
    roles: &[RoleBinding],
    permission: Permission,
    kind: ScopeKind,
    admitted: &Admitted,
) -> Result<Scope, AccessError> {
    let scope = Scope::of(roles, permission);
    let enough = match kind {
        ScopeKind::Head => scope.is_held_at(admitted.gate.head()),
        _ => scope.is_held_anywhere(),
    };
    if enough { Ok(scope) } else { Err(AccessError::PermissionDenied { permission }) }
}

impl<P: Requires> Describe for Staff<P> {
    fn describe(doc: &mut OperationDoc) {
        let word = P::PERMISSION.map_or("signed_in", Permission::as_str);
        doc.access = Some((word.to_owned(), P::SCOPE));
        let none: [String; 0] = [];
        doc.security.push(SecurityRequirement::new("staff", none.clone()));
        doc.security.push(SecurityRequirement::new("staff_cookie", none));
        doc.refuses(&[401, 403]);
    }

    async fn admit(request: &HttpRequest) -> Result<(), Problem> {
        let admitted = admit(request, TokenKind::Staff, P::IS_FRESH).await?;
        let context = authorise::<P>(&admitted, Context::of(request))?;
        request.extensions_mut().insert(context);
        Ok(())
    }
}
