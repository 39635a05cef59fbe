//! The one core of the three extractors.

use std::sync::Arc;

use actix_web::{HttpMessage, HttpRequest, web::Data};

use super::{Gate, TokenKind, credential::Credential, csrf::CSRF_HEADER, gate::Known};
use crate::problem::{Problem, Refusal};

/// A request whose credential was good.
pub(super) struct Admitted {
    pub(super) gate: Arc<Gate>,
    pub(super) credential: Credential,
    pub(super) known: Arc<Known>,
}

/// Reads the credential, refuses one of another audience, and looks it up.
pub(super) async fn admit(request: &HttpRequest, wanted: TokenKind, fresh: bool) -> Result<Admitted, Problem> {
    let gate = gate_of(request)?;
    let credential = Credential::read(request, gate.cookies())?;
    if credential.kind != wanted {
        return Err(Refusal::Unauthenticated.into());
    }
    let known = gate.identify(credential, fresh).await?;
    if credential.by_cookie && !request.method().is_safe() {
        let token = request.headers().get(CSRF_HEADER).and_then(|token| token.to_str().ok());
        if !token.is_some_and(|token| gate.csrf().accepts(&credential.hash, token)) {
            return Err(Refusal::CsrfMissing.into());
        }
    }
    Ok(Admitted { gate, credential, known })
}

/// The gate of this server.
pub(super) fn gate_of(request: &HttpRequest) -> Result<Arc<Gate>, Problem> {
    request.app_data::<Data<Gate>>().map(|gate| Arc::clone(gate)).ok_or_else(|| {
        tracing::error!("the application has no gate");
        Problem::internal()
    })
}

/// Takes what admission left for the extractor. There is none only where a route is served past the table.
pub(super) fn admitted<T: 'static>(request: &HttpRequest) -> Result<T, Problem> {
    request.extensions_mut().remove::<T>().ok_or_else(|| {
        tracing::error!("a credential was asked for on a route that admits nobody");
        Problem::internal()
    })
}
