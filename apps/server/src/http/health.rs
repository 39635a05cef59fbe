//! Whether the server lives, and whether it can serve.

use std::sync::atomic::{AtomicBool, Ordering};

use actix_web::{HttpResponse, web::Data};
use huike_persistence::{Store, StoreError, nodes};
use serde_json::json;

/// Set once the server is told to stop, so that a balancer sends nobody any more.
#[derive(Debug, Default)]
pub struct Stopping(pub AtomicBool);

/// `GET /healthz`: the process answers.
pub async fn live() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") }))
}

/// `GET /readyz`: the database answers too.
pub async fn ready(store: Data<Store>, stopping: Data<Stopping>) -> HttpResponse {
    if stopping.0.load(Ordering::Relaxed) {
        return HttpResponse::ServiceUnavailable().json(json!({ "status": "stopping" }));
    }
    match store.read(|db| Ok::<_, StoreError>(nodes::find_head(db)?.is_some())).await {
        Ok(true) => HttpResponse::Ok().json(json!({ "status": "ok" })),
        Ok(false) => HttpResponse::ServiceUnavailable().json(json!({ "status": "no head yet" })),
        Err(error) => {
            tracing::warn!(%error, "not ready: {error}");
            HttpResponse::ServiceUnavailable().json(json!({ "status": "the database does not answer" }))
        }
    }
}
