//! What the handlers of this audience share.

use huike_persistence::{Db, Store};
use huike_usecases::{Act, Caller, UseCaseError};
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use crate::problem::Problem;

/// Runs a use case as one transaction.
pub(super) async fn transact<T: Send + 'static>(
    store: &Store,
    caller: Caller,
    body: impl Fn(&mut Db, &Act<'_>) -> Result<T, UseCaseError> + Send + 'static,
) -> Result<T, Problem> {
    Ok(store.write(move |db, now| body(db, &caller.act(now))).await?)
}

/// An act on something that the caller has seen.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "version": 3 }))]
pub struct VersionRequest {
    /// `version` as the caller has seen it; refused when it has changed since.
    #[validate(range(min = 1))]
    #[schema(minimum = 1)]
    pub(super) version: i64,
}
