//! What the handlers of this audience share.

use huike_persistence::{Db, OnceKey, Store};
use huike_usecases::{Act, Caller, UseCaseError};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use utoipa::ToSchema;
use validator::Validate;

use super::{product_view, template_view};
use crate::problem::Problem;

/// Runs a use case as one transaction.
pub(super) async fn transact<T: Send + 'static>(
    store: &Store,
    caller: Caller,
    body: impl Fn(&mut Db, &Act<'_>) -> Result<T, UseCaseError> + Send + 'static,
) -> Result<T, Problem> {
    Ok(store.write(move |db, now| body(db, &caller.act(now))).await?)
}

/// Makes something in one transaction; with a key, once for it. What is kept with the key is the id and no more: what was
/// made may hold personal data, so a repeat is answered with the thing as it is by then.
pub(super) async fn create<Id, T>(
    store: &Store,
    caller: Caller,
    once: Option<OnceKey>,
    make: impl Fn(&mut Db, &Act<'_>) -> Result<T, UseCaseError> + Send + 'static,
    (id_of, load): (fn(&T) -> Id, impl Fn(&mut Db, &Caller, Id) -> Result<T, UseCaseError> + Send + 'static),
) -> Result<T, Problem>
where
    Id: Serialize + DeserializeOwned + Copy + Send + 'static,
    T: Send + 'static,
{
    let Some(once) = once else {
        return store.write(move |db, now| make(db, &caller.act(now))).await.map_err(explain);
    };
    let reader = caller.clone();
    let made = store.write_once(once, move |db, now| make(db, &caller.act(now)).map(|made| id_of(&made)));
    let id = made.await.map_err(explain)?.value;
    store.read(move |db| load(db, &reader, id)).await.map_err(|error| Problem::from(error).after_write())
}

/// Of a document that is not sound every fault is told, each at its place.
fn explain(error: UseCaseError) -> Problem {
    match error {
        UseCaseError::Catalogue(_) => product_view::explain(error),
        _ => template_view::explain(error),
    }
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
